"""One column as it was laid out in several parts comes in; goes out: how it is laid out in all of them together."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import polars as pl
from numpy.typing import NDArray

from segtool.model.columns import Coded, ColumnData, Plain, pack, unpack
from segtool.model.dtypes import conformed, missing
from segtool.model.kinds import Column
from segtool.model.merging import in_one_domain, one_scale, times_ten
from segtool.store.layout import own, too_long, width


@dataclass(frozen=True)
class Joint:
    """What the parts of a column become. `lost`: its exact numbers have more digits together than 64 bits hold."""

    column: Column
    dtype: np.dtype[Any]
    scale: int = 0
    domain: pl.Series | None = None
    codes: dict[int, NDArray[Any]] = field(default_factory=dict)
    own: bool = False
    lost: bool = False

    def of(self, part: int, data: ColumnData | None, size: int) -> ColumnData:
        """Some rows of a part, laid out so."""
        if data is None or isinstance(data, Plain) != self.column.kind.is_ordered:
            # where a part held no value, its kind was a guess
            data = missing(self.column, size)
        if isinstance(data, Plain):
            to_floats = self.dtype.kind == "f" and data.values.dtype.kind == "i"
            power = self.scale - data.scale
            values = data.values / 10.0**data.scale if to_floats else times_ten(data.values, power)
            return Plain(self.column, values.astype(self.dtype, copy=False), data.valid, self.scale)
        if self.own:
            series = data.domain[1:] if data.own else data.domain.gather(data.codes)
            return own(self.column, conformed(series, self.column.kind))
        assert self.domain is not None
        codes = self.codes[part][data.codes] if part in self.codes else data.codes.astype(self.dtype, copy=False)
        return Coded(self.column, codes, self.domain)


def joint(column: Column, parts: Sequence[ColumnData | None]) -> Joint:
    """How a column is laid out that has these parts; None where a part holds no value."""
    held = {number: data for number, data in enumerate(parts) if data is not None}
    plain = [data for data in held.values() if isinstance(data, Plain)]
    if column.kind.is_ordered:
        scale = one_scale(plain)
        exact = all(data.values.dtype.kind == "i" for data in plain)
        if scale is None:
            return Joint(column, np.dtype(np.float64), lost=exact)
        if not plain or any(data.scale != scale for data in plain):
            return Joint(column, np.dtype(np.int32 if column.kind.name == "date" else np.int64), scale)
        return Joint(column, np.result_type(*{data.values.dtype for data in plain}), scale)
    coded = {number: data for number, data in held.items() if isinstance(data, Coded)}
    if any(data.own for data in coded.values()):
        return Joint(column, np.dtype(np.uint32), own=True)
    if not coded:
        empty = missing(column, 0)
        return Joint(column, np.dtype(np.uint8), domain=empty.domain if isinstance(empty, Coded) else None)
    if len(parts) == 1:
        (only,) = coded.values()
        return Joint(column, only.codes.dtype, domain=only.domain)
    places, domain = in_one_domain([conformed(data.domain, column.kind) for data in coded.values()])
    dtype = np.dtype(width(len(domain)))
    codes = {number: at.astype(dtype) for number, at in zip(coded, places, strict=True)}
    return Joint(column, dtype, domain=domain.alias(column.name), codes=codes)


def exact(column: Column, parts: Sequence[ColumnData | None]) -> Joint:
    """How a column is laid out; InputError where that would lose digits."""
    found = joint(column, parts)
    if found.lost:
        raise too_long(column)
    return found


def are_equal(one: ColumnData, other: ColumnData) -> bool:
    """Whether two columns that are laid out alike hold the same values."""
    if isinstance(one, Plain) and isinstance(other, Plain):
        return np.array_equal(one.valid, other.valid) and np.array_equal(one.values, other.values)
    assert isinstance(one, Coded) and isinstance(other, Coded)
    return one.domain.equals(other.domain) if one.own else np.array_equal(one.codes, other.codes)


def without_unused(data: ColumnData) -> ColumnData:
    """The column without those distinct values that no row holds any more."""
    if isinstance(data, Plain) or data.own or data.column.kind.name == "boolean":
        return data
    used = np.bincount(data.codes, minlength=len(data.domain)) > 0
    used[0] = True
    if used.all():
        return data
    places = (np.cumsum(used) - 1).astype(width(int(used.sum())))
    return Coded(data.column, places[data.codes], data.domain.filter(pl.Series(used)))


Some = tuple[int, ColumnData | None, int]
"""Rows of a part: its number, their values (None where it holds none), and how many they are."""


def joined(joint: Joint, some: Sequence[Some]) -> ColumnData:
    """The column of all these rows, one after the other."""
    data = [joint.of(*one) for one in some]
    if joint.own:
        return own(joint.column, pl.concat([one.domain[1:] for one in data if isinstance(one, Coded)]))
    if joint.domain is not None:
        codes = np.concatenate([np.empty(0, joint.dtype), *(one.codes for one in data if isinstance(one, Coded))])
        return Coded(joint.column, codes, joint.domain)
    plain = [one for one in data if isinstance(one, Plain)]
    valid = [unpack(one.valid, len(one.values)) for one in plain]
    values = np.concatenate([np.empty(0, joint.dtype), *(one.values for one in plain)])
    return Plain(joint.column, values, pack(np.concatenate([np.empty(0, np.bool_), *valid])), joint.scale)
