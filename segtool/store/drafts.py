"""Events that are being read come in, piece by piece; go out: the parts of their table, few and large."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from pathlib import Path

import polars as pl

from segtool.model.kinds import Schema
from segtool.model.progress import Progress, untold
from segtool.model.tables import Piece
from segtool.store.batches import Batch, batch_of
from segtool.store.events import EventPart
from segtool.store.keys import KeyRows
from segtool.store.merge import Merge
from segtool.store.parts import write_folder
from segtool.store.repeats import repeated


class EventDraft:
    """Events in the making. Each piece becomes a part, which lives no longer than the run where others follow it: then
    they are merged into one."""

    def __init__(
        self,
        root: Path,
        table: str,
        roles: Schema,
        rows: KeyRows,
        keys: Callable[[], pl.Series],
        note: Callable[[str], None],
        progress: Progress = untold,
    ) -> None:
        """`roles` names the columns of users, times and names; `note` is told every folder that is written."""
        self._root, self._table, self._roles, self._rows, self._keys, self._note = root, table, roles, rows, keys, note
        self._advance = partial(progress, f"putting {table} in order", unit="rows")
        self.clear()

    def clear(self) -> None:
        """Begins anew."""
        self.repeated = 0
        self._last: Batch | None = None
        self._written: list[EventPart] = []

    def add(self, piece: Piece) -> None:
        if not piece.frame.height:
            return
        if self._last:
            self._written.append(self._part(self._last, durable=False))
        rows = self._rows.rows(piece.frame[self._roles.key])
        self._last = batch_of(piece, self._roles, self._table, rows)

    def write(self, schema: Schema, before: tuple[str, ...]) -> tuple[str, ...]:
        """The parts of the table: those that it had before, and the new events."""
        if self._last is None:
            return before
        known, new = [self._opened(part) for part in before], self._whole(self._last, schema)
        self.repeated = repeated(new, known, schema)
        return self._compacted([*known, new], schema)

    def _whole(self, last: Batch, schema: Schema) -> EventPart:
        """All pieces as one part."""
        if not self._written:
            return self._part(last, durable=True)
        merge = Merge([*self._written, self._part(last, durable=False)], schema)
        merge.refuse_loss()
        return self._merged(merge)

    def _compacted(self, parts: list[EventPart], schema: Schema) -> tuple[str, ...]:
        """Each part less than half of the one before it, so that parts are few: others are put together."""
        first, total = len(parts) - 1, parts[-1].size
        while first and parts[first - 1].size < 2 * total:
            first -= 1
            total += parts[first].size
        merge = Merge(parts[first:], schema) if first < len(parts) - 1 else None
        if merge and not merge.loses:
            parts = [*parts[:first], self._merged(merge)]
        return tuple(part.id for part in parts)

    def _part(self, batch: Batch, *, durable: bool) -> EventPart:
        return self._noted(write_folder(self._root, batch.fill, durable))

    def _merged(self, merge: Merge) -> EventPart:
        return self._noted(write_folder(self._root, partial(merge.fill, advance=self._advance)))

    def _noted(self, id: str) -> EventPart:
        self._note(id)
        return self._opened(id)

    def _opened(self, id: str) -> EventPart:
        return EventPart(self._root, id, self._keys)
