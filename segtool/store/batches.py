"""Events as they were read, or parts of them that are stored, to one batch that becomes a part."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import polars as pl
from numpy.typing import NDArray

from segtool.model.columns import Coded, ColumnData, Plain, pack, unpack
from segtool.model.dtypes import missing
from segtool.model.kinds import Column
from segtool.model.merging import in_one_code, on_one_scale
from segtool.model.tables import ReadTable
from segtool.store.events import Batch, EventPart, StoredEvents
from segtool.store.layout import laid_out


def batch_of(read: ReadTable, rows: NDArray[np.uint32]) -> Batch:
    """The events that were read, of users at these rows."""
    schema, frame = read.schema, read.frame
    names = tuple(sorted(read.report.names))
    codes = np.zeros(frame.height, np.uint16)
    if schema.event:
        codes = frame[schema.event].cast(pl.Enum(names)).to_physical().to_numpy().astype(np.uint16)
    own = {schema.key, schema.time, schema.event}
    columns = {
        column.name: laid_out(column, frame[column.name], None, frame.height)
        for column in schema.columns
        if column.name not in own
    }
    return Batch(schema, names, rows, frame[schema.time].to_physical().to_numpy(), codes, columns)


def merged(parts: Sequence[EventPart]) -> Batch | None:
    """The events of several parts as one; the newest part tells the columns and their kinds. None where numbers would
    lose digits: those that have too many together are held apart."""
    schema = parts[-1].schema
    names = tuple(sorted({name for part in parts for name in part.names}))
    events = [(code, part.named(name)) for code, name in enumerate(names) for part in parts if name in part.names]
    codes = np.concatenate([np.full(one.size, code, np.uint16) for code, one in events])
    columns: dict[str, ColumnData] = {}
    for column in schema.columns:
        if any(column.name in part.columns for part in parts):
            joined = _joined(column, [one for _, one in events])
            if joined is None:
                return None
            columns[column.name] = joined
    rows, times = (np.concatenate([getattr(one, name) for _, one in events]) for name in ("users", "times"))
    return Batch(schema, names, rows, times, codes, columns)


def _joined(column: Column, events: Sequence[StoredEvents]) -> ColumnData | None:
    """One column of all these events, one after the other; None where exact numbers would become floats."""
    data = [one.column(column.name) or missing(column, one.size) for one in events]
    plain = [one for one in data if isinstance(one, Plain)]
    if not plain:
        codes, domain = in_one_code([one for one in data if isinstance(one, Coded)])
        return Coded(column, np.concatenate(codes), domain.alias(column.name))
    values, scale = on_one_scale(plain)
    if all(one.values.dtype.kind == "i" for one in plain) and values[0].dtype.kind != "i":
        return None
    valid = [unpack(one.valid, len(one.values)) for one in plain]
    return Plain(column, np.concatenate(values), pack(np.concatenate(valid)), scale)
