"""Comparisons of exact numbers, which are held as whole multiples of a power of ten, made in those whole numbers."""

from __future__ import annotations

from decimal import Decimal

from segtool.model.algebra import NOBODY, Compare, IsSet, Leaf, Literal, OneOf, Predicate
from segtool.model.merging import HIGHEST


def rescaled(leaf: Leaf, scale: int) -> Predicate:
    """The same test of a number that is held times 10^scale."""
    match leaf:
        case Compare(value, "eq", literal):
            whole = _whole(literal, scale)
            return NOBODY if whole is None else Compare(value, "eq", whole)
        case Compare(value, "gt" | "lte" as operator, literal):
            return _against(Compare(value, operator, _floor(literal, scale)))
        case Compare(value, "gte" | "lt" as operator, literal):
            whole = _whole(literal, scale)
            if whole is not None:
                return Compare(value, operator, whole)
            strict = "gt" if operator == "gte" else "lte"
            return _against(Compare(value, "gt" if strict == "gt" else "lte", _floor(literal, scale)))
        case OneOf(value, literals):
            wholes = [whole for literal in literals if (whole := _whole(literal, scale)) is not None]
            return OneOf(value, tuple(wholes)) if wholes else NOBODY
        case _:
            return leaf


def _against(compare: Compare) -> Predicate:
    """`gt` and `lte` of a number beyond 64 bits are decided by its sign."""
    bound = compare.literal
    assert isinstance(bound, int)
    if -HIGHEST <= bound <= HIGHEST:
        return compare
    holds = (bound < 0) == (compare.operator == "gt")
    return IsSet(compare.value) if holds else NOBODY


def _scaled(literal: Literal, scale: int) -> Decimal:
    assert isinstance(literal, int | Decimal)
    return Decimal(literal).scaleb(scale) if literal else Decimal(0)


def _whole(literal: Literal, scale: int) -> int | None:
    scaled = _scaled(literal, scale)
    fits = scaled == scaled.to_integral_value() and abs(scaled) <= HIGHEST
    return int(scaled) if fits else None


def _floor(literal: Literal, scale: int) -> int:
    scaled = _scaled(literal, scale)
    whole = int(scaled)
    return whole - 1 if scaled < whole else whole
