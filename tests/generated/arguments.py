"""Tests of one value, each with an argument that goes with the value's kind."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from hypothesis import strategies as st

from segtool.compile.vocabulary import TESTS
from tests.generated.literals import element_literals, literals, start
from tests.generated.values import PATTERNS, Setting, plain
from tests.reference_time import Clock
from tests.reference_values import Kind

Tree = Any

Argument = Callable[[Kind, Setting], st.SearchStrategy[Tree]]


def one(kind: Kind, setting: Setting) -> st.SearchStrategy[Tree]:
    return st.sampled_from(element_literals(kind, setting))


def several(kind: Kind, setting: Setting) -> st.SearchStrategy[Tree]:
    return st.lists(one(kind, setting), min_size=1, max_size=4)


def one_or_several(kind: Kind, setting: Setting) -> st.SearchStrategy[Tree]:
    return one(kind, setting) | several(kind, setting)


def pair(kind: Kind, setting: Setting) -> st.SearchStrategy[Tree]:
    assert isinstance(kind, str)
    two = st.lists(st.sampled_from(literals(kind, setting)), min_size=2, max_size=2)
    return two.map(lambda ends: sorted(ends, key=lambda text: start(text, kind, setting)))


def flag(kind: Kind, setting: Setting) -> st.SearchStrategy[Tree]:
    return st.sampled_from(["true", "false"])


def day(kind: Kind, setting: Setting) -> st.SearchStrategy[Tree]:
    pool = setting.pools[str(kind)]
    return st.sampled_from([as_day(value, setting.clock).isoformat() for value in pool])


def as_day(value: date | datetime, clock: Clock) -> date:
    return clock.day(value) if isinstance(value, datetime) else value


def span(kind: Kind, setting: Setting) -> st.SearchStrategy[Tree]:
    calendar = setting.calendar
    return st.sampled_from(calendar.spans if plain(kind) == "datetime" else calendar.whole_days)


def pattern(kind: Kind, setting: Setting) -> st.SearchStrategy[Tree]:
    return st.sampled_from(PATTERNS)


def named_period(kind: Kind, setting: Setting) -> st.SearchStrategy[Tree]:
    return st.just(setting.calendar.period)


def anniversary(kind: Kind, setting: Setting) -> st.SearchStrategy[Tree]:
    spans = span("date", setting)
    windows = st.fixed_dictionaries({}, optional={"in_next": spans, "in_last": spans})
    return st.just("today") | windows.filter(bool)


NUMBER_WORDS = ("is", "is_not", "in", "not_in", "gt", "gte", "lt", "lte", "between", "is_set")


def numbers_from(*known: str) -> Argument:
    """Tests of a number that is computed: bare, in a list, or with words."""
    number = st.sampled_from(known)
    two = st.lists(number, min_size=2, max_size=2).map(lambda ends: sorted(ends, key=Decimal))
    tests = dict.fromkeys(NUMBER_WORDS, number) | {"between": two, "is_set": st.sampled_from(["true", "false"])}
    tests |= {word: st.lists(number, min_size=1, max_size=3) for word in ("in", "not_in")}
    mapping = st.sampled_from(NUMBER_WORDS).flatmap(lambda word: st.fixed_dictionaries({word: tests[word]}))
    asked = number | st.lists(number, min_size=1, max_size=3) | mapping
    return lambda kind, setting: asked


def elements(kind: Kind, setting: Setting) -> st.SearchStrategy[Tree]:
    """Tests of one or more fields of one element."""
    assert isinstance(kind, Mapping)
    of = kind["list"]
    assert isinstance(of, Mapping)
    of_fields = of["struct"]
    assert isinstance(of_fields, Mapping)
    names = st.lists(st.sampled_from(sorted(of_fields)), min_size=1, max_size=3, unique=True)
    return names.flatmap(
        lambda found: st.fixed_dictionaries({name: of_value(of_fields[name], setting, inside=True) for name in found})
    )


OF_TESTS: dict[str, Argument] = {
    "is": one,
    "is_not": one,
    "in": several,
    "not_in": several,
    "is_set": flag,
    "gt": one,
    "gte": one,
    "lt": one,
    "lte": one,
    "before": one,
    "after": one,
    "between": pair,
    "contains": one_or_several,
    "not_contains": one_or_several,
    "starts_with": one_or_several,
    "ends_with": one_or_several,
    "matches": pattern,
    "has": one,
    "has_any": one_or_several,
    "has_all": one_or_several,
    "has_none": one_or_several,
    "size": numbers_from("0", "1", "2", "3", "1.5", "1" + "0" * 30),
    "has_element": elements,
    "on": day,
    "in_last": span,
    "more_than_ago": span,
    "in_next": span,
    "more_than_ahead": span,
    "in_period": named_period,
    "anniversary": anniversary,
    "age": numbers_from("0", "18", "35", "36", "-1", "17.5", "2024"),
    "weekday": numbers_from("1", "5", "6", "7", "2.5"),
    "month": numbers_from("1", "2", "3", "10", "12", "2.5"),
    "day_of_month": numbers_from("1", "28", "29", "30", "31", "28.5"),
    "hour": numbers_from("0", "1", "2", "3", "23", "12.5", "24"),
    "percentile": numbers_from("0", "20", "25", "33.3", "50", "66.7", "75", "100"),
}


def goes_with(word: str, kind: Kind, inside: bool) -> bool:
    family = kind if isinstance(kind, str) else next(iter(kind))
    if family not in TESTS[word].kinds or (inside and word == "percentile"):
        return False
    if isinstance(kind, str):
        return True
    structs = not isinstance(kind["list"], str)
    return word in ("is_set", "size", "has_element") if structs else word != "has_element"


@st.composite
def of_value(
    draw: st.DrawFn, kind: Kind, setting: Setting, *, inside: bool = False, word: str = "", long: bool = False
) -> Tree:
    """Tests of one value: `word` or any other; at times a second one, or (not in `long`) short for `is` and `in`."""
    words = [known for known in OF_TESTS if goes_with(known, plain(kind), inside)]
    form = draw(st.integers(0, 9))
    if not word and not long and form < 2 and "is" in words:
        return draw((one, several)[form](kind, setting))
    chosen = {word or draw(st.sampled_from(words)), *([draw(st.sampled_from(words))] if form > 7 else [])}
    tree = {one: draw(OF_TESTS[one](kind, setting)) for one in sorted(chosen)}
    folds = form > 4 and plain(kind) in ("text", {"list": "text"}) and all(TESTS[one].folds for one in chosen)
    return {**tree, "ignore_case": "true"} if folds else tree
