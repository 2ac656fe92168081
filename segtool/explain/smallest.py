"""A user who is no member comes in; goes out: the smallest change of values and events found that makes a member.

Changes are proposed by what each clause asks. Then the engine decides of all of them at once, as of so many users, and
the smallest is put to the whole plan before it is offered."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from itertools import permutations
from typing import Any

from segtool.explain.alone import Alone
from segtool.explain.findings import Findings
from segtool.explain.new_values import can_be_held
from segtool.explain.open_ends import open_ends
from segtool.explain.proposals import Proposals
from segtool.explain.told_edits import told_change
from segtool.explain.trees import Ways
from segtool.model.algebra import (
    NOBODY,
    And,
    AtLeast,
    Bucket,
    Column,
    Constant,
    Leaf,
    Member,
    Not,
    Or,
    Predicate,
    inside,
    is_true,
    leaves,
    with_parts,
)
from segtool.model.explanation import ToldEdit
from segtool.model.person import AddEvent, Change, Edit, Person, RemoveEvent, SetValue, changed, difference
from segtool.model.plan import PlannedSegment
from segtool.model.time import Clock

ROUNDS, FRONTIER, TRIED = 3, 40, 8
YEAR = 365 * 86400


def smallest_change(alone: Alone, name: str, clock: Clock, findings: Findings) -> tuple[ToldEdit, ...]:
    """The edits that together make the user a member; none where none was found."""
    change = found_change(alone, name, clock)
    return told_change(change, alone.person, findings, open_ends(alone, asked_of(alone, name), name, change))


def found_change(alone: Alone, name: str, clock: Clock) -> Change:
    planned = next(one for one in alone.segments if one.name == name)
    if planned.listed is not None or name in alone.decided or alone.person.key in planned.exclude:
        return ()
    search = Search(alone, asked_of(alone, name), clock)
    for change in search.successes()[:TRIED]:
        if alone.leaves_decided(change) and alone.members(changed(alone.person, change))[name]:
            return change
    return ()


def asked_of(alone: Alone, name: str) -> Predicate:
    """What a segment asks, in which all stands fast that no change of values moves: keys, lists, what is decided."""
    segments = {one.name: one for one in alone.segments}
    where = _spelled_out(segments[name].where, segments, alone)
    fast = [leaf for leaf in dict.fromkeys(leaves(where)) if _is_fast(leaf, alone)]
    held = alone.holding(fast, {})
    return with_parts(where, dict(zip(fast, map(Constant, held), strict=True)))


def _is_fast(leaf: Leaf, alone: Alone) -> bool:
    """Whether a leaf looks at the key."""
    keys = {alone.users.key}
    return isinstance(leaf, Bucket) or any(isinstance(one, Column) and one.name in keys for one in inside(leaf))


def _spelled_out(predicate: Predicate, segments: Mapping[str, PlannedSegment], alone: Alone) -> Predicate:
    """In place of each segment that is referred to, what it asks."""
    match predicate:
        case And(parts):
            return And(tuple(_spelled_out(part, segments, alone) for part in parts))
        case Or(parts):
            return Or(tuple(_spelled_out(part, segments, alone) for part in parts))
        case AtLeast(number, parts):
            return AtLeast(number, tuple(_spelled_out(part, segments, alone) for part in parts))
        case Not(part):
            return Not(_spelled_out(part, segments, alone))
        case Member(name):
            return _of_segment(name, segments, alone)
        case _:
            return predicate


def _of_segment(name: str, segments: Mapping[str, PlannedSegment], alone: Alone) -> Predicate:
    key, found = alone.person.key, segments.get(name)
    if name in alone.decided:
        return Constant(alone.decided[name])
    if found is None:
        return Constant(key in alone.frozen[name]())
    if key in found.exclude:
        return NOBODY
    if key in found.include or found.listed is not None:
        return Constant(key in found.include or key in (found.listed or ()))
    return _spelled_out(found.where, segments, alone)


@dataclass(frozen=True)
class Search:
    """The way from a user for whom a condition does not hold to one for whom it does."""

    alone: Alone
    where: Predicate
    clock: Clock

    def successes(self) -> list[Change]:
        """The changes after which it holds, the smallest first."""
        found, frontier = list[Change](), [Change()]
        for _ in range(ROUNDS):
            known = self._known(frontier)
            found = [change for change, held in zip(frontier, known, strict=True) if is_true(self.where, held)]
            if found:
                break
            ways = (way for change, held in zip(frontier, known, strict=True) for way in self._further(change, held))
            frontier = list({repr(way): way for way in ways}.values())[:FRONTIER]
            if not frontier:
                return []
        else:
            known = self._known(frontier)
            found = [change for change, held in zip(frontier, known, strict=True) if is_true(self.where, held)]
        return sorted([*found, *self._shorter(found)], key=self._cost)

    def _known(self, changes: Sequence[Change]) -> list[dict[Leaf | Member, bool]]:
        people = [changed(self.alone.person, change) for change in changes]
        return self.alone.verdicts(people, list(dict.fromkeys(leaves(self.where)))) if people else []

    def _further(self, change: Change, known: Mapping[Leaf | Member, bool]) -> Iterator[Change]:
        person = changed(self.alone.person, change)
        proposals = Proposals(self.alone, person, self.clock)
        for way in Ways(known, proposals.of_leaf).of(self.where):
            if way and all(_can_be(edit) for edit in way):
                yield difference(self.alone.person, changed(person, way))

    def _shorter(self, found: Sequence[Change]) -> list[Change]:
        """The same changes with one edit less, where that does as well."""
        shorter = [one for change in found[:TRIED] if len(change) > 1 for one in _with_one_less(change)]
        known = self._known(shorter)
        return [change for change, held in zip(shorter, known, strict=True) if is_true(self.where, held)]

    def _cost(self, change: Change) -> tuple[int, int, float]:
        costs = [self._edit_cost(edit) for edit in change]
        return len(change), sum(weight for weight, _ in costs), sum(distance for _, distance in costs)

    def _edit_cost(self, edit: Edit) -> tuple[int, float]:
        match edit:
            case SetValue(_, None):
                return 2, 0
            case SetValue(_, value):
                return 0, _far(_before(edit, self.alone.person), value)
            case AddEvent():
                return 1, 0
            case RemoveEvent():
                return 2, 0


def _with_one_less(change: Change) -> Iterator[Change]:
    """The change without one of its edits, or with one new event in place of two."""
    for at in range(len(change)):
        yield change[:at] + change[at + 1 :]
    for one, other in permutations(change, 2):
        if isinstance(one, AddEvent) and isinstance(other, AddEvent) and one.event.name == other.event.name:
            both = {**one.event.cells, **{name: cell for name, cell in other.event.cells.items() if cell is not None}}
            rest = tuple(edit for edit in change if edit not in (one, other))
            yield (*rest, AddEvent(replace(one.event, cells=both)))


def _can_be(edit: Edit) -> bool:
    """Whether a table can hold what the edit gives it."""
    match edit:
        case SetValue(_, value):
            return can_be_held(value)
        case AddEvent(event):
            return all(map(can_be_held, event.cells.values()))
        case _:
            return True


def _before(edit: SetValue, person: Person) -> Any:
    if edit.event is None:
        return person.cells.get(edit.column)
    event = person.events.get(edit.event)
    return event.cells.get(edit.column or event.time) if event else None


def _far(before: Any, after: Any) -> float:
    """How far it is from one value to another, so that numbers and times can be told apart by it."""
    if isinstance(before, datetime) and isinstance(after, datetime):
        return abs((after - before).total_seconds()) / YEAR
    if isinstance(before, date) and isinstance(after, date):
        return abs((after - before).days) / 365
    try:
        return abs(float(after) - float(before)) / (1 + abs(float(before)))
    except (TypeError, ValueError):
        return 1
