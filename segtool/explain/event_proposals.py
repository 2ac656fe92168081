"""A user, and a leaf about what they did, come in; go out: events moved, changed, added or removed, after which it may
be as wanted. They are guesses, of which the engine decides; see `verbs.smallest`."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from decimal import ROUND_CEILING, ROUND_FLOOR, Decimal
from itertools import islice
from typing import Any

from segtool.explain.new_values import after, fitting, new_values, stand_in
from segtool.explain.own_events import OwnEvents, cell_of
from segtool.model.algebra import (
    EVENT_TIME,
    Aggregate,
    And,
    AtEdge,
    Column,
    Compare,
    Events,
    IsSet,
    Leaf,
    OneOf,
    Part,
    Step,
    root,
)
from segtool.model.algebra import Sequence as InSequence
from segtool.model.kinds import DATETIME, INTEGER, NUMBER, Kind
from segtool.model.person import Change, Event, RemoveEvent, SetValue

SECOND, DAY = timedelta(seconds=1), timedelta(days=1)
CENTS = 2
MANY = 20
"""No change of so many events is looked for."""


@dataclass(frozen=True)
class EventProposals(OwnEvents):
    """Changes of one user's events."""

    def of_leaf(self, leaf: Leaf, wanted: bool) -> list[Change]:
        match leaf:
            case AtEdge():
                found = self._at_edge(leaf, wanted)
            case InSequence():
                found = self._in_sequence(leaf, wanted)
            case Compare() | OneOf() | IsSet():
                found = self._of_aggregate(leaf, wanted)
            case _:
                found = iter(())
        return [change for change in found if 0 < len(change) <= MANY]

    # what a number, a sum or a time of events comes to

    def _of_aggregate(self, leaf: Compare | OneOf | IsSet, wanted: bool) -> Iterator[Change]:
        value = root(leaf.value)
        assert isinstance(value, Aggregate)
        held = self.inside(value.events)
        if isinstance(leaf, IsSet) and not wanted:
            yield tuple(RemoveEvent(number) for number in held)
        elif value.function == "count":
            for target in self._counts(leaf, wanted, len(held)):
                yield from (
                    self._more(value.events, target - len(held))
                    if target > len(held)
                    else self._fewer(value.events, list(held)[target:], list(held)[: len(held) - target])
                )
        elif value.function == "distinct":
            yield from self._of_distinct(leaf, value, wanted)
        else:
            yield from self._of_values(leaf, value, wanted)

    def _counts(self, leaf: Leaf, wanted: bool, now: int) -> list[int]:
        """The nearest numbers of 0 or more for which the leaf is as wanted."""
        values = [int(one) for one in new_values(leaf, wanted, now, INTEGER, self.clock) if one is not None]
        return sorted((one for one in values if one >= 0 and one != now), key=lambda one: abs(one - now))[:2]

    def _more(self, events: Events, lacking: int) -> Iterator[Change]:
        """Events outside the window moved just inside it, or new ones."""
        if lacking > MANY or not events.names:
            return
        outside = [number for number, _ in self.matching(events).items() if number not in self.inside(events)]
        if events.after and len(outside) >= lacking:
            newest = outside[-lacking:]
            yield tuple(SetValue("", after(events.after), number) for number in newest)
        for step in (SECOND, DAY):
            moments = [self.latest(events) - step * back for back in range(lacking)]
            yield from self.added(events, moments)

    def _fewer(self, events: Events, last: Sequence[int], first: Sequence[int]) -> Iterator[Change]:
        """Events moved out of the window, or taken away: the oldest ones, or the newest."""
        for numbers in (first, last):
            if events.after:
                yield tuple(SetValue("", events.after, number) for number in numbers)
        for numbers in (first, last):
            yield tuple(RemoveEvent(number) for number in numbers)

    def _of_distinct(self, leaf: Compare | OneOf | IsSet, value: Aggregate, wanted: bool) -> Iterator[Change]:
        """As many different days, or values, as are lacking; or no more than so many."""
        held, events = self.inside(value.events), value.events
        by_value: dict[Any, list[int]] = {}
        for number, event in held.items():
            by_value.setdefault(self._distinct_of(event, value), []).append(number)
        by_value.pop(None, None)
        for target in self._counts(leaf, wanted, len(by_value)):
            lacking = target - len(by_value)
            if lacking > MANY or not events.names:
                return
            if lacking <= 0:
                over = list(by_value.values())[target:]
                yield tuple(RemoveEvent(number) for numbers in over for number in numbers)
            elif isinstance(value.of, Part):
                yield from self.added(
                    events, [self.latest(events) - DAY * (back + len(held)) for back in range(lacking)]
                )
                yield from self.added(events, [self.latest(events) - DAY * back for back in range(lacking)])
            elif isinstance(value.of, Column) and value.of.kind.name in ("text", "integer", "number"):
                fresh = [fitting(one, value.of.kind) for one in _fresh(by_value, lacking, value.of.kind)]
                moments = [self.latest(events)] * lacking
                yield from self.added(events, moments, [{value.of.name: one} for one in fresh])

    def _distinct_of(self, event: Event, value: Aggregate) -> Any:
        if isinstance(value.of, Part):
            return event.when.astimezone(self.clock.zone).date()
        found = event.cells.get(value.of.name) if isinstance(value.of, Column) else None
        return tuple(found) if isinstance(found, list) else found

    def _of_values(self, leaf: Compare | OneOf | IsSet, value: Aggregate, wanted: bool) -> Iterator[Change]:
        column, kind = _column_of(value)
        held = {number: one for number, one in self.inside(value.events).items() if cell_of(one, column) is not None}
        cells = {number: cell_of(one, column) for number, one in held.items()}
        now = _computed(value.function, list(cells.values()))
        targets = new_values(leaf, wanted, now, NUMBER if value.function == "avg" else kind, self.clock)
        for target in targets:
            if target is None:
                yield tuple(RemoveEvent(number) for number in held)
                continue
            yield from self._reaching(value, cells, now, target, column, kind)
        if not targets and wanted:
            yield from self._with_value(value.events, column, stand_in(kind, self.clock))

    def _reaching(
        self, value: Aggregate, cells: dict[int, Any], now: Any, target: Any, column: str, kind: Kind
    ) -> Iterator[Change]:
        """One event's value, or those of all that are beyond, changed so that the whole is the target; or one more
        event."""
        if not cells:
            yield from self._with_value(value.events, column, fitting(target, kind))
            return
        last, lacking = list(cells)[-1], _less(target, now)
        match value.function:
            case "sum" | "avg":
                step = lacking * len(cells) if value.function == "avg" else lacking
                for near in _nearest(_plus(cells[last], step)):
                    yield (SetValue(column, fitting(near, kind), last),)
                if value.function == "sum":
                    yield from self._with_value(value.events, column, fitting(step, kind))
            case "max" | "min":
                is_max = value.function == "max"
                edge = (max if is_max else min)(cells, key=lambda one: cells[one])
                further = target > now if is_max else target < now
                if further:
                    yield (SetValue(column, target, edge),)
                    yield from self._with_value(value.events, column, target)
                else:
                    over = [one for one, cell in cells.items() if (cell > target if is_max else cell < target)]
                    yield tuple(SetValue(column, target, one) for one in over)
                    yield tuple(RemoveEvent(one) for one in over)
            case _:
                return

    def _with_value(self, events: Events, column: str, value: Any) -> Iterator[Change]:
        if column:
            yield from self.added(events, [self.latest(events)], [{column: value}])
        else:
            yield from self.added(events, [value])

    # the first or the last event, and events in an order

    def _at_edge(self, leaf: AtEdge, wanted: bool) -> Iterator[Change]:
        held = self.inside(leaf.events)
        times = [one.when for one in held.values()]
        edge = (min(times) if leaf.edge == "first" else max(times)) if times else None
        for number in [number for number, one in held.items() if one.when == edge]:
            for cells in self.row_ways(leaf.condition, self.person.events[number], wanted):
                yield tuple(SetValue(name, value, number) for name, value in cells.items())
        if not wanted:
            yield tuple(RemoveEvent(number) for number in held)
            return
        moment = self.latest(leaf.events)
        if leaf.edge == "first" and edge:
            moment = edge - SECOND
        asked = replace(leaf.events, where=And((leaf.events.where, leaf.condition)))
        yield from self.added(asked, [moment])

    def _in_sequence(self, leaf: InSequence, wanted: bool) -> Iterator[Change]:
        if not wanted:
            for step in leaf.steps:
                yield tuple(RemoveEvent(number) for number in self.inside(step.events))
            return
        number = len(leaf.steps)
        for first in range(number - 1, -1, -1):
            moments = [self.latest(leaf.steps[at].events) - SECOND * (number - 1 - at) for at in range(first, number)]
            yield from self._steps(leaf.steps[first:], moments)
        for end in range(1, number):
            for event in list(self.inside(leaf.steps[end].events).values())[-1:]:
                yield from self._steps(leaf.steps[:end], [event.when - SECOND * (end - at) for at in range(end)])

    def _steps(self, steps: Sequence[Step], moments: Sequence[datetime]) -> list[Change]:
        """An event for each of these steps."""
        ways: list[Change] = [()]
        for step, moment in zip(steps, moments, strict=True):
            ways = [(*way, *more) for way in ways for more in islice(self.added(step.events, [moment]), 2)]
        return ways


def _column_of(value: Aggregate) -> tuple[str, Kind]:
    """The column whose values are taken together; times go by the empty name."""
    column = root(value.of) if value.of else EVENT_TIME
    assert isinstance(column, Column)
    return column.name, column.kind if column.name else DATETIME


def _computed(function: str, cells: Sequence[Any]) -> Any:
    if not cells:
        return None
    match function:
        case "sum":
            return sum(cells)
        case "avg":
            return sum(cells) / len(cells)
        case "min":
            return min(cells)
        case _:
            return max(cells)


def _less(target: Any, now: Any) -> Any:
    """How far it is from now to the target: of numbers, exactly where both are."""
    if isinstance(now, float) or isinstance(target, float):
        return Decimal(str(float(target))) - Decimal(str(float(now)))
    return target - now


def _plus(cell: Any, step: Any) -> Any:
    return Decimal(str(cell)) + step if isinstance(cell, float) else cell + step


def _nearest(value: Any) -> list[Any]:
    """A number as it is, or what a column of money holds below and above it."""
    if not isinstance(value, Decimal) or value == round(value, CENTS):
        return [value]
    return [value.quantize(Decimal(1).scaleb(-CENTS), rounding) for rounding in (ROUND_FLOOR, ROUND_CEILING)]


def _fresh(held: Iterable[Any], number: int, kind: Kind) -> list[Any]:
    """So many values that are none of those held."""
    seen = set(held)
    made = (f"new {one}" if kind.name == "text" else one for one in range(1, len(seen) + number + 1))
    return list(islice((one for one in made if one not in seen), number))
