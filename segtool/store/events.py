"""Folders of events come out name by name, in the order of time within each block of users."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from functools import cached_property
from itertools import count
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from segtool.model.columns import BLOCK, Bits, Coded, ColumnData, Plain, byte_count, pack
from segtool.model.kinds import TEXT, Column
from segtool.store.encoding import schema_from_json
from segtool.store.parts import Folder

if TYPE_CHECKING:
    import polars as pl

GROUP = 4
"""Blocks of users whose values of their own stand in the same files."""


class EventPart:
    """One part of a table of events: the folder of what was imported at one time."""

    def __init__(self, root: Path, id: str, keys: Callable[[], pl.Series]) -> None:
        self.id, self.folder, self.keys = id, Folder(root, id), keys
        description = self.folder.description
        self.schema = schema_from_json(description["schema"])
        self.size: int = description["size"]
        self.names: dict[str, tuple[int, int]] = {name: tuple(ends) for name, ends in description["names"].items()}
        self.places = {name: place for place, name in enumerate(self.names)}
        self.columns: dict[str, dict[str, Any]] = description["columns"]
        self.blocks: int = description["blocks"]
        self.tick: int = description["tick"]
        self._domains: dict[str, pl.Series] = {}

    def named(self, name: str) -> StoredEvents:
        return StoredEvents(self, name)

    @cached_property
    def rows(self) -> NDArray[np.uint16]:
        return self.folder.array("rows.npy", "<u2", self.size)

    @cached_property
    def ticks(self) -> NDArray[np.signedinteger]:
        return self.folder.array("times.npy", "<i8" if self.tick == 1 else "<i4", self.size)

    @cached_property
    def starts(self) -> NDArray[np.int64]:
        """Where each block of each name starts, and where the last one of each name ends."""
        count = len(self.names) * (self.blocks + 1)
        return self.folder.array("starts.npy", "<i8", count).reshape(len(self.names), self.blocks + 1)

    def whole(self, column: Column) -> ColumnData | None:
        """The layout of a column and the values of all events that hold it; of their own values none."""
        entry = self.columns.get(column.name)
        if entry is None:
            return None
        if entry["layout"] == "own":
            import polars as pl

            return Coded(column, np.empty(0, np.uint32), pl.Series(column.name, [None], dtype=pl.String), own=True)
        if entry["layout"] == "coded":
            codes = self.folder.array(f"{entry['part']}.codes.npy", entry["dtype"], entry["size"])
            return Coded(column, codes, self.domain(entry["part"]))
        values = self.folder.array(f"{entry['part']}.values.npy", entry["dtype"], entry["size"])
        return Plain(column, values, np.empty(0, np.uint8), entry["scale"])

    def chunks(self, group: str) -> Iterator[pl.Series]:
        """The values of their own that a group of blocks has, file by file."""
        for number in count():
            name = f"{group}.{number}.arrow"
            if name not in self.folder.description["files"]:
                return
            yield self.folder.series(name)

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
    def ticks(self) -> NDArray[np.signedinteger]:
        return self._part.ticks[self._start : self._end]

    @property
    def tick(self) -> int:
        return self._part.tick

    def forget(self) -> None:
        self._part.folder.forget()

    def times(self, at: slice | NDArray[np.integer]) -> NDArray[np.int64]:
        times: NDArray[np.int64] = self.ticks[at].astype(np.int64, copy=False)
        return times * self.tick if self.tick > 1 else times

    @cached_property
    def starts(self) -> NDArray[np.int64]:
        starts: NDArray[np.int64] = self._part.starts[self._part.places[self._name]]
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
            return Plain(schema.by_name[schema.time], self.times(slice(None)), self.present)
        if name == schema.key:
            return _coded(name, self.users + np.uint32(1), self._part.keys())
        if name == schema.event:
            return _coded(name, np.ones(self.size, np.uint8), [self._name])
        return self._stored(schema.by_name[name]) if name in self._part.columns else None

    def _stored(self, column: Column) -> ColumnData | None:
        entry, whole = self._part.columns[column.name], self._part.whole(column)
        if whole is None or self._name not in entry["held"]:
            return None
        start, valid_start = entry["held"][self._name]
        span = slice(start, start + self.size)
        if isinstance(whole, Plain):
            valid = self._part.folder.array(f"{entry['part']}.valid.npy", "|u1", entry["valid"])
            bits = valid[valid_start : valid_start + byte_count(self.size)]
            return replace(whole, values=whole.values[span], valid=bits)
        if whole.own:
            return self.own_values(column, range(0, self._part.blocks, GROUP))
        return replace(whole, codes=whole.codes[span])

    def own_values(self, column: Column, firsts: Iterable[int]) -> Coded:
        """The values of a column whose rows have each their own, of the groups of blocks that start so."""
        import polars as pl

        from segtool.store.layout import own

        place, part = self._part.places[self._name], self._part.columns[column.name]["part"]
        groups = [f"{part}.{place}.{first // GROUP}" for first in firsts]
        return own(column, pl.concat([series for group in groups for series in self._part.chunks(group)]))


def _coded(name: str, codes: NDArray[Any], values: Any) -> Coded:
    import polars as pl

    domain = pl.Series(name, [None], dtype=pl.String).append(pl.Series(name, values, dtype=pl.String))
    return Coded(Column(name, TEXT), codes, domain)
