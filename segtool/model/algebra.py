"""The closed algebra that every condition lowers to: values of a row, and predicates that are true or false of it.

A predicate is never unknown: where a value is missing, every leaf is false (but for the size of a list, which is 0),
and a negative test is the `Not` of a leaf. Nodes are equal when they mean the same, so that equal leaves of
different segments are computed once.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Literal as OneOfThese

from segtool.model.kinds import Kind

Literal = str | bool | int | Decimal | date | datetime
"""Instants are aware and in UTC; numbers are int or Decimal."""

Operator = OneOfThese["eq", "gt", "gte", "lt", "lte"]
Manner = OneOfThese["contains", "starts_with", "ends_with", "matches"]
PartName = OneOfThese["lower", "size", "age", "month_day", "month", "day_of_month", "weekday", "hour"]


@dataclass(frozen=True)
class Column:
    """The value of a column of the row at hand: a user, or an element of a list."""

    name: str
    kind: Kind


@dataclass(frozen=True)
class Part:
    """Something computed from one value: a text's `lower` case, a list's `size`, a date's `month` (1 to 12),
    `day_of_month`, `month_day` (100 × month + day), `weekday` (1 is Monday), `hour`, or `age` in completed years
    `on` a day. Instants are taken in `zone`."""

    of: Value
    name: PartName
    zone: str = ""
    on: date | None = None


@dataclass(frozen=True)
class Rank:
    """The percentile of a value among all users who have one: 100 × (users with a value ≤ this) / (users with one)."""

    of: Value


Value = Column | Part | Rank


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


Leaf = Compare | OneOf | Match | IsSet | Has | AnyElement | Near | Bucket
Predicate = Leaf | Member | Constant | And | Or | Not

EVERYONE = Constant(True)
NOBODY = Constant(False)


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
        case And(parts) | Or(parts):
            for part in parts:
                yield from leaves(part)
        case Not(part):
            yield from leaves(part)
        case Member() | Constant():
            return
        case _:
            yield predicate


def columns_of(node: Value | Leaf) -> Iterator[Column]:
    """The columns of the row that a value or a leaf looks at."""
    match node:
        case Column():
            yield node
        case Part(of=value) | Rank(of=value):
            yield from columns_of(value)
        case Near(latitude, longitude):
            yield from columns_of(latitude)
            yield from columns_of(longitude)
        case Bucket():
            return
        case _:
            yield from columns_of(node.value)
