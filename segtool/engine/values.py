"""A column as it is laid out, and some rows, come in; go out: the values there, in the types that people know."""

from __future__ import annotations

from decimal import Decimal

import numpy as np
import polars as pl
from numpy.typing import NDArray

from segtool.engine.rows import held
from segtool.model.columns import Coded, ColumnData, Plain, unpack


def column_values(data: ColumnData, rows: NDArray[np.integer]) -> pl.Series:
    """Text, booleans and lists as they are; whole numbers; numbers as exact decimals, or floats where they are held as
    such; dates, and times in UTC. Null where there is none."""
    name = data.column.name
    if isinstance(data, Coded):
        return data.domain.gather(data.codes[rows]).alias(name)
    valid = pl.Series(unpack(data.valid, len(data.values))[rows])
    values = _decimals(data, rows) if data.scale else held(data).gather(rows)
    return pl.select(pl.when(valid).then(values).otherwise(None)).to_series().alias(name)


def _decimals(data: Plain, rows: NDArray[np.integer]) -> pl.Series:
    """Each distinct number is made once."""
    distinct, places = np.unique(data.values[rows], return_inverse=True)
    exact = [Decimal(number).scaleb(-data.scale) for number in distinct.tolist()]
    return pl.Series(exact, dtype=pl.Decimal(38, data.scale)).gather(places)
