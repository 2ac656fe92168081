"""A typed column comes in; values or codes by row number come out."""

from __future__ import annotations

from typing import Any

import numpy as np
import polars as pl
from numpy.typing import NDArray

from segtool.errors import InputError, Problem
from segtool.model.columns import Coded, ColumnData, Plain, Rows, pack
from segtool.model.kinds import Column

_LIMIT = 2**63 - 1
_TEN = pl.lit(10, pl.Int128)


def numbered(known: pl.Series, keys: pl.Series) -> tuple[pl.Series, Rows]:
    """All keys by row, those new at the end in the order of the file; and the row of each of `keys`."""
    if not len(known):
        return keys, np.arange(len(keys), dtype=np.uint32)
    if known.equals(keys):
        return known, np.arange(len(keys), dtype=np.uint32)
    rows_of = known.to_frame("key").with_row_index("row")
    found = keys.to_frame("key").join(rows_of, on="key", how="left", maintain_order="left")["row"]
    is_new = found.is_null()
    rows = found.fill_null(0).to_numpy().astype(np.uint32)
    rows[is_new.to_numpy()] = np.arange(len(known), len(known) + int(is_new.sum()), dtype=np.uint32)
    return pl.concat([known, keys.filter(is_new)], rechunk=True), rows


def rows_of(known: pl.Series, keys: pl.Series) -> tuple[Rows, pl.Series]:
    """The row of each of these keys, which may be repeated, and the keys that have none yet and now get the next."""
    table = known.alias("key").to_frame().with_row_index("row")
    found = keys.alias("key").to_frame().join(table, on="key", how="left", maintain_order="left")["row"]
    rows = found.fill_null(0).to_numpy().astype(np.uint32)
    is_new = found.is_null()
    strange = keys.filter(is_new)
    new = strange.unique(maintain_order=True)
    numbers = pl.DataFrame({"key": new, "row": np.arange(len(known), len(known) + len(new), dtype=np.uint32)})
    placed = strange.alias("key").to_frame().join(numbers, on="key", how="left", maintain_order="left")["row"]
    rows[is_new.to_numpy()] = placed.to_numpy()
    return rows, new


def laid_out(column: Column, values: pl.Series, rows: Rows | None, size: int) -> ColumnData:
    """One column by row number (None: as they come); rows that the file does not hold are missing."""
    if column.kind.is_ordered:
        return _plain(column, values, rows, size)
    codes, domain = _boolean(values) if column.kind.name == "boolean" else _coded(values)
    return Coded(column, _spread(codes, rows, size), domain.alias(column.name))


def _spread(values: NDArray[Any], rows: Rows | None, size: int) -> NDArray[Any]:
    if rows is None:
        return values
    by_row = np.zeros(size, values.dtype)
    by_row[rows] = values
    return by_row


def _plain(column: Column, values: pl.Series, rows: Rows | None, size: int) -> Plain:
    scale = 0
    if isinstance(values.dtype, pl.Decimal):
        values, scale = _scaled(column, values)
    valid = pack(_spread(values.is_not_null().to_numpy(), rows, size))
    numbers = values.to_physical().fill_null(0).to_numpy()
    return Plain(column, _spread(numbers, rows, size), valid, scale)


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
        fact = f"column {column.name}: its numbers have more digits than can be held exactly (18 in all)"
        raise InputError(Problem(fact, "round them, or declare the column as text"))
    return wide.cast(pl.Int64), scale


def _fits(wide: pl.Series) -> bool:
    if wide.null_count() == len(wide):
        return True
    ends = wide.to_frame().select(low=pl.col("v").min(), high=pl.col("v").max()).row(0)
    return bool(ends[0] >= -_LIMIT and ends[1] <= _LIMIT)


def _boolean(values: pl.Series) -> tuple[NDArray[np.unsignedinteger], pl.Series]:
    codes = (values.cast(pl.UInt8) + 1).fill_null(0).to_numpy()
    return codes, pl.Series([None, False, True])


def _coded(values: pl.Series) -> tuple[NDArray[np.unsignedinteger], pl.Series]:
    """Codes into the distinct values, which are sorted: the same data has the same codes in any order.

    A join finds the codes: it takes lists and structs as well as text, and is faster than an Enum of many.
    """
    values = values.alias("v")
    distinct = values.unique().drop_nulls().sort()
    table = distinct.to_frame().with_row_index("code", offset=1)
    found = values.to_frame().join(table, on="v", how="left", maintain_order="left")["code"]
    codes = found.fill_null(0).to_numpy().astype(_width(len(distinct) + 1), copy=False)
    return codes, pl.Series("v", [None], dtype=values.dtype).append(distinct)


def _width(entries: int) -> type[np.unsignedinteger]:
    if entries <= 2**8:
        return np.uint8
    return np.uint16 if entries <= 2**16 else np.uint32


def key_column(column: Column, keys: pl.Series, present: NDArray[np.bool_]) -> Coded:
    """The key as a column of its own: every value is distinct, and its code is its row number plus one."""
    codes = np.arange(1, len(keys) + 1, dtype=np.uint32)
    codes[~present] = 0
    return Coded(column, codes, pl.Series(column.name, [None], dtype=pl.String).append(keys))
