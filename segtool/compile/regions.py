"""A predicate of one value comes in; goes out: the stretches of values that pass it, and whether a missing one does."""

from __future__ import annotations

import math
import sys
from bisect import bisect_right
from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

from segtool.model.algebra import (
    EVENT_TIME,
    Aggregate,
    And,
    Column,
    Compare,
    IsSet,
    Literal,
    Match,
    Not,
    OneOf,
    Or,
    Part,
    Predicate,
    Rank,
    Value,
)
from segtool.model.kinds import BOOLEAN, INTEGER, NUMBER, TEXT, Kind

Cut = tuple[Any, int]
"""A place on the line of values: before a value (0), or after it (1). Where values are whole, always before one."""

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
TICK = timedelta(microseconds=1)
PARTS = {"hour": (0, 23), "weekday": (1, 7), "month": (1, 12), "day_of_month": (1, 31)}
"""What parts of a time can be."""


@dataclass(frozen=True)
class Region:
    """Which values pass: at each of the `cuts`, which ascend, passing and not passing take turns; `low` tells what
    holds before the first one, and `missing` whether no value passes."""

    missing: bool
    low: bool
    cuts: tuple[Cut, ...] = ()

    def after(self, cut: Cut) -> bool:
        return self.low ^ bool(bisect_right(self.cuts, cut) % 2)

    @property
    def is_empty(self) -> bool:
        return not (self.missing or self.low or self.cuts)

    def __invert__(self) -> Region:
        return Region(not self.missing, not self.low, self.cuts)

    def __and__(self, other: Region) -> Region:
        return self._joined(other, lambda one, two: one and two)

    def __or__(self, other: Region) -> Region:
        return self._joined(other, lambda one, two: one or two)

    def _joined(self, other: Region, holds: Callable[[bool, bool], bool]) -> Region:
        low = last = holds(self.low, other.low)
        cuts: list[Cut] = []
        for cut in sorted({*self.cuts, *other.cuts}):
            now = holds(self.after(cut), other.after(cut))
            if now != last:
                cuts.append(cut)
            last = now
        return Region(holds(self.missing, other.missing), low, tuple(cuts))

    def upward(self) -> Region:
        """The values that are at or above one that passes, if there is one."""
        if self.missing or self.is_empty:
            return ANYTHING if self.missing else self
        return SET if self.low else Region(False, False, self.cuts[:1])

    def downward(self) -> Region:
        """The values that are at or below one that passes, if there is one."""
        if self.missing or self.is_empty:
            return ANYTHING if self.missing else self
        return SET if self.low ^ bool(len(self.cuts) % 2) else Region(False, True, self.cuts[-1:])


SET = Region(missing=False, low=True)
ANYTHING = Region(missing=True, low=True)


def at_least(number: int) -> Region:
    """Of what is counted, so many or more."""
    return Region(False, False, ((number, 0),))


def kind_of(value: Value) -> Kind:
    match value:
        case Column(kind=kind):
            return kind
        case Part(name="lower"):
            return TEXT
        case Part() | Aggregate(function="count" | "distinct"):
            return INTEGER
        case Aggregate(function="sum" | "min" | "max", of=of) if of:
            return kind_of(of)
        case _:
            return NUMBER


def domain(value: Value, as_of: datetime) -> Region:
    """What a value can be at most."""
    match value:
        case Part(name="size") | Aggregate(function="count" | "distinct"):
            return Region(False, False, (_cut(0, value, after=False),))
        case Part(name="hour" | "weekday" | "month" | "day_of_month" as name):
            return _between(*PARTS[name], value)
        case Column(kind=kind) if kind == BOOLEAN:
            return _between(0, 1, value)
        case Rank():
            return Region(True, False, (_cut(Decimal(0), value, after=True), _cut(Decimal(100), value, after=True)))
        case Column() if value == EVENT_TIME:
            return Region(False, True, (_cut(as_of, value, after=True),))
        case Aggregate(function="min" | "max", of=of) if of == EVENT_TIME:
            return Region(True, True, (_cut(as_of, value, after=True),))
        case _:
            return ANYTHING


def region_of(predicate: Predicate) -> tuple[Value, Region] | None:
    """The one value that a predicate is of, and which values pass; None where it asks for more than their order."""
    match predicate:
        case Compare(value, "eq", literal):
            return value, _points([literal], value)
        case Compare(value, "gt" | "gte" as operator, literal):
            return value, Region(False, False, (_cut(literal, value, after=operator == "gt"),))
        case Compare(value, operator, literal):
            return value, Region(False, True, (_cut(literal, value, after=operator == "lte"),))
        case OneOf(value, literals):
            return value, _points(literals, value)
        case Match(value, "starts_with", prefixes):
            return value, _prefixed(prefixes)
        case IsSet(Column(kind=kind) as value) if kind.of:
            return Part(value, "size"), at_least(1)
        case IsSet(value):
            return value, SET
        case Not(part):
            found = region_of(part)
            return (found[0], ~found[1]) if found else None
        case And(parts):
            return _together(parts, Region.__and__)
        case Or(parts):
            return _together(parts, Region.__or__)
        case _:
            return None


def _together(parts: Iterable[Predicate], join: Callable[[Region, Region], Region]) -> tuple[Value, Region] | None:
    joined: tuple[Value, Region] | None = None
    for part in parts:
        found = region_of(part)
        if found is None or (joined and joined[0] != found[0]):
            return None
        joined = (found[0], join(joined[1], found[1])) if joined else found
    return joined


def _between(low: int, high: int, value: Value) -> Region:
    return Region(True, False, (_cut(low, value, after=False), _cut(high, value, after=True)))


def _points(literals: Iterable[Literal], value: Value) -> Region:
    """A cut before and after each; two in the same place take each other away."""
    cuts = Counter(_cut(literal, value, after=after) for literal in literals for after in (False, True))
    return Region(False, False, tuple(sorted(cut for cut, number in cuts.items() if number % 2)))


def _prefixed(prefixes: Iterable[str]) -> Region:
    """The texts that start with one of these: from each up to the first text, in the order of code points, past it."""
    kept = list[str]()
    for prefix in sorted(prefixes):
        if not kept or not prefix.startswith(kept[-1]):
            kept.append(prefix)
    cuts = Counter(cut for prefix in kept for cut in ((prefix, 0), *_past(prefix)))
    return Region(False, False, tuple(sorted(cut for cut, number in cuts.items() if number % 2)))


def _past(prefix: str) -> list[Cut]:
    """Where the texts that start with a prefix end; nowhere if no letter is greater than those in it."""
    shorter = prefix.rstrip(chr(sys.maxunicode))
    return [(shorter[:-1] + chr(ord(shorter[-1]) + 1), 0)] if shorter else []


def _cut(literal: Literal, value: Value, *, after: bool) -> Cut:
    whole = _whole(literal, kind_of(value))
    if whole is None:
        return literal, int(after)
    return (math.floor(whole) + 1 if after else math.ceil(whole)), 0


def _whole(literal: Literal, kind: Kind) -> Decimal | int | None:
    """The literal as a number on a line on which every value is whole; None where there is no such line."""
    match literal:
        case bool():
            return int(literal)
        case datetime():
            return (literal - EPOCH) // TICK
        case date():
            return literal.toordinal()
        case int() | Decimal() if kind == INTEGER:
            return literal
        case _:
            return None
