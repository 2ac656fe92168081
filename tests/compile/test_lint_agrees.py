"""Whatever the linter says of random conditions is so for all users of random tables, by the engine."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import replace
from datetime import timedelta
from typing import cast

from hypothesis import settings
from hypothesis import strategies as st

from tests.compile.histories import pasts
from tests.compile.unsaid import SORTS, can_go, found_in, members_instead, written
from tests.generated.arguments import OF_TESTS, Tree, of_value
from tests.generated.behaviour import COUNTED, TIME_TESTS, TIMED, measure_tests
from tests.generated.behaviour import event as event_names
from tests.generated.conditions import reach_of, sample
from tests.generated.events import EVENT_COLUMNS, OWN_COLUMNS, with_measures
from tests.generated.examples import Example, behaviour_examples, columns_of_events, tables_with, worlds_with_events
from tests.generated.rounds import PROFILE, check_each
from tests.generated.tables import COLUMNS, columns_in_reach, kinds_of, setting_for, worlds
from tests.generated.values import POOLS, settings_of

FEWER = settings(PROFILE, max_examples=PROFILE.max_examples // 5)
"""Each example is decided once for each finding."""


@st.composite
def column_examples(draw: st.DrawFn) -> Example:
    """Several conditions of one test each, all of them of one column; the opposite of one; and a sample."""
    word = draw(st.sampled_from(sorted({*OF_TESTS} - {"has_element"})))
    column, names = draw(tables_with(word))
    setting = draw(setting_for(names))
    world = draw(worlds(setting, names))
    tests = (of_value(COLUMNS[column], setting, word=word) | of_value(COLUMNS[column], setting)).filter(is_single)
    wheres: list[Tree] = [{column: draw(tests)} for _ in range(5)]
    wheres += [{"not": draw(st.sampled_from(wheres))}, {column: {"is_set": "false"}}]
    wheres.append({"sample": draw(sample(reach_of(names, (), setting), 0))})
    return Example(draw(trees_of(wheres)), world)


@st.composite
def aggregate_examples(draw: st.DrawFn) -> Example:
    """Several conditions of one test each, of one thing that is counted or measured; and some of an event's time."""
    names, columns = ("points",), draw(columns_of_events())
    log = {**OWN_COLUMNS, **{name: EVENT_COLUMNS[name] for name in columns}}
    kinds = kinds_of([*(COLUMNS[name] for name in names), *log.values()])
    setting = draw(settings_of({*kinds, "datetime", "tally"} & set(POOLS)))
    world = draw(worlds_with_events(setting, names, columns))
    reach = replace(reach_of(names, (), with_measures(setting, world, columns)), event_columns=columns_in_reach(log))
    event, word = draw(event_names(reach)), draw(st.sampled_from([*COUNTED, *TIMED]))
    tests = measure_tests(word, "time of event" if word in TIMED else "tally", reach).filter(is_single)
    wheres: list[Tree] = [{draw(DIDS): {"event": event, word: draw(tests)}} for _ in range(5)]
    time_words = st.sampled_from(TIME_TESTS).flatmap(
        lambda word: OF_TESTS[word]("time of event", reach.setting).filter(is_single).map(lambda test: {word: test})
    )
    wheres += [{"did": {"event": event, **draw(time_words)}} for _ in range(3)]
    return Example(draw(trees_of(wheres)), world)


@st.composite
def past_examples(draw: st.DrawFn) -> Example:
    """Conditions on the same events in narrower and wider windows, with more and fewer tests of their rows."""
    wheres, world = draw(pasts())
    return Example(draw(trees_of(wheres)), world)


DIDS = st.sampled_from(["did", "did", "did_not"])


def is_single(tests: Tree) -> bool:
    """A value, a list, or one test; what is computed of a value has one test too."""
    if not isinstance(tests, dict):
        return True
    words = tests.keys() - {"ignore_case"}
    return len(words) == 1 and "has_element" not in words and all(is_single(tests[word]) for word in words)


@st.composite
def nested(draw: st.DrawFn, pool: list[Tree], depth: int) -> Tree:
    """Conditions of the pool, put together in all ways."""
    word = draw(st.sampled_from(["one", "one", "all", "any", "none", "not", "list", "mapping"])) if depth else "one"
    if word == "one":
        return draw(st.sampled_from(pool))
    if word == "not":
        return {"not": draw(nested(pool, depth - 1))}
    parts = draw(st.lists(nested(pool, depth - 1), min_size=1, max_size=3))
    if word == "mapping":
        return {name: tree for part in parts if isinstance(part, dict) for name, tree in part.items()} or parts
    return parts if word == "list" else {word: parts}


SEEN: Counter[str] = Counter()
SHIFTS = st.sampled_from([timedelta(0), timedelta(hours=7), timedelta(days=-400), timedelta(days=31), timedelta(5000)])


def assert_true(example: Example, shift: timedelta) -> None:
    """Whatever is said of a clause, the members stay the same where it is taken at its word, at any as-of; and where
    it is taken out, if that is said."""
    for tree in example.segments.values():
        segment, world = written(cast("dict[str, Tree]", tree)["where"]), example.world
        found = found_in(segment, world)
        members = members_instead(segment, found, replace(world, as_of=world.as_of + shift)) if found else None
        if members is None:
            continue
        same, *others = members
        for one in found:
            SEEN[one.sort] += 1
            instead = [others.pop(0) for _ in one.verdicts]
            assert same in instead, (str(one.problem), tree, same, instead)
        for one in filter(can_go, found):
            left = others.pop(0)
            assert same == left, (str(one.problem), tree, same, left)


def trees_of(pool: list[Tree]) -> st.SearchStrategy[dict[str, Tree]]:
    """Segments, the first of which asks for all of the pool, and the second for any."""
    more = st.lists(nested(pool, 3), min_size=4, max_size=4)
    wheres = more.map(lambda trees: [{"all": pool}, {"any": pool}, *trees])
    return wheres.map(lambda wheres: {f"s{number}": {"where": where} for number, where in enumerate(wheres)})


def check(examples: st.SearchStrategy[Example], said_at_least: set[str]) -> None:
    SEEN.clear()
    check_each(st.tuples(examples, SHIFTS), lambda drawn: assert_true(*drawn), FEWER)
    assert {*SEEN} >= said_at_least


def test_what_is_said_of_tests_of_a_column_is_so_for_all_users_at_any_as_of() -> None:
    check(column_examples(), {*SORTS} - {" and TERM never hold together$", "^TERM holds for every value"})


def test_what_is_said_of_what_users_did_is_so_for_all_users_at_any_as_of() -> None:
    check(
        aggregate_examples(),
        {*SORTS} - {"^TERM holds for every value", "^TERM is a regular expression for a plain text"},
    )


def test_what_is_said_of_windows_and_rows_of_the_same_events_is_so_for_all_users_at_any_as_of() -> None:
    pairs = {sort for sort in SORTS if re.search("twice|beside|adds|\\.\\*", sort)}
    check(past_examples(), {"^TERM never holds(:|$)", *pairs})


def test_what_is_said_of_random_conditions_is_so_for_all_users_at_any_as_of() -> None:
    check(behaviour_examples().map(without_references), set())


def without_references(example: Example) -> Example:
    return replace(example, segments={n: s for n, s in example.segments.items() if "in_segment" not in repr(s)})
