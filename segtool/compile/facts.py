"""A predicate under two clocks comes in; goes out: what it tells of values, and of those that these need."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cached_property
from typing import Any

from segtool.compile.regions import Region, at_least, domain, region_of
from segtool.model.algebra import (
    Aggregate,
    AnyElement,
    Compare,
    Has,
    IsSet,
    Match,
    Near,
    OneOf,
    Part,
    Predicate,
    Rank,
    Sequence,
    Value,
    leaves,
)

NEVER = datetime.max.replace(tzinfo=UTC)

Meanings = tuple[Predicate, Predicate]
"""What a condition means at as-of, and at a later one."""


@dataclass(frozen=True)
class Fact:
    """A value, under both clocks, is one of the `passing`. `motion`: whether the literals that tell so are `fixed` in
    time or `moving` with the clock; an empty text where there are none."""

    values: tuple[Value, Value]
    passing: Region
    motion: str
    as_of: datetime

    @cached_property
    def domain(self) -> Region:
        """What its value can be at most; as-of, which bounds the times of events, moves."""
        return domain(self.values[0], self.as_of if self.motion == "moving" else NEVER)

    def is_comparable(self, other: Fact) -> bool:
        """Not where one is fixed and the other one moves: each of them may be the narrower one by some clock."""
        return not self.motion or not other.motion or self.motion == other.motion


def fact_of(meanings: Meanings, as_of: datetime) -> Fact | None:
    """What predicates of one value tell of it; None where they ask for more than its order, or are of more values."""
    now, later = (region_of(meaning) for meaning in meanings)
    motion = motion_of(_literals(meanings[0]), _literals(meanings[1])) if now and later else "mixed"
    if not now or not later or motion == "mixed":
        return None
    return Fact((now[0], later[0]), now[1], motion, as_of)


def motion_of(now: set[Any], later: set[Any]) -> str:
    """How literals move from one clock to the other."""
    if now == later:
        return "fixed" if now else ""
    return "mixed" if now & later else "moving"


def _literals(meaning: Predicate) -> set[Any]:
    found: set[Any] = set()
    for leaf in leaves(meaning):
        match leaf:
            case Compare(literal=literal):
                found.add(literal)
            case OneOf(literals=literals):
                found.update(literals)
            case _:
                pass
    return found


def needed(now: Predicate, later: Predicate, as_of: datetime) -> Iterator[Fact]:
    """What is so where a predicate that tells more than the order of one value holds."""
    for (value, passing), (moved, _) in zip(_needed(now), _needed(later), strict=False):
        yield Fact((value, moved), passing, "", as_of)


def needed_by(fact: Fact) -> Iterator[Fact]:
    """What is so where a fact's value is not missing."""
    for (value, passing), (moved, _) in zip(*map(_beneath, fact.values), strict=False):
        yield Fact((value, moved), passing, "", fact.as_of)


def _needed(meaning: Predicate) -> list[tuple[Value, Region]]:
    match meaning:
        case Match(value=value):
            return [_filled(value), *_beneath(value)]
        case Has(value=Part(of=value) | value, items=items, every=every):
            return [(Part(value, "size"), at_least(len(items) if every else 1))]
        case AnyElement(value=value):
            return [_filled(value)]
        case Near(latitude=latitude, longitude=longitude):
            return [_filled(latitude), _filled(longitude)]
        case Sequence(steps):
            return [(Aggregate(step.events, "count"), at_least(1)) for step in steps]
        case _:
            return []


def _beneath(value: Value) -> list[tuple[Value, Region]]:
    """What has a value where this one has: a column for what is computed from it, and an event for what is measured."""
    match value:
        case Part(name="size") | Aggregate(function="count" | "distinct"):
            return []
        case Part(of=of) | Rank(of=of):
            return [_filled(of), *_beneath(of)]
        case Aggregate(events=events):
            return [(Aggregate(events, "count"), at_least(1))]
        case _:
            return []


def _filled(value: Value) -> tuple[Value, Region]:
    """That there is a value, which a 0 is not where it is counted for a percentile."""
    if isinstance(value, Aggregate) and value.function in ("count", "distinct"):
        return value, at_least(1)
    found = region_of(IsSet(value))
    assert found
    return found
