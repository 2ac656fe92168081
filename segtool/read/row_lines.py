"""The lines at which rows start come in, those of some rows after those of others; goes out: the line of each row."""

from __future__ import annotations

from functools import cached_property

import numpy as np
from numpy.typing import NDArray

Places = NDArray[np.int64]


class RowLines:
    """Where the rows of a block start, of which most follow the one before on the next line. Held is only where one
    does not, so that a million blank lines weigh as much as one."""

    def __init__(self, first: int, rows: int = 0) -> None:
        """`first`: the line of the first row, and of the others of so many `rows` the next ones."""
        self.first, self.rows = first, rows
        self._skipped = 0
        self._jumps: list[tuple[NDArray[np.int32], NDArray[np.int32]]] = []

    def add(self, lines: Places) -> None:
        """The lines of the rows that follow."""
        skipped = lines - np.arange(self.first + self.rows, self.first + self.rows + len(lines))
        jumps = np.flatnonzero(np.diff(skipped, prepend=self._skipped))
        if len(jumps):
            self._skipped = int(skipped[-1])
            self._jumps.append(((jumps + self.rows).astype(np.int32), skipped[jumps].astype(np.int32)))
        self.rows += len(lines)

    @cached_property
    def _table(self) -> tuple[NDArray[np.int32], NDArray[np.int32]]:
        """The rows before which lines were skipped, and how many were up to there."""
        nothing = np.zeros(1, np.int32)
        rows, skipped = zip((nothing, nothing), *self._jumps, strict=True)
        return np.concatenate(rows), np.concatenate(skipped)

    def line(self, row: int) -> int:
        """The line of a row, counted from 0; nothing may be added after."""
        rows, skipped = self._table
        return self.first + row + int(skipped[np.searchsorted(rows, row, "right") - 1])
