"""The events of one table that fall into a window and pass its tests, block of users by block."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import numpy as np
from numpy.typing import NDArray

from segtool.model.algebra import Events
from segtool.model.columns import BLOCK, ColumnData, EventTable, padded

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True)
class Piece:
    """Chosen events of one block: the row of its first user, where each event stands in its table, and the row of its
    user in the block. Times ascend."""

    first: int
    at: slice | NDArray[np.int32]
    rows: NDArray[np.uint16]

    @property
    def block(self) -> slice:
        """The rows of the block's users."""
        return slice(self.first, self.first + BLOCK)


@dataclass(frozen=True)
class Chosen:
    """The chosen events of one table, and a column of it."""

    data: ColumnData
    pieces: list[Piece]


def to_micros(moment: datetime) -> int:
    return (moment - EPOCH) // timedelta(microseconds=1)


def pieces(events: Events, table: EventTable, flags: NDArray[np.bool_] | None, size: int) -> list[Piece]:
    """The events of a table after and up to the bounds; only those that have a flag, where there are flags. Events of
    blocks beyond the `size` users are of nobody."""
    starts, ticks = table.starts, table.ticks
    after = None if events.after is None else to_micros(events.after) // table.tick
    until = to_micros(events.until) // table.tick
    found = []
    for block in range(min(len(starts) - 1, padded(size) // BLOCK)):
        low, high = int(starts[block]), int(starts[block + 1])
        own = ticks[low:high]
        high = low + int(np.searchsorted(own, until, "right"))
        low += 0 if after is None else int(np.searchsorted(own, after, "right"))
        # tables have less than 2^31 events, and many of these numbers are held at once
        at = slice(low, high) if flags is None else np.flatnonzero(flags[low:high]).astype(np.int32) + np.int32(low)
        rows = table.rows[at]
        if len(rows):
            found.append(Piece(block * BLOCK, at, rows))
    return found
