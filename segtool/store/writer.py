"""What a run adds comes in and is committed as one numbered run, or not at all."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import replace
from pathlib import Path
from typing import Any

from segtool import __version__
from segtool.errors import DefinitionError, InputError, UsageError
from segtool.model.files import remove, sync_folder
from segtool.model.run import Record, Size, State
from segtool.store import log
from segtool.store.additions import Additions
from segtool.store.debris import references, remove_listed, superseded, sweep
from segtool.store.encoding import json_bytes, state_to_json
from segtool.store.files import make_folder, plain_failure, put
from segtool.store.lock import locked
from segtool.store.rejects import clear_rejects, write_rejects
from segtool.store.snapshots import publish, refuse_foreign, republish
from segtool.store.store import FORMAT, UNFINISHED, check_format, check_place


@contextmanager
def writing(project: Path, wait: float = 0) -> Iterator[Writer]:
    """Holds the only right to write to a project's store; makes the store, and ends what a killed run began.

    Raises BusyError where another run still holds it after `wait` seconds.
    """
    root = project / ".segtool"
    check_place(project)
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
    if not any(made) and any(log.numbers(root)):
        return
    for name, content in ((".gitignore", b"*\n"), ("format", json_bytes({"format": FORMAT}))):
        if not (root / name).exists():
            put(root / name, [content])
    # until the first run is committed, nobody knows that these names are on the disk
    sync_folder(root)
    sync_folder(project)


class Writer(Additions):
    """A store that is held for writing: what is added counts from the commit on, and otherwise goes again."""

    def recover(self) -> None:
        """Where the last run did not end well: publishes what it committed, and removes what it left."""
        with self.plain():
            if self._begun and self.head:
                # it may have been killed between the link and this, and what follows rests on the record
                sync_folder(self.root / "log")
                log.write_head(self.root, self.head.number)
                sync_folder(self.root)
                publish(self.project, self.state, self.head.frozen, self.object_bytes)
                republish(self.project, self.state, self.head.rewritten, self.object_bytes)
            if self._begun or not self.head:
                sweep(self)

    def forget_rejects(self) -> int:
        """Removes the files of rejected rows; how many there were."""
        with self.plain():
            return clear_rejects(self.root)

    def restore_snapshots(self) -> tuple[str, ...]:
        """Brings back what is missing of the published snapshots, and what was changed; the names of these files."""
        names = tuple(name for name, state in self.state.segments.items() if state.frozen)
        with self.plain():
            return republish(self.project, self.state, names, self.object_bytes)

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
        rewritten: tuple[str, ...] = (),
        removes: tuple[str, ...] = (),
        details: Mapping[str, Any] | None = None,
    ) -> Record:
        """Records a run and its state in one step, then publishes the snapshots of the segments in `frozen`, and those
        of the segments in `rewritten` in place of what is there, and removes what no run needs, `removes` with it.

        Raises UsageError, before anything has changed, where a snapshot's name is taken by another file.
        """
        numbers, notes = dict(sizes or {}), dict(details or {})
        draft = Record(0, kind, as_of, at, "", "", changes, sizes=numbers, tool=__version__, details=notes)
        draft = replace(draft, frozen=frozen, rewritten=rewritten, removes=removes)
        with self.plain():
            refuse_foreign(self.project, state, frozen, self.object_bytes)
            self._begin()
            state = replace(state, strangers=self.strangers_object())
            record = self._numbered(draft, state)
            write_rejects(self.root, self._rejects)
            self._link(record, state)
            publish(self.project, state, frozen, self.object_bytes)
            republish(self.project, state, rewritten, self.object_bytes)
            remove_listed(self.root, record.removes)
        return record

    def _numbered(self, draft: Record, state: State) -> Record:
        """The record as it follows the newest one."""
        last = self.head.number if self.head else 0
        name = self._state_object(state)
        removes = tuple(sorted({*draft.removes, *superseded(self, name, state)}))
        parent = log.parent_hash(self.root, last)
        checkpoint, since = self._checkpoint(draft.changes, state.members)
        members = state.members if checkpoint == last + 1 else ""
        draft = replace(draft, checkpoint=checkpoint, since=since, members=members)
        return replace(draft, number=last + 1, parent=parent, state=name, removes=removes)

    def _checkpoint(self, changes: str, members: str) -> tuple[int, int]:
        """The newest checkpoint and the bytes of changes since. Where these are twice those of the members, this run
        is one: so the disk grows by half as much again as the changes at most, however seldom users move."""
        last, before, since = (self.head.number, self.head.checkpoint, self.head.since) if self.head else (0, 0, 0)
        since += self._object_size(changes) if changes else 0
        return (last + 1, 0) if members and since >= 2 * self._object_size(members) else (before, since)

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
        log.write_head(self.root, record.number)
        sync_folder(self.root)
        self.head, self.state, self._held = record, state, {}
        self._tables, self._strangers, self._rows, self._rejects = {}, None, None, {}
        self._added -= {f"objects/{record.changes}", *references(record.state, state)}

    def finish(self) -> None:
        """Ends a run that went well; only then does the next one have nothing to look for."""
        with self.plain():
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
