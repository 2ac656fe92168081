"""Rows of events come in, piece by piece; go out: those that count once although they stand there several times."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import polars as pl
from numpy.typing import NDArray

Hashes = NDArray[np.uint64]


class Once:
    """Of rows that are equal in some columns, one. What is equal across pieces shows only when all were seen: then all
    are given once more, and those that may be repeated (`doubtful`) are held back."""

    def __init__(self, unique: Sequence[str], time: str, doubtful: Hashes | None = None) -> None:
        self.unique, self.time, self.doubtful = unique, time, doubtful
        self.dropped = 0
        self._seen: list[Hashes] = []
        self._held: list[pl.DataFrame] = []

    def kept(self, frame: pl.DataFrame) -> pl.DataFrame:
        """The rows of a piece that count, as far as it can be told now."""
        if self.doubtful is None:
            kept = self._without_repeats(frame)
            hashes, blank = _hashes(kept, self.unique)
            self._seen.append(hashes[~blank])
            return kept
        hashes, blank = _hashes(frame, self.unique)
        may_be = pl.Series(np.isin(hashes, self.doubtful) & ~blank)
        self._held.append(_with_values(frame.filter(may_be)))
        return frame.filter(~may_be)

    def held_back(self) -> pl.DataFrame | None:
        """The rows that were held back, less those that are repeated."""
        return self._without_repeats(pl.concat(self._held, how="diagonal_relaxed")) if self._held else None

    def across(self) -> Hashes:
        """The hashes of rows that may stand in several pieces."""
        if len(self._seen) < 2:
            return np.empty(0, np.uint64)
        every = np.concatenate(self._seen)
        every.sort()
        return np.unique(every[1:][every[1:] == every[:-1]])

    def _without_repeats(self, frame: pl.DataFrame) -> pl.DataFrame:
        kept = without_repeats(frame, self.unique, self.time)
        self.dropped += frame.height - kept.height
        return kept


def _with_values(frame: pl.DataFrame) -> pl.DataFrame:
    """The columns that hold values; the types of others are guesses."""
    return pl.DataFrame([column for column in frame.get_columns() if column.null_count() < frame.height])


def _hashes(frame: pl.DataFrame, names: Sequence[str]) -> tuple[Hashes, NDArray[np.bool_]]:
    """A hash of each row's values, the same for equal ones of whatever type, and whether one of them is missing."""
    found = pl.DataFrame([_hashable(frame[name]).alias(f"u{i}") for i, name in enumerate(names)])
    blank = found.select(pl.any_horizontal(pl.all().is_null())).to_series()
    return found.hash_rows().to_numpy(), blank.to_numpy()


def _hashable(values: pl.Series) -> pl.Series:
    """Numbers in one type, so that equal ones have one hash."""
    return values.cast(pl.Float64) if values.dtype.is_numeric() else _sortable(values)


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
