"""Two sets of users come in; goes out: who enters and who leaves between them, in numbers and the first by key."""

from __future__ import annotations

from collections.abc import Callable

from segtool.model.columns import Bits, UserTable, count, to_rows
from segtool.model.preview import Step

FirstKeys = Callable[[Bits], tuple[str, ...]]


def step(before: Bits, after: Bits, first: FirstKeys) -> Step:
    entered, left = after & ~before, before & ~after
    return Step(count(entered), count(left), first(entered), first(left))


def first_keys(users: UserTable, number: int, bits: Bits) -> tuple[str, ...]:
    """The first keys, by their bytes, of a set of users."""
    if not number:
        return ()
    rows = to_rows(bits)
    if users.keys_ascend:
        return tuple(users.keys.gather(rows[:number]).to_list())
    return tuple(users.keys.gather(rows).sort().head(number).to_list())
