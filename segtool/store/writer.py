"""Tables, members, changes and definitions come in and are committed as one numbered run, or not at all."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import AbstractContextManager, ExitStack, contextmanager, suppress
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

from segtool import __version__
from segtool.errors import DefinitionError, InputError, UsageError
from segtool.model.columns import Bits
from segtool.model.movement import Movement
from segtool.model.progress import Progress, untold
from segtool.model.run import Members, Record, Size, State, TableState
from segtool.model.tables import Piece, Reading
from segtool.store import log
from segtool.store.arrays import pack_changes, pack_leaves, pack_members
from segtool.store.debris import references, remove_listed, superseded, sweep
from segtool.store.encoding import json_bytes, state_to_json
from segtool.store.files import Chunks, make_folder, plain_failure, put, remove, sync_folder, write_new
from segtool.store.lock import locked
from segtool.store.objects import put_object
from segtool.store.parts import to_arrow
from segtool.store.snapshots import publish, refuse_foreign
from segtool.store.store import FORMAT, UNFINISHED, USERS, Store, check_format
from segtool.store.user_draft import UserDraft

if TYPE_CHECKING:
    import polars as pl

    from segtool.store.keys import KeyRows


class Draft(Protocol):
    """A version of a table in the making."""

    def clear(self) -> None: ...

    def add(self, piece: Piece) -> None: ...


TWICE = "rows that stand there more than once (all kept; `unique:` would count them once)"


@contextmanager
def writing(project: Path, wait: float = 0) -> Iterator[Writer]:
    """Holds the only right to write to a project's store; makes the store, and ends what a killed run began.

    Raises BusyError where another run still holds it after `wait` seconds.
    """
    root = project / ".segtool"
    with ExitStack() as held:
        with plain_failure(project, lambda: "nothing was changed"):
            make_folder(root)
            held.enter_context(locked(root / "lock", wait))
            _prepare(project, root)
        writer = Writer(project)
        writer.recover()
        try:
            yield writer
            writer.finish()
        except (DefinitionError, InputError, UsageError):
            # what a mistake of the user's leaves is known, so that the next run need not look for it
            writer.finish()
            raise
        finally:
            writer.abandon()


def _prepare(project: Path, root: Path) -> None:
    check_format(root)
    made = [make_folder(root / name) for name in ("log", "objects", "tables")]
    if not any(made) and log.newest(root):
        return
    for name, content in ((".gitignore", b"*\n"), ("format", json_bytes({"format": FORMAT}))):
        if not (root / name).exists():
            put(root / name, [content])
    # until the first run is committed, nobody knows that these names are on the disk
    sync_folder(root)
    sync_folder(project)


class Writer(Store):
    """A store that is held for writing: what is added counts from the commit on, and otherwise goes again."""

    def __init__(self, project: Path) -> None:
        super().__init__(project)
        self._first = self.head.number if self.head else 0
        self._begun = (self.root / UNFINISHED).exists()
        self._added: set[str] = set()
        self._tables: dict[str, TableState] = {}
        self._strangers: pl.Series | None = None
        self._rows: KeyRows | None = None

    def recover(self) -> None:
        """Where the last run did not end well: publishes what it committed, and removes what it left."""
        with self._plain():
            if self._begun and self.head:
                # it may have been killed between the link and this, and what follows rests on the record
                sync_folder(self.root / "log")
                publish(self.project, self.state, self.head.frozen, self.object_bytes)
            if self._begun or not self.head:
                sweep(self)

    def table_states(self) -> dict[str, TableState]:
        """The newest version of every table, those added in this run included."""
        return {**super().table_states(), **self._tables}

    def strangers(self) -> pl.Series:
        import polars as pl

        known = super().strangers() if self._strangers is None else self._strangers
        return pl.concat([known, self._rows.added]) if self._rows else known

    def add_users(self, reading: Reading, by_hand: str = "", declared: str = "") -> TableState:
        """Lays out a version of the users; keys that have a row keep it."""
        draft = UserDraft(self.root, reading.roles.key, self._note)
        self._take(reading, draft)
        with self._plain():
            self._note(id := draft.write(reading.schema, self.users(), self.keys()))
        self._strangers, self._rows = self.strangers().clear(), None
        self._tables[USERS] = TableState((id,), reading.schema, reading.files, reading.report, by_hand, declared)
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

        self._rows = self._rows or KeyRows(self.keys())
        draft = EventDraft(self.root, reading.table, reading.roles, self._rows, self.keys, self._note, progress)
        self._take(reading, draft)
        with self._plain():
            parts = draft.write(reading.schema, before.parts if before else ())
        report = reading.report.noting({TWICE: draft.repeated})
        state = TableState(parts, reading.schema, reading.files, report, by_hand, declared)
        self._tables[reading.table] = state
        return state

    def _take(self, reading: Reading, draft: Draft) -> None:
        with self._plain():
            self._begin()
        for pieces in reading.passes():
            draft.clear()
            for piece in pieces:
                with self._plain():
                    draft.add(piece)

    def _note(self, id: str) -> None:
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

    def commit(
        self,
        *,
        kind: str,
        as_of: str,
        at: str,
        state: State,
        changes: str = "",
        sizes: Mapping[str, Size] | None = None,
        frozen: tuple[str, ...] = (),
        details: Mapping[str, Any] | None = None,
    ) -> Record:
        """Records a run and its state in one step, then publishes the snapshots of the segments in `frozen`.

        Raises UsageError, before anything has changed, where a snapshot's name is taken by another file.
        """
        numbers, notes = dict(sizes or {}), dict(details or {})
        draft = Record(
            0, kind, as_of, at, "", "", changes, sizes=numbers, frozen=frozen, tool=__version__, details=notes
        )
        with self._plain():
            refuse_foreign(self.project, state, frozen, self.object_bytes)
            self._begin()
            state = replace(state, strangers=self._strangers_object())
            record = self._numbered(draft, state)
            self._link(record, state)
            publish(self.project, state, frozen, self.object_bytes)
            remove_listed(self.root, record.removes)
        return record

    def _numbered(self, draft: Record, state: State) -> Record:
        """The record as it follows the newest one."""
        last = self.head.number if self.head else 0
        name = self._state_object(state)
        removes = superseded(self, name, state)
        parent = log.parent_hash(self.root, last)
        checkpoint, since = self._checkpoint(draft.changes, state.members)
        draft = replace(draft, checkpoint=checkpoint, since=since)
        return replace(draft, number=last + 1, parent=parent, state=name, removes=removes)

    def _checkpoint(self, changes: str, members: str) -> tuple[int, int]:
        """The newest checkpoint and the bytes of changes since. Where these are twice those of the members, this run
        is one: so the disk grows by half as much again as the changes at most, however seldom users move."""
        last, before, since = (self.head.number, self.head.checkpoint, self.head.since) if self.head else (0, 0, 0)
        since += self._object_size(changes) if changes else 0
        return (last + 1, 0) if members and since >= 2 * self._object_size(members) else (before, since)

    def _strangers_object(self) -> str:
        """The object of the keys that have a row and are no users'; the newest one stands where they are the same."""
        if self._strangers is None and self._rows is None:
            return self.state.strangers
        now = self.strangers()
        if now.equals(super().strangers()):
            return self.state.strangers
        return self._add([to_arrow(now)]) if len(now) else ""

    def _state_object(self, state: State) -> str:
        """The object of a state; one that is equal to the newest is kept already, and the record is light."""
        if state == self.state:
            return self.head.state if self.head else ""
        return self._add([json_bytes(state_to_json(state))])

    def _link(self, record: Record, state: State) -> None:
        if self._added:
            sync_folder(self.root / "objects")
        log.link_record(self.root, record)
        sync_folder(self.root / "log")
        self.head, self.state, self._held = record, state, {}
        self._tables, self._strangers, self._rows = {}, None, None
        self._added -= {f"objects/{record.changes}", *references(record.state, state)}

    def _add(self, payload: Chunks) -> str:
        with self._plain():
            self._begin()
            name = put_object(self.root, payload)
            self._added.add(f"objects/{name}")
        return name

    def _begin(self) -> None:
        """Leaves a mark that tells the next run to look for what this one did not end."""
        if not self._begun:
            write_new(self.root / UNFINISHED, [])
            sync_folder(self.root)
            self._begun = True

    def finish(self) -> None:
        """Ends a run that went well; only then does the next one have nothing to look for."""
        with self._plain():
            remove_listed(self.root, self._added)
            self._added.clear()
            if self._begun:
                remove(self.root / UNFINISHED)
                self._begun = False

    def abandon(self) -> None:
        """Removes what this run added and did not commit; what cannot be removed now is swept by the next."""
        with suppress(OSError):
            # an interrupt may come after the link and before it is noted: then all of it is in use
            if self._added and log.newest(self.root) == (self.head.number if self.head else 0):
                for path in self._added:
                    remove(self.root / path)

    def _plain(self) -> AbstractContextManager[None]:
        return plain_failure(self.project, self._outcome)

    def _outcome(self) -> str:
        """What holds after a failure, as the log tells it."""
        number, known = log.newest(self.root), self.head.number if self.head else 0
        if number > known:
            return f"run {number} was written, but the disk has not confirmed it: run it again"
        if known > self._first:
            return f"run {known} is committed, and the next run does what is left"
        return "nothing was changed"
