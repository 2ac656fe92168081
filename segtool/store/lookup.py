"""Rows of events that may have been stored already come in; go out: the stored rows that are equal in some columns."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from decimal import Decimal
from typing import Any

import numpy as np
import polars as pl
from numpy.typing import NDArray

from segtool.model.cells import values_at
from segtool.model.columns import Coded, Plain
from segtool.model.dtypes import missing
from segtool.model.kinds import Column, Schema
from segtool.store.events import EventPart, StoredEvents


def stored_rows(
    parts: Sequence[EventPart], schema: Schema, unique: Sequence[str], wanted: pl.DataFrame
) -> dict[str, set[str]]:
    """The stored events that are equal to one of `wanted` in the `unique` columns: by these, all columns, `written`."""
    told = {written(row) for row in zip(*(wanted[name].to_list() for name in unique), strict=True)}
    everything = [column.name for column in schema.columns]
    found: dict[str, set[str]] = defaultdict(set)
    for events in (part.named(name) for part in parts for name in part.names):
        maybe = _candidates(events, schema.by_name[unique[0]], wanted[unique[0]])
        rows = map(written, _rows(events, schema, unique, maybe))
        at = {place: row for place, row in zip(maybe.tolist(), rows, strict=True) if row in told}
        whole = _rows(events, schema, everything, np.array(list(at), np.int64))
        for known, row in zip(at.values(), whole, strict=True):
            found[known].add(written(row))
    return found


def _candidates(events: StoredEvents, column: Column, wanted: pl.Series) -> NDArray[np.int64]:
    """Where a column may hold one of the wanted values."""
    data = events.column(column.name)
    if isinstance(data, Coded) and not data.domain.dtype.is_nested():
        flags = data.domain.is_in(wanted.drop_nulls().implode()).fill_null(False).to_numpy()
        return np.flatnonzero(flags[data.codes])
    if isinstance(data, Plain) and (column.kind.name == "integer" or column.kind.is_time):
        return np.flatnonzero(np.isin(data.values, wanted.drop_nulls().to_physical().to_numpy()))
    return np.arange(events.size)


def written(value: Any) -> str:
    """A value, or a row of values, in one form for all that are equal."""
    match value:
        case bool() | None | str():
            return repr(value)
        case int() | float() | Decimal():
            return format((Decimal(str(value)) + 0).normalize(), "f")
        case list() | tuple():
            return f"[{', '.join(map(written, value))}]"
        case dict():
            return f"{{{', '.join(f'{name!r}: {written(value[name])}' for name in sorted(value))}}}"
        case _:
            return repr(value)


def _rows(
    events: StoredEvents, schema: Schema, names: Sequence[str], at: NDArray[np.int64]
) -> Iterator[tuple[Any, ...]]:
    columns = [schema.by_name[name] for name in names]
    data = [events.column(column.name) or missing(column, events.size) for column in columns]
    return zip(*(values_at(one, at) for one in data), strict=True)
