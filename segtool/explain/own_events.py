"""A user comes in; go out: those of their events that a condition is about, and new ones that it could be about."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from itertools import islice
from typing import Any

from segtool.engine.trees import TrueRows
from segtool.explain.alone import Alone
from segtool.explain.new_values import fitting, new_values
from segtool.explain.trees import Ways
from segtool.model.algebra import Column, Events, Leaf, Member, Predicate, leaves, root
from segtool.model.columns import to_rows
from segtool.model.person import AddEvent, Change, Event, Person
from segtool.model.time import Clock


@dataclass(frozen=True)
class OwnEvents:
    """The events of one user, as they are and as they might be."""

    alone: Alone
    person: Person
    clock: Clock

    def matching(self, events: Events) -> dict[int, Event]:
        """The events, whenever they are, for whose row `where` holds, by time."""
        tables, found = self.alone.tables([self.person]), dict[int, Event]()
        for name in events.names:
            own = list(self.person.of_names([name]).items())
            for table in tables.events(name):
                rows = to_rows(TrueRows(table).of(events.where))
                found.update(own[int(row)] for row in rows)
        return dict(sorted(found.items(), key=lambda pair: pair[1].when))

    def inside(self, events: Events) -> dict[int, Event]:
        """Those of them in the window."""
        return {number: one for number, one in self.matching(events).items() if is_inside(one.when, events)}

    def latest(self, events: Events) -> datetime:
        """A time in the window: the last one, to the second where it is longer than that."""
        whole = events.until.replace(microsecond=0)
        return whole if is_inside(whole, events) else events.until

    def added(
        self, events: Events, moments: Sequence[datetime], cells: Sequence[dict[str, Any]] | None = None
    ) -> Iterator[Change]:
        """New events at these times, made so that `where` may hold."""
        if not events.names:
            return
        name = events.names[0]
        schema = self.alone.events.schemas[self.alone.events.tables[name]]
        own = {schema.event: name} if schema.event else {}
        extra = cells or [{}] * len(moments)
        first = Event(name, {**own, schema.time: moments[0]}, schema.time)
        for way in islice(self._fresh_ways(events.where, first), 3):
            moved = way.get("", moments[0]) - moments[0]
            values = {column: value for column, value in way.items() if column}
            made = [
                {**values, **more, **own, schema.time: moment + moved}
                for moment, more in zip(moments, extra, strict=True)
            ]
            yield tuple(AddEvent(Event(name, one, schema.time)) for one in made)

    def _fresh_ways(self, condition: Predicate, event: Event) -> Iterator[dict[str, Any]]:
        return self._ways(condition, event, dict.fromkeys(leaves(condition), False), wanted=True)

    def row_ways(self, condition: Predicate, event: Event, wanted: bool) -> Iterator[dict[str, Any]]:
        """Values of an event's row that may make the condition hold, or not."""
        alone = replace(self.person, events={0: event})
        (table,) = self.alone.tables([alone]).events(event.name)
        rows = TrueRows(table)
        known = {leaf: bool(rows.of(leaf)[0] & 1) for leaf in leaves(condition)}
        return self._ways(condition, event, known, wanted=wanted)

    def _ways(
        self, condition: Predicate, event: Event, known: dict[Leaf, bool], *, wanted: bool
    ) -> Iterator[dict[str, Any]]:
        def of_leaf(leaf: Leaf, wanted: bool) -> list[tuple[tuple[str, Any], ...]]:
            column = root(leaf.value) if hasattr(leaf, "value") else None
            if not isinstance(column, Column):
                return []
            now = cell_of(event, column.name)
            values = new_values(leaf, wanted, now, column.kind, self.clock)
            return [((column.name, fitting(value, column.kind)),) for value in values]

        return (dict(way) for way in Ways(dict[Leaf | Member, bool](known.items()), of_leaf).of(condition, wanted))


def is_inside(moment: datetime, events: Events) -> bool:
    return (events.after is None or moment > events.after) and moment <= events.until


def cell_of(event: Event, column: str) -> Any:
    return event.cells.get(column or event.time)
