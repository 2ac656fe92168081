"""Local times of a zone to instants in UTC and back, and instants moved along the zone's calendar, by the array."""

from __future__ import annotations

from collections import Counter
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

import numpy as np
import polars as pl
from numpy.typing import NDArray

from segtool.model.time import DAYS, EXACT, MONTHS, Duration

GAP = "times in a clock change's gap"
OVERLAP = "times in a clock change's overlap"

_SECOND = 1_000_000
_DAY = timedelta(days=1)
_EPOCH = datetime(1970, 1, 1)

FOREVER = 2**62
"""Microseconds that stand for an instant beyond the calendar."""

_DAY_MICROS = 86_400 * _SECOND
_LAST_DAY = (datetime(9999, 12, 30) - _EPOCH).days

_Change = tuple[int, int, int]
"""UTC microseconds, and the offset before and after in seconds."""


def to_instants(local: pl.Series, zone: ZoneInfo) -> tuple[pl.Series, dict[str, int]]:
    """Naive microseconds as Datetime("us", "UTC"): by the offset from before a gap, and the earlier instant
    in an overlap. Both are counted. The zone's rules are Python's, so that they are the same wherever
    segtool reads time."""
    valid = local.is_not_null()
    micros = local.drop_nulls().to_physical().to_numpy()
    instants, notes = _to_utc(micros, zone)
    rows = np.zeros(len(local), np.int64)
    rows[valid.to_numpy()] = instants
    moved = pl.Series(local.name, rows).cast(pl.Datetime("us", "UTC"))
    return _where(valid, moved), notes


def _where(valid: pl.Series, values: pl.Series) -> pl.Series:
    if valid.all():
        return values
    name = values.name
    frame = pl.DataFrame([values.alias("value"), valid.alias("valid")])
    return frame.select(pl.when("valid").then("value").alias(name)).to_series()


def to_local(instants: NDArray[np.int64], zone: ZoneInfo) -> NDArray[np.int64]:
    """What the zone's clocks and calendars show at these instants (microseconds of UTC)."""
    if not len(instants):
        return instants
    at, before, after = _columns(_changes_around(instants, zone))
    offset = np.append(before[0], after)[np.searchsorted(at, instants, "right")]
    local: NDArray[np.int64] = instants + offset * _SECOND
    return local


def later(instants: NDArray[np.int64], by: Duration, zone: ZoneInfo) -> NDArray[np.int64]:
    """Each instant moved on by a duration (see `Clock.moved`); FOREVER where that is beyond the calendar."""
    if by.is_exact or not by.number:
        return instants + by.number * (EXACT.get(by.unit, timedelta()) // timedelta(microseconds=1))
    days, rest = np.divmod(to_local(instants, zone), _DAY_MICROS)
    days = days + by.number * DAYS[by.unit] if by.unit in DAYS else _months_later(days, by.number * MONTHS[by.unit])
    within = days < _LAST_DAY
    moved, _ = _to_utc(np.where(within, days, 0) * _DAY_MICROS + rest, zone)
    found: NDArray[np.int64] = np.where(within, moved, FOREVER)
    return found


def _months_later(days: NDArray[np.int64], months: int) -> NDArray[np.int64]:
    """The same day of a later month, or that month's last."""
    day = days.astype("datetime64[D]")
    month = day.astype("datetime64[M]")
    start, end = (month + months).astype("datetime64[D]"), (month + months + 1).astype("datetime64[D]")
    moved = np.minimum(start + (day - month.astype("datetime64[D]")), end - 1)
    found: NDArray[np.int64] = moved.astype(np.int64)
    return found


def _columns(changes: list[_Change]) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.int64]]:
    at, before, after = (np.array(column, np.int64) for column in zip(*changes, strict=True))
    return at, before, after


def _to_utc(local: NDArray[np.int64], zone: ZoneInfo) -> tuple[NDArray[np.int64], dict[str, int]]:
    if not len(local):
        return local, {}
    at, before, after = _columns(_changes_around(local, zone))
    ends = at + np.maximum(before, after) * _SECOND
    change = np.searchsorted(ends, local, "right")
    offset = np.append(before[0], after)[change]
    notes = _counted(local, at + np.minimum(before, after) * _SECOND, change, before < after)
    return local - offset * _SECOND, notes


def _changes_around(local: NDArray[np.int64], zone: ZoneInfo) -> list[_Change]:
    """The zone's changes in the years of these times and in each year before one. Years are few even where
    one time stands for "never", and each run of them starts with a change of nothing that tells its first
    offset."""
    years = np.unique(local.view("datetime64[us]").astype("datetime64[Y]")).astype(np.int64) + 1970
    years = np.unique(np.clip(years, 1, 9999))
    changes: list[_Change] = []
    last = -2
    for year in sorted({*years.tolist(), *(years - 1).tolist()}):
        if year != last + 1:
            start = _start(year)
            changes.append((_micros(start), _offset(start, zone), _offset(start, zone)))
        changes += [change for change in _changes(zone, year) if change not in changes[-2:]]
        last = year
    return changes


def _counted(
    local: NDArray[np.int64], starts: NDArray[np.int64], change: NDArray[np.int64], is_gap: NDArray[np.bool_]
) -> dict[str, int]:
    """How many times stand after the start of the change that they come before the end of."""
    inside = change < len(starts)
    inside[inside] = local[inside] >= starts[change[inside]]
    gaps = int(is_gap[change[inside]].sum())
    counts = Counter({GAP: gaps, OVERLAP: int(inside.sum()) - gaps})
    return {name: count for name, count in counts.items() if count}


def _start(year: int) -> datetime:
    """The second of January, because the offset of the first may reach into year 0."""
    return datetime(max(year, 1), 1, 2, tzinfo=UTC)


@lru_cache(maxsize=4096)
def _changes(zone: ZoneInfo, year: int) -> list[_Change]:
    """All changes from the start of a year until a day or two after the start of the next."""
    count = 368 if year < 9999 else 364
    days = [_start(year) + number * _DAY for number in range(count)]
    offsets = [_offset(day, zone) for day in days]
    return [
        (_micros(_change_between(days[i - 1], days[i], zone)), offsets[i - 1], offsets[i])
        for i in range(1, count)
        if offsets[i] != offsets[i - 1]
    ]


def _change_between(low: datetime, high: datetime, zone: ZoneInfo) -> datetime:
    """The first second with another offset than `low`'s."""
    offset = _offset(low, zone)
    while high - low > timedelta(seconds=1):
        middle = (low + (high - low) / 2).replace(microsecond=0)
        low, high = (middle, high) if _offset(middle, zone) == offset else (low, middle)
    return high


def _offset(moment: datetime, zone: ZoneInfo) -> int:
    local = moment.astimezone(zone).utcoffset()
    assert local is not None  # a ZoneInfo always has an offset
    return int(local.total_seconds())


def _micros(moment: datetime) -> int:
    return (moment.replace(tzinfo=None) - _EPOCH) // timedelta(microseconds=1)
