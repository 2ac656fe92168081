"""What other systems assert of who is in a segment holds in the reference evaluator as well."""

import pytest

from tests.conformance.translate import (
    DECIDED_OTHERWISE,
    UNDER_TEST,
    Case,
    cases,
    is_about_attributes,
    translated,
)
from tests.reference import members

CASES = {case["id"]: case for case in cases()}


def decided(case: Case) -> set[str]:
    translation = translated(case)
    return members(translation.segments, translation.world)[UNDER_TEST]


@pytest.mark.parametrize("name", [name for name in CASES if name not in DECIDED_OTHERWISE])
def test_a_case_has_the_members_that_its_source_asserts(name: str) -> None:
    assert decided(CASES[name]) == set(CASES[name]["expected"]), CASES[name]["condition_text"]


@pytest.mark.parametrize("name", DECIDED_OTHERWISE)
def test_a_case_that_the_language_decides_otherwise_is_refused(name: str) -> None:
    with pytest.raises(ValueError, match="'contains' is no test of a date"):
        decided(CASES[name])


def test_every_case_is_there() -> None:
    assert len(CASES) == 97
    assert sum(map(is_about_attributes, CASES.values())) == 46
    assert set(DECIDED_OTHERWISE) <= set(CASES)
