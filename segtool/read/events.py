"""A declared table of events comes in; goes out, piece by piece: its rows, or those that its files have gained."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import numpy as np
import polars as pl

from segtool.errors import InputError, Mark, Problem
from segtool.model.kinds import DATE, DATETIME, TEXT, Column, Schema
from segtool.model.progress import Progress, untold
from segtool.model.tables import DeclaredColumn, EventColumns, ImportReport, Piece, TableSource
from segtool.read.columns import TypedColumns
from segtool.read.findings import Places
from segtool.read.keys import check_breaks, key_text
from segtool.read.repeats import Once
from segtool.read.tables import TableReading
from segtool.read.times import day_starts

MOST_NAMES = 10_000
LATER = "later than as-of when they were read"
REPEATED = "repeated"


class EventReading(TableReading):
    """All events in the files of a declared table. `as_of`: events later than that are counted."""

    def __init__(
        self,
        source: TableSource,
        folder: Path,
        zone: ZoneInfo,
        as_of: datetime,
        known: Schema | None = None,
        file: str | None = None,
        progress: Progress = untold,
        max_errors: int = 0,
    ) -> None:
        assert source.events
        self.events: EventColumns = source.events
        self.as_of = as_of
        timed = replace(source, columns={source.events.time: DeclaredColumn(DATETIME), **source.columns})
        super().__init__(timed, folder, zone, known, file, progress, max_errors)

    def begin_anew(self) -> None:
        self.once: Once | None = None
        super().begin_anew()

    def begin(self) -> None:
        super().begin()
        self.dropped: Counter[str] = Counter()
        self.counted: Counter[str] = Counter()
        self.later = 0
        if self.events.unique:
            doubtful = self.once.across() if self.once else None
            self.once = Once(self.events.unique, self.events.time, doubtful)

    def must_repeat(self) -> bool:
        repeated = self.once is not None and self.once.doubtful is None and len(self.once.across()) > 0
        return super().must_repeat() or repeated

    def with_roles(self, typed: TypedColumns, places: Places) -> TypedColumns:
        """Users and names as text, and times as instants."""
        file = places.parts[0].file
        for i, column in enumerate(typed.columns):
            if column.name in self.source.verbatim:
                role = self.source.roles[column.name]
                typed.values[i] = key_text(column.name, typed.values[i], column.kind.name, file, self.findings, role)
                typed.columns[i] = replace(column, kind=TEXT)
                if column.name == self.source.key:
                    check_breaks(typed.values[i], places, self.findings)
            elif column.name == self.events.time:
                typed.columns[i] = replace(column, kind=DATETIME)
                if column.kind == DATE:
                    typed.values[i], more = day_starts(typed.values[i], self.zone)
                    typed.notes.update(more)
                elif column.kind != DATETIME:
                    self._add_no_time(column, file)
        return typed

    def _add_no_time(self, column: Column, file: str) -> None:
        fact = f"`{column.name}`, the time of each event, is declared as {column.kind}"
        step = "declare it as `datetime`, or as a date or datetime with its format"
        self.findings.add("columns of another kind", Problem(fact, step, Mark(file)))

    def kept(self, piece: Piece) -> Piece:
        """The rows that are events, each once."""
        if self.findings:
            return piece
        frame = piece.frame
        for reason, name in (
            ("without a user", self.source.key),
            ("without a time", self.events.time),
            ("without a name", self.events.event),
        ):
            kept = frame.filter(frame[name].is_not_null()) if name and frame[name].null_count() else frame
            self.dropped[reason] += frame.height - kept.height
            frame = kept
        return self._counted(replace(piece, frame=self.once.kept(frame) if self.once else frame))

    def new(self, piece: Piece) -> Piece:
        """The events that were not read before."""
        return piece

    def _counted(self, piece: Piece) -> Piece:
        piece = self.new(piece)
        frame, event = piece.frame, self.events.event
        self.counted.update(_numbers(frame[event]) if event else {self.source.name: frame.height})
        self.later += int((frame[self.events.time] > self.as_of).sum())
        return piece

    def held_back(self) -> Iterator[Piece]:
        frame = self.once.held_back() if self.once else None
        if frame is not None:
            yield self._counted(Piece(tuple(self.settled.columns[name] for name in frame.columns), frame))

    def finish(self) -> None:
        if len(self.counted) > MOST_NAMES:
            number = f"{len(self.counted):,} names of events, and at most {MOST_NAMES:,} are read"
            fact = f"column `{self.events.event}` holds {number}"
            raise InputError(Problem(fact, "does it name the events?", Mark(self.paths[0])))

    def schema_of(self, columns: tuple[Column, ...]) -> Schema:
        return Schema(self.source.key, columns, self.events.time, self.events.event)

    def reported(self, report: ImportReport) -> ImportReport:
        if self.once:
            self.dropped[REPEATED] += self.once.dropped
        dropped = {reason: number for reason, number in sorted({**report.dropped, **self.dropped}.items()) if number}
        names = dict(sorted(self.counted.items()))
        kept = sum(names.values())
        return replace(report, kept=kept, dropped=dropped, names=names).noting({LATER: self.later})


def _numbers(names: pl.Series) -> dict[str, int]:
    """How many rows have each of a few names."""
    distinct = names.unique().sort()
    codes = names.cast(pl.Enum(distinct)).to_physical().to_numpy()
    return dict(zip(distinct.to_list(), np.bincount(codes, minlength=len(distinct)).tolist(), strict=True))
