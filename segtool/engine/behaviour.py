"""What the algebra asks of users' events, and the events, to a value or a truth for each user."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from threading import Lock
from typing import cast
from zoneinfo import ZoneInfo

import numpy as np
from numpy.typing import NDArray

from segtool.engine.aggregates import COMPUTED, counts, first_times, last_times
from segtool.engine.pieces import Chosen, Piece, pieces
from segtool.engine.sequences import Moments, followers, moments
from segtool.engine.trees import TrueRows
from segtool.model.algebra import (
    EVENT_TIME,
    EVERYONE,
    Aggregate,
    AtEdge,
    Column,
    Events,
    Function,
    IsSet,
    Predicate,
    Sequence,
    Value,
    every,
    root,
)
from segtool.model.columns import Bits, ColumnData, EventTable, Plain, Tables, count, from_rows, pack, unpack
from segtool.model.kinds import INTEGER

RECENT = 4
"""Features that are kept for those who ask next; all of them at once would take the memory of a table."""


TIMES = {"min": first_times, "max": last_times}


class Behaviour:
    """The events of all users. Tests of their rows are decided once for each table, and kept as bits.

    Several threads may ask at once: what two of them come to at the same time is the same, and either stays."""

    def __init__(self, tables: Tables) -> None:
        self.tables, self.size = tables, tables.users.size
        self._rows: dict[str, list[TrueRows]] = {}
        self._recent: dict[Aggregate, Plain] = {}
        self._lock = Lock()

    def feature(self, aggregate: Aggregate) -> Plain:
        """The value of an aggregate for each user."""
        found = self._recent.get(aggregate)
        if found is None:
            found = self._computed(aggregate)
            with self._lock:
                while len(self._recent) >= RECENT:
                    del self._recent[next(iter(self._recent))]
                self._recent[aggregate] = found
        return found

    def _computed(self, aggregate: Aggregate) -> Plain:
        events, of = aggregate.events, aggregate.of
        if of is None:
            return counts((piece for _, found in self._chosen(events) for piece in found), self.size)
        if of == EVENT_TIME and aggregate.function in TIMES:
            return TIMES[aggregate.function](self._timed(events), self.size)
        if root(of) != EVENT_TIME:
            # an event without a value takes no part
            events = replace(events, where=_both(events.where, IsSet(of)))
        chosen = [Chosen(_values(rows, of), found) for rows, found in self._chosen(events)]
        kind = of.kind if isinstance(of, Column) else INTEGER
        return COMPUTED[aggregate.function](chosen, kind, self.size)

    def _chosen(self, events: Events) -> Iterator[tuple[TrueRows, list[Piece]]]:
        """The chosen events of each table that has some."""
        for rows in (rows for name in events.names for rows in self._named(name)):
            found = pieces(events, _table(rows), _flags(rows, events.where), self.size)
            if found:
                yield rows, found

    def _named(self, name: str) -> list[TrueRows]:
        if name not in self._rows:
            self._rows[name] = [TrueRows(table) for table in self.tables.events(name)]
        return self._rows[name]

    def forget(self) -> None:
        """Gives back the memory of what was looked at of the events; it is read again where it is touched again."""
        for tables in list(self._rows.values()):
            for rows in tables:
                _table(rows).forget()

    def at_edge(self, leaf: AtEdge) -> Bits:
        """The users one of whose first or last events fulfils the condition: the last of those that fulfil it is then
        as late as the last of all."""
        function: Function = "min" if leaf.edge == "first" else "max"
        fulfilling = replace(leaf.events, where=_both(leaf.events.where, leaf.condition))
        of_all = self.feature(Aggregate(leaf.events, function, EVENT_TIME))
        of_these = self.feature(Aggregate(fulfilling, function, EVENT_TIME))
        found = pack(of_all.values == of_these.values) & of_these.valid
        return found | ~of_all.valid if _holds_of_nothing(leaf.condition) else found

    def sequence(self, leaf: Sequence) -> Bits:
        """The users who did all steps."""
        zone = ZoneInfo(leaf.zone)
        first, *others = leaf.steps
        reached = self._moments(first.events)
        for step in others:
            reached = followers(reached, self._moments(step.events), step.within, zone)
        return from_rows(reached.rows, self.size)

    def _moments(self, events: Events) -> Moments:
        return moments(self._timed(events), self.size)

    def _timed(self, events: Events) -> Iterator[tuple[NDArray[np.int64], Piece]]:
        """The chosen events with their times, piece by piece, as all times of a table at once take much memory."""
        return ((_table(rows).times(piece.at), piece) for rows, found in self._chosen(events) for piece in found)


def _table(rows: TrueRows) -> EventTable:
    return cast(EventTable, rows.table)


def _values(rows: TrueRows, of: Value) -> ColumnData:
    return rows.data(of) if isinstance(of, Column) else rows.numbers(of)


def _both(one: Predicate, other: Predicate) -> Predicate:
    return other if one == EVERYONE else every([one, other])


def _flags(rows: TrueRows, where: Predicate) -> NDArray[np.bool_] | None:
    """Which events of a table pass; None where all do."""
    if where == EVERYONE:
        return None
    passing = rows.of(where)
    return unpack(passing, rows.table.size) if count(passing) < rows.table.size else None


@dataclass(frozen=True)
class _Nothing:
    """A table of one row without values."""

    size: int = 1

    @property
    def present(self) -> Bits:
        return pack(np.ones(1, np.bool_))

    def column(self, name: str) -> None:
        return None


def _holds_of_nothing(condition: Predicate) -> bool:
    return bool(unpack(TrueRows(_Nothing()).of(condition), 1)[0])
