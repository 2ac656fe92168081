"""Random conditions over random tables: segtool agrees with the naive reference, and `not` splits the table."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, fields, is_dataclass
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from typing import Any, get_args
from zoneinfo import ZoneInfo

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from segtool.compile.vocabulary import CONDITIONS, TESTS
from segtool.model import algebra
from tests import engine, reference
from tests.reference import World
from tests.reference_time import Clock, Duration, later_day, period, read_time, start_of_day
from tests.reference_values import Kind, Row

QUIET = [HealthCheck.too_slow, HealthCheck.data_too_large]
settings.register_profile("suite", max_examples=300, derandomize=True, deadline=None, suppress_health_check=QUIET)
settings.register_profile(
    "long", max_examples=20_000, derandomize=False, deadline=None, suppress_health_check=QUIET, print_blob=True
)
PROFILE = settings.get_profile(os.environ.get("HYPOTHESIS_PROFILE", "suite"))

Tree = Any

# The clock: days on which offsets change, leap days, the ends of months and years

ZONES = {
    "UTC": ("2026-06-15", "2024-02-29"),
    "Europe/Kyiv": ("2026-03-29", "2026-10-25"),
    "America/New_York": ("2026-03-08", "2026-11-01"),
    "America/Santiago": ("2026-04-05", "2026-09-06"),
    "Australia/Lord_Howe": ("2026-04-05", "2026-10-04"),
}
"""Zones with days on which their offset changes: Santiago's at midnight, Lord Howe's by half an hour."""

CALENDAR_DAYS = ("2024-02-28", "2024-02-29", "2024-03-01", "2025-02-28", "2026-01-31", "2025-12-31", "2026-01-01")
HOURS = (time(0), time(0, 30), time(1, 30), time(2), time(2, 30), time(3), time(12), time(23, 59, 59, 999_999))
DURATIONS = ("1s", "90min", "24h", "0d", "1d", "7d", "30d", "365d", "1w", "1mo", "6mo", "1y", "4y")
PERIODS = (
    *("today", "yesterday", "tomorrow"),
    *(f"{which}_{span}" for which in ("last", "this", "next") for span in ("week", "month", "quarter", "year")),
)
EXACT = ("1s", "90min", "24h")
"""Those that a date does not take."""
TICK = timedelta(microseconds=1)


@dataclass(frozen=True)
class Calendar:
    """The clock of an example, and the spans and the period that its tests ask about."""

    clock: Clock
    spans: tuple[str, ...]
    period: str

    @property
    def today(self) -> date:
        return self.clock.today()

    @property
    def whole_days(self) -> tuple[str, ...]:
        """The spans that a date takes too."""
        return tuple(text for text in self.spans if text not in EXACT) or ("1d",)

    def edge_days(self) -> list[date]:
        """Where its spans and its period begin and end."""
        spans = [read_span(text) for text in self.whole_days]
        shifted = [later_day(self.today, span, sign) for span in spans for sign in (-1, 1)]
        return [self.today, *shifted, *period(self.period, self.today)]

    def edge_moments(self) -> list[datetime]:
        spans = [read_span(text) for text in self.spans]
        shifted = [self.clock.later(self.clock.as_of, span, sign) for span in spans for sign in (-1, 1)]
        starts = [self.today, self.today + timedelta(1), *period(self.period, self.today)]
        return [self.clock.as_of, *shifted, *(start_of_day(day, self.clock) for day in starts)]

    def changes(self) -> list[datetime]:
        """The hours of the days on which the zone's offset changes."""
        changing = [date.fromisoformat(day) for day in ZONES[self.clock.zone]]
        return [self.clock.instant(datetime.combine(day, hour)) for day in changing for hour in HOURS]


@dataclass(frozen=True)
class Setting:
    """A calendar, and a few values of each kind: what the users have, and what these are compared with."""

    calendar: Calendar
    pools: Mapping[str, tuple[Any, ...]]

    @property
    def clock(self) -> Clock:
        return self.calendar.clock


@st.composite
def calendars(draw: st.DrawFn) -> Calendar:
    zone = draw(st.sampled_from(sorted(ZONES)))
    special = st.sampled_from([*ZONES[zone], *CALENDAR_DAYS]).map(date.fromisoformat)
    day = draw(st.one_of(special, special, st.dates(date(1971, 1, 1), date(2090, 1, 1))))
    wall = datetime.combine(day, draw(st.sampled_from(HOURS) | st.times()))
    clock = Clock(Clock(wall.replace(tzinfo=UTC), zone).instant(wall), zone)
    spans = draw(st.lists(st.sampled_from(DURATIONS), min_size=1, max_size=2))
    return Calendar(clock, tuple(spans), draw(st.sampled_from(PERIODS)))


@st.composite
def settings_of(draw: st.DrawFn, kinds: tuple[str, ...]) -> Setting:
    calendar = draw(calendars())
    return Setting(calendar, {kind: tuple(draw(POOLS[kind](calendar))) for kind in kinds})


def read_span(text: str) -> Duration:
    digits = "".join(letter for letter in text if letter.isdigit())
    return Duration(int(digits), text.removeprefix(digits))


# Values of each kind: what is at the edge of something more often than not

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


POOLS: dict[str, Callable[[Calendar], st.SearchStrategy[Any]]] = {
    "text": texts,
    "integer": integers,
    "number": decimals,
    "float": floats,
    "degrees": degrees,
    "boolean": booleans,
    "date": days,
    "datetime": moments,
}


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


# Tables

COLUMNS: dict[str, Kind] = {
    "name": "text",
    "all": "text",
    "points": "integer",
    "amount": "number",
    "score": "float",
    "active": "boolean",
    "born": "date",
    "seen": "datetime",
    "likes": {"list": "text"},
    "sizes": {"list": "integer"},
    "prices": {"list": "number"},
    "visits": {"list": "date"},
    "logins": {"list": "datetime"},
    "flags": {"list": "boolean"},
    "home": {"struct": {"city": "text", "floor": "integer"}},
    "lat": "degrees",
    "lon": "degrees",
    "orders": {
        "list": {
            "struct": {
                "sku": "text",
                "price": "number",
                "pieces": "integer",
                "paid": "boolean",
                "on": "date",
                "at": "datetime",
                "tags": {"list": "text"},
                "weights": {"list": "number"},
            }
        }
    },
}
KEYS = ("a", "Z", "é", "10", "9", "ключ", "b", "👍", "e\u0301", "ab", "-", "B")


def plain(kind: Kind) -> Kind:
    """The kind of a column as segtool knows it."""
    return "number" if kind in ("float", "degrees") else kind


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


def setting_for(names: tuple[str, ...]) -> st.SearchStrategy[Setting]:
    return settings_of(tuple(sorted({"text"}.union(*(kinds_in(COLUMNS[name]) for name in names)))))


@st.composite
def worlds(draw: st.DrawFn, setting: Setting, names: tuple[str, ...]) -> World:
    keys = KEYS[: draw(st.integers(1, len(KEYS)))]
    size = len(keys)
    columns = [draw(st.lists(values(COLUMNS[name], setting), min_size=size, max_size=size)) for name in names]
    rows: list[Row] = [
        {"id": key, **dict(zip(names, row, strict=True))} for key, *row in zip(keys, *columns, strict=True)
    ]
    kinds = {name: plain(COLUMNS[name]) for name in names}
    return World(setting.clock.zone, setting.clock.as_of, "id", kinds, rows)


# Literals, as YAML has them: text


def literals(kind: str, setting: Setting) -> list[str]:
    """What may be compared with a column of a kind; empty texts and NaN are no literals."""
    pool = [value for value in setting.pools[kind] if value == value]
    match kind:
        case "text":
            return sorted({"a", *pool} - {"", "~", "null"})
        case "integer" | "number" | "float" | "degrees":
            return [*map(number_text, pool), "10.5", "-0.01", "9223372036854775808", "-1" + "0" * 30]
        case "datetime":
            days = sorted({setting.clock.day(moment).isoformat() for moment in pool})
            zones = ("UTC", "offset", "")
            return [moment_text(moment, zones[i // 3 % 3], setting) for i, moment in enumerate(pool[::3])] + days
        case _:
            return [str(value).lower() for value in pool]


def number_text(value: float | Decimal) -> str:
    return format(Decimal(repr(value)) if isinstance(value, float) else Decimal(value), "f")


def moment_text(moment: datetime, zone: str, setting: Setting) -> str:
    """In UTC with `Z`, with the offset of the project's zone, or (where that is the same moment) without one."""
    if zone == "UTC":
        return moment.astimezone(UTC).isoformat().replace("+00:00", "Z")
    local = moment.astimezone(ZoneInfo(setting.clock.zone))
    offset = local.utcoffset()
    assert offset is not None
    if zone and offset % timedelta(minutes=1) == timedelta():
        return local.isoformat()
    wall = local.replace(tzinfo=None)
    return wall.isoformat(sep=" ") if setting.clock.instant(wall) == moment else moment_text(moment, "UTC", setting)


def element_literals(kind: Kind, setting: Setting) -> list[str]:
    """What an element, or a value, is compared with; the times in a list with moments alone."""
    if isinstance(kind, str):
        return literals(kind, setting)
    of = kind["list"]
    assert isinstance(of, str)
    return [text for text in literals(of, setting) if of != "datetime" or len(text) > 10]


def start(text: str, kind: str, setting: Setting) -> Any:
    """What orders literals: the moment at which a day starts."""
    if kind in ("integer", "number", "float", "degrees"):
        return Decimal(text)
    found = read_time(text, setting.clock)
    return start_of_day(found, setting.clock) if kind == "datetime" and not isinstance(found, datetime) else found


# Arguments of each word

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
    return st.sampled_from(calendar.spans if kind == "datetime" else calendar.whole_days)


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
def of_value(draw: st.DrawFn, kind: Kind, setting: Setting, *, inside: bool = False, word: str = "") -> Tree:
    """Tests of one value: `word` or any other; at times a second one, or the short forms of `is` and `in`."""
    words = [known for known in OF_TESTS if goes_with(known, plain(kind), inside)]
    form = draw(st.integers(0, 9))
    if not word and form < 2 and "is" in words:
        return draw((one, several)[form](kind, setting))
    chosen = {word or draw(st.sampled_from(words)), *([draw(st.sampled_from(words))] if form > 7 else [])}
    tree = {one: draw(OF_TESTS[one](kind, setting)) for one in sorted(chosen)}
    folds = form > 4 and kind in ("text", {"list": "text"}) and all(TESTS[one].folds for one in chosen)
    return {**tree, "ignore_case": "true"} if folds else tree


# Conditions


@dataclass(frozen=True)
class Reach:
    """What a condition may ask about."""

    columns: Mapping[str, Kind]
    segments: tuple[str, ...]
    setting: Setting
    salted: bool = True
    """Samples name their salt: else a segment and its negation have different ones."""

    def words(self, depth: int) -> list[str]:
        """The words that can be used here."""
        found = ["sample", "everyone", "attribute", "attribute"]
        found += ["near"] * 2 if {"lat", "lon"} <= set(self.columns) else []
        found += ["in_segment"] * 2 if self.segments else []
        return [*found, "all", "any", "none", "not"] if depth else found

    def fitting(self) -> dict[str, list[str]]:
        """The columns that each test goes with, but for those that are called like a condition."""
        names = [name for name in self.columns if name not in CONDITIONS]
        found = {
            word: [name for name in names if goes_with(word, plain(self.columns[name]), False)] for word in OF_TESTS
        }
        return {word: columns for word, columns in found.items() if columns}


def reach_of(names: tuple[str, ...], segments: tuple[str, ...], setting: Setting, *, salted: bool = True) -> Reach:
    columns: dict[str, Kind] = {"id": "text"}
    for name in names:
        kind = COLUMNS[name]
        if isinstance(kind, Mapping) and "struct" in kind:
            assert isinstance(kind["struct"], Mapping)
            columns |= {f"{name}.{field}": of for field, of in kind["struct"].items()}
        else:
            columns[name] = kind
    return Reach(columns, segments, setting, salted)


@st.composite
def conditions(draw: st.DrawFn, reach: Reach, depth: int) -> Tree:
    """One clause, two in a mapping, or a list of conditions that must all hold."""
    form = draw(st.integers(0, 9))
    if form == 0 and depth:
        return draw(st.lists(conditions(reach, depth - 1), min_size=1, max_size=3))
    tree: dict[str, Tree] = {}
    for _ in range(2 if form < 3 else 1):
        tree |= draw(clauses(reach, depth))
    return tree


@st.composite
def clauses(draw: st.DrawFn, reach: Reach, depth: int) -> Tree:
    """A condition by its word, or (mostly) a test by its word and then a column that it goes with."""
    if draw(st.integers(0, 9)) < 3:
        word = draw(st.sampled_from(reach.words(depth)))
        return {word: draw(OF_CONDITIONS[word](reach, depth))}
    fitting = reach.fitting()
    word = draw(st.sampled_from(sorted(fitting)))
    name = draw(st.sampled_from(fitting[word]))
    return {
        name: draw(
            of_value(reach.columns[name], reach.setting, word=word) | of_value(reach.columns[name], reach.setting)
        )
    }


Group = Callable[[Reach, int], st.SearchStrategy[Tree]]


def group(reach: Reach, depth: int) -> st.SearchStrategy[Tree]:
    return st.lists(conditions(reach, depth - 1), min_size=1, max_size=3)


@st.composite
def attributes(draw: st.DrawFn, reach: Reach, depth: int) -> Tree:
    name = draw(st.sampled_from(sorted(reach.columns)))
    return {
        "name": name,
        **draw(of_value(reach.columns[name], reach.setting).filter(lambda tree: isinstance(tree, dict))),
    }


def near(reach: Reach, depth: int) -> st.SearchStrategy[Tree]:
    column = st.sampled_from(["lat", "lon"])
    points = st.sampled_from([["50.45", "30.52"], ["0", "-180"], ["-90", "0"], ["90", "12.5"]])
    radii = st.sampled_from(["0m", "1m", "25km", "1000mi", "15000.5km", "30000km"])
    return st.fixed_dictionaries({"lat": column, "lon": column, "point": points, "radius": radii})


def sample(reach: Reach, depth: int) -> st.SearchStrategy[Tree]:
    percent = st.sampled_from(["0", "10", "33.3", "50", "99.999999999", "100"])
    words = {"percent": percent, "salt": st.sampled_from(["spring", "ключ"])}
    salted = st.fixed_dictionaries(words)
    return salted if reach.salted else salted | st.fixed_dictionaries({"percent": percent})


OF_CONDITIONS: dict[str, Group] = {
    "all": group,
    "any": group,
    "none": group,
    "not": lambda reach, depth: conditions(reach, depth - 1),
    "attribute": attributes,
    "in_segment": lambda reach, depth: st.lists(st.sampled_from(reach.segments), min_size=1, max_size=2),
    "near": near,
    "sample": sample,
    "everyone": lambda reach, depth: st.just("true"),
}

STRATEGIES: dict[str, Callable[..., st.SearchStrategy[Tree]]] = {**OF_CONDITIONS, **OF_TESTS}


# Examples


@dataclass(frozen=True)
class Example:
    """Segments over a world."""

    segments: Mapping[str, Tree]
    world: World


@st.composite
def tables_with(draw: st.DrawFn, word: str) -> tuple[str, tuple[str, ...]]:
    """A column that the word goes with, and the columns of a table that has it."""
    fitting = [name for name, kind in COLUMNS.items() if name not in CONDITIONS and goes_with(word, plain(kind), False)]
    column = draw(st.sampled_from(fitting))
    others = draw(st.lists(st.sampled_from(sorted(COLUMNS)), max_size=2))
    places = ["lat", "lon"] if draw(st.integers(0, 9)) == 0 else []
    return column, tuple(dict.fromkeys([column, *others, *places]))


@st.composite
def examples(draw: st.DrawFn) -> Example:
    """One word twice, and a few conditions of any words; each with its negation, the last about segments as well."""
    word = draw(st.sampled_from(sorted(OF_TESTS)))
    column, names = draw(tables_with(word))
    setting = draw(setting_for(names))
    world = draw(worlds(setting, names))
    wheres = [{column: draw(of_value(COLUMNS[column], setting, word=word))} for _ in range(2)]
    wheres += draw(st.lists(conditions(reach_of(names, (), setting), 4), min_size=1, max_size=2))
    wheres.append(draw(conditions(reach_of(names, ("c0",), setting), 2)))
    segments: dict[str, Tree] = {}
    for number, where in enumerate(wheres):
        segments |= {f"c{number}": {"where": where}, f"not_c{number}": {"where": {"not": where}}}
    return Example(segments, world)


@PROFILE
@given(examples())
def test_segtool_decides_as_the_reference_does_and_not_splits_the_table(example: Example) -> None:
    found = engine.members(example.segments, example.world)
    everyone = {example.world.key_of(user) for user in example.world.users}
    assert found == reference.members(example.segments, example.world)
    assert all(found[f"not_{name}"] == everyone - found[name] for name in found if f"not_{name}" in found)


ORDERED = ("points", "amount", "score", "born", "seen")


@st.composite
def webs_of_segments(draw: st.DrawFn) -> Example:
    """Segments that refer to those before them and to a frozen one, with lists and cuts."""
    names = tuple(draw(st.lists(st.sampled_from(ORDERED), min_size=1, max_size=3, unique=True)))
    setting = draw(setting_for(names))
    world = draw(worlds(setting, names))
    keys = st.lists(st.sampled_from([*KEYS, "stranger"]), min_size=1, max_size=4, unique=True)
    frozen = {"frozen": set(draw(keys))}
    segments: dict[str, Tree] = {}
    for number in range(draw(st.integers(2, 6))):
        where = draw(conditions(reach_of(names, (*frozen, *segments), setting, salted=False), 1))
        segments[f"s{number}"] = {"where": where, **draw(options(keys, names))}
    return Example(segments, World(**{**vars(world), "static": frozen}))


@st.composite
def options(draw: st.DrawFn, keys: st.SearchStrategy[list[str]], names: tuple[str, ...]) -> Tree:
    listed = draw(st.fixed_dictionaries({}, optional={"include": keys, "exclude": keys, "kind": st.just("static")}))
    measures = [
        {"count": st.sampled_from(["0", "1", "2", "3", "100"])},
        {"percent": st.sampled_from(["0", "33.3", "50", "100"])},
    ]
    by = st.sampled_from(names)
    cut = draw(st.sampled_from(measures).flatmap(lambda measure: st.fixed_dictionaries({"by": by, **measure})))
    word = draw(st.sampled_from(["", "top", "bottom"]))
    return {**listed, word: cut} if word else listed


@PROFILE
@given(webs_of_segments())
def test_segments_that_refer_to_each_other_with_lists_and_cuts_have_the_same_members(example: Example) -> None:
    assert engine.members(example.segments, example.world) == reference.members(example.segments, example.world)


# What the examples reach


def test_every_word_has_a_strategy() -> None:
    assert set(STRATEGIES) == {*CONDITIONS, *TESTS}


def nodes(node: object) -> Iterator[object]:
    """A node of the algebra and all that it holds."""
    if isinstance(node, tuple):
        for part in node:
            yield from nodes(part)
    elif is_dataclass(node):
        yield node
        for field in fields(node):
            yield from nodes(getattr(node, field.name))


def test_the_examples_reach_every_node_of_the_algebra() -> None:
    seen: set[str] = set()

    @settings(PROFILE, max_examples=300, derandomize=True, database=None)
    @given(examples())
    def collect(example: Example) -> None:
        plan = engine.planned(example.segments, example.world)
        for node in nodes(tuple(segment.where for segment in plan.segments)):
            seen.update(marks_of(node))

    collect()
    classes = {one.__name__ for one in (*get_args(algebra.Predicate), *get_args(algebra.Value))}
    words = {*get_args(algebra.Operator), *get_args(algebra.Manner), *get_args(algebra.PartName)}
    assert classes | words <= seen


def marks_of(node: object) -> set[str]:
    """The name of a node's class, and its operator, manner or part."""
    own = {getattr(node, name, "") for name in ("operator", "manner", "name")}
    return {type(node).__name__, *(one for one in own if isinstance(one, str))}
