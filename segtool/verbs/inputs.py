"""A project and its store to what a run works on: the users, read anew only where their files changed, and lists."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from segtool.compile.plan import digest
from segtool.errors import InputError, Mark, Problem
from segtool.model.kinds import Schema
from segtool.model.project import Project, Segment
from segtool.model.results import TableResult
from segtool.model.run import TableState
from segtool.model.tables import ReadTable, SourceFile
from segtool.read.files import declared_files, is_unchanged
from segtool.read.lists import read_keys
from segtool.read.tables import read_table
from segtool.store.store import Store
from segtool.store.writer import Writer


@dataclass(frozen=True)
class Users:
    """The user table of a run: a new reading of it, or None where the store's version stands."""

    read: ReadTable | None
    state: TableState | None
    declared: str
    by_hand: str = ""

    @property
    def schema(self) -> Schema:
        if self.read:
            return self.read.schema
        assert self.state
        return self.state.schema

    def result(self) -> TableResult:
        known = self.read or self.state
        assert known
        shown = self.by_hand or (self.state.by_hand if self.state and not self.read else "")
        return TableResult("users", known.schema, known.report, self.read is not None, shown)

    def stored(self, store: Writer) -> TableState:
        """The version of the table that the run commits, laid out if it is new."""
        if self.read is None:
            assert self.state
            return self.state
        return store.add_table(self.read, self.by_hand, self.declared)


def users_of(project: Project, store: Store, file: str | None = None, *, asked: bool = False) -> Users:
    """The users as their declared files, or `file` in place of them, are now; InputError with all that is wrong.

    A file that was imported by name stands in for the declared ones until these change, or are `asked` for.
    """
    state = store.state.tables.get("users")
    declared = digest([project.users.key, project.users.separator, project.zone.key, _columns(project)])
    returns = asked and state is not None and state.by_hand and project.users.path
    if file is None and not returns and state and state.declared == declared and _stands(project, state):
        return Users(None, state, declared)
    if file is None and not project.users.path:
        fact = "the project names no file of users"
        raise InputError(
            Problem(fact, "add `path:` to `users:`, or run `segtool import users FILE`", Mark("segtool.yaml"))
        )
    known = state.schema if state and state.declared == declared else None
    read = read_table(project.users, project.folder, project.zone, known, file)
    _refuse_empty(read)
    if file is None:
        return Users(read, state, declared)
    return Users(_with_files(read, _declared(project)), state, declared, file)


def _stands(project: Project, state: TableState) -> bool:
    """The committed version is what the declared files hold; or a file by hand stands in for them."""
    if state.by_hand and not state.files:
        return not project.users.path or not _declared(project)
    return is_unchanged(state.files, project.users, project.folder)


def _declared(project: Project) -> tuple[SourceFile, ...]:
    """The declared files as they are now, none where there are none."""
    if not project.users.path:
        return ()
    try:
        return declared_files(project.users, project.folder)
    except InputError:
        return ()


def _with_files(read: ReadTable, files: tuple[SourceFile, ...]) -> ReadTable:
    return ReadTable(read.schema, read.frame, files, read.report)


def _columns(project: Project) -> list[list[object]]:
    columns = project.users.columns
    return [[name, one.kind.to_json(), one.separator, one.format] for name, one in sorted(columns.items())]


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
