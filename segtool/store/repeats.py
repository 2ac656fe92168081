"""A part of a table of events comes in; goes out: how many of its events stand there, or in parts before it, twice."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import polars as pl
from numpy.typing import NDArray

from segtool.model.columns import Plain, unpack
from segtool.model.dtypes import missing
from segtool.model.kinds import Schema
from segtool.store.events import EventPart, StoredEvents

MOST = 2**20
"""Events that are looked at together, unless more are of one time."""


@dataclass(frozen=True)
class _Some:
    """Events of one name and block in one part: where they start and end, and their times."""

    events: StoredEvents
    start: int
    end: int

    @property
    def times(self) -> NDArray[np.int64]:
        return self.events.times(slice(self.start, self.end))

    def between(self, first: int, last: int) -> _Some:
        ticks, tick = self.events.ticks[self.start : self.end], self.events.tick
        low, high = np.searchsorted(ticks, -(-first // tick), "left"), np.searchsorted(ticks, last // tick, "right")
        return _Some(self.events, self.start + int(low), self.start + int(high))

    def stretches(self) -> Iterator[_Some]:
        """The events in stretches of not too many, those of one time together."""
        ticks, start = self.events.ticks, self.start
        while start < self.end:
            last = ticks[min(start + MOST, self.end) - 1]
            end = start + int(np.searchsorted(ticks[start : self.end], last, "right"))
            yield _Some(self.events, start, end)
            start = end


def repeated(part: EventPart, before: Sequence[EventPart], schema: Schema) -> int:
    """How many events of a part are the same as another one of it, or of a part before it, in every column."""
    found = 0
    for name in part.names:
        own, others = part.named(name), [other.named(name) for other in before if name in other.names]
        for block in range(part.blocks):
            for new in _of_block(own, block).stretches():
                first, last = int(new.times[0]), int(new.times[-1])
                known = [_of_block(one, block).between(first, last) for one in others]
                known = [one for one in known if one.end > one.start]
                found += _repeats([new, *known], schema) - (_repeats(known, schema) if known else 0)
    return found


def _of_block(events: StoredEvents, block: int) -> _Some:
    starts = events.starts
    return _Some(events, int(starts[block]), int(starts[block + 1])) if block + 1 < len(starts) else _Some(events, 0, 0)


def _repeats(some: Sequence[_Some], schema: Schema) -> int:
    times = np.concatenate([one.times for one in some])
    rows = np.concatenate([one.events.rows[one.start : one.end] for one in some])
    at = _alike(times, rows)
    if not len(at):
        return 0
    parts = np.repeat(np.arange(len(some)), [one.end - one.start for one in some])[at]
    starts = np.cumsum([0, *(one.end - one.start for one in some)])
    frames = [_frame(one, at[parts == number] - starts[number], schema) for number, one in enumerate(some)]
    frame = pl.concat(frames, how="vertical_relaxed")
    return frame.height - frame.n_unique()


def _alike(times: NDArray[np.int64], rows: NDArray[np.uint16]) -> NDArray[np.intp]:
    """Where events have the time and the user of others."""
    order = np.arange(len(times))
    if len(times) > 1 and not (times[1:] >= times[:-1]).all():
        order = np.argsort(times, kind="stable")
    at = order[_repeated(np.diff(times[order]) == 0)]
    at = at[np.lexsort((rows[at], times[at]))]
    return at[_repeated((np.diff(times[at]) == 0) & (np.diff(rows[at]) == 0))]


def _repeated(same: NDArray[np.bool_]) -> NDArray[np.intp]:
    """Which are the same as the one before or after them; `same` tells of each but the first whether it is so."""
    at = np.flatnonzero(same)
    return np.union1d(at, at + 1)


def _frame(some: _Some, at: NDArray[np.intp], schema: Schema) -> pl.DataFrame:
    """All that is held of these events, equal where it is equal."""
    at = at + some.start
    columns = {"": pl.Series(some.events.rows[at]), "time": pl.Series(some.events.times(at))}
    for number, column in enumerate(schema.columns):
        if column.name not in (schema.key, schema.time, schema.event):
            data = some.events.column(column.name) or missing(column, some.events.size)
            if isinstance(data, Plain):
                values = pl.Series(data.values[at] / 10.0**data.scale)
                valid = pl.Series(unpack(data.valid, len(data.values))[at])
                columns[str(number)] = values.zip_with(valid, pl.repeat(None, len(at), dtype=pl.Float64, eager=True))
            else:
                columns[str(number)] = data.domain.gather(data.codes[at])
    return pl.DataFrame([series.alias(name) for name, series in columns.items()])
