"""Columns as they are laid out come in, with some places in them; go out: the values there, in the types of their
kinds."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import numpy as np
import polars as pl
from numpy.typing import NDArray

from segtool.model.columns import Coded, ColumnData, unpack
from segtool.model.dtypes import to_dtype
from segtool.model.kinds import NUMBER


def series_at(data: ColumnData, at: NDArray[np.integer]) -> pl.Series:
    """The values at these places, null where they are missing; exact numbers are Decimals."""
    if isinstance(data, Coded):
        return data.domain.gather(data.codes[at]).alias(data.column.name)
    held, kind = pl.Series(data.column.name, data.values[at]), data.column.kind
    if kind != NUMBER:
        held = held.cast(to_dtype(kind))
    elif held.dtype.is_integer():
        held = held.cast(pl.Decimal(38, 0)) * Decimal(1).scaleb(-data.scale)
    valid = pl.Series(unpack(data.valid, len(data.values))[at])
    return held.zip_with(valid, pl.Series([None], dtype=held.dtype))


def values_at(data: ColumnData, at: NDArray[np.integer]) -> list[Any]:
    """The values at these places as Python holds them, None where they are missing."""
    return series_at(data, at).to_list()
