"""Columns of text come in; go out: the narrowest kind that loses nothing, or the one asked for."""

from __future__ import annotations

import json
from dataclasses import dataclass, replace
from zoneinfo import ZoneInfo

import polars as pl

from segtool.model.kinds import BOOLEAN, DATE, DATETIME, INTEGER, NUMBER, TEXT, Kind
from segtool.read import lists_of, numbers, times
from segtool.read.converted import NO_ROWS, Converted, compared, evaluated, kept_where

GUESSES = (BOOLEAN, INTEGER, NUMBER, DATE, DATETIME)
TIME_GUESSES = (DATE, DATETIME)
SAMPLE = 500

_V = pl.col("v")
_MEANT = {BOOLEAN: "^(TRUE|True|FALSE|False|(?i:yes|no))$", NUMBER: r"^-?[0-9]{1,3}([. \x{a0}]?[0-9]{3})*,[0-9]+$"}


@dataclass(frozen=True)
class Rule:
    """How text is read: as which kind, a list's separator, a date's format.

    `declared`: somebody said that the column is of this kind, so forms that could not be guessed are fine
    too.
    """

    kind: Kind
    separator: str = "|"
    format: str = ""
    declared: bool = False
    dates: bool = False
    """A date alone is fine in a column of times."""


@dataclass(frozen=True)
class Guess:
    """The kind of a column of text, its values, and the first row that kept it from being what most values
    are."""

    kind: Kind
    converted: Converted
    blank: bool = False
    misfit: int | None = None


def without_empty(text: pl.Series) -> pl.Series:
    """Text in which the empty text is missing."""
    return evaluated(text, kept_where(_V != "", _V))


def read_as(text: pl.Series, rule: Rule, zone: ZoneInfo) -> Converted:
    """A column of text as a kind; what does not fit it is a misfit."""
    match rule.kind.name:
        case "text":
            return Converted(text, NO_ROWS)
        case "integer":
            return numbers.declared_integers(text) if rule.declared else numbers.exact_integers(text)
        case "number":
            return numbers.declared_numbers(text) if rule.declared else numbers.exact_numbers(text)
        case "boolean":
            return _booleans(text, rule.declared)
        case "date":
            return times.formatted_dates(text, rule.format) if rule.format else times.exact_dates(text)
        case "datetime":
            return _datetimes(text, rule, zone)
        case "list":
            return _lists(text, rule, zone)
        case _:
            nothing = pl.repeat(None, len(text), dtype=pl.String, eager=True)
            return compared(text, nothing)


def _booleans(text: pl.Series, declared: bool) -> Converted:
    written = _V.str.to_lowercase() if declared else _V
    true = written.is_in(["true", "yes", "1"]) if declared else _V == "true"
    false = written.is_in(["false", "no", "0"]) if declared else _V == "false"
    return compared(text, evaluated(text, kept_where(true | false, true)))


def _datetimes(text: pl.Series, rule: Rule, zone: ZoneInfo) -> Converted:
    if rule.format:
        return times.formatted_datetimes(text, rule.format, zone)
    return times.exact_datetimes(text, zone, rule.dates or rule.declared)


def _lists(text: pl.Series, rule: Rule, zone: ZoneInfo) -> Converted:
    pieces = lists_of.split(text, rule.separator)
    element = rule.kind.of or TEXT
    if element == TEXT:
        return pieces
    of = replace(rule, kind=element)
    found = lists_of.with_elements(pieces.values, lambda elements: read_as(elements, of, zone))
    return replace(found, notes=pieces.notes | found.notes)


def guessed(text: pl.Series, zone: ZoneInfo, guesses: tuple[Kind, ...] = GUESSES) -> Guess:
    """The narrowest kind that every value fits: candidates are found on a sample, and tried on the whole
    column."""
    if text.null_count() == len(text):
        return Guess(TEXT, Converted(text.cast(pl.String), NO_ROWS), blank=True)
    shares = _shares(text, zone, guesses)
    misfits: dict[Kind, int] = {}
    for kind, share in shares.items():
        if share == 1 or share == max(shares.values()):
            found = read_as(text, Rule(kind), zone)
            if found.fits:
                return Guess(kind, found)
            misfits[kind] = int(found.misfits[0])
    return Guess(TEXT, Converted(text, NO_ROWS), misfit=list(misfits.values())[-1] if misfits else None)


def looks_like(text: pl.Series) -> Kind | None:
    """What a column of text was surely meant to be, although not one value is written as it would be read."""
    values = text.drop_nulls()
    for kind, pattern in _MEANT.items():
        if len(values) and all(evaluated(some, _V.str.contains(pattern).all()).item() for some in (values[:9], values)):
            return kind
    return None


def _shares(text: pl.Series, zone: ZoneInfo, guesses: tuple[Kind, ...]) -> dict[Kind, float]:
    """The share of a sample that fits each kind, where it is at least a half."""
    values = text.drop_nulls()
    sample = values.gather_every(max(len(values) // SAMPLE, 1)).head(SAMPLE)
    fits = {kind: 1 - len(read_as(sample, Rule(kind), zone).misfits) / len(sample) for kind in guesses}
    return {kind: share for kind, share in fits.items() if share >= 0.5}


def quoted(value: object) -> str:
    """A value as a message shows it: in quotes, control characters escaped, and no longer than a line."""
    text = value if isinstance(value, str) else str(value.to_list() if isinstance(value, pl.Series) else value)
    return json.dumps(text if len(text) <= 60 else text[:57] + "…", ensure_ascii=False)


def value_at(raw: pl.Series, row: int) -> object:
    """What stands in a row; of a date or time beyond the calendar, the number that the file holds."""
    one = raw.slice(row, 1)
    is_beyond = isinstance(one.dtype, pl.Date | pl.Datetime) and times.in_calendar(one).null_count()
    return one.to_physical()[0] if is_beyond else one[0]
