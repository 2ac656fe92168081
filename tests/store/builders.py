"""Small tables, states and stores for the tests of the store."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl

from segtool.model.columns import from_rows
from segtool.model.kinds import BOOLEAN, DATE, DATETIME, INTEGER, NUMBER, TEXT, Column, Kind, Schema, list_of
from segtool.model.movement import NOBODY, Movement, moved_together
from segtool.model.run import Frozen, Members, Record, SegmentState, Size, State
from segtool.model.tables import ImportReport, SourceFile
from segtool.store.store import Store
from segtool.store.writer import Writer
from tests.tabled import ReadTable

FILE = SourceFile("data/users.csv", 120, 1_700_000_000, 1_700_000_001, 42, "ab" * 32)


def kind_of(dtype: pl.DataType) -> Kind:
    match dtype:
        case pl.List():
            return list_of(TEXT)
        case pl.Decimal():
            return NUMBER
        case pl.Datetime():
            return DATETIME
    return {
        pl.String: TEXT,
        pl.Int64: INTEGER,
        pl.Float64: NUMBER,
        pl.Boolean: BOOLEAN,
        pl.Date: DATE,
    }[dtype.base_type()]


def users(keys: Sequence[str], **columns: pl.Series | list[Any]) -> ReadTable:
    frame = pl.DataFrame({"id": pl.Series(keys, dtype=pl.String), **columns})
    schema = Schema("id", tuple(Column(name, kind_of(dtype)) for name, dtype in frame.schema.items()))
    return ReadTable(schema, frame, (FILE,), ImportReport("users", len(keys), len(keys)))


def members(size: int, **segments: list[int]) -> Members:
    return Members({(name, "members"): from_rows(np.array(rows, int), size) for name, rows in segments.items()})


def entering(*rows: int, size: int = 4) -> Movement:
    return Movement(0, len(rows), moved_together(from_rows(np.array(rows), size), "initial"), NOBODY)


def segment(size: int, frozen: Frozen | None = None) -> SegmentState:
    kind = "static" if frozen else "dynamic"
    return SegmentState(kind, "d" * 64, "c" * 64, size, 1, "2026-08-01T00:00:00Z", frozen)


def commit(writer: Writer, state: State, **more: Any) -> Record:
    return writer.commit(kind="evaluate", as_of="2026-08-01T00:00:00Z", at="2026-08-01T06:00:00Z", state=state, **more)


def frozen(writer: Writer, csv: bytes, manifest: bytes = b"{}\n") -> Frozen:
    objects = writer.add_bytes(csv), writer.add_bytes(manifest)
    return Frozen(2, 0, "2026-08-01T00:00:00Z", "2026-08-01T06:00:00Z", "5" * 64, *objects)


def first_run(writer: Writer) -> Record:
    """Two members in a dynamic segment, decided on a table of four rows."""
    state = State({}, {"buyers": segment(2)}, writer.add_members(members(4, buyers=[0, 2]), 4))
    changes = writer.add_changes({"buyers": entering(0, 2)})
    return commit(writer, state, changes=changes, sizes={"buyers": Size(0, 2, 0, 2)})


def second_run(writer: Writer) -> Record:
    """One more member, and a static segment that is frozen."""
    segments = {"buyers": segment(3), "fair": segment(2, frozen(writer, b"id\nann\nbob\n"))}
    held = writer.add_members(members(4, buyers=[0, 2, 3], fair=[0, 1]), 4)
    state = State({}, segments, held, writer.add_definitions({"buyers": {"where": {"paid": "true"}}}))
    changes = writer.add_changes({"buyers": entering(3), "fair": entering(0, 1)})
    return commit(writer, state, changes=changes, sizes={"buyers": Size(2, 1, 0, 3)}, frozen=("fair",))


def facts(project: Path) -> list[Any]:
    """What a reader can see of a store, without names of objects, which are random."""
    store = Store(project)
    segments = {name: (one.kind, one.members) for name, one in store.state.segments.items()}
    rows = {name: bytes(bits) for name, bits in store.members().rows.items()}
    moves = [
        {name: (move.entered.rows.tolist(), move.left.rows.tolist()) for name, move in store.changes(record).items()}
        for record in store.records()
    ]
    return [segments, rows, moves, store.definitions(), [record.sizes for record in store.records()]]


def tree(folder: Path) -> dict[str, bytes | None]:
    """Every file below a folder with its bytes, and every folder with None."""
    paths = sorted(folder.rglob("*"))
    return {str(path.relative_to(folder)): path.read_bytes() if path.is_file() else None for path in paths}
