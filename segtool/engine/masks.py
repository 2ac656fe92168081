"""Tests of what lists hold, and the lists as sets of few items, to the rows for which each test is true."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import numpy as np
import polars as pl
from numpy.typing import NDArray

from segtool.engine.leaves import to_expr
from segtool.model.algebra import Has
from segtool.model.columns import Masks


def holding(leaf: Has, masks: Masks, name: str) -> NDArray[np.bool_]:
    """Whether each row's list holds any, or every, of the leaf's items."""
    wanted = list(_wanted(leaf, masks, name))
    found: NDArray[np.bool_] = (masks.bits & wanted[0]) != 0
    for bits in wanted[1:]:
        found &= (masks.bits & bits) != 0
    return found


def _wanted(leaf: Has, masks: Masks, name: str) -> Iterator[np.unsignedinteger]:
    """The bits one of which must be set; of an `every`, for each item of its own. A list of one item tells whether the
    item is one of those that are asked for."""
    single = pl.DataFrame({name: masks.items.reshape((-1, 1)).arr.to_list()})
    for items in [(item,) for item in leaf.items] if leaf.every else [leaf.items]:
        flags = single.select(to_expr(replace(leaf, items=items, every=False)).alias("")).to_series()
        yield masks.bits.dtype.type(sum(1 << bit for bit in flags.arg_true()))
