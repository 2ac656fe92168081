"""Text comes in; go out: dates, and instants in UTC to the microsecond."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import date
from zoneinfo import ZoneInfo

import polars as pl

from segtool.errors import InputError, Problem
from segtool.model.zones import to_instants
from segtool.read.converted import Converted, compared, evaluated, kept_where

NANOSECONDS = "times cut to microseconds"
DAY_STARTS = "dates read as the start of their day"
UTC_TIME = pl.Datetime("us", "UTC")

_V = pl.col("v")
_DATE = r"[0-9]{4}-[0-9]{2}-[0-9]{2}"
_TIME = r"[T ][0-9]{2}:[0-5][0-9](:[0-5][0-9](\.[0-9]+)?)?"
_OFFSET = r"(Z|[+-]([01][0-9]|2[0-3])(:?[0-5][0-9])?)"
_ISO = rf"^{_DATE}{_TIME}{_OFFSET}?$"
_ISO_OR_DATE = rf"^{_DATE}({_TIME}{_OFFSET}?)?$"
_HAS_OFFSET = rf"[T ].*{_OFFSET}$"
_BELOW_MICROSECONDS = r"\.[0-9]{6}[0-9]*[1-9]"
PLAIN = "2026-08-01T10:00:00Z"
_LONGEST = len("2026-01-01T00:00:00.000000")

_SHAPE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}(?:([T ])[0-9:]{5}(:[0-9]{2})?(\.[0-9]+)?(Z|[+-].*)?)?")
_FORMATS = (
    *(
        f"%Y-%m-%d{mark}%H:%M{seconds}{offset}"
        for mark in ("T", " ")
        for seconds in (":%S", ":%S%.f", "")
        for offset in ("Z", "", "%#z")
    ),
    "%Y-%m-%d",
)

FIRST_DAY, END_DAY = (date.min - date(1970, 1, 1)).days, (date.max - date(1970, 1, 1)).days + 1
TICKS = {"day": 1, "ms": 86_400 * 10**3, "us": 86_400 * 10**6}
"""Ticks of a day; nanoseconds reach nowhere near the ends of the calendar."""


def exact_dates(text: pl.Series) -> Converted:
    """Only `2026-08-01`."""
    day = _V.str.to_date("%Y-%m-%d", strict=False)
    mask = _V.str.contains(f"^{_DATE}$") & ~_V.str.starts_with("0000")
    return compared(text, evaluated(text, kept_where(mask, day)))


def formatted_dates(text: pl.Series, form: str) -> Converted:
    try:
        days = text.str.to_date(form, strict=False)
    except pl.exceptions.ComputeError as error:
        raise _unreadable(form) from error
    between = _V.is_between(date.min, date.max)
    return compared(text, evaluated(days, kept_where(between, _V)))


def exact_datetimes(text: pl.Series, zone: ZoneInfo, dates: bool = False) -> Converted:
    """Only ISO 8601, with `T` or a blank, seconds and fractions if need be, and an offset in all values or
    in none.

    `dates`: a date alone fits too, and is the start of that day in `zone`.
    """
    plain = _all_plain(text)
    if plain is not None:
        return replace(compared(text, plain.dt.replace_time_zone("UTC")), offset=True)
    written = evaluated(text, kept_where(_V.str.contains(_ISO_OR_DATE if dates else _ISO), _V))
    offset = evaluated(written, _V.str.contains(_HAS_OFFSET))
    parsed = in_calendar(_parsed(written))
    notes = _precision_notes(written)
    if dates:
        notes |= _counted(DAY_STARTS, evaluated(written, _V.str.len_bytes() == 10))
    if offset.any() and not offset.all():
        values = parsed.dt.replace_time_zone("UTC")
        mixed = (int(offset.arg_true()[0]), int((~offset).arg_true()[0]))
        return Converted(values.alias(text.name), compared(text, values).misfits, notes, mixed)
    if offset.any():
        return replace(compared(text, parsed.dt.replace_time_zone("UTC"), notes), offset=True)
    instants, changes = to_instants(parsed, zone)
    return replace(
        compared(text, in_calendar(instants), notes | changes), offset=False if len(written.drop_nulls()) else None
    )


def _all_plain(text: pl.Series) -> pl.Series | None:
    """The times, where all are written as most logs write them: `2026-08-01T10:00:00Z`. None where another form, or
    what is no time, is among them, which patterns tell, at many times the cost."""
    # signs and blanks would let shorter numbers through
    even = (_V.str.len_bytes() == len(PLAIN)).all() & ~_V.str.contains("+", literal=True).any()
    even &= ~_V.str.contains(" ", literal=True).any()
    # Polars takes a leap second for the second after it
    even &= ~_V.str.ends_with(":60Z").any()
    if text.null_count() == len(text) or not evaluated(text, even).item():
        return None
    values = in_calendar(_strptime(text, "%Y-%m-%dT%H:%M:%SZ"))
    return values if values.null_count() == text.null_count() else None


def formatted_datetimes(text: pl.Series, form: str, zone: ZoneInfo) -> Converted:
    try:
        values = text.str.to_datetime(form, time_unit="us", strict=False)
    except pl.exceptions.ComputeError as error:
        raise _unreadable(form) from error
    if values.dtype == pl.Datetime("us") and "%s" not in form:
        instants, notes = to_instants(in_calendar(values), zone)
        return compared(text, in_calendar(instants), notes)
    return compared(text, in_calendar(values.cast(UTC_TIME)))


def day_starts(days: pl.Series, zone: ZoneInfo) -> tuple[pl.Series, dict[str, int]]:
    """The start of each day in `zone`; how many there were is noted."""
    instants, notes = to_instants(days.cast(pl.Datetime("us")), zone)
    return instants, notes | _counted(DAY_STARTS, days.is_not_null())


def _unreadable(form: str) -> InputError:
    return InputError(Problem(f"`{form}` is not a format of a date", "write it as in `%d.%m.%Y %H:%M`"))


def _counted(note: str, mask: pl.Series) -> dict[str, int]:
    count = int(mask.sum() or 0)
    return {note: count} if count else {}


def _precision_notes(text: pl.Series) -> dict[str, int]:
    longest = evaluated(text, _V.str.len_bytes().max()).item() or 0
    if longest <= _LONGEST:
        return {}
    return _counted(NANOSECONDS, evaluated(text, _V.str.contains(_BELOW_MICROSECONDS)))


def in_calendar(series: pl.Series) -> pl.Series:
    """Dates or times, null beyond the years 1 to 9999, which Python could not show: Polars panics where these are to be
    in other units or zones, or counts on from the start."""
    unit = series.dtype.time_unit if isinstance(series.dtype, pl.Datetime) else "day"
    ticks, of_day = _V.to_physical(), TICKS.get(unit)
    if of_day is None:
        return series
    return evaluated(series, kept_where((ticks >= FIRST_DAY * of_day) & (ticks < END_DAY * of_day), _V))


def _parsed(text: pl.Series) -> pl.Series:
    """Naive times as they are written, or in UTC where there is an offset. Formats that the first values
    show come first, and each next one tries only what is left."""
    formats = dict.fromkeys([*map(_format, text.drop_nulls().head(50)), *_FORMATS])
    values = pl.repeat(None, len(text), dtype=pl.Datetime("us"), eager=True)
    for form in formats:
        left = (values.is_null() & text.is_not_null()).arg_true()
        if not len(left):
            break
        found = _strptime(text.gather(left) if len(left) < len(text) else text, form)
        values = found if len(left) == len(text) else values.scatter(left, found)
    return values


def _strptime(text: pl.Series, form: str) -> pl.Series:
    values = text.str.to_datetime(form, time_unit="us", strict=False)
    return values.dt.convert_time_zone("UTC").dt.replace_time_zone(None) if "z" in form else values


def _format(text: str) -> str:
    found = _SHAPE.fullmatch(text)
    if not found or not found[1]:
        return "%Y-%m-%d"
    fraction = "%.f" if found[3] else ""
    offset = "Z" if found[4] == "Z" else "%#z" if found[4] else ""
    return f"%Y-%m-%d{found[1]}%H:%M{':%S' if found[2] else ''}{fraction}{offset}"
