"""Who is in now and who was in at the last run to who entered and who left, each with the reason."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from segtool.engine.decide import Decision
from segtool.model.columns import Bits, count, resized, to_rows
from segtool.model.movement import NOBODY, Movement, Reasons, moved, moved_together
from segtool.model.run import REASONS


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

    def reasons(self, rows: NDArray[np.uint32], entered: bool) -> Reasons:
        """The reason of each row that changed; the later a rule stands here, the more it counts."""
        found = np.full(len(rows), REASONS.index("matches" if entered else "no_longer_matches"), np.uint8)
        if not len(rows):
            return found
        found[_in(rows, self._listed(entered))] = REASONS.index("list")
        found[_in(rows, self._redefined(entered))] = REASONS.index("definition")
        was = resized(self.before.present, self.size)
        if entered:
            seen = resized(self.before.seen, self.size)
            found[_in(rows, seen) & ~_in(rows, was)] = REASONS.index("returned")
        else:
            found[~_in(rows, self.present)] = REASONS.index("gone")
        return found

    def _listed(self, entered: bool) -> Bits:
        """Rows that an include list put in or took out, or an exclude list took out or let back."""
        now_in, then_in = self._lists("include")
        now_out, then_out = self._lists("exclude")
        if entered:
            return (now_in & ~then_in) | (then_out & ~now_out)
        return (then_in & ~now_in) | (now_out & ~then_out)

    def _lists(self, role: str) -> tuple[Bits, Bits]:
        nobody = np.zeros_like(self.present)
        now, then = getattr(self.now, role), getattr(self.before, role)
        return nobody if now is None else now, nobody if then is None else resized(then, self.size)

    def _redefined(self, entered: bool) -> Bits:
        """Rows whose change the committed definition would not make on today's data."""
        if self.before.unknown:
            return ~np.zeros_like(self.present)
        if self.before.would_be is None:
            return np.zeros_like(self.present)
        return ~self.before.would_be if entered else self.before.would_be


def _in(rows: NDArray[np.uint32], bits: Bits) -> NDArray[np.bool_]:
    flags: NDArray[np.bool_] = (bits[rows >> 3] >> (rows & 7) & 1).astype(np.bool_)
    return flags
