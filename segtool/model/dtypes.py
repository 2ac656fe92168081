"""The kinds of columns as Polars types them, and columns that hold nothing."""

from __future__ import annotations

import numpy as np
import polars as pl

from segtool.model.columns import Coded, ColumnData, Plain, byte_count
from segtool.model.kinds import Column, Kind

_DTYPES: dict[str, pl.DataType] = {
    "text": pl.String(),
    "integer": pl.Int64(),
    "number": pl.Float64(),
    "boolean": pl.Boolean(),
    "date": pl.Date(),
    "datetime": pl.Datetime("us", "UTC"),
}


def to_dtype(kind: Kind) -> pl.DataType:
    """The Polars type of a column of a kind that holds no values."""
    if kind.of:
        return pl.List(to_dtype(kind.of))
    if kind.name == "struct":
        return pl.Struct({name: to_dtype(field) for name, field in kind.fields})
    return _DTYPES[kind.name]


def missing(column: Column, size: int) -> ColumnData:
    """A column in which no row has a value."""
    if column.kind.is_ordered:
        values = np.zeros(size, np.int32 if column.kind.name == "date" else np.int64)
        return Plain(column, values, np.zeros(byte_count(size), np.uint8))
    return Coded(column, np.zeros(size, np.uint8), pl.Series(column.name, [None], dtype=to_dtype(column.kind)))
