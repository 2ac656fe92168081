"""Records and their changes come in, run after run; go out: the members that these add up to, and what does not."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import numpy as np

from segtool.model.columns import Bits, Rows, byte_count, count, resized
from segtool.model.movement import Movement
from segtool.model.run import Members, Record, Size


class Replay:
    """Who was in each dynamic segment, and how many in each frozen one, after the runs so far."""

    def __init__(self, base: Members, size: int) -> None:
        """`base`: the members before the first of the runs; `size`: rows that users have at the end."""
        self._size = size
        self.members = {
            name: resized(bits, size).copy() for (name, role), bits in base.rows.items() if role == "members"
        }
        self.frozen: dict[str, int] = {}

    def add(self, record: Record, changes: Mapping[str, Movement]) -> Iterator[str]:
        """One run more; every fact that does not add up."""
        for name, size in record.sizes.items():
            if size.after != size.before + size.entered - size.left:
                yield f"counts {size.before} + {size.entered} - {size.left} members of `{name}` as {size.after}"
        yield from (f"changed `{name}` and does not count it" for name in changes.keys() - record.sizes.keys())
        yield from (fact for name, move in changes.items() for fact in self._moved(name, move, record))
        still = record.sizes.keys() - changes.keys() - {*record.frozen, *record.rewritten}
        yield from (f"counts a change of `{name}` that is not kept" for name in sorted(still))
        for name in record.frozen:
            self.frozen[name] = record.sizes[name].after
        for name in record.rewritten:
            if name in self.frozen:
                self.frozen[name] -= record.sizes[name].left

    def _moved(self, name: str, move: Movement, record: Record) -> Iterator[str]:
        members = self.members.setdefault(name, np.zeros(byte_count(self._size), np.uint8))
        before, entered, left = count(members), move.entered.rows, move.left.rows
        if _number_in(members, entered) or _number_in(members, left) != len(left):
            yield f"lets users enter `{name}` who were in, or leave who were not"
        np.bitwise_or.at(members, entered >> 3, _bit(entered))
        np.bitwise_and.at(members, left >> 3, ~_bit(left))
        found = Size(before, len(entered), len(left), count(members))
        told = record.sizes.get(name, found)
        if name in record.frozen:
            # those who were in it as a dynamic one left, and then the snapshot's members came
            told = Size(told.before, 0, told.left, 0)
        if found != told or (move.before, move.after) != (found.before, found.after):
            yield f"counts the members of `{name}` otherwise than its changes"

    def bits(self) -> Members:
        held = {(name, "members"): bits for name, bits in self.members.items() if bits.any()}
        return Members(held)

    def differing(self, committed: Members) -> list[str]:
        """The segments whose members are others than those that were committed."""
        kept = {name: resized(bits, self._size) for (name, role), bits in committed.rows.items() if role == "members"}
        nobody = np.zeros(byte_count(self._size), np.uint8)
        pairs = {name: (kept.get(name, nobody), self.members.get(name, nobody)) for name in kept.keys() | self.members}
        return sorted(name for name, (one, other) in pairs.items() if not np.array_equal(one, other))


def _bit(rows: Rows) -> Bits:
    return np.left_shift(np.uint8(1), (rows & 7).astype(np.uint8))


def _number_in(bits: Bits, rows: Rows) -> int:
    return int(np.count_nonzero(bits[rows >> 3] & _bit(rows)))
