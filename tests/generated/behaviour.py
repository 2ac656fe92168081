"""Conditions on what the users did: `did`, `did_not`, `sequence` and `regularly`."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from hypothesis import strategies as st

from segtool.compile.vocabulary import CONDITIONS
from tests.generated.arguments import OF_TESTS, Tree, goes_with, of_value, one, several
from tests.generated.calendars import MOST_SPANS, read_span
from tests.generated.conditions import Group, Reach, conditions
from tests.generated.events import SUMMED
from tests.generated.values import EVENT_NAMES, plain
from tests.reference_values import Kind

PATTERNS = ("purchase*", "purchase_*", "email_*", "v*", "*", "nothing", "nothing*")
TIME_TESTS = tuple(word for word in OF_TESTS if goes_with(word, "datetime", inside=True))
OFTEN = ("in_last", "more_than_ago", "between", "lt", "lte", "gt", "gte", "in_period", "is_not", "not_in")
"""Those that tell one event of the past from another more often than the rest."""

COUNTED = ("count", "days")
TIMED = ("first", "last")
OF_COLUMNS = ("sum", "avg", "min", "max", "distinct")
VALUED = ("first_value", "last_value")
AGGREGATES = (*COUNTED, *TIMED, *OF_COLUMNS, *VALUED)


def names(reach: Reach) -> st.SearchStrategy[str]:
    """Mostly of events that the world's log holds."""
    held = reach.setting.pools["name of event"]
    return st.sampled_from([*held * (24 // len(held)), *PATTERNS, *EVENT_NAMES])


def event(reach: Reach) -> st.SearchStrategy[Tree]:
    return names(reach) | st.lists(names(reach), min_size=1, max_size=3)


@st.composite
def selectors(draw: st.DrawFn, reach: Reach) -> Tree:
    """`event`, and at times `where`."""
    tree = {"event": draw(event(reach))}
    return {**tree, "where": draw(conditions(reach.events, 2))} if draw(st.integers(0, 2)) == 0 else tree


@st.composite
def time_tests(draw: st.DrawFn, reach: Reach) -> Tree:
    """None, one or two tests of an event's time."""
    number = draw(st.sampled_from([0, 0, 0, 1, 1, 2]))
    words = st.sampled_from([*TIME_TESTS, *OFTEN])
    chosen = sorted({draw(words) for _ in range(number)})
    tree = {word: draw(OF_TESTS[word]("time of event", reach.setting)) for word in chosen}
    return tree if leave_time(tree, reach) else {"in_last": tree["in_last"]}


def leave_time(tree: Tree, reach: Reach) -> bool:
    """Whether spans that cannot both hold are not asked for together: segtool refuses that."""
    clock = reach.setting.clock
    if not {"in_last", "more_than_ago"} <= tree.keys():
        return True
    after, until = (clock.later(clock.as_of, read_span(tree[word]), -1) for word in ("in_last", "more_than_ago"))
    return after < until


@st.composite
def dids(draw: st.DrawFn, reach: Reach, depth: int) -> Tree:
    if draw(st.integers(0, 19)) == 0:
        return draw(names(reach))
    number = draw(st.sampled_from([0, 1, 1, 1, 1, 2, 3]))
    words = draw(st.lists(st.sampled_from(measures_in(reach)), min_size=number, max_size=number, unique=True))
    aggregates = {word: draw(aggregate(word, reach)) for word in words}
    return {**draw(selectors(reach)), **draw(time_tests(reach)), **aggregates}


def measures_in(reach: Reach) -> list[str]:
    return [word for word in AGGREGATES if word not in OF_COLUMNS or measured(word, reach)]


def measured(word: str, reach: Reach) -> list[str]:
    """The event columns that `sum`, `avg`, `min`, `max` or `distinct` can be of."""
    return [name for name, kind in reach.event_columns.items() if has_measure(word, kind)]


def has_measure(word: str, kind: Kind) -> bool:
    if word in ("sum", "avg"):
        return kind in SUMMED
    if word == "distinct":
        return isinstance(kind, str) or kind == {"list": "text"}
    return plain(kind) in ("integer", "number", "date", "datetime")


def aggregate(word: str, reach: Reach) -> st.SearchStrategy[Tree]:
    """What comes after an aggregate's word."""
    if word in VALUED:
        return some_of(sorted(reach.event_columns.keys() - CONDITIONS.keys()), reach.events.tests_of)
    if word in OF_COLUMNS:
        return some_of(measured(word, reach), lambda name: measure_tests(word, reach.event_columns[name], reach))
    return measure_tests(word, "time of event" if word in TIMED else "tally", reach)


@st.composite
def some_of(draw: st.DrawFn, names: Sequence[str], tests: Callable[[str], st.SearchStrategy[Tree]]) -> Tree:
    """Tests of one column, at times of two."""
    number = draw(st.sampled_from([1, 1, 1, 2]))
    return {
        draw_name: draw(tests(draw_name)) for draw_name in sorted({draw(st.sampled_from(names)) for _ in range(number)})
    }


@st.composite
def measure_tests(draw: st.DrawFn, word: str, kind: Kind, reach: Reach) -> Tree:
    """Tests of what is measured; one in four is of its percentile, one in four is a bare value or a list."""
    of = {"sum": "sum", "avg": "avg", "distinct": "tally"}.get(word, kind)
    form = draw(st.integers(0, 7))
    if form < 2:
        return draw((one, several)[form](of, reach.setting))
    return draw(of_value(of, reach.setting, word="percentile" if form < 4 else ""))


@st.composite
def sequences(draw: st.DrawFn, reach: Reach, depth: int) -> Tree:
    number = draw(st.sampled_from([1, 2, 2, 2, 3, 3, 4]))
    return {"steps": [draw(steps(reach, place)) for place in range(number)], **draw(time_tests(reach))}


@st.composite
def steps(draw: st.DrawFn, reach: Reach, place: int) -> Tree:
    """A bare name, or a mapping; all but the first can be due within a span of the one before."""
    if draw(st.integers(0, 4)) == 0:
        return draw(names(reach))
    within = {"within": draw(lengths(reach))} if place and draw(st.booleans()) else {}
    return {**draw(selectors(reach)), **within}


def lengths(reach: Reach) -> st.SearchStrategy[str]:
    return st.sampled_from(reach.setting.calendar.lengths)


@st.composite
def regulars(draw: st.DrawFn, reach: Reach, depth: int) -> Tree:
    of = draw(st.integers(1, MOST_SPANS))
    periods = draw(st.integers(1, of))
    spans = {"every": draw(lengths(reach)), "periods": str(periods), "of": str(of)}
    counted = {"count": draw(of_value("tally", reach.setting, inside=True))} if draw(st.booleans()) else {}
    return {**draw(selectors(reach)), **spans, **counted}


OF_BEHAVIOUR: dict[str, Group] = {"did": dids, "did_not": dids, "sequence": sequences, "regularly": regulars}
