"""A table and the store's version of it to the reading of what is new in its files since."""

from __future__ import annotations

from datetime import datetime

import polars as pl

from segtool.model.progress import Progress
from segtool.model.project import Project
from segtool.model.run import TableState
from segtool.model.tables import Piece, TableSource
from segtool.read.changes import ChangeReading
from segtool.read.growth import GrowthReading, Unlike
from segtool.store.events import EventPart
from segtool.store.lookup import stored_rows, written
from segtool.store.store import Store
from segtool.store.tables import Standing


def growth_of(
    source: TableSource,
    project: Project,
    store: Store,
    state: TableState,
    as_of: datetime,
    progress: Progress,
    max_errors: int,
) -> GrowthReading:
    """The events that the files have gained since the store's version, less those that it holds already."""
    unique = source.events.unique if source.events else ()
    parts = store.event_parts(state) if unique else []

    def is_known(piece: Piece) -> pl.Series:
        return _known(piece, unique, parts, state)

    names = set(state.report.names)
    folder, zone, schema = project.folder, project.zone, state.schema
    return GrowthReading(source, folder, zone, as_of, schema, state.files, names, is_known, progress, max_errors)


def changes_of(
    source: TableSource, project: Project, store: Store, state: TableState, file: str | None, progress: Progress
) -> ChangeReading:
    """The users whose rows are other than in the store's version."""
    users = store.users()
    # where nobody stood all rows are new; notes and rejects tell of rows that would not be read again
    if (
        users is None
        or not state.report.kept
        or state.report.notes
        or state.report.dropped
        or any(column.note for column in state.schema.columns)
    ):
        raise Unlike
    return ChangeReading(source, project.folder, project.zone, state.schema, Standing(users), file, progress)


def _known(piece: Piece, unique: tuple[str, ...], parts: list[EventPart], state: TableState) -> pl.Series:
    """Which rows are stored already, the same in every column. Where one is another in some column, which of the two
    counts is for a reading of all of them to tell."""
    frame = pl.DataFrame([piece.frame[column.name] for column in state.schema.columns])
    known = stored_rows(parts, state.schema, unique, frame)
    repeated = [False] * frame.height
    told = zip(*(frame[name].to_list() for name in unique), strict=True)
    for number, (values, row) in enumerate(zip(told, frame.iter_rows(), strict=True) if known else ()):
        stored = known.get(written(values)) if None not in values else None
        if stored and written(row) not in stored:
            raise Unlike
        repeated[number] = stored is not None
    return pl.Series(repeated, dtype=pl.Boolean)
