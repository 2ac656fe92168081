"""A zone comes in; go out: as-ofs that tell apart what is the same by some clocks alone, as a month and 30 days are."""

from __future__ import annotations

from calendar import monthrange
from datetime import UTC, datetime, timedelta
from functools import cache
from itertools import pairwise
from zoneinfo import ZoneInfo

YEAR, LEAP_YEAR = 2027, 2028
LONG_AGO, FAR_AHEAD = 1800, 2400
"""Before and after the dates that definitions name."""
MINUTE = timedelta(minutes=1)


@cache
def moments(zone: ZoneInfo) -> tuple[datetime, ...]:
    """The edges of all months of a year, some of which are those of weeks; a day that is late in each month of a leap
    year; the minutes after the zone's clocks change; and one before and one after what dates are named."""
    months = range(1, 13)
    local = [
        *(datetime(YEAR, month, 1, tzinfo=zone) for month in months),
        *(datetime(YEAR, month, monthrange(YEAR, month)[1], 23, 59, 59, tzinfo=zone) for month in months),
        *(datetime(LEAP_YEAR, month, 29, 11, 7, tzinfo=zone) for month in months),
    ]
    local += [datetime(year, 6, 15, 12, tzinfo=zone) for year in (LONG_AGO, FAR_AHEAD)]
    days = [datetime(YEAR, 1, 1, tzinfo=UTC) + timedelta(days=day) for day in range(367)]
    changes = (_change(*pair, zone) for pair in pairwise(days) if _offset(pair[0], zone) != _offset(pair[1], zone))
    return *(moment.astimezone(UTC) for moment in local), *changes


def _change(before: datetime, after: datetime, zone: ZoneInfo) -> datetime:
    """At most a minute after the zone's offset has changed, which it does between the two."""
    while after - before > MINUTE:
        middle = before + (after - before) / 2
        before, after = (middle, after) if _offset(middle, zone) == _offset(before, zone) else (before, middle)
    return after


def _offset(moment: datetime, zone: ZoneInfo) -> timedelta | None:
    return moment.astimezone(zone).utcoffset()
