"""A typed column comes in; goes out: its values, or codes of them, as they are stored."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import polars as pl
from numpy.typing import NDArray

from segtool.errors import InputError, Problem
from segtool.model.columns import Coded, ColumnData, Plain, Rows, from_rows, pack, unpack
from segtool.model.kinds import Column

SAMPLE, VARIED = 2**14, 0.9
"""So many values tell whether a column varies: whether a larger share of them than this is distinct."""

_LIMIT = 2**63 - 1
_TEN = pl.lit(10, pl.Int128)


def laid_out(column: Column, values: pl.Series) -> ColumnData:
    """A column as it is stored, in the order of its values."""
    if column.kind.is_ordered:
        return _plain(column, values)
    if column.kind.name == "boolean":
        return Coded(column, *_boolean(values))
    return own(column, values) if _varies(values) else Coded(column, *_coded(values))


def own(column: Column, values: pl.Series) -> Coded:
    """A column whose rows have each a value of their own."""
    codes = np.arange(1, len(values) + 1, dtype=np.uint32)
    domain = pl.Series(column.name, [None], dtype=values.dtype).append(values.alias(column.name))
    return Coded(column, codes, domain, own=True)


def _varies(values: pl.Series) -> bool:
    """Whether most values are others than all before them, as a sample tells."""
    held = values.drop_nulls()
    sample = held.gather_every(max(len(held) // SAMPLE, 1)).head(SAMPLE)
    return len(sample.unique()) > VARIED * len(sample)


def spread(data: ColumnData, rows: Rows, size: int) -> ColumnData:
    """The same values at other rows of a table of that size; rows that are not named have none."""
    if isinstance(data, Plain):
        valid = from_rows(rows[unpack(data.valid, len(rows))], size)
        return replace(data, values=_spread(data.values, rows, size), valid=valid)
    if data.own:
        places = _spread(np.arange(1, len(rows) + 1, dtype=np.uint32), rows, size)
        return own(data.column, data.domain.gather(places))
    return replace(data, codes=_spread(data.codes, rows, size))


def _spread(values: NDArray[Any], rows: Rows, size: int) -> NDArray[Any]:
    by_row = np.zeros(size, values.dtype)
    by_row[rows] = values
    return by_row


def _plain(column: Column, values: pl.Series) -> Plain:
    scale = 0
    if isinstance(values.dtype, pl.Decimal):
        values, scale = _scaled(column, values)
    valid = pack(values.is_not_null().to_numpy())
    numbers = values.to_physical().fill_null(0).to_numpy()
    return Plain(column, narrowed(numbers) if column.kind.is_number else numbers, valid, scale)


def narrowed(numbers: NDArray[Any]) -> NDArray[Any]:
    """Whole numbers in as few bytes as hold them all."""
    if numbers.dtype != np.int64 or not len(numbers):
        return numbers
    # what holds -n - 1 holds n
    furthest = min(int(numbers.min()), -int(numbers.max()) - 1, -1)
    return numbers.astype(np.min_scalar_type(furthest))


def _scaled(column: Column, values: pl.Series) -> tuple[pl.Series, int]:
    """Decimals as integers times 10^scale; zeros at the end go where 64 bits cannot hold them all."""
    assert isinstance(values.dtype, pl.Decimal)
    scale, wide = values.dtype.scale, values.to_physical().alias("v")
    while scale and not _fits(wide):
        cut = wide.to_frame().select(rest=pl.col("v") % _TEN, v=pl.col("v") // _TEN)
        if (cut["rest"] != 0).any():
            break
        wide, scale = cut["v"], scale - 1
    if not _fits(wide):
        raise too_long(column)
    return wide.cast(pl.Int64), scale


def too_long(column: Column) -> InputError:
    fact = f"column {column.name}: its numbers have more digits than can be held exactly (18 in all)"
    return InputError(Problem(fact, "round them, or declare the column as text"))


def _fits(wide: pl.Series) -> bool:
    if wide.null_count() == len(wide):
        return True
    ends = wide.to_frame().select(low=pl.col("v").min(), high=pl.col("v").max()).row(0)
    return bool(ends[0] >= -_LIMIT and ends[1] <= _LIMIT)


def relaid(data: ColumnData) -> ColumnData:
    """The column with codes or without, as its values ask for now, whatever it was before."""
    if isinstance(data, Plain) or data.column.kind.name == "boolean":
        return data
    told = data.domain[1:] if data.own else pl.Series(data.codes).replace(0, None)
    if _varies(told) == data.own:
        return data
    return by_codes(data) if data.own else own(data.column, data.domain.gather(data.codes))


def by_codes(data: Coded) -> Coded:
    """The same values as codes, where each row has its own."""
    return Coded(data.column, *_coded(data.domain[1:])) if data.own else data


def taken(data: ColumnData, rows: NDArray[np.integer]) -> ColumnData:
    """The values of some rows, in the order in which these are named."""
    if isinstance(data, Plain):
        valid = pack(unpack(data.valid, len(data.values))[rows])
        return replace(data, values=data.values[rows], valid=valid)
    if data.own:
        return own(data.column, data.domain.gather(data.codes[rows]))
    return replace(data, codes=data.codes[rows])


def _boolean(values: pl.Series) -> tuple[NDArray[np.unsignedinteger], pl.Series]:
    codes = (values.cast(pl.UInt8) + 1).fill_null(0).to_numpy()
    return codes, pl.Series([None, False, True])


def _coded(values: pl.Series) -> tuple[NDArray[np.unsignedinteger], pl.Series]:
    """Codes into the distinct values, which are sorted: the same data has the same codes in any order."""
    values = values.alias("v")
    distinct = values.unique().drop_nulls().sort()
    if values.dtype == pl.String:
        found = values.cast(pl.Enum(distinct)).to_physical().cast(pl.UInt32) + 1
    else:
        # lists and structs are no categories, but can be joined
        table = distinct.to_frame().with_row_index("code", offset=1)
        found = values.to_frame().join(table, on="v", how="left", maintain_order="left")["code"]
    codes = found.fill_null(0).to_numpy().astype(width(len(distinct) + 1), copy=False)
    return codes, pl.Series("v", [None], dtype=values.dtype).append(distinct)


def width(entries: int) -> type[np.unsignedinteger]:
    if entries <= 2**8:
        return np.uint8
    return np.uint16 if entries <= 2**16 else np.uint32


def key_column(column: Column, keys: pl.Series, present: NDArray[np.bool_]) -> Coded:
    """The key as a column of its own: every value is distinct, and its code is its row number plus one."""
    codes = np.arange(1, len(keys) + 1, dtype=np.uint32)
    codes[~present] = 0
    return Coded(column, codes, pl.Series(column.name, [None], dtype=pl.String).append(keys))
