"""Members and what is known of their addresses come in; go out: who is reached, and who is held back, and why."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from segtool.model.audience import DUPLICATE, HELD_OUT, REASONS, Counted
from segtool.model.columns import Bits, Rows, count, from_rows


@dataclass(frozen=True)
class Audience:
    """The rows that are reached, and those held back for each reason."""

    reached: Bits
    held_back: Mapping[str, Bits]

    def counted(self, strangers: Mapping[str, Collection[str]]) -> Counted:
        """In numbers; `strangers`: keys of members of no row, by the reason that holds them back ("": none does)."""
        numbers = {reason: count(bits) + len(strangers.get(reason, ())) for reason, bits in self.held_back.items()}
        reached = count(self.reached) + len(strangers.get("", ()))
        return Counted(reached + sum(numbers.values()), reached, numbers)

    def among(self, members: Bits) -> Audience:
        """The part of it that is among these."""
        return Audience(self.reached & members, {reason: bits & members for reason, bits in self.held_back.items()})


@dataclass(frozen=True)
class Reach:
    """Whom a channel does not reach, by reason, as sets of rows; and the rows that share an address with others, those
    first that come before others, each with a number of its address."""

    held: Mapping[str, Bits]
    shared: Rows
    addresses: NDArray[np.integer]

    def audience(self, members: Bits, held_out: Bits) -> Audience:
        """Each member is held back for the first reason there is. Of those left who share an address, the first is
        reached."""
        rest, held_back = members, dict[str, Bits]()
        for reason in REASONS:
            these = self._later(rest) if reason == DUPLICATE else held_out if reason == HELD_OUT else self.held[reason]
            held_back[reason] = rest & these
            rest = rest & ~these
        return Audience(rest, held_back)

    def _later(self, rest: Bits) -> Bits:
        is_in = _flags(rest, self.shared)
        _, first = np.unique(self.addresses[is_in], return_index=True)
        return from_rows(np.delete(self.shared[is_in], first), len(rest) * 8)

    def in_order(self, parts: Sequence[Bits]) -> Reach:
        """The same where those of an earlier part come before those of a later one."""
        part = np.full(len(self.shared), len(parts))
        for number in range(len(parts) - 1, -1, -1):
            part[_flags(parts[number], self.shared)] = number
        order = np.argsort(part, kind="stable")
        return replace(self, shared=self.shared[order], addresses=self.addresses[order])


def _flags(bits: Bits, rows: Rows) -> NDArray[np.bool_]:
    flags: NDArray[np.bool_] = (bits[rows >> 3] >> (rows & 7) & 1).astype(np.bool_)
    return flags
