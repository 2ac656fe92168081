"""Events that are being read come in, piece by piece; go out: the parts of their table, few and large."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from functools import partial
from pathlib import Path

import numpy as np
import polars as pl

from segtool.model.kinds import Schema
from segtool.model.tables import Piece
from segtool.store.batches import Batch, batch_of
from segtool.store.events import EventPart
from segtool.store.keys import Found, KeyRows
from segtool.store.merge import Merge
from segtool.store.parts import write_folder
from segtool.store.repeats import repeated


class PartDraft:
    """One part in the making. Each batch becomes a part, which lives no longer than the run where others follow it:
    then they are merged into one."""

    def __init__(
        self,
        root: Path,
        keys: Callable[[], pl.Series],
        note: Callable[[str], None],
        advance: Callable[[int, int], None],
    ) -> None:
        """`note` is told every folder that is written, `advance` how many of how many events are put together."""
        self._root, self._keys, self._note, self._advance = root, keys, note, advance
        self._last: Batch | None = None
        self._written: list[EventPart] = []

    @property
    def is_empty(self) -> bool:
        return self._last is None

    def take(self, batch: Batch) -> None:
        if self._last:
            self._written.append(self._part(self._last, durable=False))
        self._last = batch

    def whole(self, schema: Schema) -> EventPart:
        """All events as one part; there must be some."""
        assert self._last
        if not self._written:
            return self._part(self._last, durable=True)
        merge = Merge([*self._written, self._part(self._last, durable=False)], schema)
        merge.refuse_loss()
        return self.merged(merge)

    def merged(self, merge: Merge) -> EventPart:
        return self._noted(write_folder(self._root, partial(merge.fill, advance=self._advance)))

    def opened(self, id: str) -> EventPart:
        return EventPart(self._root, id, self._keys)

    def _part(self, batch: Batch, *, durable: bool) -> EventPart:
        return self._noted(write_folder(self._root, batch.fill, durable))

    def _noted(self, id: str) -> EventPart:
        self._note(id)
        return self.opened(id)


class EventDraft:
    """Events in the making, as they are read piece by piece."""

    def __init__(self, table: str, roles: Schema, rows: KeyRows, draft: Callable[[], PartDraft]) -> None:
        """`roles` names the columns of users, times and names; `draft` begins a part. Events of those who get no row in
        `rows` are left out, and counted by name."""
        self._table, self._roles, self._rows, self._draft = table, roles, rows, draft
        self.clear()

    def clear(self) -> None:
        """Begins anew."""
        self.repeated = 0
        self.left_out: Counter[str] = Counter()
        self._part = self._draft()

    def add(self, piece: Piece) -> None:
        if not piece.frame.height:
            return
        rows = self._rows.rows(piece.frame[self._roles.key])
        if (rows < 0).any():
            piece, rows = self._admitted(piece, rows)
        if len(rows):
            self._part.take(batch_of(piece, self._roles, self._table, rows.astype(np.uint32)))

    def _admitted(self, piece: Piece, rows: Found) -> tuple[Piece, Found]:
        out = piece.frame.filter(pl.Series(rows < 0))
        self.left_out.update(out[self._roles.event].to_list() if self._roles.event else [self._table] * out.height)
        return replace(piece, frame=piece.frame.filter(pl.Series(rows >= 0))), rows[rows >= 0]

    def write(self, schema: Schema, before: tuple[str, ...]) -> tuple[str, ...]:
        """The parts of the table: those that it had before, and the new events."""
        if self._part.is_empty:
            return before
        known, new = [self._part.opened(part) for part in before], self._part.whole(schema)
        self.repeated = repeated(new, known, schema)
        return self._compacted([*known, new], schema)

    def _compacted(self, parts: list[EventPart], schema: Schema) -> tuple[str, ...]:
        """Each part less than half of the one before it, so that parts are few: others are put together."""
        first, total = len(parts) - 1, parts[-1].size
        while first and parts[first - 1].size < 2 * total:
            first -= 1
            total += parts[first].size
        merge = Merge(parts[first:], schema) if first < len(parts) - 1 else None
        if merge and not merge.loses:
            parts = [*parts[:first], self._part.merged(merge)]
        return tuple(part.id for part in parts)
