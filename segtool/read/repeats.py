"""Rows of events come in; go out: those that count once although they stand there several times."""

from __future__ import annotations

from collections.abc import Sequence

import polars as pl


def without_repeats(frame: pl.DataFrame, unique: Sequence[str], time: str) -> pl.DataFrame:
    """Of rows that are equal in these columns, the earliest; of equal times, the first by all other columns, by name,
    so that the order of neither rows nor columns matters. Rows without a value in one of them are no repeats."""
    # names of its own, as those of files may look like patterns to Polars
    told = pl.DataFrame([frame[name].alias(f"u{i}") for i, name in enumerate(unique)])
    doubtful = told.is_duplicated() & told.select(pl.all_horizontal(pl.all().is_not_null())).to_series()
    if not doubtful.any():
        return frame
    others = [time, *sorted(name for name in frame.columns if name != time)]
    order = pl.DataFrame([_sortable(frame[name].filter(doubtful)).alias(f"o{i}") for i, name in enumerate(others)])
    rows = pl.DataFrame([doubtful.arg_true().alias("row"), *told.filter(doubtful), *order])
    kept = rows.sort(order.columns).unique(told.columns, keep="first", maintain_order=True)["row"]
    stays = (~doubtful).to_numpy().copy()
    stays[kept.to_numpy()] = True
    return frame.filter(pl.Series(stays))


def _sortable(values: pl.Series) -> pl.Series:
    """Lists, which have no order, by how they are written."""
    if not values.dtype.is_nested():
        return values
    return pl.Series([None if value is None else repr(value) for value in values.to_list()], dtype=pl.String)


def repeated_rows(frame: pl.DataFrame, time: str) -> int:
    """How many rows are the same as another one before them, in every column."""
    doubtful = frame.filter(frame[time].is_duplicated())
    return doubtful.height - doubtful.unique().height
