"""A project's folder comes in; what is kept of it comes out: the newest state, its tables, and every run.

What reads arrays is imported where arrays are read: whoever asks for the state alone does not pay for it.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

from segtool.errors import DamageError, Problem
from segtool.model.kinds import Schema
from segtool.model.run import Members, Record, State, TableState
from segtool.store import log
from segtool.store.encoding import damage, state_from_json, well_formed
from segtool.store.files import plain_failure, read_file, refuse_links, refuse_no_folder
from segtool.store.objects import SALT, checked, map_object, object_path
from segtool.store.snapshots import size_problem, snapshot_files

if TYPE_CHECKING:
    import polars as pl

    from segtool.model.columns import Bits, Tables
    from segtool.model.movement import Movement
    from segtool.store.events import EventPart, StoredEvents
    from segtool.store.suppression import Suppression
    from segtool.store.tables import StoredTable

FORMAT = 1
USERS = "users"
UNFINISHED = "unfinished"
"""A file that stands while a run writes: what it left behind is looked for only where it did not end well."""


class Store:
    """What is kept of one project; reading needs no lock, writes nothing, and works on a read-only mount."""

    head: Record | None
    state: State
    desk: Path
    """Where the folders of tables are, and where what a run adds is laid out; see `Rehearsal`."""

    def __init__(self, project: Path) -> None:
        self.project, self.root = project, project / ".segtool"
        self.desk = self.root
        check_place(project)
        with plain_failure(project):
            self.format = check_format(self.root)
            self._open()

    def _open(self) -> None:
        """Reads the newest record and keeps its objects open: a run that commits meanwhile takes none."""
        self._held: dict[str, memoryview] = {}
        number = log.newest(self.root)
        if not number:
            self._refuse_lost_log()
        try:
            # in this order: while a run is between its link and its note, the mark stands
            log.refuse_other_head(self.root, number, ended_well=not (self.root / UNFINISHED).exists())
        except DamageError:
            if log.newest(self.root) == number:
                raise
            self._open()
            return
        self.head = log.read_record(self.root, number) if number else None
        name = self.head.state if self.head else ""
        state = self._whole_state(name)
        if state is None and log.newest(self.root) > number:
            self._open()
        else:
            # what is missing although no run came between is damage, and told when somebody asks for it
            self.state = state or self.state_of(name)

    def _refuse_lost_log(self) -> None:
        """A store that holds things and no run, although the last one ended well, has lost its log."""
        held = (self.root / "objects").is_dir() and any((self.root / "objects").iterdir())
        if held and not (self.root / UNFINISHED).exists():
            raise damage(self.root, self.root / "log", "has lost its runs")

    def _whole_state(self, name: str) -> State | None:
        """The state with its objects held; None where something of it is missing."""
        try:
            state = self.state_of(name)
            for held in filter(None, (state.members, state.definitions)):
                self._held[held] = map_object(self.root, held)
        except DamageError:
            return None
        return state

    def _content(self, name: str) -> memoryview:
        return self._held.get(name) or map_object(self.root, name)

    def records(self, since: int = 0) -> Iterator[Record]:
        """The runs after run `since`, oldest first, read as they are asked for: a year's are too many to hold.

        DamageError where one is missing or does not follow.
        """
        first, last = max(since + 1, self.state.first), self.head.number if self.head else 0
        with plain_failure(self.project):
            yield from log.read_records(self.root, first, last, self.state.base)

    def record(self, number: int) -> Record:
        with plain_failure(self.project):
            return log.read_record(self.root, number)

    def table_states(self) -> dict[str, TableState]:
        """The newest version of every table."""
        return self.state.tables

    def users(self) -> StoredTable | None:
        """The newest version of the users, mapped where it is touched."""
        from segtool.store.tables import StoredTable

        state = self.table_states().get(USERS)
        with plain_failure(self.project):
            return StoredTable(self.desk, state.parts[0]) if state else None

    def tables(self, names: Iterable[str]) -> Tables:
        """The users and the tables of events of these names, mapped where they are touched."""
        from segtool.model.columns import Tables

        users, states = self.users(), self.table_states()
        held: dict[str, list[StoredEvents]] = {}
        assert users
        for name in names:
            for part in self.event_parts(states[name]) if name != USERS else ():
                for event in part.names:
                    held.setdefault(event, []).append(part.named(event))
        return Tables(users, lambda name: held.get(name, ()))

    def unknown_events(self, state: TableState) -> int:
        """How many events of a table are of users that the table of users does not hold."""
        import numpy as np

        from segtool.model.columns import padded, unpack

        users = self.users()
        assert users
        present = np.zeros(padded(users.size), np.bool_)
        present[: users.size] = unpack(users.present, users.size)
        return sum(part.named(name).unknown(present) for part in self.event_parts(state) for name in part.names)

    def event_parts(self, state: TableState) -> list[EventPart]:
        from segtool.store.events import EventPart

        with plain_failure(self.project):
            return [EventPart(self.desk, part, self.keys) for part in state.parts]

    def keys(self) -> pl.Series:
        """The keys by row: those of the users, and after them those that only events have named."""
        import polars as pl

        users, strangers = self.users(), self.strangers()
        known = [users.keys.alias("key")] if users else []
        return pl.concat([*known, strangers], rechunk=True)

    def strangers(self) -> pl.Series:
        """The keys that have a row, and stand in no version of the users."""
        import polars as pl

        name = self.state.strangers
        return pl.read_ipc(self.object_bytes(name)).to_series() if name else pl.Series("key", [], dtype=pl.String)

    def suppression(self) -> Suppression | None:
        """Who was erased and stays out; None where nobody is."""
        from segtool.store.suppression import Suppression

        name = self.state.suppressed
        with well_formed(self.root, object_path(self.root, name) if name else self.root):
            return Suppression.read(self.object_bytes(name)) if name else None

    def kept_schema(self, schema: Schema) -> Schema:
        """The schema of what is read, as it may be kept: where some people stay out, a value that it quotes may be of
        one of them."""
        return schema.without_values() if self.state.suppressed else schema

    def members(self) -> Members:
        """The members of the newest state, mapped."""
        return self._members(self.state.members)

    def checkpoint(self, record: Record) -> Members | None:
        """The members after a run, where it is a checkpoint."""
        return self._members(record.members) if record.members else None

    def base_members(self) -> Members:
        """The members before the oldest run that is kept."""
        return self._members(self.state.base.members if self.state.base else "")

    def _members(self, name: str) -> Members:
        from segtool.store.arrays import unpack_members, unpacked

        if not name:
            return Members()
        with plain_failure(self.project), well_formed(self.root, object_path(self.root, name)):
            return unpack_members(*unpacked(self.root, name, self._content(name)))

    def size(self) -> int:
        """How many rows users have."""
        users = self.users()
        return users.size if users else 0

    def leaves(self) -> dict[str, Bits]:
        """What the last evaluation decided and need not be decided again, by key, mapped."""
        from segtool.store.arrays import unpack_leaves, unpacked

        name = self.state.leaves
        if not name:
            return {}
        with plain_failure(self.project), well_formed(self.root, object_path(self.root, name)):
            return unpack_leaves(*unpacked(self.root, name, self._content(name)))

    def changes(self, record: Record) -> dict[str, Movement]:
        """Who entered and who left in one run, by segment."""
        from segtool.store.arrays import unpack_changes, unpacked

        name = record.changes
        if not name:
            return {}
        with plain_failure(self.project), well_formed(self.root, object_path(self.root, name)):
            return unpack_changes(*unpacked(self.root, name, self._content(name)))

    def definitions(self) -> dict[str, Any]:
        """The definitions that were committed last, as YAML trees by segment."""
        name = self.state.definitions
        if not name:
            return {}
        with well_formed(self.root, object_path(self.root, name)):
            found: dict[str, Any] = json.loads(self.object_bytes(name))
            return found

    def object_bytes(self, name: str) -> bytes:
        """The payload of an object; DamageError where its bytes are not the ones that were written."""
        with plain_failure(self.project):
            return bytes(checked(self.root, name, self._content(name)))

    def state_of(self, name: str) -> State:
        """The state that an object holds ("": the empty one)."""
        if not name:
            return State()
        with well_formed(self.root, object_path(self.root, name)):
            return state_from_json(json.loads(self.object_bytes(name)))

    def check_snapshots(self) -> None:
        """Raises DamageError naming every snapshot that is missing or of another size than was frozen."""
        with plain_failure(self.project):
            problems = [problem for name in self.state.segments for problem in self._snapshot_problems(name)]
        if problems:
            raise DamageError(problems)

    def _snapshot_problems(self, name: str) -> list[Problem]:
        frozen = self.state.segments[name].frozen
        # only a run that did not end well may have left its snapshots to the next one
        left = self.head if (self.root / UNFINISHED).exists() else None
        if frozen is None or (left and name in left.rewritten):
            return []
        pending = left is not None and name in left.frozen
        found = [
            size_problem(self.project, file, self._object_size(object_name), may_be_missing=pending)
            for file, object_name in snapshot_files(name, frozen).items()
        ]
        return [problem for problem in found if problem]

    def _object_size(self, name: str) -> int:
        path = object_path(self.root, name)
        try:
            return path.stat().st_size - SALT
        except FileNotFoundError:
            raise damage(self.root, path, "is missing") from None


def check_place(project: Path) -> None:
    """Refuses a store that is not a folder in the project, or of which a part is elsewhere."""
    refuse_no_folder(project / ".segtool")
    with plain_failure(project):
        refuse_links(project / ".segtool")


def check_format(root: Path) -> int:
    """The number of a store's format, today's where there is no store; one of a newer segtool is refused by it."""
    path = root / "format"
    try:
        with well_formed(root, path):
            number = int(json.loads(read_file(path))["format"])
    except FileNotFoundError:
        if log.newest(root):
            raise damage(root, path, "is missing") from None
        return FORMAT
    if number > FORMAT:
        fact = f".segtool has format {number}, made by a newer segtool; this one reads formats up to {FORMAT}"
        raise DamageError(Problem(fact, "install the newer version"))
    return number
