"""The closed algebra that every condition lowers to: values of a row, and predicates that are true or false of it.

A row is a user, an event, or an element of a list. A predicate is never unknown: where a value is missing, every leaf
is false (but for the size of a list, which is 0), and a negative test is the `Not` of a leaf. Nodes are equal when
they mean the same, so that equal leaves of different segments are computed once.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, is_dataclass
from datetime import date, datetime
from decimal import ROUND_CEILING, Decimal
from typing import Literal as OneOfThese

from segtool.model.kinds import DATETIME, Kind
from segtool.model.time import Duration

Literal = str | bool | int | Decimal | date | datetime
"""Instants are aware and in UTC; numbers are int or Decimal."""

Operator = OneOfThese["eq", "gt", "gte", "lt", "lte"]
Manner = OneOfThese["contains", "starts_with", "ends_with", "matches"]
PartName = OneOfThese["lower", "size", "age", "day", "month_day", "month", "day_of_month", "weekday", "hour"]
Function = OneOfThese["count", "sum", "avg", "min", "max", "distinct"]
Edge = OneOfThese["first", "last"]


@dataclass(frozen=True)
class Column:
    """The value of a column of the row at hand."""

    name: str
    kind: Kind


EVENT_TIME = Column("", DATETIME)
"""When an event was, whatever its table calls the column."""


@dataclass(frozen=True)
class Part:
    """Something computed from one value: a text's `lower` case, a list's `size`, a date's `day` (since 1970), `month`
    (1 to 12), `day_of_month`, `month_day` (100 × month + day), `weekday` (1 is Monday), `hour`, or `age` in completed
    years `on` a day. Instants are taken in `zone`."""

    of: Value
    name: PartName
    zone: str = ""
    on: date | None = None


@dataclass(frozen=True)
class Rank:
    """The percentile of a value among all users who have one: 100 × (users with a value ≤ this) / (users with one).

    Of what an aggregate counts, a 0 is no value."""

    of: Value


@dataclass(frozen=True)
class Events:
    """The events of a user by any of these names, after one instant and up to another, for whose row `where` holds."""

    names: tuple[str, ...]
    after: datetime | None
    until: datetime
    where: Predicate


@dataclass(frozen=True)
class Aggregate:
    """One value from a user's events: how many they are (`count`), or something of the values `of` each, where these
    are not missing. Of no values, `count` and `distinct` are 0 and the others are missing."""

    events: Events
    function: Function
    of: Value | None = None


Value = Column | Part | Rank | Aggregate


@dataclass(frozen=True)
class Compare:
    value: Value
    operator: Operator
    literal: Literal


@dataclass(frozen=True)
class OneOf:
    value: Value
    literals: tuple[Literal, ...]


@dataclass(frozen=True)
class Match:
    """Text tests; several patterns mean any of them. `matches` takes Rust's regular expressions."""

    value: Value
    manner: Manner
    patterns: tuple[str, ...]


@dataclass(frozen=True)
class IsSet:
    value: Value


@dataclass(frozen=True)
class Has:
    """A list holds any, or `every`, of the items."""

    value: Value
    items: tuple[Literal, ...]
    every: bool


@dataclass(frozen=True)
class AnyElement:
    """One element of a list of structs fulfils the condition, whose columns are the element's fields."""

    value: Value
    condition: Predicate


@dataclass(frozen=True)
class AtEdge:
    """One of the user's first or last events (there may be several of one time) fulfils the condition; where there is
    no event, a row without values does."""

    events: Events
    edge: Edge
    condition: Predicate


@dataclass(frozen=True)
class Step:
    """An event of a sequence, strictly after the one before it and at most `within` later (None: whenever)."""

    events: Events
    within: Duration | None = None


@dataclass(frozen=True)
class Sequence:
    """The user has events that make these steps; days, weeks, months and years between them step `zone`'s calendar."""

    steps: tuple[Step, ...]
    zone: str


@dataclass(frozen=True)
class Near:
    """Within `metres` of a point (degrees) along the great circle."""

    latitude: Value
    longitude: Value
    point: tuple[float, float]
    metres: float


@dataclass(frozen=True)
class Bucket:
    """The first 32 bits of SHA-256 of `salt:key` are below `below`."""

    salt: str
    below: int


@dataclass(frozen=True)
class Member:
    """In a segment, as decided in this same run."""

    segment: str


@dataclass(frozen=True)
class Constant:
    holds: bool


@dataclass(frozen=True)
class And:
    of: tuple[Predicate, ...]


@dataclass(frozen=True)
class Or:
    of: tuple[Predicate, ...]


@dataclass(frozen=True)
class Not:
    of: Predicate


@dataclass(frozen=True)
class AtLeast:
    """So many of them hold, or more."""

    number: int
    of: tuple[Predicate, ...]


Leaf = Compare | OneOf | Match | IsSet | Has | AnyElement | Near | Bucket | AtEdge | Sequence
Predicate = Leaf | Member | Constant | And | Or | Not | AtLeast

EVERYONE = Constant(True)
NOBODY = Constant(False)


def bucket(salt: str, percent: Decimal) -> Bucket:
    """A share of all keys, drawn by the salt."""
    return Bucket(salt, int((percent * 2**32 / 100).to_integral_value(ROUND_CEILING)))


def every(parts: list[Predicate]) -> Predicate:
    """All of them hold."""
    distinct = tuple(dict.fromkeys(parts))
    return distinct[0] if len(distinct) == 1 else And(distinct)


def some(parts: list[Predicate]) -> Predicate:
    """At least one of them holds."""
    distinct = tuple(dict.fromkeys(parts))
    return distinct[0] if len(distinct) == 1 else Or(distinct)


def one_of(value: Value, literals: list[Literal]) -> Predicate:
    """The value is one of the literals, in whatever order they are given."""
    distinct = sorted(set(literals))
    return Compare(value, "eq", distinct[0]) if len(distinct) == 1 else OneOf(value, tuple(distinct))


def leaves(predicate: Predicate) -> Iterator[Leaf]:
    """The leaves of a tree, from left to right."""
    match predicate:
        case And(parts) | Or(parts) | AtLeast(of=parts):
            for part in parts:
                yield from leaves(part)
        case Not(part):
            yield from leaves(part)
        case Member() | Constant():
            return
        case _:
            yield predicate


def root(value: Value) -> Column | Aggregate:
    """What a value is computed from."""
    while isinstance(value, Part | Rank):
        value = value.of
    return value


def inside(node: object) -> Iterator[object]:
    """A node and all that it is made of."""
    yield node
    children = node if isinstance(node, tuple) else vars(node).values() if is_dataclass(node) else ()
    for child in children:
        yield from inside(child)


def with_parts(predicate: Predicate, parts: Mapping[Leaf | Member, Predicate]) -> Predicate:
    """The same with other predicates in place of these leaves and segments."""
    match predicate:
        case And(of):
            return And(tuple(with_parts(part, parts) for part in of))
        case Or(of):
            return Or(tuple(with_parts(part, parts) for part in of))
        case AtLeast(number, of):
            return AtLeast(number, tuple(with_parts(part, parts) for part in of))
        case Not(part):
            return Not(with_parts(part, parts))
        case Constant():
            return predicate
        case _:
            return parts.get(predicate, predicate)


def is_true(predicate: Predicate, known: Mapping[Leaf | Member, bool]) -> bool:
    """Whether a tree holds where this is known of all its leaves."""
    match predicate:
        case And(parts):
            return all(is_true(part, known) for part in parts)
        case Or(parts):
            return any(is_true(part, known) for part in parts)
        case AtLeast(number, parts):
            return sum(is_true(part, known) for part in parts) >= number
        case Not(part):
            return not is_true(part, known)
        case Constant(holds):
            return holds
        case _:
            return known[predicate]
