"""A plan and a table of users to who is in: every distinct leaf once, then bits for and, or and not."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import reduce

import numpy as np

from segtool.engine.features import cut_down, rows_of
from segtool.engine.rows import by_source, true_rows
from segtool.model.algebra import And, Constant, Leaf, Member, Not, Or, Predicate, leaves
from segtool.model.columns import Bits, Plain, UserTable
from segtool.model.plan import Plan, PlannedSegment


@dataclass(frozen=True)
class Decision:
    """Who is in one segment (bits of rows), and where it has lists, whom these name."""

    members: Bits
    include: Bits | None = None
    exclude: Bits | None = None


def decide(
    plan: Plan,
    users: UserTable,
    frozen: Mapping[str, Callable[[], tuple[str, ...]]],
    advance: Callable[[int, int], None] = lambda done, of: None,
) -> dict[str, Decision]:
    """The members of every segment of the plan. `frozen` gives the keys of static segments that it may refer to;
    `advance` is told how many of how many leaves are done."""
    rows = _Rows(users, frozen)
    rows.add_leaves(dict.fromkeys(leaf for segment in plan.segments for leaf in leaves(segment.where)), advance)
    decisions: dict[str, Decision] = {}
    for segment in plan.segments:
        decisions[segment.name] = rows.decide(segment)
        rows.segments[segment.name] = decisions[segment.name].members
    return decisions


class _Rows:
    """The sets of rows found so far: of each distinct leaf, and of each finished segment."""

    def __init__(self, users: UserTable, frozen: Mapping[str, Callable[[], tuple[str, ...]]]) -> None:
        self.users, self.frozen = users, frozen
        self.leaves: dict[Leaf, Bits] = {}
        self.segments: dict[str, Bits] = {}

    def add_leaves(self, wanted: dict[Leaf, None], advance: Callable[[int, int], None]) -> None:
        for source, group in by_source(wanted).items():
            advance(len(self.leaves), len(wanted))
            self.leaves.update(zip(group, true_rows(source, group, self.users), strict=True))

    def decide(self, segment: PlannedSegment) -> Decision:
        chosen = self.of(segment.where) if segment.listed is None else rows_of(segment.listed, self.users)
        include, exclude = (rows_of(keys, self.users) for keys in (segment.include, segment.exclude))
        chosen = chosen & ~exclude
        if segment.ranking:
            data = self.users.column(segment.ranking.by.name)
            assert isinstance(data, Plain)
            chosen = cut_down(chosen, segment.ranking, data, self.users)
        lists = (include, exclude) if segment.has_lists else (None, None)
        return Decision(chosen | (include & ~exclude), *lists)

    def of(self, predicate: Predicate) -> Bits:
        """The present rows for which the predicate is true."""
        match predicate:
            case And(parts):
                return reduce(np.bitwise_and, map(self.of, parts))
            case Or(parts):
                return reduce(np.bitwise_or, map(self.of, parts))
            case Not(part):
                return ~self.of(part) & self.users.present
            case Constant(holds):
                return self.users.present if holds else np.zeros_like(self.users.present)
            case Member(name):
                return self._members(name)
            case _:
                return self.leaves[predicate]

    def _members(self, name: str) -> Bits:
        if name not in self.segments:
            self.segments[name] = rows_of(self.frozen[name](), self.users)
        return self.segments[name]
