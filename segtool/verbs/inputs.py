"""A project and its store to what a run works on: its tables, read only where their files changed, and its lists."""

from __future__ import annotations

from collections.abc import Container, Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path

from segtool.compile.plan import digest
from segtool.errors import InputError, Mark, Problem
from segtool.model.events import EventNames
from segtool.model.kinds import Schema
from segtool.model.project import Project, Segment
from segtool.model.results import TableResult
from segtool.model.run import TableState
from segtool.model.tables import ImportReport, ReadTable, SourceFile, TableSource
from segtool.read.events import read_events
from segtool.read.files import declared_files, is_unchanged
from segtool.read.lists import read_keys
from segtool.read.tables import read_table
from segtool.store.store import USERS, Store
from segtool.store.writer import Writer
from segtool.verbs.growth import grown

UNKNOWN = "of users that the table of users does not hold"


@dataclass(frozen=True)
class Table:
    """One table of a run: a new reading of it (as a `part` beside the store's version, or in its place), or None where
    the store's version stands."""

    source: TableSource
    read: ReadTable | None
    state: TableState | None
    declared: str
    by_hand: str = ""
    is_part: bool = False

    @property
    def schema(self) -> Schema:
        known = self.read or self.state
        assert known
        return known.schema

    @property
    def report(self) -> ImportReport:
        """What became of all rows of the table."""
        if self.read is None:
            assert self.state
            return self.state.report
        return _added(self.state.report, self.read.report) if self.is_part and self.state else self.read.report

    def result(self, stored: TableState | None = None) -> TableResult:
        """What an import made of the table; `stored` is the version that came of it."""
        shown = self.by_hand or (self.state.by_hand if self.state and not self.read else "")
        report = stored.report if stored else self.report
        added = self.read.report.kept if self.read and self.is_part else None
        return TableResult(self.source.name, self.schema, report, self.read is not None, shown, added)

    def stored(self, store: Writer) -> TableState:
        """The version of the table that the run commits, laid out if it is new."""
        if self.read is None:
            assert self.state
            return self.state
        if self.source.events is None:
            return store.add_users(self.read, self.by_hand, self.declared)
        before = self.state if self.is_part else None
        state = store.add_events(self.read, before, self.by_hand, self.declared)
        return replace(state, report=_added(before.report, state.report)) if before else state


def _added(one: ImportReport, other: ImportReport) -> ImportReport:
    """The report of all rows that two reports are about."""
    counts = [_sum(getattr(one, name), getattr(other, name)) for name in ("dropped", "notes", "names")]
    return ImportReport(one.table, one.read + other.read, one.kept + other.kept, *counts)


def _sum(one: Mapping[str, int], other: Mapping[str, int]) -> dict[str, int]:
    return {name: one.get(name, 0) + other.get(name, 0) for name in sorted({*one, *other})}


def _counted(state: TableState, store: Writer) -> TableState:
    """The version with a note of how many events are of users that nobody knows now."""
    return replace(state, report=state.report.noting({UNKNOWN: store.unknown_events(state)}))


@dataclass(frozen=True)
class Inputs:
    """The tables of a run: the users, and those of events."""

    tables: Mapping[str, Table]

    @property
    def users(self) -> Table:
        return self.tables[USERS]

    @property
    def is_new(self) -> bool:
        return any(table.read for table in self.tables.values())

    def events(self) -> EventNames:
        """What events there are; InputError where two tables name the same one."""
        tables = {name: table for name, table in self.tables.items() if table.source.events}
        found, problems = dict[str, str](), list[Problem]()
        for name, table in tables.items():
            for event in sorted({*table.report.names, *([] if table.schema.event else [name])}):
                if event in found:
                    fact = f"the event `{event}` is named by two tables, `{found[event]}` and `{name}`"
                    problems.append(Problem(fact, "name them apart, or make them one table", table.source.mark))
                found[event] = name
        if problems:
            raise InputError(problems)
        return EventNames({name: table.schema for name, table in tables.items()}, found)

    def stored(self, store: Writer) -> dict[str, TableState]:
        """The versions of all tables that the run commits; users first, so that they get the first rows."""
        stored = {name: table.stored(store) for name, table in self.tables.items()}
        if not self.is_new:
            return stored
        return {name: _counted(state, store) if name != USERS else state for name, state in stored.items()}

    def results(self, stored: Mapping[str, TableState]) -> tuple[TableResult, ...]:
        return tuple(table.result(stored.get(name)) for name, table in self.tables.items())


def inputs_of(
    project: Project,
    store: Store,
    as_of: datetime,
    by_hand: Mapping[str, str] | None = None,
    asked: Iterable[str] = (),
    only: Container[str] | None = None,
) -> Inputs:
    """The tables as their declared files, or the files given for them `by_hand`, are now; InputError with all that is
    wrong in any of them.

    A file that was imported by name stands in for the declared ones until these change, or are `asked` for. Of tables
    that are not among the `only` ones, the store's versions stand, where it has one.
    """
    files, problems, tables = by_hand or {}, list[Problem](), dict[str, Table]()
    for name, source in project.tables.items():
        if only is not None and name not in only:
            if name in store.state.tables:
                tables[name] = Table(source, None, store.state.tables[name], "")
            continue
        try:
            tables[name] = _table(source, project, store, as_of, files.get(name), name in asked)
        except InputError as error:
            problems += error.problems
    if problems:
        raise InputError(problems)
    return Inputs(tables)


def _table(
    source: TableSource, project: Project, store: Store, as_of: datetime, file: str | None, asked: bool
) -> Table:
    state = store.state.tables.get(source.name)
    declared = digest([source.key, source.separator, project.zone.key, _columns(source), _events(source)])
    known = state if state and state.declared == declared else None
    returns = asked and known is not None and known.by_hand and source.path
    if file is None and not returns and known and _stands(source, project.folder, known):
        return Table(source, None, state, declared)
    if file is None and not source.path:
        fact = "the project names no file of users"
        step = "add `path:` to `users:`, or run `segtool import users FILE`"
        raise InputError(Problem(fact, step, Mark("segtool.yaml")))
    if source.events and known and file is None and not known.by_hand:
        gained = grown(source, project, store, known, as_of)
        if gained is not None:
            return Table(source, gained, state, declared, is_part=True)
    read = _read(source, project, as_of, known.schema if known else None, file)
    if file is None:
        return Table(source, read, state, declared)
    return Table(source, replace(read, files=_declared(source, project.folder)), state, declared, file)


def _read(source: TableSource, project: Project, as_of: datetime, known: Schema | None, file: str | None) -> ReadTable:
    if source.events:
        return read_events(source, project.folder, project.zone, as_of, known, file)
    read = read_table(source, project.folder, project.zone, known, file)
    _refuse_empty(read)
    return read


def _stands(source: TableSource, folder: Path, state: TableState) -> bool:
    """The committed version is what the declared files hold; or a file by hand stands in for them."""
    if state.by_hand and not state.files:
        return not source.path or not _declared(source, folder)
    return is_unchanged(state.files, source, folder)


def _declared(source: TableSource, folder: Path) -> tuple[SourceFile, ...]:
    """The declared files as they are now, none where there are none."""
    if not source.path:
        return ()
    try:
        return declared_files(source, folder)
    except InputError:
        return ()


def _columns(source: TableSource) -> list[list[object]]:
    columns = source.columns
    return [[name, one.kind.to_json(), one.separator, one.format] for name, one in sorted(columns.items())]


def _events(source: TableSource) -> list[object]:
    events = source.events
    return [events.time, events.event, list(events.unique)] if events else []


def _refuse_empty(read: ReadTable) -> None:
    if not read.frame.height:
        place = Mark(read.files[0].path) if read.files else None
        raise InputError(Problem("the table of users has no rows", "nothing was changed", place))


def keys_in_lists(segments: Iterable[Segment], folder: Path, key: str) -> Mapping[str, tuple[str, ...]]:
    """The keys of every list file that the segments name; InputError with all files that cannot be read."""
    problems: list[Problem] = []
    keys: dict[str, tuple[str, ...]] = {}
    for file in sorted({file for segment in segments for file in segment.definition.files()}):
        try:
            keys[file] = tuple(dict.fromkeys(read_keys(file, folder, key)[0]))
        except InputError as error:
            problems.extend(error.problems)
    if problems:
        raise InputError(problems)
    return keys
