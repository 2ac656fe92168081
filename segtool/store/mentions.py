"""Keys of some people and the tables come in; go out: the columns in which rows of others hold one as their value."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import numpy as np
import polars as pl
from numpy.typing import NDArray

from segtool.model.columns import Coded, ColumnData, Rows, from_rows, resized, to_rows
from segtool.model.kinds import TEXT, Column, Schema
from segtool.model.run import TableState
from segtool.store.store import USERS, Store


def mentions(store: Store, states: Mapping[str, TableState], keys: pl.Series, gone: Rows) -> Iterator[str]:
    """The columns of text, or of lists of it, whose values name these people in rows of others; `gone`: their own rows.
    A value counts as a whole: a text in which a key stands among others is not searched."""
    for name, state in states.items():
        is_named = _in_users if name == USERS else _in_events
        for column in _texts(state.schema):
            if is_named(store, state, column, keys, gone):
                yield f"column `{column.name}` of `{name}`"


def _texts(schema: Schema) -> Iterator[Column]:
    """The columns that hold texts which people gave."""
    for column in schema.columns:
        if column.name not in (schema.key, schema.event) and TEXT in (column.kind, column.kind.of):
            yield column


def _in_users(store: Store, state: TableState, column: Column, keys: pl.Series, gone: Rows) -> bool:
    users = store.users()
    assert users
    others = to_rows(users.present & ~resized(from_rows(gone, users.size), users.size))
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
    assert isinstance(data, Coded)
    listed = keys.implode()
    domain = data.domain
    if domain.dtype == pl.String:
        found = domain.is_in(listed)
    else:
        found = domain.list.eval(pl.element().is_in(listed)).list.any()
    return np.take(found.fill_null(False).to_numpy(), data.codes)
