"""Events come in, some of one name at a time; become a folder of mappable files, as `store.events` reads them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from segtool.model.columns import Coded, ColumnData, Plain, byte_count, pack, unpack
from segtool.model.kinds import Schema
from segtool.store.encoding import schema_to_json
from segtool.store.events import GROUP
from segtool.store.joining import Joint
from segtool.store.parts import PartFile, Parts


@dataclass(frozen=True)
class Events:
    """Events of one name and of one group of blocks, block by block and by time within each: the block of each, its
    user's row in the block, its time, and the columns that events of this name hold."""

    name: str
    blocks: NDArray[np.int64]
    rows: NDArray[np.uint16]
    times: NDArray[np.int64]
    columns: Mapping[str, ColumnData]


@dataclass(frozen=True)
class Contents:
    """What a part will hold: how many events of each name, and of each column its layout and the names that hold it."""

    schema: Schema
    sizes: Mapping[str, int]
    columns: Mapping[str, tuple[Joint, Sequence[str]]]
    tick: int
    """Microseconds that times are counted in."""

    def fill(self, parts: Parts, events: Iterable[Events]) -> dict[str, Any]:
        """Writes the events, whose names come in the order of `sizes` and whose blocks ascend; the description."""
        total, counts = sum(self.sizes.values()), dict[str, list[NDArray[np.int64]]]()
        places = {name: place for place, name in enumerate(self.sizes)}
        with ExitStack() as files:
            rows = files.enter_context(parts.array("rows.npy", np.dtype(np.uint16), total))
            ticks = np.dtype(np.int64 if self.tick == 1 else np.int32)
            times = files.enter_context(parts.array("times.npy", ticks, total))
            columns = {
                name: _ColumnFiles(files, parts, str(number), joint, {one: self.sizes[one] for one in held})
                for number, (name, (joint, held)) in enumerate(self.columns.items())
            }
            for some in events:
                counts.setdefault(some.name, []).append(np.bincount(some.blocks))
                rows.write_array(some.rows)
                times.write_array((some.times // self.tick).astype(ticks, copy=False))
                for name, data in some.columns.items():
                    columns[name].add(some, data, places[some.name])
            entries = {name: column.finished() for name, column in columns.items()}
        blocks, starts = _starts(self.sizes, counts)
        parts.add_array("starts.npy", starts)
        ends = np.cumsum(list(self.sizes.values()))
        names = {name: (int(end) - size, int(end)) for (name, size), end in zip(self.sizes.items(), ends, strict=True)}
        schema = schema_to_json(self.schema.without_values())
        facts = {"schema": schema, "size": total, "names": names, "blocks": blocks}
        return {**facts, "tick": self.tick, "columns": entries}


SECOND = 1_000_000


def tick_of(times: NDArray[np.int64]) -> int:
    """Microseconds that all times are whole multiples of, so that 32 bits hold them: those of a second, else one."""
    whole = not (times % SECOND).any() and (np.abs(times // SECOND) < 2**31).all()
    return SECOND if whole else 1


def _starts(sizes: Mapping[str, int], counts: Mapping[str, list[NDArray[np.int64]]]) -> tuple[int, NDArray[np.int64]]:
    """How many blocks there are; and for each name where each of its blocks starts, and where the last one ends."""
    blocks = max(len(one) for some in counts.values() for one in some)
    numbers = np.zeros((len(sizes), blocks), np.int64)
    for number, name in enumerate(sizes):
        for some in counts[name]:
            numbers[number, : len(some)] += some
    ends = np.cumsum(numbers).reshape(numbers.shape)
    return blocks, np.concatenate([ends[:, :1] - numbers[:, :1], ends], axis=1).ravel()


class _ColumnFiles:
    """The files of one column; `held` counts the events of each name that holds it."""

    def __init__(self, files: ExitStack, parts: Parts, part: str, joint: Joint, held: Mapping[str, int]) -> None:
        self._parts, self._part, self._joint, self._held = parts, part, joint, held
        self._name, self._flags = "", list[NDArray[np.bool_]]()
        self._valid: PartFile | None = None
        self._groups: dict[str, int] = {}
        total = sum(held.values())
        if joint.own:
            return
        if joint.domain is not None:
            parts.add_series(f"{part}.domain.arrow", joint.domain)
            self._values = files.enter_context(parts.array(f"{part}.codes.npy", joint.dtype, total))
            return
        self._values = files.enter_context(parts.array(f"{part}.values.npy", joint.dtype, total))
        bits = sum(map(byte_count, held.values()))
        self._valid = files.enter_context(parts.array(f"{part}.valid.npy", np.dtype(np.uint8), bits))

    def add(self, events: Events, data: ColumnData, number: int) -> None:
        if isinstance(data, Plain):
            self._values.write_array(data.values)
            self._end_name(events.name)
            self._flags.append(unpack(data.valid, len(data.values)))
        elif isinstance(data, Coded) and data.own:
            group = f"{self._part}.{number}.{int(events.blocks[0]) // GROUP}"
            self._groups[group] = self._groups.get(group, -1) + 1
            self._parts.add_series(f"{group}.{self._groups[group]}.arrow", data.domain[1:])
        else:
            self._values.write_array(data.codes)

    def _end_name(self, name: str) -> None:
        """The bits of each name start with a byte of their own."""
        if self._valid and name != self._name and self._flags:
            self._valid.write_array(pack(np.concatenate(self._flags)))
            self._flags = []
        self._name = name

    def finished(self) -> dict[str, Any]:
        """The column's entry in the description; `held` tells where the values and the bits of each name start."""
        self._end_name("")
        sizes = list(self._held.values())
        starts = np.cumsum([0, *sizes]).tolist()
        bits = np.cumsum([0, *map(byte_count, sizes)]).tolist()
        held = {name: (start, bit) for name, start, bit in zip(self._held, starts, bits, strict=False)}
        entry = {"part": self._part, "size": starts[-1], "held": held}
        if self._joint.own:
            return {**entry, "layout": "own"}
        if self._joint.domain is not None:
            return {**entry, "layout": "coded", "dtype": self._joint.dtype.str}
        return {
            **entry,
            "layout": "plain",
            "dtype": self._joint.dtype.str,
            "scale": self._joint.scale,
            "valid": bits[-1],
        }
