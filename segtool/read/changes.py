"""A declared table of users comes in; go out: the rows that are not as they were in the version before."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Protocol
from zoneinfo import ZoneInfo

import numpy as np
import polars as pl
from numpy.typing import NDArray

from segtool.model.columns import Rows
from segtool.model.kinds import Column, Schema
from segtool.model.progress import Progress, untold
from segtool.model.tables import Piece, TableSource
from segtool.read.findings import Places
from segtool.read.growth import Unlike, go_together, noted
from segtool.read.keys import check_keys, key_text
from segtool.read.natural import flattened
from segtool.read.raw import RawPiece
from segtool.read.tables import UserReading


class Before(Protocol):
    """The users as they stood in the version before."""

    def rows(self, keys: pl.Series, hashes: pl.Series) -> NDArray[np.int64]:
        """The rows that have both, the key and the hash; -1 where there is none."""

    def holds(self, column: str, rows: Rows) -> bool:
        """Whether one of these rows has a value of the column."""


class ChangeReading(UserReading):
    """The users whose rows are other than those of the version before, typed alone; the key of every row is looked at.

    Raises Unlike where more has changed than values that fit their columns, or most rows have; and InputError where
    anything is wrong, which a reading of all rows tells better."""

    known: Schema
    is_whole = False
    """Most rows of the first piece are others: then this is a reading of all rows like any other."""

    def __init__(
        self,
        source: TableSource,
        folder: Path,
        zone: ZoneInfo,
        known: Schema,
        before: Before,
        file: str | None = None,
        progress: Progress = untold,
    ) -> None:
        super().__init__(source, folder, zone, known, file, progress)
        self.before = before

    def begin(self) -> None:
        super().begin()
        self.all_keys: list[pl.Series] = []
        self.same: list[Rows] = []
        self.changed = 0

    def typed(self, raw: RawPiece) -> Piece | None:
        if self.is_whole:
            return super().typed(raw)
        frame = flattened(raw.frame, raw.part.file)
        keys = self._keys_in(frame, raw.part.file)
        rows = self.before.rows(keys, self.hashes(frame))
        is_same = rows >= 0
        if not self.all_keys and 2 * is_same.sum() < len(keys):
            self.is_whole = True
            return super().typed(raw)
        same = rows[is_same].astype(np.uint32)
        self.all_keys.append(keys)
        self.same.append(same)
        self.rows += len(same)
        self.changed += len(keys) - len(same)
        if 2 * self.changed > self.rows + self.changed:
            raise Unlike
        piece = super().typed(replace(raw, frame=frame.filter(~is_same)))
        return replace(piece, same=same) if piece else None

    def _keys_in(self, frame: pl.DataFrame, file: str) -> pl.Series:
        name = self.source.key
        typed = self._reader().typed(frame[name]) if name in frame.columns else None
        if typed is None:
            raise Unlike
        return key_text(name, typed.converted.values, typed.column.kind.name, file, self.findings)

    def kept(self, piece: Piece) -> Piece:
        if self.is_whole:
            return super().kept(piece)
        found = {column.name: column for column in piece.columns}
        known = {name: column for name, column in self.known.by_name.items() if name in found}
        if not go_together(known, found) or any(column.note for column in piece.columns):
            raise Unlike
        return piece

    def finish(self) -> None:
        if self.is_whole:
            super().finish()
        # what is noted of rows that are the same is not counted again
        elif self.notes or self.facts or any(self.meant.values()) or self.names.keys() != self.known.by_name.keys():
            raise Unlike
        else:
            check_keys(pl.concat(self.all_keys), Places(self.parts, self.several), self.findings)

    def schema_of(self, columns: tuple[Column, ...]) -> Schema:
        schema = super().schema_of(columns)
        if self.is_whole:
            return schema
        return replace(schema, columns=tuple(self._as_a_whole(name, schema) for name in schema.by_name))

    def _as_a_whole(self, name: str, changed: Schema) -> Column:
        """A known column as all rows are; those that stay are asked only where the changed ones hold no value."""
        known = self.known.by_name[name]
        column = noted(known, changed.by_name)
        may_be_blank = known.form and not changed.by_name[name].form
        if may_be_blank and not any(self.before.holds(name, rows) for rows in self.same):
            return replace(column, form="")
        return column
