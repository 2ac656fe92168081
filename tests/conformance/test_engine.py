"""What other systems assert of who is in a segment holds in segtool itself; what they refuse is answered as decided."""

import json
from typing import Any

import pytest

from segtool.errors import DefinitionError
from tests.conformance.test_reference import CASES
from tests.conformance.translate import (
    DECIDED_OTHERWISE,
    HERE,
    UNDER_TEST,
    Case,
    translated,
)
from tests.engine import members
from tests.spec.grids import read_grid, read_yaml
from tests.spec.test_reference import numbered, world

ASKED = [name for name in CASES if name not in DECIDED_OTHERWISE]

SHOPPERS = """# Shoppers.
as-of: 2026-06-15T12:00:00Z
zone: UTC

user_id | name:text | country:text | orders:integer | created_at:date | interests:list | last_purchase:datetime
a       | a         | US           | 3              | 2026-01-10      | hats           | 2026-06-01T10:00:00Z
b       | b         | UA           |                |                 |                |
c       |           |              | 0              | 2026-02-02      | shoes          | 2026-01-01T10:00:00Z

events:
user_id | event         | at                   | value:number
a       | testEventType | 2026-06-14T10:00:00Z |
a       | testEventType | 2026-06-06T10:00:00Z |
b       | open_email    | 2026-06-14T10:00:00Z | 5
c       | pageview      | 2026-06-14T10:00:00Z |
c       | purchase      | 2026-06-14T10:00:00Z | 7
"""


def decided(case: Case) -> set[str]:
    translation = translated(case)
    return members(translation.segments, translation.world)[UNDER_TEST]


@pytest.mark.parametrize("name", ASKED)
def test_a_case_has_the_members_that_its_source_asserts(name: str) -> None:
    assert decided(CASES[name]) == set(CASES[name]["expected"]), CASES[name]["condition_text"]


@pytest.mark.parametrize("name", list(DECIDED_OTHERWISE))
def test_a_case_that_the_language_decides_otherwise_is_refused(name: str) -> None:
    with pytest.raises(DefinitionError, match=r"`contains` does not go with `.*`, which is date"):
        decided(CASES[name])


# What a peer refuses, or accepts without sense: the segments that say it, and who is in or why it is refused.
ANSWERS: dict[str, tuple[str, object]] = {
    "posthog-stopped-window-inverted": (
        "{did: {event: pageview, in_last: 2d, more_than_ago: 3d}}",
        ["`in_last: 2d` and `more_than_ago: 3d` leave no time between them"],
    ),
    "posthog-min-periods-exceed-total": (
        "{regularly: {event: pageview, every: 1d, periods: 4, of: 3}}",
        ["4 of 3 spans cannot be asked for"],
    ),
    "unomi-unknown-past-event-operator": (
        "{did: {event: testEventType, count: {invalidOperatorForPastEvent: 2}, in_last: 10d}}",
        ["unknown test `invalidOperatorForPastEvent`"],
    ),
    "unomi-past-event-valid": (
        "{did: {event: testEventType, count: {gte: 2}, in_last: 10d}}",
        {"a"},
    ),
    "notifuse-count-negative": (
        "{did: {event: open_email, count: {gte: -1}}}",
        ["`-1` does not fit: `count` is integer"],
    ),
    "notifuse-count-zero-allowed": (
        "{did: {event: open_email, count: 0}}",
        {"a", "c"},
    ),
    "notifuse-between-one-bound": (
        "{did: {event: purchase, sum: {value: {between: [10]}}}}",
        ["`between` takes two values, not 1"],
    ),
    "notifuse-aggregate-fn": (
        "{did: {event: purchase, median: {value: {gte: 1}}}}",
        ["unknown key `median`"],
    ),
    "posthog-or-of-negations": (
        "{any: [{not: {name: a}}, {not: {name: b}}]}",
        {"a", "b", "c"},
    ),
    "posthog-or-positive-negative": (
        "{any: [{name: a}, {not: {name: b}}]}",
        {"a", "c"},
    ),
    "posthog-reference-not-an-id": (
        "{in_segment: 0 OR 1=1}",
        ["there is no segment `0 OR 1=1`"],
    ),
    "unomi-null-condition-disabled": (
        "''",
        ["`` is not a condition"],
    ),
    "notifuse-unknown-group-operator": (
        "{xor: [{country: US}]}",
        ["there is no condition `xor`"],
    ),
    "notifuse-list-operator": (
        "{list: l1, op: maybe}",
        ["there is no column `list`", "there is no column `op`"],
    ),
    "notifuse-filter-operator": (
        "{country: {sounds_like: US}}",
        ["unknown test `sounds_like`"],
    ),
    "notifuse-number-without-number": (
        "{orders: {gte: }}",
        ["an empty value is no literal"],
    ),
    "notifuse-date-range-three": (
        "{created_at: {between: [2026-01-01, 2026-02-01, 2026-03-01]}}",
        ["`between` takes two values, not 3"],
    ),
    "notifuse-in-array-empty": (
        "{interests: {has_any: []}}",
        ["the list is empty"],
    ),
    "mautic-cycle": (
        "{in_segment: t}",
        ["segments refer to each other in a circle: s → t → s"],
    ),
    "parcelvoy-empty-group": (
        "{all: []}",
        ["the list is empty"],
    ),
    "customerio-iso-timestamp": (
        "{last_purchase: {in_last: 30d}}",
        {"a"},
    ),
}


def rejections() -> dict[str, dict[str, Any]]:
    loaded = json.loads((HERE / "rejections.json").read_text(encoding="utf-8"))
    return {rejection["id"]: rejection for rejection in loaded}


def is_refused(rejection: dict[str, Any]) -> bool:
    """Also where it would be accepted as a draft, which segtool does not have."""
    return str(rejection["segtool_should"]).startswith(("reject", "accept only when"))


@pytest.mark.parametrize("name", rejections())
def test_a_definition_that_a_peer_refuses_is_answered_as_decided(name: str) -> None:
    where, answer = ANSWERS[name]
    assert is_refused(rejections()[name]) == isinstance(answer, list)
    segments: dict[str, object] = {"s": {"where": read_yaml(where)}, "t": {"where": {"in_segment": "s"}}}
    shoppers = world(read_grid(numbered(SHOPPERS)))
    if isinstance(answer, list):
        with pytest.raises(DefinitionError) as refused:
            members(segments, shoppers)
        assert [problem.fact for problem in refused.value.problems] == answer
    else:
        assert members(segments, shoppers)["s"] == answer
