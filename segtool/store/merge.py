"""Parts of a table of events come in; one part comes out, some events at a time."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from segtool.model.columns import Coded, ColumnData, Plain, pack, unpack
from segtool.model.kinds import Column, Schema
from segtool.store.event_files import SECOND, Contents, Events
from segtool.store.events import GROUP, EventPart
from segtool.store.joining import Joint, joined, joint
from segtool.store.layout import own, taken, too_long
from segtool.store.parts import Parts

MOST = 2**21
"""Events that are put in order together, unless more of them are of one second."""

Slice = tuple[int, "_Source", int, int]
"""Events of one name and block in a part: their block, and from where to where they stand among those of the name."""


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
        columns = self._columns()
        tick = min(part.tick for part in self._parts)
        return Contents(self._schema, sizes, columns, tick).fill(
            parts, _told(self.events(), sum(sizes.values()), advance)
        )

    def _columns(self) -> dict[str, tuple[Joint, list[str]]]:
        return {name: (one, self._held(name)) for name, one in self._joints.items()}

    def _held(self, column: str) -> list[str]:
        held = {name for part in self._parts if column in part.columns for name in part.columns[column]["held"]}
        return sorted(held)

    def events(self) -> Iterator[Events]:
        """All events: name by name, by blocks of users and by time within each."""
        columns = self._columns()
        blocks = max(part.blocks for part in self._parts)
        for name in self._names:
            joints = [one for one, held in columns.values() if name in held]
            sources = [_Source(number, part, name) for number, part in enumerate(self._parts) if name in part.names]
            for first in range(0, blocks, GROUP):
                for slices in _few(sources, range(first, first + GROUP)):
                    yield _together(name, slices, joints, first)
            for part in self._parts:
                # what was looked at would stay in memory until the end
                part.folder.forget()


def _told(events: Iterator[Events], total: int, advance: Callable[[int, int], None]) -> Iterator[Events]:
    done = 0
    for some in events:
        advance(done, total)
        yield some
        done += len(some.rows)


def _few(sources: Sequence[_Source], blocks: range) -> Iterator[list[Slice]]:
    """The events of some blocks: all of them, or one block after the other, or one stretch of time after the other,
    so that they are not too many to be put in order together."""
    slices = [(block, one, *one.span(block)) for block in blocks for one in sources]
    slices = [one for one in slices if _number([one])]
    if 0 < _number(slices) <= MOST:
        yield slices
    elif len(blocks) > 1:
        for block in blocks:
            yield from _few(sources, range(block, block + 1))
    elif slices:
        yield from _by_time(slices)


def _number(slices: Sequence[Slice]) -> int:
    return sum(end - start for *_, start, end in slices)


def _by_time(slices: Sequence[Slice]) -> Iterator[list[Slice]]:
    """The events of one block, cut at times that share them out evenly."""
    parts = -(-_number(slices) // MOST)
    some = np.sort(np.concatenate([one.ticks(start, end)[:: parts * 64] for _, one, start, end in slices]))
    cuts = [int(some[len(some) * part // parts]) for part in range(1, parts)]
    ends = [[start, *one.before(cuts, start, end), end] for _, one, start, end in slices]
    for part in range(parts):
        cut = [(block, one, at[part], at[part + 1]) for (block, one, _, _), at in zip(slices, ends, strict=True)]
        cut = [one for one in cut if _number([one])]
        if cut:
            yield cut


def _together(name: str, slices: Sequence[Slice], joints: Sequence[Joint], first: int) -> Events:
    """These events of one name, in order; `first` is the first block of their group."""
    numbers = np.repeat([block for block, *_ in slices], [end - start for *_, start, end in slices])
    times = np.concatenate([one.times(slice(start, end)) for _, one, start, end in slices])
    rows = np.concatenate([one.rows[start:end] for _, one, start, end in slices])
    columns = {one.column.name: _values(one, slices, first) for one in joints}
    some = Events(name, numbers, rows, times, columns)
    return some if _in_order(some) else _sorted(some)


def _values(joint: Joint, slices: Sequence[Slice], first: int) -> ColumnData:
    some = [(one.number, one.some(joint.column, start, end, first), end - start) for _, one, start, end in slices]
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

    def ticks(self, start: int, end: int) -> NDArray[np.int64]:
        """The seconds that events are in."""
        return self._events.ticks[start:end].astype(np.int64) * self._events.tick // SECOND

    def before(self, seconds: Sequence[int], start: int, end: int) -> list[int]:
        """Where those of some events end that are before each of these seconds."""
        ticks = self._events.ticks[start:end]
        return [start + int(np.searchsorted(ticks, second * SECOND // self._events.tick)) for second in seconds]

    def some(self, column: Column, start: int, end: int, first: int) -> ColumnData | None:
        """The values of some events, of the group of blocks that starts with `first`."""
        entry = self._part.columns.get(column.name, {"held": ()})
        if self._name not in entry["held"]:
            return None
        if entry["layout"] == "own":
            before, held = self._starts[first], self._of_group(column, first)
            if before + len(held.codes) == end:
                # the last ones that are asked for
                del self._groups[column.name]
            return own(column, held.domain[1:][start - before : end - before])
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
