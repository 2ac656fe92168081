"""Whatever definitions can ask, tests of definitions can try, and they are right."""

from __future__ import annotations

from collections.abc import Callable

import pytest
import yaml
from hypothesis import settings
from hypothesis import strategies as st

from segtool.compile.vocabulary import CONDITIONS, TESTS
from tests import reference
from tests.generated.examples import Example, behaviour_examples, examples, webs_of_segments
from tests.generated.rounds import SUITE, check_each
from tests.test_vocabulary import PEOPLE, clause
from tests.worlds_as_tests import exact, results

SOME = 60
"""Examples of each sort: every one is decided once for each of its segments."""


@pytest.mark.parametrize("word", [*CONDITIONS, *TESTS])
def test_the_example_of_every_word_can_be_put_into_a_test(word: str) -> None:
    where = yaml.load(clause(word), yaml.BaseLoader)
    segments = {"s": {"where": where}, "vip": {"where": {"country": "UA"}}}
    result = results(segments, PEOPLE, {"s": []})["s"]
    assert set(result.actual) == reference.members(segments, PEOPLE)["s"]


def assert_told_apart(example: Example) -> None:
    """A test that expects the reference's members passes; with one more or one less it fails with just that one."""
    world = exact(example.world)
    everyone = sorted(world.key_of(user) for user in world.users)
    if not everyone:
        return
    own = {name: tree for name, tree in example.segments.items() if name not in world.static}
    members = {
        name: keys & set(everyone) for name, keys in reference.members(example.segments, world).items() if name in own
    }
    assert {name for name, one in results(own, world, members).items() if one.wrong} == set()
    other = everyone[0]
    for name, one in results(own, world, {name: keys ^ {other} for name, keys in members.items()}).items():
        assert (one.unexpected, one.missing) == (([other], []) if other in members[name] else ([], [other]))


@pytest.mark.parametrize("sort", [examples, webs_of_segments, behaviour_examples])
def test_a_test_passes_with_the_members_of_the_reference_and_fails_with_any_others(
    sort: Callable[[], st.SearchStrategy[Example]],
) -> None:
    check_each(sort(), assert_told_apart, settings(SUITE, max_examples=SOME))
