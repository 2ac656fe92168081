"""Leaves of the algebra and one table's columns to the rows for which each leaf is true, a column at a time."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import replace
from datetime import date, datetime
from typing import Any, TypeGuard

import numpy as np
import polars as pl
from numpy.typing import NDArray

from segtool.engine.features import percentiles
from segtool.engine.leaves import to_expr, value_expr
from segtool.engine.masks import holding
from segtool.engine.pieces import EPOCH, to_micros
from segtool.engine.rescale import rescaled
from segtool.model.algebra import (
    Aggregate,
    AtEdge,
    Bucket,
    Column,
    Compare,
    Constant,
    Has,
    IsSet,
    Leaf,
    Literal,
    Near,
    Operator,
    Part,
    Predicate,
    Rank,
    Sequence,
    Value,
    root,
)
from segtool.model.columns import Bits, Coded, ColumnData, Masks, Plain, RowTable, pack, unpack
from segtool.model.kinds import INTEGER, NUMBER
from segtool.model.kinds import Column as SchemaColumn

COMPARED: dict[Operator, np.ufunc] = {
    "eq": np.equal,
    "gt": np.greater,
    "gte": np.greater_equal,
    "lt": np.less,
    "lte": np.less_equal,
}

SOME = 2**20
"""Rows of which something is computed at a time."""

MOST_RUNS = 4

Place = tuple[Column, Column]
Source = Column | Rank | Aggregate | Place | Bucket | AtEdge | Sequence
"""What a leaf looks at: a column, the percentiles of a value, what is computed of events, two columns of degrees, the
keys with a salt, or (first and last events, sequences) all that it says."""


def by_source(wanted: Iterable[Leaf]) -> dict[Source, list[Leaf]]:
    """The leaves by what they look at; those that look at the same events stand side by side."""
    groups: dict[Source, list[Leaf]] = defaultdict(list)
    for leaf in wanted:
        groups[_source(leaf)].append(leaf)
    return dict(sorted(groups.items(), key=lambda pair: told_events(pair[0])))


def told_events(source: Source) -> str:
    """The events that a source is computed from, in an order of theirs."""
    value = root(source) if isinstance(source, Rank) else source
    return repr(value.events) if isinstance(value, Aggregate | AtEdge) else ""


def _source(leaf: Leaf) -> Source:
    match leaf:
        case AtEdge() | Sequence():
            return leaf
        case Bucket():
            return replace(leaf, below=0)
        case Near(Column() as latitude, Column() as longitude):
            return latitude, longitude
        case Near():
            raise AssertionError("places are columns")
        case _:
            return leaf.value if isinstance(leaf.value, Rank) else root(leaf.value)


def of_column(group: list[Leaf], data: ColumnData, table: RowTable) -> Iterator[Bits]:
    """The present rows for which each of these leaves is true, which all look at this one column."""
    column = Column(data.column.name, data.column.kind)
    asked = [_put_to(leaf, column) for leaf in group]
    if isinstance(data, Coded) and data.masks:
        yield from _of_lists(asked, data, data.masks, table)
    elif isinstance(data, Coded):
        yield from _of_codes(asked, data, table)
    else:
        yield from _of_values([_as_held(leaf, data) for leaf in asked], data, table)


def _of_lists(group: list[Leaf], data: Coded, masks: Masks, table: RowTable) -> Iterator[Bits]:
    """What a list holds is told by its set of items; all else by the list."""
    others = _of_codes([leaf for leaf in group if not isinstance(leaf, Has)], data, table)
    for leaf in group:
        yield pack(holding(leaf, masks, data.column.name)) & table.present if isinstance(leaf, Has) else next(others)


def _put_to(leaf: Leaf, column: Column) -> Leaf:
    """The leaf of the column that holds what its value is computed from."""
    assert not isinstance(leaf, Near | Bucket | AtEdge | Sequence)
    return replace(leaf, value=_rooted(leaf.value, column))


def _rooted(value: Value, column: Column) -> Value:
    return replace(value, of=_rooted(value.of, column)) if isinstance(value, Part) else column


def of_ranks(group: list[Leaf], data: Plain, table: RowTable) -> Iterator[Bits]:
    """The rows for whose percentile among all that have a value each leaf is true, decided once a distinct value."""
    valid = data.valid & table.present
    ranks = percentiles(data.values[unpack(valid, table.size)])
    for flags in of_percents(group, ranks.percents):
        yield pack(_among(flags, ranks.values, data.values)) & valid


def of_percents(group: list[Leaf], percents: NDArray[np.float64]) -> Iterator[NDArray[np.bool_]]:
    """Whether each of these leaves, which all ask for a percentile, is true of each of these."""
    column = Column("percentile", NUMBER)
    return _flags([_put_to(leaf, column) for leaf in group], pl.DataFrame({column.name: percents}))


def _among(flags: NDArray[np.bool_], known: NDArray[Any], values: NDArray[Any]) -> NDArray[np.bool_]:
    """The flag of each value, which is among the `known` ones, ascending; most tests hold for a few runs of these."""
    of_flags = runs(flags)
    if len(of_flags) > MOST_RUNS:
        found: NDArray[np.bool_] = flags[np.searchsorted(known, values).clip(0, len(known) - 1)]
        return found
    found = np.zeros(len(values), np.bool_)
    for first, end in of_flags.tolist():
        found |= (values >= known[first]) & (values <= known[end - 1])
    return found


def runs(flags: NDArray[np.bool_]) -> NDArray[np.intp]:
    """Where each run of flags that are set starts and ends."""
    return np.flatnonzero(np.diff(flags, prepend=False, append=False)).reshape(-1, 2)


def of_places(group: list[Leaf], places: Place, data: Iterable[ColumnData], table: RowTable) -> Iterator[Bits]:
    degrees = {one.name: _degrees(one.name, column, table) for one, column in zip(places, data, strict=True)}
    frame = pl.DataFrame(list(degrees.values()))
    yield from (pack(flags) & table.present for flags in _flags(group, frame))


def _flags(predicates: Iterable[Predicate], frame: pl.DataFrame) -> Iterator[NDArray[np.bool_]]:
    found = [to_expr(predicate).alias(str(i)) for i, predicate in enumerate(predicates)]
    if found:
        # beside the frame's columns, so that what is the same for all rows has a value for each of them
        flags = frame.with_columns(found)
        yield from (flags[str(i)].to_numpy() for i in range(len(found)))


def _of_codes(group: list[Leaf], data: Coded, table: RowTable) -> Iterator[Bits]:
    """Each leaf is decided once for each distinct value, then found by code."""
    for flags in _flags(group, data.domain.alias(data.column.name).to_frame()):
        yield pack(_coded(flags, data.codes)) & table.present


def _coded(flags: NDArray[np.bool_], codes: NDArray[np.unsignedinteger]) -> NDArray[np.bool_]:
    """The flag of each code. Distinct values are sorted, so most tests hold for a few runs of codes, and to compare
    with the ends of these takes a tenth of looking each code up."""
    of_flags = runs(flags)
    found: NDArray[np.bool_] = np.zeros(len(codes), np.bool_) if len(of_flags) <= MOST_RUNS else flags[codes]
    for first, end in of_flags.tolist() if len(of_flags) <= MOST_RUNS else ():
        # what is below the first one goes round to the highest numbers
        found |= codes - codes.dtype.type(first) < end - first
    return found


def _of_values(predicates: list[Predicate], data: Plain, table: RowTable) -> Iterator[Bits]:
    """Each is decided on the values as they are held; rows without a value are masked out after it."""
    present = data.valid & table.present
    others = _flags([one for one in predicates if not _is_of_values(one)], held(data).to_frame())
    for one in predicates:
        if _is_of_values(one):
            yield pack(COMPARED[one.operator](data.values, _as_number(one.literal))) & present
        else:
            yield pack(next(others)) & present


def _is_of_values(predicate: Predicate) -> TypeGuard[Compare]:
    """A comparison of the values themselves, which is as plain as it is here."""
    return isinstance(predicate, Compare) and isinstance(predicate.value, Column)


def _as_number(literal: Literal) -> float:
    """The literal as values are held that it is compared with."""
    match literal:
        case datetime():
            return to_micros(literal)
        case date():
            return literal.toordinal() - EPOCH.toordinal()
        case int():
            return literal
        case _:
            return float(literal)


def _as_held(leaf: Leaf, data: Plain) -> Predicate:
    """The leaf as it is asked of the values as they are held."""
    if isinstance(leaf, IsSet):
        return Constant(True)
    exact = data.column.kind.is_number and data.values.dtype.kind == "i"
    return rescaled(leaf, data.scale) if exact else leaf


def held(data: Plain) -> pl.Series:
    """The values as they are held, missing ones among them: times as times, exact numbers times 10^scale."""
    series = pl.Series(data.column.name, data.values)
    match data.column.kind.name:
        case "date":
            return series.cast(pl.Date)
        case "datetime":
            return series.cast(pl.Datetime("us", "UTC"))
        case _ if data.values.dtype.kind == "i":
            # literals are of 64 bits, and Polars looks up only equal types
            return series.cast(pl.Int64)
        case _:
            return series


def computed(part: Part, data: ColumnData, table: RowTable) -> Plain:
    """What is computed of each row's value, as integers."""
    name = data.column.name
    expression = value_expr(_rooted(part, Column(name, data.column.kind)), pl.col)
    column = SchemaColumn(name, INTEGER)
    if isinstance(data, Coded):
        found = data.domain.alias(name).to_frame().select(expression).to_series()
        return Plain(column, found.cast(pl.Int32).to_numpy()[data.codes], table.present)
    numbers = np.empty(len(data.values), np.int32)
    for start in range(0, len(numbers), SOME):
        # what is needed on the way takes many times the memory of the result
        some = held(replace(data, values=data.values[start : start + SOME]))
        numbers[start : start + SOME] = some.to_frame().select(expression).to_series().to_numpy()
    return Plain(column, numbers, data.valid)


def _degrees(name: str, data: ColumnData, table: RowTable) -> pl.Series:
    assert isinstance(data, Plain)
    values = data.values.astype(np.float64) / 10.0**data.scale
    values[~unpack(data.valid, table.size)] = np.nan
    return pl.Series(name, values).fill_nan(None)
