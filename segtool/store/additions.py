"""Tables, members, changes and definitions of a run come in, and are laid out in the store until it is committed."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import AbstractContextManager
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

from segtool.model.columns import Bits
from segtool.model.files import Chunks, sync_folder, write_new
from segtool.model.movement import Movement
from segtool.model.progress import Progress, untold
from segtool.model.run import Members, TableState
from segtool.model.tables import Piece, Reading
from segtool.store import log
from segtool.store.arrays import pack_changes, pack_leaves, pack_members
from segtool.store.encoding import json_bytes
from segtool.store.files import plain_failure
from segtool.store.objects import put_object
from segtool.store.parts import to_arrow
from segtool.store.rejects import Rejected
from segtool.store.store import UNFINISHED, USERS, Store
from segtool.store.suppression import STAYS_OUT
from segtool.store.user_draft import UserDraft

if TYPE_CHECKING:
    import polars as pl

    from segtool.store.drafts import PartDraft
    from segtool.store.keys import KeyRows


class Draft(Protocol):
    """A version of a table in the making."""

    def clear(self) -> None: ...

    def add(self, piece: Piece) -> None: ...


TWICE = "rows that stand there more than once (all kept; `unique:` would count them once)"


class Additions(Store):
    """A store, and what a run has added to it."""

    def __init__(self, project: Path) -> None:
        super().__init__(project)
        self._first = self.head.number if self.head else 0
        self._begun = (self.root / UNFINISHED).exists()
        self._added: set[str] = set()
        self._tables: dict[str, TableState] = {}
        self._strangers: pl.Series | None = None
        self._rows: KeyRows | None = None
        self._rejects: dict[str, Rejected] = {}

    def table_states(self) -> dict[str, TableState]:
        """The newest version of every table, those added in this run included."""
        return {**super().table_states(), **self._tables}

    def strangers(self) -> pl.Series:
        import polars as pl

        known = super().strangers() if self._strangers is None else self._strangers
        return pl.concat([known, self._rows.added]) if self._rows else known

    def strangers_object(self) -> str:
        """The object of the keys that have a row and are no users'; the newest one stands where they are the same."""
        if self._strangers is None and self._rows is None:
            return self.state.strangers
        now = self.strangers()
        if now.equals(super().strangers()):
            return self.state.strangers
        return self._add([to_arrow(now)]) if len(now) else ""

    def add_users(self, reading: Reading, by_hand: str = "", declared: str = "") -> TableState:
        """Lays out a version of the users; keys that have a row keep it."""
        draft = self.user_draft(reading.roles.key)
        self._take(reading, draft)
        self._rejects[USERS] = Rejected(reading.rejects)
        report = reading.report.leaving_out(STAYS_OUT, draft.left_out)
        return self.keep_users(
            draft, TableState((), self.kept_schema(reading.schema), reading.files, report, by_hand, declared)
        )

    def user_draft(self, key: str) -> UserDraft:
        """Begins a version of the users, whose keys stand in this column."""
        return UserDraft(self.desk, key, self.note, self.suppression())

    def keep_users(self, draft: UserDraft, state: TableState) -> TableState:
        """Writes a version of the users, in which all keys that are known have a row."""
        with self.plain():
            self._begin()
            self.note(id := draft.write(state.schema, self.users(), self.keys()))
        self._strangers, self._rows = self.strangers().clear(), None
        self._tables[USERS] = replace(state, parts=(id,))
        return self._tables[USERS]

    def add_events(
        self,
        reading: Reading,
        before: TableState | None,
        by_hand: str = "",
        declared: str = "",
        progress: Progress = untold,
    ) -> TableState:
        """Lays out events; with a version before, as a further part of it. Keys that nobody has had get a row."""
        from segtool.store.drafts import EventDraft
        from segtool.store.keys import KeyRows

        self._rows = self._rows or KeyRows(self.keys(), self.suppression())
        part = partial(self.part_draft, reading.table, progress)
        draft = EventDraft(reading.table, reading.roles, self._rows, part)
        self._take(reading, draft)
        with self.plain():
            parts = draft.write(reading.schema, before.parts if before else ())
        report = reading.report.leaving_out(STAYS_OUT, draft.left_out.total(), draft.left_out)
        report = report.noting({TWICE: draft.repeated})
        self._rejects[reading.table] = Rejected(reading.rejects, is_more=before is not None)
        state = TableState(parts, self.kept_schema(reading.schema), reading.files, report, by_hand, declared)
        return self.keep_events(reading.table, state)

    def keep_events(self, table: str, state: TableState) -> TableState:
        self._tables[table] = state
        return state

    def part_draft(self, table: str, progress: Progress = untold) -> PartDraft:
        """Begins a part of a table of events."""
        from segtool.store.drafts import PartDraft

        advance = partial(progress, f"putting {table} in order", unit="rows")
        return PartDraft(self.desk, self.keys, self.note, advance)

    def _take(self, reading: Reading, draft: Draft) -> None:
        with self.plain():
            self._begin()
        for pieces in reading.passes():
            draft.clear()
            for piece in pieces:
                with self.plain():
                    draft.add(piece)

    def note(self, id: str) -> None:
        """A folder that counts from the commit on, if the state names it then."""
        self._added.add(f"tables/{id}")

    def add_members(self, members: Members, size: int) -> str:
        return self._add(pack_members(members, size))

    def add_leaves(self, leaves: Mapping[str, Bits]) -> str:
        return self._add(pack_leaves(leaves)) if leaves else ""

    def add_changes(self, changes: dict[str, Movement]) -> str:
        return self._add(pack_changes(changes))

    def add_definitions(self, definitions: dict[str, Any]) -> str:
        return self._add([json_bytes(definitions)])

    def add_bytes(self, payload: bytes) -> str:
        return self._add([payload])

    def _add(self, payload: Chunks) -> str:
        with self.plain():
            self._begin()
            name = put_object(self.desk, payload)
            self._added.add(f"objects/{name}")
        return name

    def _begin(self) -> None:
        """Leaves a mark that tells the next run to look for what this one did not end."""
        if not self._begun:
            write_new(self.root / UNFINISHED, [])
            sync_folder(self.root)
            self._begun = True

    def plain(self) -> AbstractContextManager[None]:
        return plain_failure(self.project, self._outcome)

    def _outcome(self) -> str:
        """What holds after a failure, as the log tells it."""
        number, known = log.newest(self.root), self.head.number if self.head else 0
        if number > known:
            return f"run {number} was written, but the disk has not confirmed it: run it again"
        if known > self._first:
            return f"run {known} is committed, and the next run does what is left"
        return "nothing was changed"
