"""A table that is in memory, in the place of one that is being read."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import polars as pl

from segtool.model.kinds import Schema
from segtool.model.tables import ImportReport, Piece, Reading, Reject, SourceFile


@dataclass
class ReadTable:
    """All rows of a table; as a reading, in pieces of so many rows each."""

    schema: Schema
    frame: pl.DataFrame
    files: tuple[SourceFile, ...]
    report: ImportReport
    rows: int = 1_000_000
    rejects: tuple[Reject, ...] = ()

    @property
    def table(self) -> str:
        return self.report.table

    @property
    def roles(self) -> Schema:
        return Schema(self.schema.key, (), self.schema.time, self.schema.event)

    def passes(self) -> Iterator[Iterator[Piece]]:
        yield (Piece(self.schema.columns, frame) for frame in self.frame.iter_slices(self.rows))


def _of(frame: pl.DataFrame, name: str) -> pl.Series:
    """A column of a piece; without a type where it holds no value."""
    is_blank = name not in frame.columns or frame[name].null_count() == frame.height
    return pl.repeat(None, frame.height, dtype=pl.Null, eager=True) if is_blank else frame[name]


def whole(reading: Reading) -> ReadTable:
    """All that a reading gives, in its last pass."""
    frames: list[pl.DataFrame] = []
    for pieces in reading.passes():
        frames = [piece.frame for piece in pieces]
    names = [column.name for column in reading.schema.columns]
    # names of their own, as those of files may look like patterns to Polars
    parts = [pl.DataFrame([_of(frame, name).alias(str(at)) for at, name in enumerate(names)]) for frame in frames]
    frame = pl.concat(parts, how="vertical_relaxed")
    frame.columns = names
    return ReadTable(reading.schema, frame, reading.files, reading.report, rejects=reading.rejects)
