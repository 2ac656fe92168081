"""Leaves and the users' columns to the rows for which each leaf is true, grouped so that a column is opened once."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import replace

import numpy as np
import polars as pl

from segtool.engine.features import percentiles, shares
from segtool.engine.leaves import to_expr, value_expr
from segtool.engine.rescale import rescaled
from segtool.model.algebra import (
    Bucket,
    Column,
    Compare,
    Constant,
    IsSet,
    Leaf,
    Near,
    OneOf,
    Predicate,
    Rank,
    Value,
    columns_of,
)
from segtool.model.columns import Bits, Coded, Plain, UserTable, pack, unpack
from segtool.model.kinds import INTEGER, NUMBER
from segtool.model.kinds import Column as SchemaColumn

Source = str | Rank | tuple[str, str] | Bucket
"""What a leaf looks at: a column, the percentiles of a value, two columns of degrees, or the keys with a salt."""


def by_source(wanted: Iterable[Leaf]) -> dict[Source, list[Leaf]]:
    groups: dict[Source, list[Leaf]] = defaultdict(list)
    for leaf in wanted:
        groups[_source(leaf)].append(leaf)
    return groups


def _source(leaf: Leaf) -> Source:
    if isinstance(leaf, Bucket):
        return replace(leaf, below=0)
    if isinstance(leaf, Near):
        latitude, longitude = columns_of(leaf)
        return latitude.name, longitude.name
    rank = _rank(leaf.value)
    return rank or next(columns_of(leaf)).name


def _rank(value: Value) -> Rank | None:
    return value if isinstance(value, Rank) else None


def true_rows(source: Source, group: list[Leaf], users: UserTable) -> Iterator[Bits]:
    """The present rows for which each leaf of one source is true."""
    match source:
        case Bucket(salt):
            drawn = shares(salt, users)
            yield from (pack(drawn < leaf.below) & users.present for leaf in group if isinstance(leaf, Bucket))
        case Rank(value):
            ranks = percentiles(computed(value, users), users.present)
            yield from _of_values([_of_rank(leaf, ranks) for leaf in group], ranks, users)
        case (latitude, longitude):
            frame = pl.DataFrame([_degrees(users, name) for name in dict.fromkeys((latitude, longitude))])
            yield from (pack(flags.to_numpy()) & users.present for flags in _flags(group, frame))
        case str(name):
            data = users.column(name)
            if isinstance(data, Plain):
                yield from _of_values([_as_held(leaf, data) for leaf in group], data, users)
            else:
                yield from _of_codes(group, data, users)


def _flags(predicates: Iterable[Predicate], frame: pl.DataFrame) -> pl.DataFrame:
    found = [to_expr(predicate).alias(str(i)) for i, predicate in enumerate(predicates)]
    # beside the frame's columns, so that what is the same for all rows has a value for each of them
    return frame.with_columns(found).select([str(i) for i in range(len(found))])


def _of_codes(group: list[Leaf], data: Coded, users: UserTable) -> Iterator[Bits]:
    """Each leaf is decided once for each distinct value, then looked up by code."""
    for flags in _flags(group, data.domain.alias(data.column.name).to_frame()):
        yield pack(flags.to_numpy()[data.codes]) & users.present


def _of_values(predicates: list[Predicate], data: Plain, users: UserTable) -> Iterator[Bits]:
    """Each is decided on the values as they are held; rows without a value are masked out after it."""
    present = data.valid & users.present
    for flags in _flags(predicates, held(data).to_frame()):
        yield pack(np.broadcast_to(flags.to_numpy(), (users.size,))) & present


def _of_rank(leaf: Leaf, ranks: Plain) -> Predicate:
    assert isinstance(leaf, Compare | OneOf | IsSet)
    return Constant(True) if isinstance(leaf, IsSet) else replace(leaf, value=Column(ranks.column.name, NUMBER))


def _as_held(leaf: Leaf, data: Plain) -> Predicate:
    """The leaf as it is asked of the values as they are held."""
    if isinstance(leaf, IsSet):
        return Constant(True)
    exact = data.column.kind.is_number and data.values.dtype == np.int64
    return rescaled(leaf, data.scale) if exact else leaf


def held(data: Plain) -> pl.Series:
    """The values as they are held, missing ones among them: times as times, exact numbers times 10^scale."""
    series = pl.Series(data.column.name, data.values)
    match data.column.kind.name:
        case "date":
            return series.cast(pl.Date)
        case "datetime":
            return series.cast(pl.Datetime("us", "UTC"))
        case _:
            return series


def computed(value: Value, users: UserTable) -> Plain:
    """The value of each row as numbers that have the same order."""
    name = next(columns_of(value)).name
    data = users.column(name)
    if isinstance(value, Column):
        assert isinstance(data, Plain)
        return data
    column = SchemaColumn(name, INTEGER)
    if isinstance(data, Coded):
        found = data.domain.alias(name).to_frame().select(value_expr(value, pl.col)).to_series()
        return Plain(column, found.to_numpy()[data.codes], users.present)
    found = held(data).to_frame().select(value_expr(value, pl.col)).to_series()
    return Plain(column, found.to_numpy(), data.valid)


def _degrees(users: UserTable, name: str) -> pl.Series:
    data = users.column(name)
    assert isinstance(data, Plain)
    values = data.values.astype(np.float64) / 10.0**data.scale
    values[~unpack(data.valid, users.size)] = np.nan
    return pl.Series(name, values).fill_nan(None)
