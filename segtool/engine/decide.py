"""A plan and the tables to who is in: every distinct leaf once, then trees of bits, segment by segment."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from itertools import groupby
from types import MappingProxyType
from typing import Any

import numpy as np

from segtool.engine.behaviour import Behaviour
from segtool.engine.features import cut_down, rows_of, shares
from segtool.engine.reuse import keys_of
from segtool.engine.rows import Source, told_events
from segtool.engine.trees import TrueRows
from segtool.model.algebra import Aggregate, AtEdge, Bucket, Column, Leaf, Part, Predicate, Rank, Value, leaves, root
from segtool.model.algebra import Sequence as InSequence
from segtool.model.cells import values_at
from segtool.model.columns import Bits, ColumnData, Plain, Tables, UserTable, pack, unpack
from segtool.model.plan import Plan, PlannedSegment

Frozen = Mapping[str, Callable[[], tuple[str, ...]]]
"""How the keys of each frozen segment are found."""


@dataclass(frozen=True)
class Decision:
    """Who is in one segment (bits of rows), and where it has lists, whom these name."""

    members: Bits
    include: Bits | None = None
    exclude: Bits | None = None


Settle = Callable[[PlannedSegment, Decision | None], Decision | None]
"""What stands of a segment that was just decided (None: it refers to one of which nothing stands); None where nothing
does."""


def as_decided(segment: PlannedSegment, decision: Decision | None) -> Decision | None:
    return decision


@dataclass(frozen=True)
class Decided:
    """Every segment's decision, and the rows of those leaves that another run may ask for, by key."""

    decisions: dict[str, Decision]
    leaves: dict[str, Bits]


def decide(
    plan: Plan,
    tables: Tables,
    frozen: Frozen,
    known: Mapping[str, Bits] = MappingProxyType({}),
    advance: Callable[[int, int], None] = lambda done, of: None,
    settle: Settle = as_decided,
) -> Decided:
    """The members of every segment of the plan. `frozen` gives the keys of static segments that it may refer to;
    leaves that are `known` are not decided again; `advance` is told how many of how many others are done; `settle` is
    asked of each segment before those that refer to it."""
    wanted = dict.fromkeys(leaf for segment in plan.segments for leaf in leaves(segment.where))
    keys = keys_of(wanted, tables.users)
    users = _Users(tables, frozen, {leaf: known[key] for leaf, key in keys.items() if key in known})
    users.add(wanted, advance)
    decisions: dict[str, Decision] = {}
    waiting: set[str] = set()
    for segment in plan.segments:
        stands = settle(segment, users.decide(segment) if waiting.isdisjoint(segment.refers_to) else None)
        if stands:
            decisions[segment.name] = stands
            users.segments[segment.name] = stands.members
        else:
            waiting.add(segment.name)
    return Decided(decisions, {key: users.leaves[leaf] for leaf, key in keys.items()})


def holding(
    predicates: Sequence[Predicate],
    tables: Tables,
    frozen: Frozen,
    members: Mapping[str, Bits],
    known: Mapping[Leaf, Bits] = MappingProxyType({}),
) -> list[Bits]:
    """The users for whom each predicate holds, where these are the `members` of the dynamic segments that are named;
    leaves that are `known` are not decided again."""
    users = _Users(tables, frozen, known)
    users.segments.update(members)
    users.add(leaf for predicate in predicates for leaf in leaves(predicate))
    return [users.of(predicate) for predicate in predicates]


def looked_at(values: Sequence[Value], tables: Tables, row: int) -> list[Any]:
    """Each value of one user, None where it is missing; of a text in lower case, the text itself."""
    users = _Users(tables, {}, {})
    return [users.value(value, row) for value in values]


def ranked(value: Value, tables: Tables) -> Plain:
    """The values that have a place among those of all users."""
    return _Users(tables, {}, {}).ranked(value)


class _Users(TrueRows):
    """The users for whom predicates are true, and those in each finished segment."""

    table: UserTable

    def __init__(self, tables: Tables, frozen: Frozen, known: Mapping[Leaf, Bits]) -> None:
        super().__init__(tables.users, known)
        self.behaviour, self.frozen = Behaviour(tables), frozen
        self.segments: dict[str, Bits] = {}

    def decide(self, segment: PlannedSegment) -> Decision:
        chosen = self.of(segment.where) if segment.listed is None else rows_of(segment.listed, self.table)
        include, exclude = (rows_of(keys, self.table) for keys in (segment.include, segment.exclude))
        chosen = chosen & ~exclude
        if segment.ranking:
            chosen = cut_down(chosen, segment.ranking, self.numbers(segment.ranking.by), self.table)
        lists = (include, exclude) if segment.has_lists else (None, None)
        return Decision(chosen | (include & ~exclude), *lists)

    def each(self, groups: Mapping[Source, list[Leaf]]) -> Iterator[tuple[list[Leaf], list[Bits]]]:
        """What looks at the same events is decided by one thread, and what does not by as many as there are cores."""
        units = [list(unit) for _, unit in groupby(groups.items(), key=lambda pair: told_events(pair[0]) or pair[0])]
        with ThreadPoolExecutor(os.cpu_count()) as pool:
            for found in pool.map(self._all, units):
                yield from found

    def _all(self, unit: list[tuple[Source, list[Leaf]]]) -> list[tuple[list[Leaf], list[Bits]]]:
        found = [(group, list(self.decided(source, group))) for source, group in unit]
        if told_events(unit[0][0]):
            self.behaviour.forget()
        else:
            self.table.forget()
        return found

    def decided(self, source: Source, group: list[Leaf]) -> Iterator[Bits]:
        match source:
            case Bucket(salt):
                drawn = shares(salt, self.table)
                return (pack(drawn < leaf.below) & self.table.present for leaf in group if isinstance(leaf, Bucket))
            case AtEdge():
                return iter([self.behaviour.at_edge(source) & self.table.present])
            case InSequence():
                return iter([self.behaviour.sequence(source) & self.table.present])
            case _:
                return super().decided(source, group)

    def data(self, source: Column | Aggregate) -> ColumnData:
        return self.behaviour.feature(source) if isinstance(source, Aggregate) else super().data(source)

    def value(self, value: Value, row: int) -> Any:
        at = np.array([row])
        if isinstance(value, Rank):
            return self._percentile(value, row)
        if isinstance(value, Part) and value.name != "lower":
            size_of_nothing = 0 if value.name == "size" else None
            there = values_at(self.data(root(value)), at)[0] is not None
            return values_at(self.numbers(value), at)[0] if there else size_of_nothing
        return values_at(self.data(root(value)), at)[0]

    def _percentile(self, rank: Rank, row: int) -> float | None:
        data = self.ranked(rank.of)
        valid = unpack(data.valid & self.table.present, self.table.size)
        if not valid[row]:
            return None
        held = data.values[valid]
        return 100.0 * int((held <= data.values[row]).sum()) / len(held)

    def member(self, segment: str) -> Bits:
        if segment not in self.segments:
            self.segments[segment] = rows_of(self.frozen[segment](), self.table)
        return self.segments[segment]
