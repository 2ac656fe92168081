"""Logs of events, at the edges of what conditions ask about, and what they add up to."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from datetime import datetime
from decimal import Decimal
from typing import Any

from hypothesis import strategies as st

from tests.generated.calendars import TICK, read_span
from tests.generated.literals import number_text
from tests.generated.values import EVENT_NAMES, GREAT_WEIGHT, STRANGERS, Setting, plain, values
from tests.reference import World
from tests.reference_time import Clock
from tests.reference_values import Kind, is_missing

Properties = dict[str, Any]

EVENT_COLUMNS: dict[str, Kind] = {
    "sku": "text",
    "any": "text",
    "count": "pieces",
    "wide": "integer",
    "amount": "number",
    "weight": "weights",
    "score": "float",
    "gift": "boolean",
    "due": "date",
    "shown": "datetime",
    "tags": {"list": "text"},
    "sizes": {"list": "integer"},
    "place": {"struct": {"city": "text", "floor": "integer"}},
    "items": {"list": {"struct": {"sku": "text", "price": "number", "pieces": "integer", "tags": {"list": "text"}}}},
}
"""One is called like a condition, and one like a key of `did`."""
OWN_COLUMNS: dict[str, Kind] = {"id": "key", "event": "name of event", "at": "time of event"}
"""Those that every log has."""
SUMMED = ("pieces", "number", "weights")
"""Kinds of which a log's sum is exact."""
MOST_EVENTS = 25
NOTHING = (Decimal(0), Decimal(0))

GREAT_MEAN = 10**9


@st.composite
def logs(draw: st.DrawFn, setting: Setting, columns: Sequence[str], keys: Sequence[str]) -> list[Properties]:
    """Events of a few users and strangers, of a few names."""
    acting = st.sampled_from(draw(st.lists(st.sampled_from([*keys, *keys, *STRANGERS]), min_size=1, max_size=6)))
    names = st.sampled_from(draw(st.lists(st.sampled_from(EVENT_NAMES), min_size=1, max_size=3, unique=True)))
    properties = {name: values(EVENT_COLUMNS[name], setting) for name in columns}
    event = st.fixed_dictionaries({"id": acting, "event": names, **properties})
    number = max(draw(st.integers(0, MOST_EVENTS)), draw(st.integers(0, MOST_EVENTS)))
    times = draw(times_of(number, setting))
    return [{**row, "at": at} for row, at in zip([draw(event) for _ in times], times, strict=True)]


@st.composite
def times_of(draw: st.DrawFn, number: int, setting: Setting) -> list[datetime]:
    """Each at an edge, mostly of the past; when one before it is; or when something is due after (or before) that."""
    calendar = setting.calendar
    edges = [*setting.pools["datetime"], *beside(calendar.step_moments())]
    past = [edge for edge in edges if edge <= calendar.clock.as_of]
    forms, any_edge, past_edge = st.integers(0, 7), st.sampled_from(edges), st.sampled_from(past)
    spans, ticks = st.sampled_from(calendar.lengths), st.sampled_from([0, 0, -1, 1])
    times: list[datetime] = []
    for _ in range(number):
        form = draw(forms)
        if form < 4 and times:
            before = draw(st.sampled_from(times))
            times.append(due(before, draw(spans), calendar.clock) + draw(ticks) * TICK if form else before)
        else:
            times.append(draw(any_edge if form == 7 else past_edge))
    return times


def beside(moments: Iterable[datetime]) -> list[datetime]:
    """The moments, and those just before and after each."""
    return [moment + TICK * tick for moment in moments for tick in (0, -1, 1)]


def due(moment: datetime, span: str, clock: Clock) -> datetime:
    """A span later; earlier after as-of, for times would wander off else, from one to the next."""
    return clock.later(moment, read_span(span), 1 if moment < clock.as_of else -1)


def with_log(world: World, rows: Sequence[Properties], columns: Sequence[str]) -> World:
    return replace(world, events=rows, event_kinds={name: plain(EVENT_COLUMNS[name]) for name in columns})


def with_measures(setting: Setting, world: World, columns: Sequence[str]) -> Setting:
    """The setting, with the names and the times of the world's events and what they add up to to compare with."""
    times = sorted({row["at"] for row in past_of(world)}) or setting.pools["datetime"][:1]
    summed = [name for name in columns if EVENT_COLUMNS[name] in SUMMED]
    pairs = [pair for name in summed for pair in sums_and_means(name, world)] or [NOTHING]
    sums, means = (list(dict.fromkeys(pair[place] for pair in pairs)) for place in (0, 1))
    names = sorted({str(row["event"]) for row in world.events}) or EVENT_NAMES
    measures = {"time of event": beside(times), "name of event": names, "sum": sums, "avg": means}
    return replace(setting, pools={**setting.pools, **{kind: tuple(pool) for kind, pool in measures.items()}})


def past_of(world: World) -> list[Properties]:
    return [row for row in map(dict[str, Any], world.events) if row["at"] <= world.as_of]


def sums_and_means(column: str, world: World) -> Iterator[tuple[Decimal, Decimal]]:
    """Those of a column that a condition can meet, the means rounded.

    A sum of great weights is moved away from where double precision could not tell it from its neighbours: no mean of
    a few of them is so many 116ths (or 116ths of a mean) off another.
    """
    for numbers in groups_of(column, world):
        is_great = EVENT_COLUMNS[column] == "weights" and max(map(abs, numbers)) >= GREAT_WEIGHT
        total = sum(numbers, Decimal(int(GREAT_WEIGHT) // 116 if is_great else 0))
        yield total, beside_mean(total / len(numbers))


def beside_mean(mean: Decimal) -> Decimal:
    """A mean as it is compared with; a great one is moved away, for means are doubles, which tell no such fractions."""
    return mean.quantize(Decimal("0.000001")) if abs(mean) < GREAT_MEAN else mean.to_integral_value() + 16


def groups_of(column: str, world: World) -> Iterable[list[Decimal]]:
    """Every user's values in a column: of all past events, of those of one name, and of each alone."""
    groups: dict[object, list[Decimal]] = {}
    for place, row in enumerate(past_of(world)):
        if not is_missing(row[column]):
            for group in ("*", row["event"], place):
                groups.setdefault((row["id"], group), []).append(Decimal(number_text(row[column])))
    return groups.values()
