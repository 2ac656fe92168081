"""A table whose files changed comes in; goes out: the version of it that the run works on, laid out in the store."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime

from segtool.errors import InputError, Mark, Problem
from segtool.model.progress import Progress
from segtool.model.project import Project
from segtool.model.run import TableState
from segtool.model.tables import ImportReport, Reading, SourceFile, TableSource
from segtool.read.events import EventReading
from segtool.read.files import declared_files
from segtool.read.growth import Unlike
from segtool.read.tables import UserReading
from segtool.store.additions import Additions
from segtool.store.store import Store
from segtool.store.tables import Departing, StoredTable, departed
from segtool.verbs.growth import changes_of, growth_of
from segtool.verbs.table import Table

UNKNOWN = "of users that the table of users does not hold"


class Intake:
    """Reads tables in the order in which they are declared: users first, so that they get the first rows. Without a
    store to write to, what is read is looked at and let go."""

    def __init__(self, project: Project, store: Store, as_of: datetime, progress: Progress, max_errors: int) -> None:
        """`max_errors`: so many rows may be rejected, of all tables together."""
        self.project, self.store, self.as_of, self.progress = project, store, as_of, progress
        self.writer = store if isinstance(store, Additions) else None
        self.left = max_errors

    def table(self, source: TableSource, known: TableState | None, file: str | None, declared: str) -> Table:
        """A table as its declared files, or the `file` given for it by hand, are now. `known`: the version before."""
        if file is None and not source.path:
            fact = "the project names no file of users"
            step = "add `path:` to `users:`, or run `segtool import users FILE`"
            raise InputError(Problem(fact, step, Mark("segtool.yaml")))
        if source.events and known and file is None and not known.by_hand:
            grown = self._grown(source, known)
            if grown is not None:
                return grown
        if source.events is None and known:
            changed = self._changed(source, known, file, declared)
            if changed is not None:
                return changed
        return self._whole(source, known, file, declared)

    def _grown(self, source: TableSource, known: TableState) -> Table | None:
        """The table with the events that its files have gained; None where all must be read anew."""
        try:
            reading = growth_of(source, self.project, self.store, known, self.as_of, self.progress, self.left)
            state, _ = self._stored(source, reading, known, "", known.declared)
        except Unlike:
            return None
        kept, rejects = state.report.kept, self._counted_off(reading)
        return Table(source, replace(state, report=_added(known.report, state.report)), True, kept, rejects)

    def _changed(self, source: TableSource, known: TableState, file: str | None, declared: str) -> Table | None:
        """The users with what has changed of them; None where all must be read anew, be it to tell what is wrong."""
        try:
            reading = changes_of(source, self.project, self.store, known, file, self.progress)
            return self._read(source, reading, file, declared)
        except (Unlike, InputError):
            return None

    def _whole(self, source: TableSource, known: TableState | None, file: str | None, declared: str) -> Table:
        folder, zone, schema = self.project.folder, self.project.zone, known.schema if known else None
        reading: Reading
        if source.events:
            reading = EventReading(source, folder, zone, self.as_of, schema, file, self.progress, self.left)
        else:
            reading = UserReading(source, folder, zone, schema, file, self.progress, self.left)
        return self._read(source, reading, file, declared)

    def _read(self, source: TableSource, reading: Reading, file: str | None, declared: str) -> Table:
        state, gone = self._stored(source, reading, None, file or "", declared)
        # a file by hand stands in for the declared ones, until these change
        state = replace(state, files=self.declared(source)) if file else state
        return Table(source, state, True, gone=gone, rejects=self._counted_off(reading))

    def _counted_off(self, reading: Reading) -> Mapping[str, int]:
        """How many rows were rejected, by what is wrong with them; so many fewer may be rejected from now on."""
        self.left -= len(reading.rejects)
        return Counter(row.sort for row in reading.rejects)

    def _stored(
        self, source: TableSource, reading: Reading, before: TableState | None, by_hand: str, declared: str
    ) -> tuple[TableState, int]:
        """The version of the table that is read, laid out in the store if there is one to write to; and how many users
        of the store's version are not in it."""
        if self.writer and source.events:
            return self.writer.add_events(reading, before, by_hand, declared, self.progress), 0
        users = None if source.events else self.store.users()
        if self.writer:
            state = self.writer.add_users(reading, by_hand, declared)
            now = self.writer.users()
            return state, departed(users, now) if users and now else 0
        gone = _looked_at(reading, users)
        schema = self.store.kept_schema(reading.schema)
        return TableState((), schema, reading.files, reading.report, by_hand, declared), gone

    def counted(self, tables: Mapping[str, Table]) -> dict[str, Table]:
        """The tables with a note of how many events are of users that nobody knows now."""
        writer = self.writer
        if writer is None:
            return dict(tables)
        return {name: _noted(table, writer) if table.source.events else table for name, table in tables.items()}

    def declared(self, source: TableSource) -> tuple[SourceFile, ...]:
        """The declared files as they are now, none where there are none."""
        if not source.path:
            return ()
        try:
            return declared_files(source, self.project.folder)
        except InputError:
            return ()


def _looked_at(reading: Reading, users: StoredTable | None) -> int:
    """Reads a table and lets it go; how many of these users are not in it."""
    departing = Departing(users, reading.roles.key) if users else None
    for pieces in reading.passes():
        if departing:
            departing.clear()
        for piece in pieces:
            if departing:
                departing.add(piece)
    return departing.number if departing else 0


def _noted(table: Table, store: Store) -> Table:
    report = table.report.noting({UNKNOWN: store.unknown_events(table.state)})
    return replace(table, state=replace(table.state, report=report))


def _added(one: ImportReport, other: ImportReport) -> ImportReport:
    """The report of all rows that two reports are about."""
    counts = [_sum(getattr(one, name), getattr(other, name)) for name in ("dropped", "notes", "names")]
    return ImportReport(one.table, one.read + other.read, one.kept + other.kept, *counts)


def _sum(one: Mapping[str, int], other: Mapping[str, int]) -> dict[str, int]:
    return {name: one.get(name, 0) + other.get(name, 0) for name in sorted({*one, *other})}
