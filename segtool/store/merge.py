"""Parts of a table of events come in; one part comes out, some events at a time."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from segtool.model.columns import Coded, ColumnData, Plain, pack, unpack
from segtool.model.kinds import Column, Schema
from segtool.store.batches import taken
from segtool.store.event_files import Contents, Events
from segtool.store.events import GROUP, EventPart
from segtool.store.joining import Joint, joined, joint
from segtool.store.layout import own, too_long
from segtool.store.parts import Parts

Slice = tuple["_Source", int, int]
"""Events of one name and block in a part: from where to where they stand among those of the name."""


class Merge:
    """The events of several parts as one part. `schema` tells the columns and their kinds."""

    def __init__(self, parts: Sequence[EventPart], schema: Schema) -> None:
        self._parts, self._schema = parts, schema
        self._names = sorted({name for part in parts for name in part.names})
        columns = [column for column in schema.columns if any(column.name in part.columns for part in parts)]
        self._joints = {one.name: joint(one, [part.whole(one) for part in parts]) for one in columns}

    @property
    def loses(self) -> bool:
        """Whether exact numbers would become floats: those that have too many digits together are held apart."""
        return any(one.lost for one in self._joints.values())

    def refuse_loss(self) -> None:
        for one in self._joints.values():
            if one.lost:
                raise too_long(one.column)

    def fill(self, parts: Parts, advance: Callable[[int, int], None] = lambda done, of: None) -> dict[str, Any]:
        """Writes the part; its description. `advance` is told how many of how many events are written."""
        sizes = {name: sum(part.named(name).size for part in self._parts if name in part.names) for name in self._names}
        columns = {name: (one, self._held(name)) for name, one in self._joints.items()}
        tick = min(part.tick for part in self._parts)
        return Contents(self._schema, sizes, columns, tick).fill(
            parts, _told(self._events(columns), sum(sizes.values()), advance)
        )

    def _held(self, column: str) -> list[str]:
        held = {name for part in self._parts if column in part.columns for name in part.columns[column]["held"]}
        return sorted(held)

    def _events(self, columns: Mapping[str, tuple[Joint, Sequence[str]]]) -> Iterator[Events]:
        blocks = max(part.blocks for part in self._parts)
        for name in self._names:
            joints = [one for one, held in columns.values() if name in held]
            sources = [_Source(number, part, name) for number, part in enumerate(self._parts) if name in part.names]
            for first in range(0, blocks, GROUP):
                some = _together(name, sources, joints, range(first, first + GROUP))
                if some is not None:
                    yield some
            for part in self._parts:
                # what was looked at would stay in memory until the end
                part.folder.forget()


def _told(events: Iterator[Events], total: int, advance: Callable[[int, int], None]) -> Iterator[Events]:
    done = 0
    for some in events:
        advance(done, total)
        yield some
        done += len(some.rows)


def _together(name: str, sources: Sequence[_Source], joints: Sequence[Joint], blocks: range) -> Events | None:
    """The events of one name in some blocks."""
    found = [(block, one, *one.span(block)) for block in blocks for one in sources]
    found = [(block, one, start, end) for block, one, start, end in found if end > start]
    if not found:
        return None
    slices = [(one, start, end) for _, one, start, end in found]
    numbers = np.repeat([block for block, *_ in found], [end - start for *_, start, end in found])
    times = np.concatenate([one.times(slice(start, end)) for one, start, end in slices])
    rows = np.concatenate([one.rows[start:end] for one, start, end in slices])
    columns = {one.column.name: _values(one, slices, blocks[0]) for one in joints}
    some = Events(name, numbers, rows, times, columns)
    return some if _in_order(some) else _sorted(some)


def _values(joint: Joint, slices: Sequence[Slice], first: int) -> ColumnData:
    some = [(one.number, one.some(joint.column, start, end, first), end - start) for one, start, end in slices]
    return joined(joint, some)


def _in_order(events: Events) -> bool:
    later = (events.times[1:] >= events.times[:-1]) | (events.blocks[1:] > events.blocks[:-1])
    return bool(later.all())


def _sorted(events: Events) -> Events:
    order = np.lexsort((events.times, events.blocks))
    columns = {name: taken(data, order) for name, data in events.columns.items()}
    return replace(events, rows=events.rows[order], times=events.times[order], columns=columns)


class _Source:
    """The events of one name in one part, looked at some at a time."""

    def __init__(self, number: int, part: EventPart, name: str) -> None:
        self.number = number
        self._part, self._name = part, name
        self._events = part.named(name)
        self.rows, self.times, self._starts = self._events.rows, self._events.times, self._events.starts.tolist()
        self._columns: dict[str, ColumnData] = {}
        self._groups: dict[str, tuple[int, Coded]] = {}
        self._flags: dict[str, NDArray[np.bool_]] = {}

    def span(self, block: int) -> tuple[int, int]:
        """Where the events of a block start and end."""
        return (self._starts[block], self._starts[block + 1]) if block + 1 < len(self._starts) else (0, 0)

    def some(self, column: Column, start: int, end: int, first: int) -> ColumnData | None:
        """The values of some events, of the group of blocks that starts with `first`."""
        entry = self._part.columns.get(column.name, {"held": ()})
        if self._name not in entry["held"]:
            return None
        if entry["layout"] == "own":
            before = self._starts[first]
            return own(column, self._of_group(column, first).domain[1:][start - before : end - before])
        data = self._whole(column)
        if isinstance(data, Plain):
            flags = self._flags[column.name][start:end]
            return replace(data, values=data.values[start:end], valid=pack(flags))
        return replace(data, codes=data.codes[start:end])

    def _whole(self, column: Column) -> ColumnData:
        if column.name not in self._columns:
            data = self._events.column(column.name)
            assert data
            self._columns[column.name] = data
            if isinstance(data, Plain):
                self._flags[column.name] = unpack(data.valid, len(data.values))
        return self._columns[column.name]

    def _of_group(self, column: Column, first: int) -> Coded:
        """The own values of a group, which are asked for block by block."""
        known, data = self._groups.get(column.name, (-1, None))
        if data is None or known != first:
            data = self._events.own_values(column, [first])
            self._groups[column.name] = first, data
        return data
