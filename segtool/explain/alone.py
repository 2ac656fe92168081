"""A plan and one user come in; goes out: what the engine decides of that user alone, as they are and as they might be.

What depends on others is told beforehand: percentiles, and segments that are cut by rank."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from segtool.compile.plan import Surroundings
from segtool.engine.decide import Decision, Frozen, decide, holding
from segtool.model.algebra import (
    AtEdge,
    Bucket,
    Column,
    Events,
    Leaf,
    Member,
    Near,
    Predicate,
    Rank,
    inside,
    leaves,
    with_known,
)
from segtool.model.algebra import Sequence as InSequence
from segtool.model.columns import Bits, Tables, unpack
from segtool.model.events import EventNames
from segtool.model.kinds import Schema
from segtool.model.person import AddEvent, Change, Person, SetValue
from segtool.model.plan import Plan, PlannedSegment
from segtool.store.person import read_person, tables_of

Known = Mapping[Leaf | Member, bool]


def is_rank(leaf: Leaf) -> bool:
    """Whether a leaf asks for a percentile."""
    return not isinstance(leaf, AtEdge | InSequence | Bucket | Near) and isinstance(leaf.value, Rank)


def ranks_of(planned: PlannedSegment) -> list[Leaf]:
    return [leaf for leaf in leaves(planned.where) if is_rank(leaf)]


def needs_everyone(planned: PlannedSegment) -> bool:
    """Whether others decide too who is in."""
    return planned.ranking is not None or bool(ranks_of(planned))


def looks_at(node: object) -> set[str]:
    """The columns and the names of events that something is computed from."""
    found = {one.name for one in inside(node) if isinstance(one, Column)}
    return found | {name for one in inside(node) if isinstance(one, Events) for name in one.names}


@dataclass(frozen=True)
class Alone:
    """One user apart from all others: the segments in the order of their plan, and what is known of this user."""

    person: Person
    segments: tuple[PlannedSegment, ...]
    users: Schema
    events: EventNames
    frozen: Frozen
    known: Known
    """Whether leaves, and memberships, hold that others decide too."""
    decided: Mapping[str, bool]
    """Of the segments that are cut or kept by their guards, whether the user is in."""

    def tables(self, people: Sequence[Person]) -> Tables:
        schemas = {name: self.events.schemas[table] for name, table in self.events.tables.items()}
        return tables_of(people, self.users, schemas)

    def members(self, person: Person) -> dict[str, bool]:
        """Whether one user with this user's key is in each segment."""
        tables = self.tables([person])

        def settle(planned: PlannedSegment, decision: Decision | None) -> Decision | None:
            return Decision(_bits(self.decided[planned.name])) if planned.name in self.decided else decision

        segments = tuple(replace(one, where=with_known(one.where, self.known), ranking=None) for one in self.segments)
        decided = decide(Plan(segments, {}), tables, self.frozen, settle=settle)
        return {name: is_in(decision.members, 0) for name, decision in decided.decisions.items()}

    def holding(self, predicates: Sequence[Predicate], members: Mapping[str, bool]) -> list[bool]:
        """Whether each predicate holds for the user, who is in these segments."""
        asked = [with_known(one, self.known) for one in predicates]
        bits = {name: _bits(is_in) for name, is_in in members.items()}
        return [is_in(one, 0) for one in holding(asked, self.tables([self.person]), self.frozen, bits)]

    def verdicts(self, people: Sequence[Person], asked: Sequence[Leaf]) -> list[dict[Leaf | Member, bool]]:
        """Of each of these people whether each leaf holds; none of the leaves looks at keys."""
        width = len(str(len(people)))
        told_apart = [replace(one, key=f"{number:0{width}}") for number, one in enumerate(people)]
        found = [unpack(bits, len(people)) for bits in holding(asked, self.tables(told_apart), {}, {})]
        return [{leaf: bool(held[at]) for leaf, held in zip(asked, found, strict=True)} for at in range(len(people))]

    def leaves_known(self, change: Change) -> bool:
        """Whether a change leaves alone what others decide too."""
        touched = {name for edit in change for name in self._touched(edit)}
        cut = [one for one in self.segments if one.name in self.decided]
        return touched.isdisjoint(looks_at(tuple(self.known)) | {name for one in cut for name in looks_at(one)})

    def _touched(self, edit: object) -> Iterable[str]:
        match edit:
            case SetValue(column, _, None):
                return (column,)
            case SetValue(column, _, int() as number):
                return (column, self.person.events[number].name) if number in self.person.events else (column,)
            case AddEvent(event):
                return (event.name, *event.cells)
            case _:
                return tuple(one.name for one in self.person.events.values())


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
    named = [one for segment in segments for one in inside(segment)]
    columns = sorted({one.name for one in named if isinstance(one, Column)})
    names = sorted({name for one in named if isinstance(one, Events) for name in one.names})
    events = around.events
    schemas = {name: (events.schemas[events.tables[name]], columns) for name in names}
    person = read_person(tables, row, columns, schemas)
    ranks = list(dict.fromkeys(leaf for one in segments for leaf in ranks_of(one)))
    known: dict[Leaf | Member, bool] = {
        leaf: is_in(bits, row) for leaf, bits in zip(ranks, holding(ranks, tables, {}, {}), strict=True)
    }
    fixed = {one.name for one in segments if one.ranking} | set(held)
    decided = {name: is_in(everybody.get(name), row) for name in fixed}
    return Alone(person, segments, around.schema, events, frozen, known, decided)


def is_in(bits: Bits | None, row: int) -> bool:
    """Whether a row is in a set; in none, nobody is."""
    return bits is not None and row >> 3 < len(bits) and bool(bits[row >> 3] >> (row & 7) & 1)


def _bits(is_in: bool) -> Bits:
    bits = np.zeros(8, np.uint8)
    bits[0] = is_in
    return bits
