"""Values of each kind: what is at the edge of something more often than not."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

from hypothesis import strategies as st

from tests.generated.calendars import TICK, Calendar, calendars
from tests.reference_time import Clock
from tests.reference_values import Kind


@dataclass(frozen=True)
class Setting:
    """A calendar, and a few values of each kind: what the users have, and what these are compared with."""

    calendar: Calendar
    pools: Mapping[str, tuple[Any, ...]]

    @property
    def clock(self) -> Clock:
        return self.calendar.clock


@st.composite
def settings_of(draw: st.DrawFn, kinds: Collection[str]) -> Setting:
    calendar = draw(calendars())
    return Setting(calendar, {kind: tuple(draw(POOLS[kind](calendar))) for kind in sorted(kinds)})


TEXTS = (
    *("a", "A", "ab", "Kyiv", "Київ", "київ", "ß", "SS", "ẞ", "İ", "i", "ı", "I", "ς", "σ", "ΟΔΟΣ", "é", "e\u0301"),
    *(
        "👍",
        "👩‍👧",
        " a",
        "a ",
        "NO",
        "01001",
        "1.10",
        "12:30",
        "true",
        "%",
        "_",
        ".*",
        "(",
        "\\",
        "'",
        '"',
        "a,b",
        "a\nb",
    ),
)
LETTERS = st.sampled_from("aAbß İıΣσ.é\u0301👍")
NUMBERS = ("0", "1", "-1", "2", "3", "7", "28", "10.5", "-0.01", "0.1", "99.99", "100")
WIDE = (2**53 + 1, 2**63 - 1, -(2**63) + 1, -(2**53) - 1)
KEYS = ("a", "Z", "é", "10", "9", "ключ", "b", "👍", "e\u0301", "ab", "-", "B")
STRANGERS = ("stranger", "A")
"""Keys of events that no user has."""
EVENT_NAMES = ("purchase", "purchase_refund", "purchases", "email_open", "email_click", "visit", "Visit", "візит")
GREAT_WEIGHT = 2.0**52
PATTERNS = ("a", "^a", "b$", "^a.b$", "[aA]b?", "(a|б)", "^.$", "^..$", "[0-9]+", r"\.", "ß", "^(?:A|é)", "$", "o{2}")
"""None where Python's expressions differ from Rust's: no `\\w`; no i, k and s, whose case Python folds its own way."""


def texts(calendar: Calendar) -> st.SearchStrategy[list[str]]:
    some = st.lists(st.sampled_from(TEXTS) | st.text(LETTERS, max_size=4), min_size=2, max_size=2)
    return some.map(lambda found: [form for text in found for form in (text, text.upper(), text.lower(), text[:1])])


def integers(calendar: Calendar) -> st.SearchStrategy[list[int]]:
    wide = st.sampled_from(WIDE) | st.integers(-(2**63) + 1, 2**63 - 1)
    return st.tuples(st.integers(-3, 31), wide).map(lambda pair: [0, 1, 2, 3, *pair, pair[0] + 1])


def decimals(calendar: Calendar) -> st.SearchStrategy[list[Decimal]]:
    some = st.decimals(-(10**9), 10**9, places=6) | st.decimals(-10, 10, places=2)
    return st.tuples(some, st.sampled_from(NUMBERS).map(Decimal)).map(lambda pair: [Decimal(0), *pair, pair[0] + 1])


def floats(calendar: Calendar) -> st.SearchStrategy[list[float]]:
    edges = st.sampled_from([0.1, 0.1 + 0.2, -0.0, 1e-30, 1e30, 2.0**53])
    some = st.floats(-1e30, 1e30).filter(lambda number: not 0 < abs(number) < 1e-20)
    rounded = some.map(lambda number: float(f"{number:.12g}"))
    return st.tuples(edges, rounded).map(lambda pair: [0.0, 0.3, float("nan"), *pair])


def degrees(calendar: Calendar) -> st.SearchStrategy[list[Decimal]]:
    return st.just([Decimal(text) for text in ("0", "90", "-90", "50.45", "30.52", "180", "-179.9")])


def booleans(calendar: Calendar) -> st.SearchStrategy[list[bool]]:
    return st.just([True, False])


def days(calendar: Calendar) -> st.SearchStrategy[list[date]]:
    edges = calendar.edge_days()
    near = [day + timedelta(step) for day in edges for step in (0, -1, 1)]
    birthdays = [day.replace(year=1996) for day in edges] + [date(1996, 2, 28), date(1996, 2, 29)]
    return st.dates(date(2, 1, 1), date(9998, 1, 1)).map(lambda day: [*near, *birthdays, day])


def moments(calendar: Calendar) -> st.SearchStrategy[list[datetime]]:
    edges = calendar.edge_moments()
    near = [moment + TICK * step for moment in edges for step in (0, -1, 1)]
    birthdays = [calendar.clock.as_of.replace(year=1996), datetime(1996, 2, 29, 12, tzinfo=UTC)]
    changes = st.lists(st.sampled_from(calendar.changes()), min_size=3, max_size=3)
    anywhere = st.datetimes(datetime(1900, 1, 1), datetime(2099, 12, 31)).map(lambda wall: wall.replace(tzinfo=UTC))
    return st.tuples(changes, anywhere).map(lambda pair: [*near, *birthdays, *pair[0], pair[1]])


def pieces(calendar: Calendar) -> st.SearchStrategy[list[int]]:
    """Of which so many as a log has events add up within 64 bits."""
    wide = st.sampled_from([2**53 + 1, -(2**53) - 1, 2**58, -(2**58) + 1]) | st.integers(-(2**58), 2**58)
    return st.tuples(st.integers(-3, 31), wide).map(lambda pair: [0, 1, 2, 3, *pair, pair[0] + 1])


def weights(calendar: Calendar) -> st.SearchStrategy[list[float]]:
    """Of which a sum is exact in double precision: quarters, or multiples of what no quarter can be added to."""
    some = st.lists(st.integers(-2, 2), min_size=3, max_size=3)
    unit = st.sampled_from([0.25, 0.25, GREAT_WEIGHT])
    return st.tuples(unit, some).map(lambda pair: [0.0, float("nan"), *(pair[0] * number for number in pair[1])])


def names_of_events(calendar: Calendar) -> st.SearchStrategy[list[str]]:
    return st.just(list(EVENT_NAMES))


def keys(calendar: Calendar) -> st.SearchStrategy[list[str]]:
    return st.just([*KEYS, *STRANGERS])


def tallies(calendar: Calendar) -> st.SearchStrategy[list[int]]:
    """What is counted: events, days, distinct values."""
    return st.just([0, 1, 2, 3, 4])


POOLS: dict[str, Callable[[Calendar], st.SearchStrategy[Any]]] = {
    "text": texts,
    "integer": integers,
    "number": decimals,
    "float": floats,
    "degrees": degrees,
    "boolean": booleans,
    "date": days,
    "datetime": moments,
    "pieces": pieces,
    "weights": weights,
    "name of event": names_of_events,
    "key": keys,
    "tally": tallies,
}

PLAIN = {
    **dict.fromkeys(("float", "degrees", "weights", "sum", "avg"), "number"),
    **dict.fromkeys(("pieces", "tally"), "integer"),
    **dict.fromkeys(("name of event", "key"), "text"),
    "time of event": "datetime",
}
"""Kinds that differ from segtool's own only in what their values are drawn from."""


def plain(kind: Kind) -> Kind:
    """The kind as segtool knows it."""
    return PLAIN.get(kind, kind) if isinstance(kind, str) else kind


def values(kind: Kind, setting: Setting) -> st.SearchStrategy[Any]:
    """Values of a column or an element, or None."""
    if isinstance(kind, str):
        pool = setting.pools[kind]
        return st.sampled_from([*pool, *[None] * (len(pool) // 4 + 1)])
    if "list" in kind:
        return st.none() | st.lists(elements_of(kind["list"], setting), max_size=3)
    of = kind["struct"]
    assert isinstance(of, Mapping)
    return st.fixed_dictionaries({name: values(field, setting) for name, field in of.items()})


def elements_of(kind: Kind, setting: Setting) -> st.SearchStrategy[Any]:
    """Those of a list, of which a reader leaves out the missing ones."""
    if not isinstance(kind, str):
        return values(kind, setting)
    return st.sampled_from([value for value in setting.pools[kind] if value not in ("", None)] or ["a"])


def kinds_in(kind: Kind) -> set[str]:
    """The kinds of scalars that a kind is made of."""
    if isinstance(kind, str):
        return {kind}
    inner = kind.get("struct", kind)
    assert isinstance(inner, Mapping)
    return set().union(*map(kinds_in, inner.values()))
