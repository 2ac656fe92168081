"""A table of events and the store's version of it to the events that are new, where nothing but more of them came."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

import polars as pl

from segtool.model.project import Project
from segtool.model.run import TableState
from segtool.model.tables import ReadTable, TableSource
from segtool.read.events import MOST_NAMES, REPEATED, TWICE, counted_names, read_on
from segtool.store.events import EventPart
from segtool.store.lookup import stored_rows, written
from segtool.store.store import Store


def grown(source: TableSource, project: Project, store: Store, state: TableState, as_of: datetime) -> ReadTable | None:
    """The events that the files have gained since the store's version; None where the table must be read anew."""
    read = read_on(source, project.folder, project.zone, as_of, state.schema, state.files)
    if read is None or len({*state.report.names, *read.report.names}) > MOST_NAMES:
        return None
    if not read.frame.height or source.events is None:
        return read
    parts = store.event_parts(state)
    if source.events.unique:
        return _without_known(read, source.events.unique, parts)
    return _with_note(read, source.events.time, parts)


def _without_known(read: ReadTable, unique: tuple[str, ...], parts: list[EventPart]) -> ReadTable | None:
    """Without rows that are stored already, the same in every column. Where one is another in some column, which of the
    two counts is for a reading of all of them to tell."""
    known = stored_rows(parts, read.schema, unique, read.frame)
    told = [read.frame[name].to_list() for name in unique] if known else []
    repeated = []
    for *values, row in zip(*told, read.frame.iter_rows() if known else (), strict=True):
        stored = known.get(written(values)) if None not in values else None
        if stored and written(row) not in stored:
            return None
        repeated.append(stored is not None)
    return _less(read, pl.Series(repeated)) if any(repeated) else read


def _with_note(read: ReadTable, time: str, parts: list[EventPart]) -> ReadTable:
    """The reading with a note of rows that are stored already: they count, but somebody may have sent them twice."""
    known = stored_rows(parts, read.schema, (time,), read.frame)
    if not known:
        return read
    pairs = zip(read.frame[time].to_list(), read.frame.iter_rows(), strict=True)
    again = sum(written(row) in known.get(written([moment]), ()) for moment, row in pairs)
    return replace(read, report=read.report.noting({TWICE: read.report.notes.get(TWICE, 0) + again}))


def _less(read: ReadTable, repeated: pl.Series) -> ReadTable:
    """The reading without its repeated rows, which its report counts."""
    frame, report = read.frame.filter(~repeated), read.report
    names = counted_names(frame, read.schema.event, report.table)
    dropped = dict(sorted({**report.dropped, REPEATED: report.dropped.get(REPEATED, 0) + int(repeated.sum())}.items()))
    return replace(read, frame=frame, report=replace(report, kept=frame.height, dropped=dropped, names=names))
