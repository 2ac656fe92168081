"""A declared table of events and its files as they were come in; go out: the events that the files have gained."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import polars as pl

from segtool.model.kinds import Column, Schema
from segtool.model.progress import Progress, untold
from segtool.model.tables import Piece, SourceFile, TableSource
from segtool.read.csv import read_csv_on
from segtool.read.events import MOST_NAMES, REPEATED, EventReading
from segtool.read.files import OpenFile, has_same_bytes, tail_of
from segtool.read.ndjson import read_ndjson_on
from segtool.read.raw import RawPiece
from segtool.read.sniff import form_of
from segtool.read.tables import raw_pieces

Known = Callable[[Piece], pl.Series]
"""Which rows of a piece are stored already, where the same event may stand in several rows."""


class Unlike(Exception):
    """More than new events came: all must be read anew."""


class GrowthReading(EventReading):
    """The events that files have gained since they were `before`, in new files and at the ends of known ones.

    Raises Unlike where anything else has changed, or new rows are of other columns or kinds; `names` are those of the
    events so far, and `is_known` tells stored rows where `unique:` is declared (it may raise Unlike too)."""

    def __init__(
        self,
        source: TableSource,
        folder: Path,
        zone: ZoneInfo,
        as_of: datetime,
        known: Schema,
        before: tuple[SourceFile, ...],
        names: set[str],
        is_known: Known,
        progress: Progress = untold,
        max_errors: int = 0,
    ) -> None:
        super().__init__(source, folder, zone, as_of, known, progress=progress, max_errors=max_errors)
        self.before, self.known_names, self.is_known = {file.path: file for file in before}, names, is_known
        if not self.before.keys() <= set(self.paths):
            raise Unlike

    def stands(self, path: str) -> SourceFile | None:
        before = self.before.get(path)
        return before if before and has_same_bytes(before, self.folder) else None

    def pieces_of(self, file: OpenFile) -> Iterator[RawPiece]:
        return map(self._in_all_columns, self._gained(file))

    def _gained(self, file: OpenFile) -> Iterator[RawPiece]:
        """The rows of a new file, or those that a known one has gained."""
        before, form = self.before.get(file.shown), form_of(file.shown)
        if before is None:
            return raw_pieces(file, self.source.separator, self.unformed)
        tail = tail_of(file, before) if form in ("CSV", "NDJSON") else None
        if tail is None:
            raise Unlike
        if form == "CSV":
            return read_csv_on(file, tail, self.source.separator, self.unformed)
        return read_ndjson_on(file, tail, self.unformed)

    def _in_all_columns(self, piece: RawPiece) -> RawPiece:
        """Rows of NDJSON may lack columns that others have; where the new ones do, these are missing."""
        if not piece.is_loose or self.known is None:
            return piece
        fields = {name for column in piece.frame.columns for name in (column, *_inner(column, piece.frame))}
        absent = [column.name for column in self.known.columns if column.name not in fields]
        return replace(piece, frame=piece.frame.with_columns(pl.lit(None).alias(name) for name in absent))

    def new(self, piece: Piece) -> Piece:
        known = self.known.by_name if self.known else {}
        if not go_together(known, {column.name: column for column in piece.columns}):
            raise Unlike
        if not self.once:
            return piece
        repeated = self.is_known(piece)
        self.dropped[REPEATED] += int(repeated.sum())
        return replace(piece, frame=piece.frame.filter(~repeated))

    def finish(self) -> None:
        if len({*self.counted, *self.known_names}) > MOST_NAMES:
            raise Unlike

    def schema_of(self, columns: tuple[Column, ...]) -> Schema:
        schema = super().schema_of(columns)
        if self.known is None or not columns:
            return schema
        return replace(schema, columns=tuple(noted(column, schema.by_name) for column in self.known.columns))


def _inner(column: str, frame: pl.DataFrame) -> list[str]:
    """The names of a struct's fields as columns of their own."""
    dtype = frame.schema[column]
    if not isinstance(dtype, pl.Struct):
        return []
    nested = frame[column].struct.unnest()
    return [f"{column}.{name}" for field in nested.columns for name in (field, *_inner(field, nested))]


def go_together(known: Mapping[str, Column], found: Mapping[str, Column]) -> bool:
    """Whether new rows have the same columns, of the same kinds and written in the same form."""
    if known.keys() != found.keys():
        return False
    pairs = [(known[name], found[name]) for name in known]
    return all(
        one.kind == other.kind and (one.form == other.form or "" in (one.form, other.form)) for one, other in pairs
    )


def noted(column: Column, found: Mapping[str, Column]) -> Column:
    """A known column with what the new rows tell of it."""
    new = found.get(column.name, column)
    blank, note, form = column.blank and new.blank, column.note or new.note, column.form or new.form
    return replace(column, blank=blank, note=note, form=form)
