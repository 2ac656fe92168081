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
from segtool.model.tables import ImportReport, Reading, SourceFile, TableSource
from segtool.read.events import EventReading
from segtool.read.files import declared_files, is_unchanged
from segtool.read.growth import Unlike
from segtool.read.lists import read_keys
from segtool.read.tables import UserReading
from segtool.store.store import USERS, Store
from segtool.store.writer import Writer
from segtool.verbs.growth import growth_of

UNKNOWN = "of users that the table of users does not hold"


@dataclass(frozen=True)
class Table:
    """One table of a run, in the version that the run works on. `is_new`: it was read in this run, `added` events of
    it beside those that the store had."""

    source: TableSource
    state: TableState
    is_new: bool = False
    added: int | None = None

    @property
    def schema(self) -> Schema:
        return self.state.schema

    @property
    def report(self) -> ImportReport:
        """What became of all rows of the table."""
        return self.state.report

    @property
    def result(self) -> TableResult:
        """What an import made of the table."""
        return TableResult(self.source.name, self.schema, self.report, self.is_new, self.state.by_hand, self.added)


def _added(one: ImportReport, other: ImportReport) -> ImportReport:
    """The report of all rows that two reports are about."""
    counts = [_sum(getattr(one, name), getattr(other, name)) for name in ("dropped", "notes", "names")]
    return ImportReport(one.table, one.read + other.read, one.kept + other.kept, *counts)


def _sum(one: Mapping[str, int], other: Mapping[str, int]) -> dict[str, int]:
    return {name: one.get(name, 0) + other.get(name, 0) for name in sorted({*one, *other})}


@dataclass(frozen=True)
class Inputs:
    """The tables of a run: the users, and those of events."""

    tables: Mapping[str, Table]

    @property
    def users(self) -> Table:
        return self.tables[USERS]

    @property
    def is_new(self) -> bool:
        return any(table.is_new for table in self.tables.values())

    @property
    def states(self) -> dict[str, TableState]:
        """The versions of all tables that the run commits."""
        return {name: table.state for name, table in self.tables.items()}

    @property
    def results(self) -> tuple[TableResult, ...]:
        return tuple(table.result for table in self.tables.values())

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


class Reader:
    """Reads tables whose files changed, in the order in which they are declared: users first, so that they get the
    first rows. Without a store to write to, what is read is looked at and let go."""

    def __init__(self, project: Project, store: Store, as_of: datetime) -> None:
        self.project, self.store, self.as_of = project, store, as_of
        self.writer = store if isinstance(store, Writer) else None

    def table(self, source: TableSource, file: str | None, asked: bool) -> Table:
        """A table as its declared files, or the `file` given for it by hand, are now."""
        project, state = self.project, self.store.state.tables.get(source.name)
        declared = digest([source.key, source.separator, project.zone.key, _columns(source), _events(source)])
        known = state if state and state.declared == declared else None
        returns = asked and known is not None and known.by_hand and source.path
        if file is None and not returns and known and _stands(source, project.folder, known):
            return Table(source, known)
        if file is None and not source.path:
            fact = "the project names no file of users"
            step = "add `path:` to `users:`, or run `segtool import users FILE`"
            raise InputError(Problem(fact, step, Mark("segtool.yaml")))
        if source.events and known and file is None and not known.by_hand:
            grown = self._grown(source, known)
            if grown is not None:
                return grown
        return self._whole(source, known, file, declared)

    def _grown(self, source: TableSource, known: TableState) -> Table | None:
        """The table with the events that its files have gained; None where all must be read anew."""
        try:
            reading = growth_of(source, self.project, self.store, known, self.as_of)
            state = self._stored(source, reading, known, "", known.declared)
        except Unlike:
            return None
        kept = state.report.kept
        return Table(source, replace(state, report=_added(known.report, state.report)), True, kept)

    def _whole(self, source: TableSource, known: TableState | None, file: str | None, declared: str) -> Table:
        folder, zone, schema = self.project.folder, self.project.zone, known.schema if known else None
        reading: Reading
        if source.events:
            reading = EventReading(source, folder, zone, self.as_of, schema, file)
        else:
            reading = UserReading(source, folder, zone, schema, file)
        state = self._stored(source, reading, None, file or "", declared)
        if source.events is None and not state.report.kept:
            raise InputError(
                Problem("the table of users has no rows", "nothing was changed", Mark(state.files[0].path))
            )
        # a file by hand stands in for the declared ones, until these change
        return Table(source, replace(state, files=_declared(source, folder)) if file else state, True)

    def _stored(
        self, source: TableSource, reading: Reading, before: TableState | None, by_hand: str, declared: str
    ) -> TableState:
        """The version of the table that is read, laid out in the store if there is one to write to."""
        if self.writer and source.events:
            return self.writer.add_events(reading, before, by_hand, declared)
        if self.writer:
            return self.writer.add_users(reading, by_hand, declared)
        for pieces in reading.passes():
            for _ in pieces:
                pass
        return TableState((), reading.schema, reading.files, reading.report, by_hand, declared)

    def counted(self, tables: Mapping[str, Table]) -> dict[str, Table]:
        """The tables with a note of how many events are of users that nobody knows now."""
        writer = self.writer
        if writer is None or not any(table.is_new for table in tables.values()):
            return dict(tables)
        return {name: _noted(table, writer) if table.source.events else table for name, table in tables.items()}


def _noted(table: Table, store: Store) -> Table:
    report = table.report.noting({UNKNOWN: store.unknown_events(table.state)})
    return replace(table, state=replace(table.state, report=report))


def inputs_of(
    project: Project,
    store: Store,
    as_of: datetime,
    by_hand: Mapping[str, str] | None = None,
    asked: Iterable[str] = (),
    only: Container[str] | None = None,
) -> Inputs:
    """The tables as their declared files, or the files given for them `by_hand`, are now, laid out in the store where
    it is open for writing; InputError with all that is wrong in any of them.

    A file that was imported by name stands in for the declared ones until these change, or are `asked` for. Of tables
    that are not among the `only` ones, the store's versions stand, where it has one.
    """
    files, problems, tables = by_hand or {}, list[Problem](), dict[str, Table]()
    reader = Reader(project, store, as_of)
    for name, source in project.tables.items():
        if only is not None and name not in only:
            if name in store.state.tables:
                tables[name] = Table(source, store.state.tables[name])
            continue
        try:
            tables[name] = reader.table(source, files.get(name), name in asked)
        except InputError as error:
            problems += error.problems
            # events of users that cannot be read are looked at for what else is wrong
            reader.writer = None
    if problems:
        raise InputError(problems)
    return Inputs(reader.counted(tables))


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
