"""Columns as they are laid out come in, with some places in them; go out: the values there, as Python holds them."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import numpy as np
import polars as pl
from numpy.typing import NDArray

from segtool.model.columns import Coded, ColumnData, unpack
from segtool.model.dtypes import to_dtype


def values_at(data: ColumnData, at: NDArray[np.integer]) -> list[Any]:
    """The values at these places, None where they are missing."""
    if isinstance(data, Coded):
        return data.domain.gather(data.codes[at]).to_list()
    held = pl.Series(data.values[at])
    if data.column.kind.is_time:
        held = held.cast(to_dtype(data.column.kind))
    values = [Decimal(value).scaleb(-data.scale) for value in held.to_list()] if data.scale else held.to_list()
    valid = unpack(data.valid, len(data.values))[at].tolist()
    return [value if there else None for value, there in zip(values, valid, strict=True)]
