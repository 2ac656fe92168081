"""Two conditions under two clocks come in; goes out: whether both can hold for anybody, and whether one follows.

Where that is not sure, both can hold and neither follows.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from itertools import product
from typing import Any

from segtool.compile.facts import Fact, Meanings, fact_of, motion_of, needed, needed_by
from segtool.compile.patterns import covers, exclude
from segtool.compile.regions import Region
from segtool.model.algebra import (
    Aggregate,
    And,
    AnyElement,
    AtEdge,
    AtLeast,
    Bucket,
    Column,
    Compare,
    Constant,
    Events,
    Has,
    IsSet,
    Match,
    Member,
    Near,
    Not,
    OneOf,
    Or,
    Predicate,
    Sequence,
    Step,
    Value,
    root,
)

MOST_PAIRS = 400
"""So often a predicate of one condition is held against one of another; more are not looked at."""


@dataclass(frozen=True)
class Claim:
    """A predicate that is looked at as one, and whether it holds."""

    meanings: Meanings
    holds: bool
    as_of: datetime

    @property
    def size(self) -> int:
        """How many predicates have to be looked at."""
        return len(self.meanings[0].of) if isinstance(self.meanings[0], AtLeast) else 1

    @cached_property
    def denied(self) -> Claim:
        return Claim(self.meanings, not self.holds, self.as_of)

    @cached_property
    def facts(self) -> list[Fact]:
        """What is so of values where this holds."""
        own = fact_of(self.meanings, self.as_of)
        if own is None:
            return list(needed(*self.meanings, self.as_of)) if self.holds else []
        fact = own if self.holds else Fact(own.values, ~own.passing, own.motion, own.as_of)
        below = [] if fact.passing.missing else needed_by(fact)
        return [fact, *below]

    @cached_property
    def weaker(self) -> Claims | None:
        """Of predicates so many of which hold, that one does; or that one does not."""
        parts = _parts(self.meanings, AtLeast)
        return Claims(tuple(claim_of(part, self.as_of, self.holds) for part in parts), every=False) if parts else None

    @property
    def is_void(self) -> bool:
        return any(isinstance(meaning, Constant) and meaning.holds != self.holds for meaning in self.meanings)


@dataclass(frozen=True)
class Claims:
    """Of these all hold, or (not `every`) one does."""

    of: tuple[Claim | Claims, ...]
    every: bool

    @cached_property
    def size(self) -> int:
        return sum(part.size for part in self.of)

    @cached_property
    def denied(self) -> Claims:
        return Claims(tuple(part.denied for part in self.of), not self.every)


def claim_of(meanings: Meanings, as_of: datetime, holds: bool = True) -> Claim | Claims:
    """What a predicate claims, or its opposite: of one value as one, else as the claims that it is made of."""
    now, later = meanings
    if isinstance(now, Not) and isinstance(later, Not):
        return claim_of((now.of, later.of), as_of, not holds)
    for joint in (And, Or):
        parts = _parts(meanings, joint)
        if parts and not fact_of(meanings, as_of):
            return Claims(tuple(claim_of(part, as_of, holds) for part in parts), every=(joint is And) == holds)
    return Claim(meanings, holds, as_of)


def _parts(meanings: Meanings, joint: type[And | Or | AtLeast]) -> list[Meanings]:
    """What both put together, each under both clocks."""
    now, later = meanings
    if isinstance(now, joint) and isinstance(later, joint) and len(now.of) == len(later.of):
        return list(zip(now.of, later.of, strict=True))
    return []


def follows(one: Claim | Claims, before: Claim | Claims) -> bool:
    """Whether one holds wherever the other does."""
    return are_apart(before, one.denied)


def are_apart(one: Claim | Claims, other: Claim | Claims) -> bool:
    """Whether both hold for nobody."""
    if one.size * other.size > MOST_PAIRS:
        return False
    for some, rest in ((one, other), (other, one)):
        if isinstance(some, Claims) and not some.every:
            return all(are_apart(part, rest) for part in some.of)
    for some, rest in ((one, other), (other, one)):
        if isinstance(some, Claims):
            return any(are_apart(part, rest) for part in some.of)
    assert isinstance(one, Claim)
    assert isinstance(other, Claim)
    return _are_apart(one, other)


def _are_apart(one: Claim, other: Claim) -> bool:
    if one.is_void or other.is_void:
        return True
    if one.meanings == other.meanings:
        return one.holds != other.holds
    if any(_rule_out(*facts) for facts in product(one.facts, other.facts)):
        return True
    if one.holds != other.holds:
        yes, no = (one, other) if one.holds else (other, one)
        if _covers(yes, no):
            return True
    elif one.holds and all(exclude(*both) for both in zip(one.meanings, other.meanings, strict=True)):
        return True
    return any(some.weaker and are_apart(some.weaker, rest) for some, rest in ((one, other), (other, one)))


def _rule_out(one: Fact, other: Fact) -> bool:
    if not one.is_comparable(other):
        return False
    if one.values == other.values:
        return (one.passing & other.passing & (one if one.motion else other).domain).is_empty
    for some, rest in ((one, other), (other, one)):
        carried = _carried(some, rest)
        if carried and (carried & rest.passing & rest.domain).is_empty:
            return True
    return False


def _carried(fact: Fact, to: Fact) -> Region | None:
    """What a fact of some events tells of the same measure of those and more; None where it does not."""
    (now, later), (wide, wide_later) = fact.values, to.values
    if not (isinstance(now, Aggregate) and isinstance(later, Aggregate)):
        return None
    if not (isinstance(wide, Aggregate) and isinstance(wide_later, Aggregate)):
        return None
    counts = now.function == "distinct" and wide.function == "count" and not _is_list(now.of)
    grows = now.function in ("count", "distinct", "max")
    if not counts and ((now.function, now.of) != (wide.function, wide.of) or not (grows or now.function == "min")):
        return None
    if not _are_within((now.events, later.events), (wide.events, wide_later.events), fact.as_of):
        return None
    passing = fact.passing & fact.domain
    return passing.upward() if grows else passing.downward()


def _is_list(value: Value | None) -> bool:
    return isinstance(value, Column) and value.kind.of is not None


def _are_within(few: tuple[Events, Events], many: tuple[Events, Events], as_of: datetime) -> bool:
    """Whether every event of the first ones is one of the others."""
    if few == many:
        return True
    if (
        not set(few[0].names) <= set(many[0].names)
        or not _starts_later(few, many)
        or not _ends_sooner(few, many, as_of)
    ):
        return False
    few_rows, many_rows = (claim_of((now.where, later.where), as_of) for now, later in (few, many))
    return follows(many_rows, few_rows)


def _starts_later(few: tuple[Events, Events], many: tuple[Events, Events]) -> bool:
    if many[0].after is None and many[1].after is None:
        return True
    pairs = [(one.after, other.after) for one, other in zip(few, many, strict=True)]
    return _moves(few, "after") == _moves(many, "after") and all(
        one is not None and other is not None and one >= other for one, other in pairs
    )


def _ends_sooner(few: tuple[Events, Events], many: tuple[Events, Events], as_of: datetime) -> bool:
    """No event is later than as-of."""
    if many[0].until == as_of != many[1].until:
        return True
    pairs = zip(few, many, strict=True)
    return _moves(few, "until") == _moves(many, "until") and all(one.until <= other.until for one, other in pairs)


def _moves(events: tuple[Events, Events], edge: str) -> str:
    return motion_of(*({getattr(one, edge)} for one in events))


def _covers(yes: Claim, no: Claim) -> bool:
    """Whether a predicate holds wherever another one does, of what is not told by the order of one value."""
    if (row := _row(yes.meanings)) and (wanted := _row(no.meanings)):
        return row[0] == wanted[0] and follows(claim_of(wanted[1], yes.as_of), claim_of(row[1], yes.as_of))
    if (steps := _steps(yes.meanings)) and (others := _steps(no.meanings)):
        return len(steps) == len(others) and all(
            _is_sooner(*both, yes.as_of) for both in zip(steps, others, strict=True)
        )
    return all(covers(*both) for both in zip(yes.meanings, no.meanings, strict=True))


def _row(meanings: Meanings) -> tuple[Any, Meanings] | None:
    """What is asked of one row, and of which one."""
    match meanings:
        case AnyElement(value, now), AnyElement(later_value, later):
            return (value, later_value), (now, later)
        case AtEdge(events, edge, now), AtEdge(later_events, _, later):
            return (edge, events, later_events), (now, later)
        case _:
            return None


def _steps(meanings: Meanings) -> list[tuple[Step, Step]]:
    now, later = meanings
    return (
        list(zip(now.steps, later.steps, strict=True))
        if isinstance(now, Sequence) and isinstance(later, Sequence)
        else []
    )


def _is_sooner(step: tuple[Step, Step], other: tuple[Step, Step], as_of: datetime) -> bool:
    """Whether every event that is the one step is the other one."""
    events = [(now.events, later.events) for now, later in (step, other)]
    return other[0].within in (None, step[0].within) and _are_within(events[0], events[1], as_of)


def topics(meaning: Predicate) -> Iterator[Any]:
    """What a predicate is about: of two that share none of it, neither tells anything of the other."""
    match meaning:
        case And(parts) | Or(parts) | AtLeast(of=parts):
            for part in parts:
                yield from topics(part)
        case Not(part):
            yield from topics(part)
        case Compare(value=value) | OneOf(value=value) | Match(value=value) | Has(value=value) | IsSet(value=value):
            yield from _topics_of(root(value))
        case AnyElement(value=value) | Near(latitude=value):
            yield value
        case AtEdge(events=events):
            yield from _named(events)
        case Sequence(steps):
            yield from (name for step in steps for name in _named(step.events))
        case Bucket(salt=name) | Member(name):
            yield name
        case Constant():
            return


def _topics_of(base: Column | Aggregate) -> Iterator[Any]:
    yield from _named(base.events) if isinstance(base, Aggregate) else (base,)


def _named(events: Events) -> tuple[str, ...]:
    """Their names; those that nobody has are a topic too."""
    return events.names or ("",)
