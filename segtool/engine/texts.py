"""Rows of users to their keys and values as text, exact and the same on every machine."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import polars as pl
from numpy.typing import NDArray

from segtool.model.cells import series_at
from segtool.model.columns import UserTable
from segtool.model.texts import texts


def snapshot_frame(
    users: UserTable, rows: NDArray[Any], strangers: Iterable[str], columns: tuple[str, ...]
) -> pl.DataFrame:
    """A snapshot's table: the key, then the columns as text, sorted by key (by bytes); strangers have no values."""
    strange = pl.Series(sorted(strangers), dtype=pl.String)
    kept = [name for name in dict.fromkeys(columns) if name != users.schema.key]
    data = {users.schema.key: pl.concat([users.keys.gather(rows).cast(pl.String), strange])}
    for name in kept:
        values = users.column(name)
        data[name] = texts(series_at(values, rows), values.column.separator).extend_constant(None, len(strange))
    return pl.DataFrame(data).sort(users.schema.key)
