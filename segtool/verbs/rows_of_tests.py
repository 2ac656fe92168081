"""A project and its tests come in; go out: the columns of its tables, and the rows of every test, typed by these."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import Any

from segtool.compile.cells import to_cell
from segtool.compile.guessed import as_declared, guessed, named_columns
from segtool.compile.rows import USERS, Known, Row, rows_of
from segtool.compile.scope import shortened
from segtool.errors import InputError, Problem
from segtool.model.events import EventNames
from segtool.model.kinds import INTEGER, NUMBER, Schema
from segtool.model.nodes import Scalar, near_name
from segtool.model.project import Project
from segtool.model.segment_tests import SegmentTest
from segtool.model.tables import TableSource
from segtool.model.time import Clock
from segtool.read.files import resolved
from segtool.store.store import Store
from segtool.verbs.inputs import Inputs, inputs_of
from segtool.verbs.run import Run

Cells = dict[str, Any]
TypedRow = tuple[Row, Cells]
ANY_TIME = datetime(2001, 2, 3, 4, 5, 6, tzinfo=UTC)
"""Kinds of columns do not depend on the clock."""


@dataclass(frozen=True)
class RowsOfTests:
    """The tables that all tests are about, and the rows of each test."""

    schemas: Mapping[str, Schema]
    events: EventNames
    rows: Mapping[int, list[Row]]
    """By the place of the test among all."""
    unique: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    """Of each table the columns whose values make several rows one event."""

    def typed(self, at: int, clock: Clock, problems: list[Problem]) -> list[TypedRow]:
        """The rows of one test with the values of their columns; what does not fit is noted."""
        return [(row, self._typed(row, self.schemas[row.table], clock, problems)) for row in self.rows[at]]

    def _typed(self, row: Row, schema: Schema, clock: Clock, problems: list[Problem]) -> Cells:
        return {
            name: to_cell(node, schema.by_name[name].kind, name, clock, problems)
            for name, node in row.cells.items()
            if name in schema.by_name
        }


def rows_of_tests(project: Project, inputs: Inputs, tests: list[SegmentTest], problems: list[Problem]) -> RowsOfTests:
    """The columns are those of the inputs; of a table that is not among these, what is declared, and what the rows of
    all tests and the definitions show. What is wrong with rows is noted."""
    read = {name: as_declared(table.schema, project.tables[name]) for name, table in inputs.tables.items()}
    names = inputs.events().tables
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
    return RowsOfTests(schemas, EventNames(tables, found), rows, unique)


def inputs_of_tests(project: Project, store: Store, run: Run) -> Inputs:
    """The tables as they are in the store; where it lacks one, as its files are, if there are any."""
    there = {
        name for name, one in project.tables.items() if name not in store.state.tables and _has_files(one, project)
    }
    return inputs_of(project, store, run.as_of, only=there, progress=run.progress)


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
    neither `columns:` nor a definition names, of which all can be read."""
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
            known = {*named, *roles, *source.columns}
            for name, node in row.cells.items():
                if schema and name not in schema.by_name:
                    hint = near_name(name, schema.by_name) or f"columns: {shortened(schema.by_name)}"
                    yield Problem(f"`{row.table}` has no column `{name}`", hint, node.key_mark)
                elif not (schema or project.broken or name in known) and held[row.table, name] == {at}:
                    hint = near_name(name, named) or f"declare it under `columns:` of `{row.table}`"
                    yield Problem(f"no definition and no other test names a column `{name}`", hint, node.key_mark)
