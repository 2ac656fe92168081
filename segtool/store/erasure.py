"""Keys of people come in; goes out: all that the store keeps, without them, for the next commit."""

from __future__ import annotations

import io
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
import polars as pl
from numpy.typing import NDArray

from segtool.model.columns import BLOCK, Bits, Rows, count, from_rows, resized, to_rows
from segtool.model.dtypes import to_dtype
from segtool.model.movement import NOBODY, Movement, moved
from segtool.model.progress import Progress
from segtool.model.run import REASONS, Members, TableState
from segtool.model.tables import Piece
from segtool.store.additions import Additions
from segtool.store.batches import Batch
from segtool.store.events import EventPart
from segtool.store.joining import without_unused
from segtool.store.keys import KeyRows
from segtool.store.layout import taken
from segtool.store.mentions import mentions
from segtool.store.merge import Merge
from segtool.store.store import USERS
from segtool.store.suppression import Suppression

ERASED = "of people who were erased"


class Erasure:
    """Some people, and all that the store keeps of them."""

    def __init__(self, store: Additions, keys: Sequence[str]) -> None:
        self._store, self.keys = store, tuple(dict.fromkeys(keys))
        known = store.keys() if store.table_states() else pl.Series("key", [], dtype=pl.String)
        self._size = len(known)
        self._all = KeyRows(known)
        self._found = self._all.found(pl.Series(self.keys, dtype=pl.String))

    @cached_property
    def rows(self) -> Rows:
        """The rows of those who have one."""
        return np.sort(self._found[self._found >= 0]).astype(np.uint32)

    @cached_property
    def known(self) -> frozenset[str]:
        return frozenset(key for key, row in zip(self.keys, self._found.tolist(), strict=True) if row >= 0)

    @cached_property
    def users(self) -> list[str]:
        """Those who are users or once were; events alone have named the others."""
        users = self._store.users()
        return self._of(users.seen) if users else []

    @cached_property
    def present(self) -> list[str]:
        """Those who stood in the table of users when they were looked for."""
        users = self._store.users()
        return self._of(users.present) if users else []

    def _of(self, bits: Bits) -> list[str]:
        """Those whose bit is set."""
        bits = resized(bits, self._size)
        flags = [row >= 0 and bool(bits[row >> 3] >> (row & 7) & 1) for row in self._found.tolist()]
        return [key for key, there in zip(self.keys, flags, strict=True) if there]

    def among(self, keys: Iterable[str]) -> set[str]:
        """Those of some other keys that have a row."""
        asked = pl.Series(sorted(keys), dtype=pl.String)
        return set(asked.filter(pl.Series(self._all.found(asked) >= 0)).to_list())

    def mentions(self) -> list[str]:
        """The columns in which rows of others name these people."""
        return list(mentions(self._store, self._store.table_states(), pl.Series(self.keys, dtype=pl.String), self.rows))

    def event_files(self) -> list[str]:
        """The files of the tables that hold events of these people."""
        states = {name: state for name, state in self._store.table_states().items() if name != USERS}
        return sorted({file.path for state in states.values() if self._are_in(state) for file in state.files})

    def _are_in(self, state: TableState) -> bool:
        parts = self._store.event_parts(state)
        return any(self._number(part, name) for part in parts for name in part.names)

    def tables(self, progress: Progress) -> dict[str, TableState]:
        """The tables without these people, and without their keys; as they are, where nobody has a row."""
        states = self._store.table_states()
        if not len(self.rows):
            return states
        events = {name: self._events(name, progress) for name in states if name != USERS}
        # the rows of the events are those of the keys, which go last
        return {**states, **events, USERS: self._users(states[USERS])}

    def _users(self, state: TableState) -> TableState:
        users, draft = self._store.users(), self._store.user_draft(state.schema.key)
        assert users
        staying = to_rows(resized(users.present, self._size) & ~from_rows(self.rows, self._size))
        columns = state.schema.columns
        nobody = pl.DataFrame(schema={column.name: to_dtype(column.kind) for column in columns})
        draft.erased = self.rows
        draft.add(Piece(columns, nobody, pl.Series([], dtype=pl.UInt64), staying))
        report = state.report.leaving_out(ERASED, count(users.present) - len(staying))
        return self._store.keep_users(draft, replace(state, report=report, schema=state.schema.without_values()))

    def _events(self, name: str, progress: Progress) -> TableState:
        state = self._store.table_states()[name]
        parts, gone = list[str](), dict[str, int]()
        for part in self._store.event_parts(state):
            theirs = {event: self._number(part, event) for event in part.names}
            gone = {event: gone.get(event, 0) + theirs.get(event, 0) for event in {*gone, *theirs}}
            # a part of an older store may quote a value of theirs in its description
            if not sum(theirs.values()) and part.schema == part.schema.without_values():
                parts.append(part.id)
            elif sum(theirs.values()) < part.size:
                parts.append(self._part_without(part, name, progress))
        report = state.report.leaving_out(ERASED, sum(gone.values()), gone)
        state = replace(state, parts=tuple(parts), report=report, schema=state.schema.without_values())
        return self._store.keep_events(name, state)

    def _number(self, part: EventPart, name: str) -> int:
        """How many events of this name are theirs."""
        events = part.named(name)
        blocks = [int(block) for block in np.unique(self.rows // BLOCK) if block < part.blocks]
        spans = [(block, slice(events.starts[block], events.starts[block + 1])) for block in blocks]
        return sum(int(self._are_theirs(events.rows[span] + np.uint32(block * BLOCK)).sum()) for block, span in spans)

    def _are_theirs(self, rows: NDArray[np.integer]) -> NDArray[np.bool_]:
        return np.isin(rows, self.rows)

    def _part_without(self, part: EventPart, table: str, progress: Progress) -> str:
        draft = self._store.part_draft(table, progress)
        with self._store.plain():
            for batch in self._others(part):
                draft.take(batch)
            return draft.whole(part.schema).id

    def _others(self, part: EventPart) -> Iterator[Batch]:
        """The events of all others, some at a time."""
        for some in Merge([part], part.schema).events():
            rows = (some.blocks * BLOCK + some.rows).astype(np.uint32)
            at = np.flatnonzero(~self._are_theirs(rows))
            if len(at):
                columns = {name: without_unused(taken(data, at)) for name, data in some.columns.items()}
                codes = np.zeros(len(at), np.uint16)
                yield Batch(part.schema, (some.name,), rows[at], some.times[at], codes, columns)

    def members(self) -> Departed:
        """Everybody's members without them, and who left."""
        committed, gone = self._store.members(), from_rows(self.rows, self._size)
        rows, moves = dict[tuple[str, str], Bits](), dict[str, Movement]()
        for (segment, role), bits in committed.rows.items():
            bits = resized(bits, self._size)
            rows[segment, role] = bits & ~gone
            left = to_rows(bits & gone)
            if role == "members" and len(left):
                reasons = np.full(len(left), REASONS.index("erased"), np.uint8)
                before = count(bits)
                moves[segment] = Movement(before, before - len(left), NOBODY, moved(left, reasons, self._size))
        return Departed(Members(rows), moves, self._size)

    def suppression(self) -> Suppression:
        """Those who stay out, these people among them."""
        return (self._store.suppression() or Suppression.none()).adding(self.keys)


@dataclass(frozen=True)
class Departed:
    """Members of a table of `size` rows after some people left, and their leaving by segment."""

    members: Members
    movements: dict[str, Movement]
    size: int


def lines_without(content: bytes, keys: frozenset[str]) -> tuple[bytes, list[str]]:
    """A snapshot's CSV without the lines of these keys, every other byte as it was; and the keys that it held."""
    kept, found = list[bytes](), list[str]()
    for record in _records(content):
        key = _first_field(record)
        if key in keys and kept:
            found.append(key)
        else:
            kept.append(record)
    return b"".join(kept), found


def _records(content: bytes) -> Iterator[bytes]:
    """The records of a CSV, each with its line end; a quoted field may hold line ends too."""
    record, quotes = b"", 0
    for line in io.BytesIO(content):
        record, quotes = record + line, quotes + line.count(b'"')
        if quotes % 2 == 0:
            yield record
            record, quotes = b"", 0
    if record:
        yield record


def _first_field(record: bytes) -> str:
    text = record.rstrip(b"\n").decode()
    if not text.startswith('"'):
        return text.split(",", 1)[0]
    body = text[1:].replace('""', "\0")
    return body.split('"', 1)[0].replace("\0", '"')
