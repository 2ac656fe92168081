"""Trees of predicates over one table: every distinct leaf once, then bits for and, or, not and at least."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import replace
from functools import reduce
from types import MappingProxyType

import numpy as np

from segtool.engine.rows import Source, by_source, computed, of_column, of_places, of_ranks
from segtool.model.algebra import (
    Aggregate,
    And,
    AtLeast,
    Column,
    Constant,
    Leaf,
    Member,
    Not,
    Or,
    Part,
    Predicate,
    Rank,
    Value,
    leaves,
)
from segtool.model.columns import Bits, ColumnData, Plain, RowTable, pack, unpack
from segtool.model.dtypes import missing
from segtool.model.kinds import Column as SchemaColumn


def is_counted(value: Value) -> bool:
    """Whether it is how many of something there are, of which a 0 has no place among all."""
    return isinstance(value, Aggregate) and value.function in ("count", "distinct")


class TrueRows:
    """The rows of a table for which predicates are true. Each distinct leaf is decided once, and kept."""

    def __init__(self, table: RowTable, known: Mapping[Leaf, Bits] = MappingProxyType({})) -> None:
        self.table = table
        self.leaves: dict[Leaf, Bits] = dict(known)
        self._computed: dict[Part, Plain] = {}

    def of(self, predicate: Predicate) -> Bits:
        """The present rows for which the predicate is true."""
        self.add(leaves(predicate))
        return self._tree(predicate)

    def add(self, wanted: Iterable[Leaf], advance: Callable[[int, int], None] = lambda done, of: None) -> None:
        """Decides those leaves that are not decided yet; `advance` is told how many of how many are done."""
        new = [leaf for leaf in dict.fromkeys(wanted) if leaf not in self.leaves]
        before = len(self.leaves)
        for group, found in self.each(by_source(new)):
            self.leaves.update(zip(group, found, strict=True))
            advance(len(self.leaves) - before, len(new))

    def each(self, groups: Mapping[Source, list[Leaf]]) -> Iterator[tuple[list[Leaf], list[Bits]]]:
        """The leaves of every source, and the rows for which each is true."""
        return ((group, list(self.decided(source, group))) for source, group in groups.items())

    def decided(self, source: Source, group: list[Leaf]) -> Iterator[Bits]:
        """The rows for which each leaf of one source is true."""
        match source:
            case Column() | Aggregate():
                return of_column(group, self.data(source), self.table)
            case Rank(value):
                return of_ranks(group, self.ranked(value), self.table)
            case (Column() as latitude, Column() as longitude):
                return of_places(group, source, map(self.data, (latitude, longitude)), self.table)
            case _:
                raise AssertionError(f"{source} is not of this table")

    def data(self, source: Column | Aggregate) -> ColumnData:
        """The values of a column; of one that the table lacks, none."""
        assert isinstance(source, Column)
        found = self.table.column(source.name)
        return found if found else missing(SchemaColumn(source.name, source.kind), self.table.size)

    def numbers(self, value: Value) -> Plain:
        """The value of each row as numbers of the same order."""
        if isinstance(value, Part):
            assert isinstance(value.of, Column | Aggregate)
            if value not in self._computed:
                self._computed[value] = computed(value, self.data(value.of), self.table)
            return self._computed[value]
        assert isinstance(value, Column | Aggregate)
        data = self.data(value)
        assert isinstance(data, Plain)
        return data

    def ranked(self, value: Value) -> Plain:
        """The values that have a place among all: of what is counted, a 0 has none."""
        data = self.numbers(value)
        if is_counted(value):
            return replace(data, valid=data.valid & pack(data.values != 0))
        return data

    def member(self, segment: str) -> Bits:
        raise AssertionError(f"no row of this table is in {segment}")

    def _tree(self, predicate: Predicate) -> Bits:
        match predicate:
            case And(parts):
                return reduce(np.bitwise_and, map(self._tree, parts))
            case Or(parts):
                return reduce(np.bitwise_or, map(self._tree, parts))
            case Not(part):
                return ~self._tree(part) & self.table.present
            case AtLeast(number, parts):
                return self._at_least(number, parts)
            case Constant(holds):
                return self.table.present if holds else np.zeros_like(self.table.present)
            case Member(name):
                return self.member(name)
            case _:
                return self.leaves[predicate]

    def _at_least(self, number: int, parts: tuple[Predicate, ...]) -> Bits:
        held = np.zeros(self.table.size, np.uint16)
        for part in parts:
            held += unpack(self._tree(part), self.table.size)
        return pack(held >= number)
