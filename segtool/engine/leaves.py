"""Leaves of the algebra to expressions of Polars that are true or false of every row, never null."""

from __future__ import annotations

import math
from collections.abc import Callable
from datetime import date, datetime
from decimal import Decimal
from typing import assert_never

import polars as pl

from segtool.engine.rescale import rescaled
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
    Has,
    IsSet,
    Leaf,
    Literal,
    Match,
    Member,
    Near,
    Not,
    OneOf,
    Or,
    Part,
    Predicate,
    Rank,
    Sequence,
    Value,
)
from segtool.model.kinds import SCALARS

EARTH_RADIUS = 6_371_008.8
"""Mean radius in metres (IUGG)."""

Columns = Callable[[str], pl.Expr]


def to_expr(predicate: Predicate, column: Columns = pl.col) -> pl.Expr:
    """The expression of a leaf, or of the tree that one element of a list is put to; `column` finds a column."""
    match predicate:
        case And(parts):
            return pl.all_horizontal([to_expr(part, column) for part in parts])
        case Or(parts):
            return pl.any_horizontal([to_expr(part, column) for part in parts])
        case Not(part):
            return ~to_expr(part, column)
        case Constant(holds):
            return pl.lit(holds)
        case Member() | Bucket() | AtLeast() | AtEdge() | Sequence():
            raise AssertionError(f"{predicate} is no expression of columns")
        case Compare(value) | OneOf(value) if _kind(value) == "integer":
            exact = rescaled(predicate, 0)
            return _leaf(exact, column).fill_null(False) if isinstance(exact, Leaf) else pl.lit(False)
        case _:
            return _leaf(predicate, column).fill_null(False)


def _leaf(leaf: Leaf, column: Columns) -> pl.Expr:
    match leaf:
        case Compare(value, operator, literal):
            return _compare(value_expr(value, column), operator, to_literal(literal, value))
        case OneOf(value, literals):
            known = to_series(literals)
            held = value_expr(value, column)
            # exact numbers of a list's elements are decimals, which Polars does not look up among floats
            return (held.cast(pl.Float64) if known.dtype == pl.Float64 else held).is_in(known.implode())
        case Match(value, manner, patterns):
            text = value_expr(value, column)
            return pl.any_horizontal([_match(text, manner, pattern) for pattern in patterns])
        case IsSet(value):
            return value_expr(value, column).is_not_null()
        case Has(value, items, every):
            has = [_has(value_expr(value, column), item, _kind(value)) for item in items]
            return pl.all_horizontal(has) if every else pl.any_horizontal(has)
        case AnyElement(value, condition):
            element = to_expr(condition, lambda name: pl.element().struct.field(name))
            return value_expr(value, column).list.eval(element).list.any()
        case Near():
            return _distance(leaf, column) <= leaf.metres
        case Bucket() | AtEdge() | Sequence():
            raise AssertionError(f"{leaf} is no expression of columns")
        case _:
            assert_never(leaf)


def _compare(value: pl.Expr, operator: str, literal: pl.Expr) -> pl.Expr:
    match operator:
        case "eq":
            return value == literal
        case "gt":
            return value > literal
        case "gte":
            return value >= literal
        case "lt":
            return value < literal
        case _:
            return value <= literal


def _match(text: pl.Expr, manner: str, pattern: str) -> pl.Expr:
    match manner:
        case "contains":
            return text.str.contains(pattern, literal=True)
        case "starts_with":
            return text.str.starts_with(pattern)
        case "ends_with":
            return text.str.ends_with(pattern)
        case _:
            return text.str.contains(pattern)


def _kind(value: Value) -> str:
    match value:
        case Column(kind=kind):
            return (kind.of or kind).name
        case Part(name="lower"):
            return "text"
        case Part():
            return "integer"
        case Rank() | Aggregate():
            raise AssertionError(f"{value} is computed before the leaf that asks for it")
        case _:
            assert_never(value)


def to_literal(literal: Literal, value: Value) -> pl.Expr:
    """The literal in the type of the value that it is compared with."""
    if isinstance(literal, Decimal):
        whole = _kind(value) == "integer" and literal == literal.to_integral_value()
        return pl.lit(int(literal) if whole else float(literal))
    return pl.lit(literal, _dtype(literal))


def _dtype(literal: Literal) -> pl.DataType | type[pl.DataType]:
    match literal:
        case bool():
            return pl.Boolean
        case str():
            return pl.String
        case datetime():
            return pl.Datetime("us", "UTC")
        case date():
            return pl.Date
        case int():
            return pl.Int64
        case _:
            return pl.Float64


def to_series(literals: tuple[Literal, ...]) -> pl.Series:
    """Literals of one kind as a column to look a value up in."""
    mixed = any(isinstance(literal, Decimal) for literal in literals)
    plain = [float(literal) for literal in literals] if mixed else list(literals)  # type: ignore[arg-type]
    return pl.Series(plain, dtype=pl.Float64 if mixed else _dtype(literals[0]))


def _has(listed: pl.Expr, item: Literal, kind: str) -> pl.Expr:
    if kind not in ("integer", "number"):
        return listed.list.contains(pl.lit(item, _dtype(item)))
    element = Compare(Column("", SCALARS[kind]), "eq", item)
    return listed.list.eval(to_expr(element, lambda _: pl.element())).list.any()


def value_expr(value: Value, column: Columns) -> pl.Expr:
    """The value, null where it is missing."""
    match value:
        case Column(name):
            return column(name)
        case Part():
            return _part(value, value_expr(value.of, column))
        case Rank() | Aggregate():
            raise AssertionError(f"{value} is computed before the leaf that asks for it")
        case _:
            assert_never(value)


def _part(part: Part, of: pl.Expr) -> pl.Expr:
    local = of.dt.convert_time_zone(part.zone) if part.zone else of
    match part.name:
        case "lower":
            if isinstance(part.of, Column) and part.of.kind.of:
                return of.list.eval(pl.element().str.to_lowercase())
            return of.str.to_lowercase()
        case "size":
            return of.list.len().fill_null(0).cast(pl.Int64)
        case "day":
            return local.dt.date().to_physical().cast(pl.Int64)
        case "month":
            return local.dt.month().cast(pl.Int64)
        case "day_of_month":
            return local.dt.day().cast(pl.Int64)
        case "month_day":
            return local.dt.month().cast(pl.Int64) * 100 + local.dt.day()
        case "weekday":
            return local.dt.weekday().cast(pl.Int64)
        case "hour":
            return local.dt.hour().cast(pl.Int64)
        case "age":
            assert part.on
            return _age(local, part.on)
        case _:
            assert_never(part.name)


def _age(born: pl.Expr, on: date) -> pl.Expr:
    """Completed years; a birthday of 29 February is on the 28th in other years."""
    month_day = born.dt.month().cast(pl.Int64) * 100 + born.dt.day()
    leap = on.year % 4 == 0 and (on.year % 100 != 0 or on.year % 400 == 0)
    birthday = month_day if leap else pl.when(month_day == 229).then(228).otherwise(month_day)
    to_come = (birthday > on.month * 100 + on.day).cast(pl.Int64)
    return on.year - born.dt.year().cast(pl.Int64) - to_come


def _distance(near: Near, column: Columns) -> pl.Expr:
    """Metres along the great circle, by the haversine formula."""
    latitude = value_expr(near.latitude, column).cast(pl.Float64).radians()
    longitude = value_expr(near.longitude, column).cast(pl.Float64).radians()
    here, there = math.radians(near.point[0]), math.radians(near.point[1])
    half = ((latitude - here) / 2).sin() ** 2
    across = latitude.cos() * math.cos(here) * ((longitude - there) / 2).sin() ** 2
    return 2 * EARTH_RADIUS * (half + across).clip(0, 1).sqrt().arcsin()
