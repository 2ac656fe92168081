"""Who is in now and who was in at the last run to who entered and who left, each with the reason."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from segtool.engine.decide import Decision
from segtool.model.columns import Bits, Rows, count, resized, to_rows
from segtool.model.movement import NOBODY, Movement, Reasons, moved, moved_together
from segtool.model.run import REASONS

Flags = NDArray[np.bool_]


@dataclass(frozen=True)
class Before:
    """One segment as it was committed, and the users of then and of before then. `would_be`: whom the committed
    definition would hold on today's data, None where it is unchanged; `unknown` where it cannot be asked any more."""

    members: Bits | None
    include: Bits | None
    exclude: Bits | None
    present: Bits
    seen: Bits
    would_be: Bits | None = None
    unknown: bool = False


def movement(now: Decision, before: Before, present: Bits, size: int) -> Movement:
    """Who entered and who left between two runs, over a table that has `size` rows now."""
    if before.members is None:
        came = moved_together(now.members, "initial")
        return Movement(0, came.count, came, NOBODY)
    members = resized(before.members, size)
    changed = now.members ^ members
    entered, left = to_rows(changed & now.members), to_rows(changed & members)
    change = _Change(now, before, present, size)
    return Movement(
        count(members),
        count(now.members),
        moved(entered, change.reasons(entered, True), size),
        moved(left, change.reasons(left, False), size),
    )


@dataclass(frozen=True)
class _Change:
    now: Decision
    before: Before
    present: Bits
    size: int

    def reasons(self, rows: Rows, entered: bool) -> Reasons:
        """The reason of each row that changed; the later a rule stands here, the more it counts."""
        found = np.full(len(rows), REASONS.index("matches" if entered else "no_longer_matches"), np.uint8)
        if not len(rows):
            return found
        found[self._listed(rows, entered)] = REASONS.index("list")
        found[self._redefined(rows, entered)] = REASONS.index("definition")
        if entered:
            was, seen = (self._then_in(rows, bits) for bits in (self.before.present, self.before.seen))
            found[seen & ~was] = REASONS.index("returned")
        else:
            found[~_in(rows, self.present)] = REASONS.index("gone")
        return found

    def _listed(self, rows: Rows, entered: bool) -> Flags:
        """The rows that an include list put in or took out, or an exclude list took out or let back."""
        now_in, then_in = _in(rows, self.now.include), self._then_in(rows, self.before.include)
        now_out, then_out = _in(rows, self.now.exclude), self._then_in(rows, self.before.exclude)
        if entered:
            return (now_in & ~then_in) | (then_out & ~now_out)
        return (then_in & ~now_in) | (now_out & ~then_out)

    def _redefined(self, rows: Rows, entered: bool) -> Flags:
        """The rows whose change the committed definition would not make on today's data."""
        if self.before.unknown:
            return np.ones(len(rows), np.bool_)
        if self.before.would_be is None:
            return np.zeros(len(rows), np.bool_)
        would_be = _in(rows, self.before.would_be)
        return ~would_be if entered else would_be

    def _then_in(self, rows: Rows, bits: Bits | None) -> Flags:
        """The rows that were in a set of then."""
        return _in(rows, None if bits is None else resized(bits, self.size))


def _in(rows: Rows, bits: Bits | None) -> Flags:
    """The rows that are in a set, if there is one."""
    if bits is None:
        return np.zeros(len(rows), np.bool_)
    flags: Flags = (bits[rows >> 3] >> (rows & 7) & 1).astype(np.bool_)
    return flags
