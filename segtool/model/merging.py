"""Columns that were laid out apart, brought to one form so that their values can be compared and put together."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import polars as pl
from numpy.typing import NDArray

from segtool.model.columns import Coded, Plain

HIGHEST = 2**63 - 1


def on_one_scale(columns: Sequence[Plain]) -> tuple[list[NDArray[Any]], int]:
    """The values of each times 10^scale, where all are whole so and fit into 64 bits; else all as floats, scale 0."""
    scale = max((one.scale for one in columns), default=0)
    if all(one.values.dtype.kind == "i" and _fits(one, 10 ** (scale - one.scale)) for one in columns):
        return [one.values if one.scale == scale else one.values * 10 ** (scale - one.scale) for one in columns], scale
    # a zero that has a sign is a zero
    return [one.values / 10.0**one.scale + 0.0 for one in columns], 0


def _fits(column: Plain, factor: int) -> bool:
    if factor == 1 or not len(column.values):
        return True
    return factor * max(abs(int(column.values.min())), abs(int(column.values.max()))) <= HIGHEST


def in_one_code(columns: Sequence[Coded]) -> tuple[list[NDArray[Any]], pl.Series]:
    """The codes of each into one domain of distinct values, whose entry 0 is missing."""
    # one that holds nothing may be of a type that would make decimals floats
    held = [one.domain.alias("v").to_frame() for one in columns if len(one.domain) > 1]
    if len(columns) == 1 or not held:
        return [one.codes for one in columns], columns[0].domain
    every = pl.concat(held, how="vertical_relaxed")["v"].drop_nulls().unique().sort()
    table = every.to_frame().with_row_index("code", offset=1)
    domains = [one.domain.alias("v").cast(every.dtype).to_frame() for one in columns]
    places = [domain.join(table, on="v", how="left", maintain_order="left")["code"] for domain in domains]
    codes = [place.fill_null(0).to_numpy()[one.codes] for place, one in zip(places, columns, strict=True)]
    return codes, pl.Series("v", [None], dtype=every.dtype).append(every)
