"""A plan, its tables and the row of one user come in; goes out: that user alone, with what each segment asks of them.

A cut asks for a value beyond that of the last whom it keeps, a percentile for one in its place among all others'."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from functools import cached_property

from segtool.compile.plan import Surroundings
from segtool.engine.decide import Frozen
from segtool.engine.thresholds import of_cut, of_percentile
from segtool.explain.alone import Alone, is_in, rank_of
from segtool.explain.places import left_to_cut
from segtool.model.algebra import NOBODY, And, Column, Events, Leaf, Member, Predicate, Rank, inside, leaves, with_parts
from segtool.model.columns import Bits, Tables
from segtool.model.person import Person
from segtool.model.plan import Plan, PlannedSegment
from segtool.store.person import read_person


def ranks_of(planned: PlannedSegment) -> dict[Leaf, Rank]:
    """The leaves that ask for percentiles, and what these are of."""
    return {leaf: rank for leaf in leaves(planned.where) if (rank := rank_of(leaf))}


def needs_everyone(planned: PlannedSegment) -> bool:
    """Whether others decide too who is in."""
    return planned.ranking is not None or bool(ranks_of(planned))


def apart(
    row: int,
    segments: tuple[PlannedSegment, ...],
    tables: Tables,
    around: Surroundings,
    frozen: Frozen,
    everybody: Mapping[str, Bits],
    held: Iterable[str] = (),
) -> Alone:
    """The user of a row, read from the tables. `everybody`: who is in each segment, where that was decided of all, as
    it must be of those that are cut or `held` by their guards."""
    parting = _Parting(row, segments, tables, frozen, everybody, frozenset(held))
    own = tuple(parting.asked_of_row(one) for one in segments)
    decided = {name: is_in(everybody.get(name), row) for name in parting.decided}
    return Alone(parting.person(around), own, around.schema, around.events, frozen, parting.percentiles, decided)


@dataclass(frozen=True)
class _Parting:
    row: int
    segments: tuple[PlannedSegment, ...]
    tables: Tables
    frozen: Frozen
    everybody: Mapping[str, Bits]
    held: frozenset[str]

    def person(self, around: Surroundings) -> Person:
        named = [one for segment in self.segments for one in inside(segment)]
        columns = sorted({one.name for one in named if isinstance(one, Column)})
        names = sorted({name for one in named if isinstance(one, Events) for name in one.names})
        schemas = {name: (around.events.schemas[around.events.tables[name]], columns) for name in names}
        return read_person(self.tables, self.row, columns, schemas)

    @cached_property
    def percentiles(self) -> dict[Leaf | Member, Predicate]:
        """What each leaf that asks for one comes to for this row."""
        ranks = {leaf: rank for one in self.segments for leaf, rank in ranks_of(one).items()}
        return {leaf: of_percentile(leaf, rank, self.tables, self.row) for leaf, rank in ranks.items()}

    @cached_property
    def decided(self) -> frozenset[str]:
        """Segments of which no value of this user tells who is in: kept by guards, or cut among users who might change
        with this one, or of whom is not known who they are."""
        cut = [one for one in self.segments if one.ranking]
        return self.held | {one.name for one in cut if one.name not in self.everybody or self._moves_others(one)}

    def _moves_others(self, planned: PlannedSegment) -> bool:
        """Whether a value of one user may change who else is there to be cut."""
        plan = Plan(tuple(one for one in self.segments if one.name not in self.held), {})
        beneath = [one for one in plan.of([planned.name]).segments if one.name != planned.name]
        return bool(ranks_of(planned)) or any(map(needs_everyone, beneath))

    def asked_of_row(self, planned: PlannedSegment) -> PlannedSegment:
        where = with_parts(planned.where, self.percentiles)
        if planned.ranking is None or planned.name in self.decided:
            return replace(planned, where=where, ranking=None)
        left = left_to_cut(planned, self.tables, self.frozen, self.everybody)
        cut = of_cut(left, planned.ranking, self.tables.users, self.row)
        if planned.listed is None:
            return replace(planned, where=And((where, cut)), ranking=None)
        is_listed = str(self.tables.users.keys[self.row]) in planned.listed
        return replace(planned, where=cut if is_listed else NOBODY, listed=None, ranking=None)
