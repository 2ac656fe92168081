"""Typed rows of a test come in; go out: its tables, laid out as evaluation takes them."""

from __future__ import annotations

import polars as pl

from segtool.compile.rows import USERS
from segtool.model.columns import Tables
from segtool.model.kinds import Schema
from segtool.read.repeats import without_repeats
from segtool.store.held import HeldEvents, HeldUsers, held_tables, series
from segtool.verbs.rows_of_tests import Cells, RowsOfTests, TypedRow

LAST = chr(0x10FFFF)
"""A column that stands after all others."""


def laid_out(rows: list[TypedRow], tests: RowsOfTests) -> Tables:
    """The tables of one test, of whose rows none is at fault."""
    users, events = dict[str, Cells](), dict[str, list[tuple[str, Cells]]]()
    for row, cells in rows:
        schema = tests.schemas[row.table]
        if row.event:
            own = {schema.key: row.key, **({schema.event: row.event} if schema.event else {})}
            events.setdefault(row.table, []).append((row.event, {**cells, **own}))
        else:
            users[row.key] = cells
    held = HeldUsers(tests.schemas[USERS], users)
    by_name: dict[str, HeldEvents] = {}
    for table, named in events.items():
        counted, schema = _once(named, tests.schemas[table], tests.unique.get(table, ())), tests.schemas[table]
        for name in {name for name, _ in counted}:
            by_name[name] = HeldEvents(schema, [cells for event, cells in counted if event == name], held)
    return held_tables(held, by_name)


def _once(rows: list[tuple[str, Cells]], schema: Schema, unique: tuple[str, ...]) -> list[tuple[str, Cells]]:
    """The rows that an import would count: of those that `unique` makes one, one."""
    if not unique:
        return rows
    columns = [series(column, [cells for _, cells in rows]) for column in schema.columns]
    frame = pl.DataFrame([*columns, pl.Series(LAST, range(len(rows)))])
    return [rows[at] for at in without_repeats(frame, unique, schema.time)[LAST]]
