"""Who entered and who left a segment in one run, with the reasons: as rows or as bits, whichever is smaller."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from segtool.model.columns import Bits, Rows, byte_count, count, from_rows, to_rows
from segtool.model.run import REASONS

Reasons = NDArray[np.uint8]
"""Positions in REASONS."""


@dataclass(frozen=True)
class Moved:
    """Those who entered, or those who left: their number, their rows (ascending) or the bits of these, and the reason
    of each, or the one that is the same for all."""

    count: int
    who: Rows | Bits
    why: Reasons

    @property
    def are_bits(self) -> bool:
        return self.who.dtype == np.uint8

    @property
    def rows(self) -> NDArray[np.unsignedinteger]:
        return to_rows(self.who.view(np.uint8)) if self.are_bits else self.who

    @property
    def reasons(self) -> Reasons:
        """The reason of each row."""
        return np.broadcast_to(self.why, self.count)


NOBODY = Moved(0, np.empty(0, np.uint32), np.empty(0, np.uint8))


def moved_together(bits: Bits, reason: str) -> Moved:
    """All of these, for one reason; many are never written out row by row."""
    number, why = count(bits), np.full(1, REASONS.index(reason), np.uint8)
    return Moved(number, bits if _are_many(number, len(bits)) else to_rows(bits), why)


def moved(rows: Rows, reasons: Reasons, size: int) -> Moved:
    """These rows of a table of so many, each for its reason."""
    why = reasons[:1] if (reasons == reasons[:1]).all() else reasons
    return Moved(len(rows), from_rows(rows, size) if _are_many(len(rows), byte_count(size)) else rows, why)


def _are_many(number: int, width: int) -> bool:
    return number * np.dtype(np.uint32).itemsize > width


@dataclass(frozen=True)
class Movement:
    """Who entered and who left one segment in one run, and how many were in before and after."""

    before: int
    after: int
    entered: Moved
    left: Moved

    @property
    def is_still(self) -> bool:
        return not self.entered.count and not self.left.count
