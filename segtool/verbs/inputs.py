"""A project and its store to what a run works on: its tables, read only where their files changed, and its lists."""

from __future__ import annotations

from collections.abc import Container, Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from functools import cached_property
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from segtool.compile.plan import digest
from segtool.errors import InputError, Problem
from segtool.model.events import EventNames
from segtool.model.progress import Progress, untold
from segtool.model.project import Project, Segment
from segtool.model.results import TableResult
from segtool.model.run import TableState
from segtool.model.tables import TableSource
from segtool.read.files import is_unchanged
from segtool.store.store import USERS, Store
from segtool.verbs.table import Table

if TYPE_CHECKING:
    from segtool.verbs.intake import Intake


@dataclass(frozen=True)
class Inputs:
    """The tables of a run: the users, and those of events."""

    tables: Mapping[str, Table]
    max_errors: int = 0

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

    def accepting(self, columns: Iterable[tuple[str, str]]) -> Inputs:
        """The tables where these columns, each of a table, may be missing for everyone."""
        named: dict[str, set[str]] = {}
        for table, column in columns:
            named.setdefault(table, set()).add(column)
        tables = {name: table.accepting(named.get(name, ())) for name, table in self.tables.items()}
        return replace(self, tables=tables)

    @property
    def details(self) -> dict[str, Any]:
        """What the record tells of rows that were rejected."""
        rejected = {name: sum(table.rejects.values()) for name, table in self.tables.items() if table.rejects}
        return {"max_errors": self.max_errors, "rejected": rejected} if rejected else {}

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


class _Tables:
    """The tables of a project, as their files are now. What is needed to read them is loaded where one is read."""

    def __init__(
        self, project: Project, store: Store, as_of: datetime, progress: Progress, max_errors: int = 0
    ) -> None:
        self.project, self.store, self.as_of, self.progress = project, store, as_of, progress
        self.max_errors = max_errors

    def table(self, source: TableSource, file: str | None, asked: bool) -> Table:
        """A table in the store's version where that stands; else read, from the `file` given for it if there is one."""
        state = self.store.state.tables.get(source.name)
        declared = digest([source.key, source.separator, self.project.zone.key, _columns(source), _events(source)])
        known = state if state and state.declared == declared else None
        returns = asked and known is not None and known.by_hand and source.path
        if file is None and not returns and known and self._stands(source, known):
            return Table(source, known)
        table = self._intake.table(source, known, file, declared)
        return table.beside(state) if state else table

    @cached_property
    def _intake(self) -> Intake:
        from segtool.verbs.intake import Intake

        return Intake(self.project, self.store, self.as_of, self.progress, self.max_errors)

    def _stands(self, source: TableSource, state: TableState) -> bool:
        """The committed version is what the declared files hold; or a file by hand stands in for them."""
        if state.by_hand and not state.files:
            return not source.path or not self._intake.declared(source)
        return is_unchanged(state.files, source, self.project.folder)

    def refused(self) -> list[Problem]:
        """A table cannot be read: others are looked at for what else is wrong, and not kept. What there is to add."""
        self._intake.writer = None
        used = self.max_errors - self._intake.left
        fact = f"of the {self.max_errors:,} rows that `--max-errors` allows, {used:,} are of tables before this one"
        return [Problem(fact)] if used else []

    def counted(self, tables: Mapping[str, Table]) -> Mapping[str, Table]:
        return self._intake.counted(tables) if any(table.is_new for table in tables.values()) else tables


def inputs_of(
    project: Project,
    store: Store,
    as_of: datetime,
    by_hand: Mapping[str, str] | None = None,
    asked: Iterable[str] = (),
    only: Container[str] | None = None,
    progress: Progress = untold,
    max_errors: int = 0,
) -> Inputs:
    """The tables as their declared files, or the files given for them `by_hand`, are now, laid out in the store where
    it is open for writing; InputError with all that is wrong in any of them.

    A file that was imported by name stands in for the declared ones until these change, or are `asked` for. Of tables
    that are not among the `only` ones, the store's versions stand, where it has one. Up to
    `max_errors` rows may be rejected, of all tables together.
    """
    files, problems, tables = by_hand or {}, list[Problem](), dict[str, Table]()
    read = _Tables(project, store, as_of, progress, max_errors)
    for name, source in project.tables.items():
        if only is not None and name not in only:
            if name in store.state.tables:
                tables[name] = Table(source, store.state.tables[name])
            continue
        try:
            tables[name] = read.table(source, files.get(name), name in asked)
        except InputError as error:
            problems += [*error.problems, *read.refused()]
    if problems:
        raise InputError(problems)
    return Inputs(read.counted(tables), max_errors)


def _columns(source: TableSource) -> list[list[object]]:
    columns = source.columns
    return [[name, one.kind.to_json(), one.separator, one.format] for name, one in sorted(columns.items())]


def _events(source: TableSource) -> list[object]:
    events = source.events
    return [events.time, events.event, list(events.unique)] if events else []


def keys_in_lists(
    segments: Iterable[Segment], folder: Path, key: str, elsewhere: Mapping[str, Path] = MappingProxyType({})
) -> Mapping[str, tuple[str, ...]]:
    """The keys of every list file that the segments name; InputError with all files that cannot be read. `elsewhere`:
    the folders of lists that are to be read in another one."""
    problems: list[Problem] = []
    keys: dict[str, tuple[str, ...]] = {}
    for file in sorted({file for segment in segments for file in segment.definition.files()}):
        from segtool.read.lists import read_keys

        try:
            keys[file] = tuple(read_keys(file, elsewhere.get(file, folder), key)[0])
        except InputError as error:
            problems.extend(error.problems)
    if problems:
        raise InputError(problems)
    return keys
