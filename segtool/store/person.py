"""Stored tables and the row of one user come in; goes out: that user with values and events, and what was asked of them
as tables of one."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from segtool.model.cells import values_at
from segtool.model.columns import BLOCK, EventTable, Tables
from segtool.model.kinds import Schema
from segtool.model.person import Cells, Event, Person
from segtool.store.held import HeldEvents, HeldUsers, held_tables


def read_person(
    tables: Tables, row: int, columns: Iterable[str], events: Mapping[str, tuple[Schema, list[str]]]
) -> Person:
    """The user of a row, as far as these columns go, and the events of these names with some columns of theirs. Of the
    events, no more is read than tells which are the user's."""
    key = str(tables.users.keys[row])
    cells = {name: _value(tables, name, row) for name in columns if name in tables.users.schema.by_name}
    found = [one for name, (schema, wanted) in events.items() for one in _events(tables, row, name, schema, wanted)]
    return Person(key, cells, dict(enumerate(sorted(found, key=lambda one: one.when))))


def _value(tables: Tables, name: str, row: int) -> object:
    return values_at(tables.users.column(name), np.array([row]))[0]


def _events(tables: Tables, row: int, name: str, schema: Schema, wanted: Sequence[str]) -> Iterator[Event]:
    own = {schema.event: name} if schema.event else {}
    for table in tables.events(name):
        at = _places(table, row)
        columns = {one: table.column(one) for one in {*wanted, schema.time} if one in schema.by_name and len(at)}
        values = {one: values_at(data, at) if data else [None] * len(at) for one, data in columns.items()}
        for number in range(len(at)):
            yield Event(name, {**{one: held[number] for one, held in values.items()}, **own}, schema.time)


def _places(table: EventTable, row: int) -> NDArray[np.int64]:
    """Where the events of a row stand: only those of its block are looked at."""
    block = row // BLOCK
    if block + 1 >= len(table.starts):
        return np.empty(0, np.int64)
    start, end = int(table.starts[block]), int(table.starts[block + 1])
    return np.flatnonzero(table.rows[start:end] == row % BLOCK) + start


def tables_of(people: Sequence[Person], users: Schema, schemas: Mapping[str, Schema]) -> Tables:
    """The tables of these users alone; `schemas` are those of the events by name."""
    held = HeldUsers(users, {one.key: one.cells for one in people})
    rows: dict[str, list[Cells]] = {}
    for one in people:
        for event in one.events.values():
            rows.setdefault(event.name, []).append({**event.cells, schemas[event.name].key: one.key})
    return held_tables(held, {name: HeldEvents(schemas[name], found, held) for name, found in rows.items()})
