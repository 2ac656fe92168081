"""A plan and one user come in; goes out: what the engine decides of that user alone, as they are and as they might be.

What all users decide together is asked of this one's values, where others would stay as they are."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

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
    with_parts,
)
from segtool.model.algebra import Sequence as InSequence
from segtool.model.columns import Bits, Tables, unpack
from segtool.model.events import EventNames
from segtool.model.kinds import Schema
from segtool.model.person import AddEvent, Change, Person, SetValue
from segtool.model.plan import Plan, PlannedSegment
from segtool.store.person import tables_of


def rank_of(leaf: Leaf) -> Rank | None:
    """The percentile that a leaf asks for."""
    if isinstance(leaf, AtEdge | InSequence | Bucket | Near):
        return None
    return leaf.value if isinstance(leaf.value, Rank) else None


def looks_at(node: object) -> set[str]:
    """The columns and the names of events that something is computed from."""
    found = {one.name for one in inside(node) if isinstance(one, Column)}
    return found | {name for one in inside(node) if isinstance(one, Events) for name in one.names}


@dataclass(frozen=True)
class Alone:
    """One user apart from all others: the segments in the order of their plan, and what is known of this user."""

    person: Person
    segments: tuple[PlannedSegment, ...]
    """Each with what it asks of this user's own values."""
    users: Schema
    events: EventNames
    frozen: Frozen
    own: Mapping[Leaf | Member, Predicate]
    """What leaves that ask for percentiles come to for this user."""
    decided: Mapping[str, bool]
    """Whether the user is in segments that no values of theirs tell: kept by guards, or cut among users who would not
    all stay."""

    def tables(self, people: Sequence[Person]) -> Tables:
        schemas = {name: self.events.schemas[table] for name, table in self.events.tables.items()}
        return tables_of(people, self.users, schemas)

    def members(self, person: Person) -> dict[str, bool]:
        """Whether one user with this user's key is in each segment."""
        tables = self.tables([person])

        def settle(planned: PlannedSegment, decision: Decision | None) -> Decision | None:
            return Decision(bits_of(self.decided[planned.name])) if planned.name in self.decided else decision

        decided = decide(Plan(self.segments, {}), tables, self.frozen, settle=settle)
        return {name: is_in(decision.members, 0) for name, decision in decided.decisions.items()}

    def holding(self, predicates: Sequence[Predicate], members: Mapping[str, bool]) -> list[bool]:
        """Whether each predicate holds for the user, who is in these segments."""
        asked = [with_parts(one, self.own) for one in predicates]
        bits = {name: bits_of(is_in) for name, is_in in members.items()}
        return [is_in(one, 0) for one in holding(asked, self.tables([self.person]), self.frozen, bits)]

    def verdicts(self, people: Sequence[Person], asked: Sequence[Leaf]) -> list[dict[Leaf | Member, bool]]:
        """Of each of these people whether each leaf holds; none of the leaves looks at keys."""
        width = len(str(len(people)))
        told_apart = [replace(one, key=f"{number:0{width}}") for number, one in enumerate(people)]
        found = [unpack(bits, len(people)) for bits in holding(asked, self.tables(told_apart), {}, {})]
        return [{leaf: bool(held[at]) for leaf, held in zip(asked, found, strict=True)} for at in range(len(people))]

    def leaves_decided(self, change: Change) -> bool:
        """Whether a change touches nothing that segments look at which are decided already."""
        touched = {name for edit in change for name in self._touched(edit)}
        decided = Plan(self.segments, {}).of(self.decided).segments if self.decided else ()
        return touched.isdisjoint(looks_at(decided))

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


def is_in(bits: Bits | None, row: int) -> bool:
    """Whether a row is in a set; in none, nobody is."""
    return bits is not None and row >> 3 < len(bits) and bool(bits[row >> 3] >> (row & 7) & 1)


def bits_of(is_in: bool) -> Bits:
    bits = np.zeros(8, np.uint8)
    bits[0] = is_in
    return bits
