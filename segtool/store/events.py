"""Events as they were read go in, become folders of mappable files, and come out name by name in the order of time."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from segtool.model.columns import BLOCK, Bits, Coded, ColumnData, Plain, byte_count, pack, unpack
from segtool.model.kinds import TEXT, Column, Schema
from segtool.store.encoding import schema_from_json, schema_to_json
from segtool.store.parts import Folder, Parts, write_folder

if TYPE_CHECKING:
    import polars as pl


@dataclass(frozen=True)
class Batch:
    """Events that become one part: of each, its user's row, its time (microseconds in UTC) and the place of its name
    among `names`; and what is known of them besides."""

    schema: Schema
    names: tuple[str, ...]
    rows: NDArray[np.uint32]
    times: NDArray[np.int64]
    codes: NDArray[np.uint16]
    columns: Mapping[str, ColumnData]


class EventPart:
    """One part of a table of events: the folder of what was imported at one time."""

    def __init__(self, root: Path, id: str, keys: Callable[[], pl.Series]) -> None:
        self.folder, self.keys = Folder(root, id), keys
        description = self.folder.description
        self.schema = schema_from_json(description["schema"])
        self.size: int = description["size"]
        self.names: dict[str, tuple[int, int]] = {name: tuple(ends) for name, ends in description["names"].items()}
        self.columns: dict[str, dict[str, Any]] = description["columns"]
        self.blocks: int = description["blocks"]
        self._domains: dict[str, pl.Series] = {}

    def named(self, name: str) -> StoredEvents:
        return StoredEvents(self, name)

    @cached_property
    def rows(self) -> NDArray[np.uint16]:
        return self.folder.array("rows.npy", "<u2", self.size)

    @cached_property
    def times(self) -> NDArray[np.int64]:
        return self.folder.array("times.npy", "<i8", self.size)

    @cached_property
    def starts(self) -> NDArray[np.int64]:
        """Where each block of each name starts, and where the last one of each name ends."""
        count = len(self.names) * (self.blocks + 1)
        return self.folder.array("starts.npy", "<i8", count).reshape(len(self.names), self.blocks + 1)

    def domain(self, part: str) -> pl.Series:
        """The distinct values of a coded column, read once."""
        if part not in self._domains:
            self._domains[part] = self.folder.series(f"{part}.domain.arrow")
        return self._domains[part]


class StoredEvents:
    """The events of one name in one part; see `model.columns.EventTable`."""

    def __init__(self, part: EventPart, name: str) -> None:
        self._part, self._name = part, name
        self._start, self._end = part.names[name]
        self.size = self._end - self._start

    @cached_property
    def present(self) -> Bits:
        return pack(np.ones(self.size, np.bool_))

    @property
    def rows(self) -> NDArray[np.uint16]:
        return self._part.rows[self._start : self._end]

    @property
    def times(self) -> NDArray[np.int64]:
        return self._part.times[self._start : self._end]

    @cached_property
    def starts(self) -> NDArray[np.int64]:
        starts: NDArray[np.int64] = self._part.starts[list(self._part.names).index(self._name)]
        return starts - self._start

    @property
    def users(self) -> NDArray[np.uint32]:
        """The row of each event's user among all users."""
        firsts = np.arange(self._part.blocks, dtype=np.uint32) * BLOCK
        return np.repeat(firsts, np.diff(self.starts)) + self.rows

    def unknown(self, present: NDArray[np.bool_]) -> int:
        """How many of these events are of rows that are no users; `present` is as long as whole blocks of users."""
        known = 0
        for block in range(min(self._part.blocks, len(present) // BLOCK)):
            rows = self.rows[self.starts[block] : self.starts[block + 1]]
            known += int(np.count_nonzero(present[block * BLOCK : (block + 1) * BLOCK][rows]))
        return self.size - known

    def column(self, name: str) -> ColumnData | None:
        """The values of a column; None where none of these events has one."""
        schema = self._part.schema
        if name in ("", schema.time):
            return Plain(schema.by_name[schema.time], self.times, self.present)
        if name == schema.key:
            return _coded(name, self.users + np.uint32(1), self._part.keys())
        if name == schema.event:
            return _coded(name, np.ones(self.size, np.uint8), [self._name])
        return self._stored(schema.by_name[name]) if name in self._part.columns else None

    def _stored(self, column: Column) -> ColumnData | None:
        layout = self._part.columns[column.name]
        if self._name not in layout["held"]:
            return None
        folder, part, held = self._part.folder, layout["part"], layout["held"]
        start, valid_start = held[self._name]
        span = slice(start, start + self.size)
        if layout["layout"] == "coded":
            codes = folder.array(f"{part}.codes.npy", layout["dtype"], layout["size"])
            return Coded(column, codes[span], self._part.domain(part))
        values = folder.array(f"{part}.values.npy", layout["dtype"], layout["size"])
        valid = folder.array(f"{part}.valid.npy", "|u1", layout["valid"])
        return Plain(column, values[span], valid[valid_start : valid_start + byte_count(self.size)], layout["scale"])


def _coded(name: str, codes: NDArray[Any], values: Any) -> Coded:
    import polars as pl

    domain = pl.Series(name, [None], dtype=pl.String).append(pl.Series(name, values, dtype=pl.String))
    return Coded(Column(name, TEXT), codes, domain)


def write_events(root: Path, batch: Batch) -> str:
    """Writes a part: names one after the other, in each the blocks of users, in each block by time. Its id."""
    return write_folder(root, lambda parts: _fill(parts, batch))


def _fill(parts: Parts, batch: Batch) -> dict[str, Any]:
    blocks = int(batch.rows.max()) // BLOCK + 1
    order = np.argsort(batch.times, kind="stable")
    places = batch.codes.astype(np.int64) * blocks + batch.rows // BLOCK
    places = places.astype(np.min_scalar_type(len(batch.names) * blocks))
    # two stable sorts, of which the second is one of few and small numbers, beat one by several keys
    order = order[np.argsort(places[order], kind="stable")]
    starts = np.searchsorted(places[order], np.arange(len(batch.names) * blocks + 1))
    parts.add_array("rows.npy", (batch.rows[order] % BLOCK).astype(np.uint16))
    parts.add_array("times.npy", batch.times[order])
    ends = [(int(starts[i * blocks]), int(starts[(i + 1) * blocks])) for i in range(len(batch.names))]
    own_starts = [starts[i * blocks : (i + 1) * blocks + 1] for i in range(len(batch.names))]
    parts.add_array("starts.npy", np.concatenate(own_starts).astype(np.int64))
    names = dict(zip(batch.names, ends, strict=True))
    columns = {
        name: _add_column(parts, str(number), data, order, names)
        for number, (name, data) in enumerate(batch.columns.items())
    }
    return {
        "schema": schema_to_json(batch.schema),
        "size": len(order),
        "names": names,
        "blocks": blocks,
        "columns": columns,
        "salt": secrets.token_hex(16),
    }


def _add_column(
    parts: Parts, part: str, data: ColumnData, order: NDArray[np.int64], names: Mapping[str, tuple[int, int]]
) -> dict[str, Any]:
    """Writes a column for those names alone whose events have values; its entry in the description."""
    if isinstance(data, Coded):
        held = _held(data.codes[order] > 0, names)
        codes = _cut(data.codes[order], held, names)
        entry = parts.add_column(part, Coded(data.column, codes, data.domain))
        return {**entry, "size": len(codes), "held": _places(held, names)}
    valid = unpack(data.valid, len(order))[order]
    held = _held(valid, names)
    values = _cut(data.values[order], held, names)
    bits = [pack(valid[slice(*names[name])]) for name in held]
    packed = np.concatenate([np.empty(0, np.uint8), *bits])
    entry = parts.add_column(part, Plain(data.column, values, packed, data.scale))
    return {**entry, "size": len(values), "valid": len(packed), "held": _places(held, names)}


def _held(valid: NDArray[np.bool_], names: Mapping[str, tuple[int, int]]) -> list[str]:
    """The names whose events have values."""
    return [name for name, (start, end) in names.items() if valid[start:end].any()]


def _cut(values: NDArray[Any], held: Sequence[str], names: Mapping[str, tuple[int, int]]) -> NDArray[Any]:
    if len(held) == len(names):
        return values
    return np.concatenate([values[:0], *(values[slice(*names[name])] for name in held)])


def _places(held: Sequence[str], names: Mapping[str, tuple[int, int]]) -> dict[str, tuple[int, int]]:
    """Where the values, and the bits of those that there are, start for each name."""
    sizes = [names[name][1] - names[name][0] for name in held]
    starts = np.cumsum([0, *sizes]).tolist()
    bits = np.cumsum([0, *map(byte_count, sizes)]).tolist()
    return {name: (start, bit) for name, start, bit in zip(held, starts, bits, strict=False)}
