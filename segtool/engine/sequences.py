"""The moments of each step's events to those at which a user may have come so far."""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple
from zoneinfo import ZoneInfo

import numpy as np
from numpy.typing import NDArray

from segtool.engine.pieces import Piece
from segtool.model.time import Duration
from segtool.model.zones import FOREVER, later


class Moments(NamedTuple):
    """Users' rows, and when each did something (microseconds since 1970 in UTC)."""

    rows: NDArray[np.int64]
    times: NDArray[np.int64]

    def where(self, flags: NDArray[np.bool_]) -> Moments:
        return Moments(self.rows[flags], self.times[flags])


def moments(found: Iterable[tuple[NDArray[np.int64], Piece]], size: int) -> Moments:
    """The chosen events, given as their times and where they stand in their table, of the first `size` users."""
    nothing = np.empty(0, np.int64)
    parts = [(piece.rows.astype(np.int64) + piece.first, times) for times, piece in found]
    rows = np.concatenate([nothing, *(rows for rows, _ in parts)])
    chosen = Moments(rows, np.concatenate([nothing, *(times for _, times in parts)]))
    return chosen.where(chosen.rows < size)


def followers(before: Moments, found: Moments, within: Duration | None, zone: ZoneInfo) -> Moments:
    """Those of `found` that come strictly after one of `before` of the same user, and at most `within` later.

    The latest one before is not always the one whose time runs out last, as clocks are put back: so for each, the
    last deadline of all before it counts. Sorted by user and time, that is a running maximum.
    """
    deadlines = np.full(len(before.times), FOREVER) if within is None else later(before.times, within, zone)
    known, ranks = np.unique(deadlines, return_inverse=True)
    rows, times = (np.concatenate(pair) for pair in zip(found, before, strict=True))
    starts = np.repeat([False, True], [len(found.rows), len(before.rows)])
    order = np.lexsort((starts, times, rows))
    # a user's own number in front keeps the running maximum from reaching over from the user before
    marks = rows * (len(known) + 1) + np.append(np.zeros(len(found.rows), np.int64), ranks + 1)
    latest = np.empty(len(rows), np.int64)
    latest[order] = np.maximum.accumulate(marks[order])
    rank = latest[: len(found.rows)] % (len(known) + 1)
    deadline = np.append(np.iinfo(np.int64).min, known)[rank]
    return found.where(found.times <= deadline)
