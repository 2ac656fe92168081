"""Columns that were laid out apart, brought to one form so that their values can be compared and put together."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import polars as pl
from numpy.typing import NDArray

from segtool.model.columns import Coded, Plain

HIGHEST = 2**63 - 1


def one_scale(columns: Sequence[Plain]) -> int | None:
    """The scale in which all values of all columns are whole and fit into 64 bits; None where there is none."""
    scale = max((one.scale for one in columns), default=0)
    fits = all(one.values.dtype.kind == "i" and _fits(one, 10 ** (scale - one.scale)) for one in columns)
    return scale if fits else None


def on_one_scale(columns: Sequence[Plain]) -> tuple[list[NDArray[Any]], int]:
    """The values of each times 10^scale, where all are whole so and fit into 64 bits; else all as floats, scale 0."""
    scale = one_scale(columns)
    if scale is not None:
        return [times_ten(one.values, scale - one.scale) for one in columns], scale
    # a zero that has a sign is a zero
    return [one.values / 10.0**one.scale + 0.0 for one in columns], 0


def times_ten(values: NDArray[Any], power: int) -> NDArray[Any]:
    """Numbers times 10^power; whole ones in 64 bits, as few bytes might not hold them."""
    if not power:
        return values
    return values.astype(np.int64) * 10**power if values.dtype.kind == "i" else values * 10.0**power


def _fits(column: Plain, factor: int) -> bool:
    if factor == 1 or not len(column.values):
        return True
    return factor * max(abs(int(column.values.min())), abs(int(column.values.max()))) <= HIGHEST


def in_one_code(columns: Sequence[Coded]) -> tuple[list[NDArray[Any]], pl.Series]:
    """The codes of each into one domain of distinct values, whose entry 0 is missing."""
    if len(columns) == 1 and not columns[0].own:
        return [columns[0].codes], columns[0].domain
    places, domain = in_one_domain([one.domain for one in columns])
    return [at[one.codes] for at, one in zip(places, columns, strict=True)], domain


def in_one_domain(domains: Sequence[pl.Series]) -> tuple[list[NDArray[Any]], pl.Series]:
    """For each domain the places of its entries in one of them all, whose entry 0 is missing."""
    # one that holds nothing may be of a type that would make decimals floats
    held = [domain for domain in domains if len(domain) > 1] or domains[:1]
    frames = [domain.alias("v").to_frame() for domain in held]
    every = pl.concat(frames, how="vertical_relaxed")["v"].drop_nulls().unique().sort()
    table = every.to_frame().with_row_index("code", offset=1)
    entries = [domain.alias("v").cast(every.dtype).to_frame() for domain in domains]
    found = [one.join(table, on="v", how="left", maintain_order="left")["code"] for one in entries]
    return [place.fill_null(0).to_numpy() for place in found], pl.Series("v", [None], dtype=every.dtype).append(every)
