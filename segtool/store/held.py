"""A few typed rows come in; go out: tables in memory, laid out for evaluation as those of a store are."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from functools import cached_property
from typing import Any

import numpy as np
import polars as pl
from numpy.typing import NDArray
from polars.datatypes import DataTypeClass

from segtool.model.columns import BLOCK, Bits, ColumnData, Plain, Tables, pack, padded
from segtool.model.kinds import Column, Kind, Schema
from segtool.store.layout import key_column, laid_out

Cells = Mapping[str, Any]
DTYPES: dict[str, pl.DataType] = {
    "text": pl.String(),
    "integer": pl.Int64(),
    "boolean": pl.Boolean(),
    "date": pl.Date(),
    "datetime": pl.Datetime("us", "UTC"),
}
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
DIGITS = 18
"""As many digits as numbers are held exactly with."""


def held_tables(users: HeldUsers, logs: Mapping[str, HeldEvents]) -> Tables:
    """The users, and the events by name."""
    return Tables(users, lambda name: [logs[name]] if name in logs else [])


class HeldRows:
    """Rows with the values of their columns."""

    def __init__(self, schema: Schema, rows: Sequence[Cells]) -> None:
        self.schema, self.size, self._rows = schema, len(rows), rows

    @cached_property
    def present(self) -> Bits:
        return pack(np.ones(self.size, np.bool_))

    def forget(self) -> None:
        """There are no files from which it could be read again."""

    def _laid_out(self, column: Column) -> ColumnData:
        return laid_out(column, series(column, self._rows))


class HeldUsers(HeldRows):
    """Users by the order of their keys; see `model.columns.UserTable`."""

    keys_ascend = True

    def __init__(self, schema: Schema, rows: Mapping[str, Cells]) -> None:
        ordered = sorted(rows, key=str.encode)
        super().__init__(schema, [rows[key] for key in ordered])
        self.keys = pl.Series(schema.key, ordered, dtype=pl.String)
        self.row_of = {key: row for row, key in enumerate(ordered)}

    @property
    def seen(self) -> Bits:
        return self.present

    def column(self, name: str) -> ColumnData:
        column = self.schema.by_name[name]
        if name == self.schema.key:
            return key_column(column, self.keys, np.ones(self.size, np.bool_))
        return self._laid_out(column)

    def fingerprint(self, columns: Iterable[str]) -> str:
        """Nothing is kept of what is decided about them."""
        return ""


class HeldEvents(HeldRows):
    """The events of one name; see `model.columns.EventTable`."""

    tick = 1

    def __init__(self, schema: Schema, rows: Sequence[Cells], users: HeldUsers) -> None:
        moments = [_micros(row[schema.time]) for row in rows]
        numbers = [users.row_of[row[schema.key]] for row in rows]
        order = sorted(range(len(rows)), key=lambda at: (numbers[at] // BLOCK, moments[at]))
        super().__init__(schema, [rows[at] for at in order])
        self.ticks = np.array([moments[at] for at in order], np.int64)
        placed = np.array([numbers[at] for at in order], np.int64)
        self.rows = (placed % BLOCK).astype(np.uint16)
        blocks = np.arange(padded(users.size) // BLOCK + 1)
        self.starts: NDArray[np.int64] = np.searchsorted(placed // BLOCK, blocks).astype(np.int64)

    def times(self, at: slice | NDArray[np.integer]) -> NDArray[np.int64]:
        return self.ticks[at]

    def column(self, name: str) -> ColumnData | None:
        if name in ("", self.schema.time):
            return Plain(self.schema.by_name[self.schema.time], self.ticks, self.present)
        has_value = any(row.get(name) is not None for row in self._rows)
        return self._laid_out(self.schema.by_name[name]) if has_value else None


def series(column: Column, rows: Iterable[Cells]) -> pl.Series:
    """The values of a column, as a reader leaves them."""
    values = [row.get(column.name) for row in rows]
    dtype = _dtype(column.kind, values)
    return pl.Series(column.name, [_held(value, dtype) for value in values], dtype=dtype)


def _held(value: Any, dtype: pl.DataType | DataTypeClass) -> Any:
    """The value with its numbers as the type has them."""
    match dtype:
        case _ if value is None:
            return None
        case pl.List():
            return [_held(element, dtype.inner) for element in value]
        case pl.Struct():
            return {field.name: _held(value[field.name], field.dtype) for field in dtype.fields}
        case pl.Decimal():
            return Decimal(value)
        case pl.Float64():
            return float(value)
        case _:
            return value


def _micros(moment: datetime) -> int:
    return (moment - EPOCH) // timedelta(microseconds=1)


def _dtype(kind: Kind, values: Iterable[Any]) -> pl.DataType:
    """As Polars holds values of a kind."""
    there = [value for value in values if value is not None]
    if kind.of:
        return pl.List(_dtype(kind.of, [element for value in there for element in value]))
    if kind.name == "struct":
        return pl.Struct({name: _dtype(of, [value[name] for value in there]) for name, of in kind.fields})
    return _number_dtype(there) if kind.name == "number" else DTYPES[kind.name]


def _number_dtype(values: Sequence[Decimal | float]) -> pl.DataType:
    """Decimals as long as all of them fit into so many digits, else floats, as where one is a float already."""
    if any(isinstance(value, float) for value in values):
        return pl.Float64()
    places = [Decimal(value).as_tuple() for value in values]
    scale = max((-min(int(place.exponent), 0) for place in places), default=0)
    whole = max((len(place.digits) + int(place.exponent) for place in places), default=0)
    return pl.Decimal(DIGITS, scale) if max(whole, 0) + scale <= DIGITS else pl.Float64()
