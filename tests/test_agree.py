"""Random conditions over random tables: segtool agrees with the naive reference, and `not` splits the table."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from functools import cache

from segtool.compile.vocabulary import CONDITIONS, TESTS
from tests import engine, reference
from tests.generated.arguments import OF_TESTS
from tests.generated.behaviour import AGGREGATES, COUNTED, OF_BEHAVIOUR, OF_COLUMNS, TIME_TESTS, TIMED
from tests.generated.conditions import OF_CONDITIONS
from tests.generated.examples import Example, behaviour_examples, examples, webs_of_segments
from tests.generated.rounds import check_each, drawn
from tests.generated.seen import classes_of_algebra, marks_of_node, marks_of_tree, nodes, words_of_algebra


def assert_agreement(example: Example) -> None:
    """Segtool and the reference have the same members, and what is `not` so of a segment is so of all others."""
    found = engine.members(example.segments, example.world)
    everyone = {example.world.key_of(user) for user in example.world.users}
    assert found == reference.members(example.segments, example.world)
    for name, members in found.items():
        opposite, _, of = name.rpartition(" ")
        assert not opposite or members == everyone - found[of]


def test_segtool_decides_as_the_reference_does_and_not_splits_the_table() -> None:
    check_each(examples(), assert_agreement)


def test_segments_that_refer_to_each_other_with_lists_and_cuts_have_the_same_members() -> None:
    check_each(webs_of_segments(), assert_agreement)


def test_segtool_sees_what_users_did_as_the_reference_does_and_did_not_splits_the_table() -> None:
    check_each(behaviour_examples(), assert_agreement)


# What the examples reach


@cache
def drawn_behaviour() -> list[Example]:
    return drawn(behaviour_examples())


def test_every_word_has_a_strategy() -> None:
    assert {*OF_CONDITIONS, *OF_BEHAVIOUR, *OF_TESTS} == {*CONDITIONS, *TESTS}


def test_the_examples_reach_every_node_of_the_algebra() -> None:
    seen: set[str] = set()
    for example in (*drawn(examples()), *drawn_behaviour()):
        plan = engine.planned(example.segments, example.world)
        for node in nodes(tuple(segment.where for segment in plan.segments)):
            seen.update(marks_of_node(node))
    assert {one.__name__ for one in classes_of_algebra()} | words_of_algebra() <= seen


def test_the_examples_use_every_key_of_the_conditions_on_behaviour() -> None:
    seen = marks_of_behaviour_examples()
    selecting = [f"{word} {key}" for word in ("did", "step", "regularly") for key in ("event", "where")]
    named = [f"{word} of {form}" for word in ("did", "step", "regularly") for form in ("one", "several", "wildcard")]
    regular = [f"regularly {key}" for key in ("every", "periods", "of", "count")]
    sequences = ["step within", "bare step", *(f"{number} steps" for number in (1, 2, 3, 4))]
    assert {"bare did", *(f"did {word}" for word in AGGREGATES), *selecting, *named, *regular, *sequences} <= seen


def test_the_examples_put_every_test_to_an_event_s_time_and_properties() -> None:
    of_time = {f"{word} {test}" for word in ("did", "sequence") for test in TIME_TESTS}
    inside = {f"where {word}" for word in {*TESTS, "ignore_case", "all", "any", "none", "not", "attribute"}}
    assert of_time | inside - {"where percentile"} <= marks_of_behaviour_examples()


def test_the_examples_ask_every_aggregate_in_every_form() -> None:
    forms = ("bare", "list", "test", "several tests", "percentile")
    aggregates = (*COUNTED, *TIMED, *OF_COLUMNS)
    assert {f"{word} {form}" for word in aggregates for form in forms} <= marks_of_behaviour_examples()


def marks_of_behaviour_examples() -> set[str]:
    wheres = [segment["where"] for example in drawn_behaviour() for segment in example.segments.values()]
    return set(marks_of_tree(wheres))


def test_conditions_on_behaviour_tell_users_apart_often_enough() -> None:
    outcomes = [outcome for example in drawn_behaviour() if example.world.events for outcome in outcomes_of(example)]
    asked, telling = Counter(word for word, _ in outcomes), Counter(word for word, tells in outcomes if tells)
    assert {word for word in OF_BEHAVIOUR if telling[word] > 0.4 * asked[word]} == {*OF_BEHAVIOUR}


def outcomes_of(example: Example) -> Iterator[tuple[str, bool]]:
    """The word of every condition that is one alone, and whether some users fulfil it and some do not."""
    for name, found in reference.members(example.segments, example.world).items():
        where = example.segments[name]["where"]
        if isinstance(where, dict) and len(where) == 1:
            yield next(iter(where)), 0 < len(found) < len(example.world.users)
