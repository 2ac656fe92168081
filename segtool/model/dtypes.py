"""The kinds of columns as Polars types them, and columns that hold nothing."""

from __future__ import annotations

import numpy as np
import polars as pl
from polars.datatypes import DataTypeClass

from segtool.model.columns import Coded, ColumnData, Plain, byte_count
from segtool.model.kinds import Column, Kind

PolarsType = pl.DataType | DataTypeClass

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


def conformed(values: pl.Series, kind: Kind) -> pl.Series:
    """The same values in the type of their kind: structs with all its fields, in its order."""
    dtype = to_dtype(kind)
    if values.dtype == dtype or not values.dtype.is_nested():
        return values
    return (
        values.alias("v").to_frame().select(_conformed(pl.col("v"), values.dtype, dtype)).to_series().alias(values.name)
    )


def _conformed(held: pl.Expr, dtype: PolarsType, wanted: PolarsType) -> pl.Expr:
    if isinstance(dtype, pl.List) and isinstance(wanted, pl.List):
        return held.list.eval(_conformed(pl.element(), dtype.inner, wanted.inner))
    if not (isinstance(dtype, pl.Struct) and isinstance(wanted, pl.Struct)):
        return held.cast(wanted)
    types = {field.name: field.dtype for field in dtype.fields}
    fields = [
        _conformed(held.struct.field(field.name), types[field.name], field.dtype).alias(field.name)
        if field.name in types
        else pl.lit(None, field.dtype).alias(field.name)
        for field in wanted.fields
    ]
    return pl.when(held.is_not_null()).then(pl.struct(fields))
