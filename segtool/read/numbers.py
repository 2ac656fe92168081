"""Text comes in; go out: integers and numbers, in a way that loses nothing of what was written."""

from __future__ import annotations

from decimal import Decimal

import polars as pl

from segtool.read.converted import Converted, compared, evaluated, kept_where

DIGITS = 18
"""Digits that a number may have to be held exactly, as an integer of 64 bits and a scale."""

_V = pl.col("v")
_INTEGER = r"^[+-]?[0-9]+$"
_PLAIN = r"^-?(0|[1-9][0-9]*)(\.[0-9]+)?$"
_ANY_NUMBER = r"^[+-]?([0-9]+\.?[0-9]*|\.[0-9]+)([eE][+-]?[0-9]+)?$"


def exact_integers(text: pl.Series) -> Converted:
    """Only what is written exactly as the integer would be: `007`, `+7` and `1e5` do not fit."""
    number = _V.cast(pl.Int64, strict=False)
    return compared(text, evaluated(text, kept_where(number.cast(pl.String) == _V, number)))


def declared_integers(text: pl.Series) -> Converted:
    """Any digits, with a sign and leading zeros if need be, up to 64 bits."""
    number = _V.cast(pl.Int64, strict=False)
    return compared(text, evaluated(text, kept_where(_V.str.contains(_INTEGER), number)))


def exact_numbers(text: pl.Series) -> Converted:
    """Only plain decimals: with their scale where all fit 18 digits, else as floats whose shortest form is
    equal."""
    plain = evaluated(text, kept_where(_V.str.contains(_PLAIN), _V))
    scale = _scale(plain)
    if scale is None:
        return compared(text, _lossless_floats(plain))
    return compared(text, plain.cast(pl.Decimal(DIGITS, scale), strict=False))


def declared_numbers(text: pl.Series) -> Converted:
    """Also plus signs, leading zeros and exponents; what is beyond 18 digits is the nearest float."""
    exact = exact_numbers(text)
    if exact.fits:
        return exact
    trimmed = _V.str.replace(r"^\+", "").str.replace(r"^(-?)0+([0-9])", "${1}${2}")
    exact = exact_numbers(evaluated(text, trimmed))
    if exact.fits:
        return exact
    number = _V.cast(pl.Float64, strict=False)
    mask = _V.str.contains(_ANY_NUMBER) & number.is_finite()
    return compared(text, evaluated(text, kept_where(mask, number)))


def trimmed_decimals(values: pl.Series) -> pl.Series:
    """Decimals as text without zeros at their end."""
    return evaluated(values.cast(pl.String), _V.str.replace(r"(\.[0-9]*?)0+$", "${1}").str.strip_suffix("."))


def _scale(plain: pl.Series) -> int | None:
    """Digits after the point that hold every value, or None where that takes more than 18 digits."""
    point = _V.str.find(".", literal=True)
    length = _V.str.len_bytes()
    whole = pl.coalesce(point, length) - _V.str.starts_with("-").cast(pl.UInt32)
    after = (length - point - 1).max().fill_null(0)
    most, scale = plain.alias("v").to_frame().select(whole.max().fill_null(0), after.alias("s")).row(0)
    return int(scale) if most + scale <= DIGITS else None


def _lossless_floats(plain: pl.Series) -> pl.Series:
    """Floats, null where the shortest decimal that gives back the float is another number than was
    written."""
    number = _V.cast(pl.Float64, strict=False)
    shortest = evaluated(plain, number.cast(pl.String))
    written = trimmed_decimals(plain)
    frame = pl.DataFrame([plain.alias("v"), shortest.alias("s"), written.alias("w")])
    doubtful = frame.filter(pl.col("s").str.strip_suffix(".0") != pl.col("w"))
    lost = [v for v in doubtful.get_column("v").unique() if Decimal(repr(float(v))) != Decimal(v)]
    kept = evaluated(plain, kept_where(number.is_finite(), number))
    if not lost:
        return kept
    return evaluated(plain, kept_where(~_V.is_in(pl.Series(lost).implode()) & number.is_finite(), number))
