"""A column of lists comes in; goes out: the lists as sets of items, where all of them together hold few."""

from __future__ import annotations

import numpy as np
import polars as pl
from numpy.typing import NDArray

from segtool.model.columns import Masks

MOST = 64
"""Items that have each a bit of their own."""

SOME = 2**20
"""Lists that are looked at together."""


def masks_of(lists: pl.Series) -> Masks | None:
    """The sets of items, sorted; None where there are too many, or the items are no plain values."""
    if not isinstance(lists.dtype, pl.List) or isinstance(lists.dtype.inner, (pl.List, pl.Struct, pl.Null)):
        return None
    found = pl.Series("v", [], dtype=lists.dtype.inner)
    for start in range(0, len(lists), SOME):
        found = found.append(_elements(lists[start : start + SOME])).drop_nulls().unique()
        if len(found) > MOST:
            return None
    items = found.sort()
    width = next(width for width in (8, 16, 32, 64) if len(items) <= width)
    bits = [_bits(lists[start : start + SOME], items) for start in range(0, len(lists), SOME)]
    return Masks(items, np.concatenate([np.empty(0, np.uint64), *bits]).astype(np.dtype(f"u{width // 8}")))


def _elements(lists: pl.Series) -> pl.Series:
    return lists.filter(lists.list.len() > 0).explode(empty_as_null=False).alias("v")


def _bits(lists: pl.Series, items: pl.Series) -> NDArray[np.uint64]:
    lengths = lists.list.len().fill_null(0).to_numpy()
    filled = lengths > 0
    places = items.to_frame().with_row_index("bit", offset=0)
    bit = _elements(lists).to_frame().join(places, on="v", how="left", maintain_order="left")["bit"].to_numpy()
    found = np.zeros(len(lists), np.uint64)
    if filled.any():
        starts = np.cumsum(lengths[filled], dtype=np.int64) - lengths[filled]
        found[filled] = np.bitwise_or.reduceat(np.uint64(1) << bit.astype(np.uint64), starts)
    return found
