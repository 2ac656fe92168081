"""A project and its tests come in; go out: the columns of its tables, and the rows of every test, typed by these."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import Any

import polars as pl

from segtool.compile.cells import to_cell
from segtool.compile.guessed import as_declared, guessed, named_columns
from segtool.compile.rows import USERS, Known, Row, rows_of
from segtool.compile.scope import shortened
from segtool.errors import InputError, Problem
from segtool.model.columns import Tables
from segtool.model.events import EventNames
from segtool.model.kinds import INTEGER, NUMBER, Schema
from segtool.model.nodes import Scalar, near_name
from segtool.model.project import Project
from segtool.model.segment_tests import SegmentTest
from segtool.model.tables import TableSource
from segtool.model.time import Clock
from segtool.read.files import resolved
from segtool.read.repeats import without_repeats
from segtool.store.held import HeldEvents, HeldUsers, held_tables, series
from segtool.store.store import Store
from segtool.verbs.inputs import inputs_of
from segtool.verbs.run import Run

Cells = dict[str, Any]
LAST = chr(0x10FFFF)
"""A column that stands after all others."""
ANY_TIME = datetime(2001, 2, 3, 4, 5, 6, tzinfo=UTC)
"""Kinds of columns do not depend on the clock."""


@dataclass(frozen=True)
class TablesOfTests:
    """The tables that all tests are about, and the rows of each test."""

    schemas: Mapping[str, Schema]
    events: EventNames
    rows: Mapping[int, list[Row]]
    """By the place of the test among all."""
    unique: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    """Of each table the columns whose values make several rows one event."""

    def laid_out(self, at: int, clock: Clock, problems: list[Problem]) -> Tables:
        """The rows of one test, as evaluation takes them."""
        users, events = dict[str, Cells](), dict[str, list[tuple[str, Cells]]]()
        for row in self.rows[at]:
            schema = self.schemas[row.table]
            cells = self._typed(row, schema, clock, problems)
            if row.event:
                own = {schema.key: row.key, **({schema.event: row.event} if schema.event else {})}
                events.setdefault(row.table, []).append((row.event, {**cells, **own}))
            else:
                users[row.key] = cells
        held = HeldUsers(self.schemas[USERS], users)
        if problems:
            return held_tables(held, {})
        by_name: dict[str, HeldEvents] = {}
        for table, rows in events.items():
            counted, schema = _once(rows, self.schemas[table], self.unique.get(table, ())), self.schemas[table]
            for name in {name for name, _ in counted}:
                by_name[name] = HeldEvents(schema, [cells for event, cells in counted if event == name], held)
        return held_tables(held, by_name)

    def _typed(self, row: Row, schema: Schema, clock: Clock, problems: list[Problem]) -> Cells:
        return {
            name: to_cell(node, schema.by_name[name].kind, name, clock, problems)
            for name, node in row.cells.items()
            if name in schema.by_name
        }


def _once(rows: list[tuple[str, Cells]], schema: Schema, unique: tuple[str, ...]) -> list[tuple[str, Cells]]:
    """The rows that an import would count: of those that `unique` makes one, one."""
    if not unique:
        return rows
    columns = [series(column, [cells for _, cells in rows]) for column in schema.columns]
    frame = pl.DataFrame([*columns, pl.Series(LAST, range(len(rows)))])
    return [rows[at] for at in without_repeats(frame, unique, schema.time)[LAST]]


def tables_of_tests(
    project: Project, store: Store, run: Run, tests: list[SegmentTest], problems: list[Problem]
) -> TablesOfTests:
    """The columns are those of the store; where it lacks a table, those of its files; where there are none, what is
    declared, and what the rows of all tests and the definitions show. Rows at fault are noted, and left out."""
    read, names = _read(project, store, run)
    columns = {name: frozenset(schema.by_name) for name, schema in read.items()}
    known = Known(project.tables, columns, names)
    rows = {at: rows_of(test, known, problems) for at, test in enumerate(tests)}
    every = [row for own in rows.values() for row in own]
    problems.extend(_unknown_columns(project, read, rows))
    schemas = guessed(project, read, every, Clock(ANY_TIME, project.zone))
    schemas = {name: _widened(schema, [row for row in every if row.table == name]) for name, schema in schemas.items()}
    tables = {name: schema for name, schema in schemas.items() if name != USERS}
    own = {name: name for name, schema in tables.items() if not schema.event}
    found = {**own, **{row.event: row.table for row in every if row.event}, **names}
    unique = {name: one.events.unique for name, one in project.tables.items() if one.events}
    return TablesOfTests(schemas, EventNames(tables, found), rows, unique)


def _read(project: Project, store: Store, run: Run) -> tuple[dict[str, Schema], dict[str, str]]:
    """The columns of the tables that are in the store or have files, and the table of every event in them."""
    there = {
        name for name, one in project.tables.items() if name not in store.state.tables and _has_files(one, project)
    }
    inputs = inputs_of(project, store, run.as_of, only=there, progress=run.progress)
    schemas = {name: as_declared(table.schema, project.tables[name]) for name, table in inputs.tables.items()}
    return schemas, inputs.events().tables


def _has_files(source: TableSource, project: Project) -> bool:
    try:
        return bool(source.path and resolved(source.path, project.folder, source.mark))
    except InputError:
        return False


def _widened(schema: Schema, rows: Iterable[Row]) -> Schema:
    """A column of integers takes numbers where a row has one, as it would at an import."""
    broken = {name for row in rows for name, node in row.cells.items() if isinstance(node, Scalar) and "." in node.text}
    columns = [
        replace(one, kind=NUMBER) if one.kind == INTEGER and one.name in broken else one for one in schema.columns
    ]
    return replace(schema, columns=tuple(columns))


def _unknown_columns(project: Project, read: Mapping[str, Schema], rows: Mapping[int, list[Row]]) -> Iterable[Problem]:
    """Columns that the table lacks; of a table of which nothing was read, those that stand in one test alone and that
    neither `columns:` nor a definition names."""
    named = {name for segment in project.segments.values() for name in named_columns(segment.definition)}
    held: dict[tuple[str, str], set[int]] = {}
    for at, own in rows.items():
        for row in own:
            for name in row.cells:
                held.setdefault((row.table, name), set()).add(at)
    for at, own in rows.items():
        for row in own:
            source, schema = project.tables[row.table], read.get(row.table)
            events = source.events
            roles = {events.time, *events.unique} if events else set()
            for name, node in row.cells.items():
                if schema and name not in schema.by_name:
                    hint = near_name(name, schema.by_name) or f"columns: {shortened(schema.by_name)}"
                    yield Problem(f"`{row.table}` has no column `{name}`", hint, node.key_mark)
                elif not schema and not {name} & {*named, *roles, *source.columns} and held[row.table, name] == {at}:
                    hint = near_name(name, named) or f"declare it under `columns:` of `{row.table}`"
                    yield Problem(f"no definition and no other test names a column `{name}`", hint, node.key_mark)
