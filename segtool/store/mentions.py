"""Keys of some people and the tables come in; go out: the columns in which rows of others hold one as their value."""

from __future__ import annotations

import io
from collections.abc import Collection, Iterator, Mapping

import numpy as np
import polars as pl
from numpy.typing import NDArray

from segtool.model.columns import ColumnData, Plain, Rows, from_rows, to_rows, unpack
from segtool.model.kinds import INTEGER, TEXT, Column, Schema
from segtool.model.run import TableState
from segtool.store.store import USERS, Store


def mentions(store: Store, states: Mapping[str, TableState], keys: pl.Series, gone: Rows) -> Iterator[str]:
    """The columns of text, or of lists of it, whose values name these people in rows of others; `gone`: their own rows.
    A value counts as a whole: a text in which a key stands among others is not searched."""
    for name, state in states.items():
        is_named = _in_users if name == USERS else _in_events
        if keys.is_in(pl.Series(list(state.report.names), dtype=pl.String).implode()).any():
            yield f"the name of an event in `{name}`"
        for column in _searched(state.schema):
            if is_named(store, state, column, keys, gone):
                yield f"column `{column.name}` of `{name}`"


def in_snapshot(content: bytes, keys: Collection[str]) -> Iterator[str]:
    """The columns of a snapshot, but the first, that have one of these keys as a value."""
    frame = pl.read_csv(io.BytesIO(content), infer_schema=False)
    listed = pl.Series(list(keys), dtype=pl.String).implode()
    return (column.name for column in frame.get_columns()[1:] if column.is_in(listed).any())


def _searched(schema: Schema) -> Iterator[Column]:
    """The columns whose values may be keys: texts, lists of texts and whole numbers."""
    for column in schema.columns:
        searched = column.kind == INTEGER or TEXT in (column.kind, column.kind.of)
        if searched and column.name not in (schema.key, schema.event):
            yield column


def _in_users(store: Store, state: TableState, column: Column, keys: pl.Series, gone: Rows) -> bool:
    users = store.users()
    assert users
    # those whom events alone have named have rows beyond
    theirs = from_rows(gone[gone < users.size], users.size)
    others = to_rows(users.present & ~theirs)
    return bool(_naming(users.column(column.name), keys)[others].any())


def _in_events(store: Store, state: TableState, column: Column, keys: pl.Series, gone: Rows) -> bool:
    for part in store.event_parts(state):
        for event in part.names:
            events = part.named(event)
            data = events.column(column.name) if column.name in part.schema.by_name else None
            if data is None:
                continue
            named = np.flatnonzero(_naming(data, keys))
            if len(named) and not np.isin(events.users[named], gone).all():
                return True
    return False


def _naming(data: ColumnData, keys: pl.Series) -> NDArray[np.bool_]:
    """The rows whose value is one of the keys, or holds one."""
    if isinstance(data, Plain):
        named = np.isin(data.values, _numbers(keys) * 10**data.scale)
        return named & unpack(data.valid, len(data.values))
    listed = keys.implode()
    domain = data.domain
    if isinstance(domain.dtype, pl.List):
        found = domain.list.eval(pl.element().is_in(listed)).list.any()
    else:
        found = domain.cast(pl.String).is_in(listed)
    return np.take(found.fill_null(False).to_numpy(), data.codes)


def _numbers(keys: pl.Series) -> NDArray[np.int64]:
    """The keys that are written as a column of whole numbers writes them."""
    numbers = keys.cast(pl.Int64, strict=False)
    found: NDArray[np.int64] = numbers.filter(numbers.cast(pl.String) == keys).to_numpy()
    return found
