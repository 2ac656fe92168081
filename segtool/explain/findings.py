"""A clause's meaning and one user come in; go out: what was found of each value it looks at, and its boundaries."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

from segtool.compile.parts import WEEKDAYS
from segtool.engine.decide import looked_at
from segtool.engine.features import shares
from segtool.explain.alone import Alone
from segtool.explain.new_values import LAST_TICK
from segtool.explain.own_events import OwnEvents
from segtool.model.algebra import (
    EVENT_TIME,
    Aggregate,
    AtEdge,
    AtLeast,
    Bucket,
    Column,
    Compare,
    Events,
    Leaf,
    Near,
    OneOf,
    Part,
    Predicate,
    Rank,
    Value,
    inside,
    leaves,
    root,
)
from segtool.model.algebra import Sequence as InSequence
from segtool.model.columns import Tables
from segtool.model.time import Clock, utc_text

NAMES = {"sum": "the sum of {}", "avg": "the average of {}", "min": "the lowest {}", "max": "the highest {}"}
EDGES = {"min": "the first", "max": "the last"}
PARTS = {"month_day": "month and day", "day_of_month": "day of month", "size": "number of elements"}
BOUNDARIES = {"gt": "after", "gte": "on or after", "lt": "before", "lte": "on or before"}
BUCKETS = 2**32


class Findings:
    """What clauses look at, of one user: their own values in tables of their own, percentiles among all users."""

    def __init__(self, alone: Alone, everyone: Tables, row: int, clock: Clock) -> None:
        self.own, self.everyone, self.row, self.clock = alone.tables([alone.person]), everyone, row, clock
        self.events = OwnEvents(alone, alone.person, clock)

    def found(self, predicate: Predicate) -> tuple[str, ...]:
        """What each leaf of a clause finds, each once."""
        if isinstance(predicate, AtLeast):
            return self._of_spans(predicate)
        return tuple(dict.fromkeys(text for leaf in leaves(predicate) for text in self._of_leaf(leaf)))

    def boundaries(self, predicate: Predicate) -> tuple[str, ...]:
        """Where the windows of a clause begin and end, each once; of spans side by side, where the oldest begins."""
        is_spans = isinstance(predicate, AtLeast)
        asked = predicate.of[-1] if isinstance(predicate, AtLeast) else predicate
        texts = dict.fromkeys(text for leaf in leaves(asked) for text in self._bounds(leaf))
        return tuple(texts)[:1] if is_spans else tuple(texts)

    def _of_spans(self, spans: AtLeast) -> tuple[str, ...]:
        """How often something was in each of the spans, the newest first."""
        counted = [root(leaf.value) for part in spans.of for leaf in leaves(part) if isinstance(leaf, Compare | OneOf)]
        events = [one.events for one in dict.fromkeys(counted) if isinstance(one, Aggregate)]
        numbers = [str(self.value(Aggregate(one, "count"))) for one in events]
        return (f"{_names(events[0])}: {', '.join(numbers)} times, the newest span first",) if events else ()

    def _of_leaf(self, leaf: Leaf) -> Iterator[str]:
        match leaf:
            case Bucket(salt):
                share = 100 * int(shares(salt, self.own.users)[0]) / BUCKETS
                yield f"place in the sample: {share:.4g} of 100"
            case AtEdge(events, edge, condition):
                yield from self._of_events(events)
                yield self._value(Aggregate(events, "min" if edge == "first" else "max", EVENT_TIME))
                yield from self._at_edge(leaf, {one.name for one in inside(condition) if isinstance(one, Column)})
            case InSequence(steps):
                for step in steps:
                    yield from self._of_events(step.events)
            case Near(latitude, longitude):
                yield self._value(latitude)
                yield self._value(longitude)
            case _:
                yield self._value(leaf.value)
                if isinstance(leaf.value, Part):
                    yield self._value(root(leaf.value))
                if isinstance(inner := root(leaf.value), Aggregate) and inner.function == "count":
                    yield from self._newest(inner.events)

    def _of_events(self, events: Events) -> Iterator[str]:
        yield self._times(events)

    def _at_edge(self, leaf: AtEdge, columns: set[str]) -> Iterator[str]:
        """What these columns hold in the first events, or the last ones."""
        held = list(self.events.inside(leaf.events).values())
        for event in held:
            if event.when == held[0 if leaf.edge == "first" else -1].when:
                yield from (f"{name}: {self.shown(event.cells.get(name))}" for name in sorted(columns - {""}))

    def _times(self, events: Events) -> str:
        number = self.value(Aggregate(events, "count"))
        where = " in the window" if events.after or events.until != self.clock.as_of else ""
        return f"{_names(events)}: {number:,} {'time' if number == 1 else 'times'}{where}"

    def _newest(self, events: Events) -> Iterator[str]:
        """The last one whenever it was, which tells how far away a window is."""
        whenever = replace(events, after=None, until=self.clock.as_of)
        last = self.value(Aggregate(whenever, "max", EVENT_TIME))
        yield f"the last {_names(events)}: {self.shown(last) if last else 'never'}"

    def value(self, value: Value) -> Any:
        if isinstance(value, Rank):
            return looked_at([value], self.everyone, self.row)[0]
        return looked_at([value], self.own, 0)[0]

    def _value(self, value: Value) -> str:
        if isinstance(value, Aggregate) and value.function == "count":
            return self._times(value.events)
        if isinstance(value, Rank) and (found := self.value(value)) is not None:
            return f"{named(value)}: {found:.6g}"
        return f"{named(value)}: {self._as_asked(value)}"

    def _as_asked(self, value: Value) -> str:
        """What is found, in the words that the condition has for it."""
        match value, self.value(value):
            case Aggregate(of=Column("")), None:
                return "never"
            case Part(name="weekday"), int() as weekday:
                return WEEKDAYS[weekday - 1]
            case Part(name="month_day"), int() as month_day:
                return f"{month_day // 100:02}-{month_day % 100:02}"
            case _, found:
                return self.shown(found)

    def shown(self, value: Any) -> str:
        """A value as a person reads it; a time with how long ago it is."""
        text = shown(value)
        return f"{text} ({self.distance(value)})" if isinstance(value, date) else text

    def distance(self, value: date | datetime, name: str = "") -> str:
        """How long before or after as-of, in whole days, hours or minutes."""
        if not isinstance(value, datetime):
            return _apart((self.clock.today - value).days * 86400, name or "today")
        local = value.astimezone(self.clock.zone).replace(tzinfo=None)
        return _apart(int((self.clock.local - local).total_seconds()), name)

    def _bounds(self, leaf: Leaf) -> Iterator[str]:
        match leaf:
            case AtEdge(events):
                yield from self._window(events)
            case InSequence(steps):
                for step in steps:
                    yield from self._window(step.events)
            case Near() | Bucket():
                return
            case _:
                if isinstance(leaf, Compare) and isinstance(leaf.literal, date) and not isinstance(leaf.value, Part):
                    yield from self._bound(leaf.operator, leaf.literal)
                if isinstance(inner := root(leaf.value), Aggregate):
                    yield from self._window(inner.events)

    def _bound(self, operator: str, edge: date) -> Iterator[str]:
        if operator == "eq" or edge in (self.clock.as_of, self.clock.today):
            return
        if isinstance(edge, datetime) and edge.microsecond == LAST_TICK:
            # the end of a day, of which people know the one that begins
            operator, edge = {"gt": "gte", "lte": "lt"}.get(operator, operator), edge + timedelta(microseconds=1)
        word = BOUNDARIES[operator]
        if isinstance(edge, datetime):
            word = word.replace("on or", "at or")
        elif operator in ("gt", "lt"):
            edge = date.fromordinal(edge.toordinal() + (1 if operator == "gt" else -1))
            word = "on or after" if operator == "gt" else "on or before"
        yield f"{word} {shown(edge)}, {self.distance(edge, 'the as-of')}"

    def _window(self, events: Events) -> Iterator[str]:
        if events.after:
            yield from self._bound("gt", events.after)
        if events.until != self.clock.as_of:
            yield from self._bound("lte", events.until)


def _apart(seconds: int, name: str) -> str:
    """How far away something is that lies so many seconds before a moment that may have a name."""
    if not seconds:
        return name or "now"
    size, unit = next(
        (size, unit)
        for size, unit in ((86400, "day"), (3600, "hour"), (60, "minute"), (1, "second"))
        if abs(seconds) >= size
    )
    number = abs(seconds) // size
    length = f"{number:,} {unit}{'' if number == 1 else 's'}"
    if name and name != "today":
        return f"{length} {'before' if seconds > 0 else 'after'} {name}"
    return f"{length} ago" if seconds > 0 else f"in {length}"


def shown(value: Any) -> str:
    """A value as outputs write it."""
    match value:
        case None:
            return "missing"
        case bool():
            return "true" if value else "false"
        case datetime():
            return utc_text(value)
        case Decimal():
            return f"{value.normalize() + 0:f}"
        case float():
            return f"{value:.12g}"
        case list():
            return ", ".join(map(shown, value)) or "missing"
        case dict():
            return f"{{{', '.join(f'{name}: {shown(inner)}' for name, inner in value.items())}}}"
        case _:
            return str(value)


def _names(events: Events) -> str:
    return " or ".join(events.names) or "event"


def named(value: Value) -> str:
    """A value by the name that people know it by."""
    match value:
        case Column(name):
            return name or "time"
        case Part(of, name):
            return named(of) if name == "lower" else f"{PARTS.get(name, name)} of {named(of)}"
        case Rank(of):
            return f"percentile of {named(of)}"
        case Aggregate(events, "count"):
            return f"number of {_names(events)}"
        case Aggregate(events, "distinct", Part(name="day")):
            return f"days with {_names(events)}"
        case Aggregate(events, "distinct", of):
            return f"number of different {named(of) if of else ''} of {_names(events)}"
        case Aggregate(events, function, of):
            if of == EVENT_TIME:
                return f"{EDGES[function]} {_names(events)}"
            return f"{NAMES[function].format(named(of) if of else '')} of {_names(events)}"
