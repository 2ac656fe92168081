"""One clock for a run, calendar steps in the project's zone, and ISO 8601 as segtool reads it."""

from __future__ import annotations

import re
from calendar import monthrange
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from functools import cached_property
from zoneinfo import ZoneInfo

EXACT = {"s": timedelta(seconds=1), "min": timedelta(minutes=1), "h": timedelta(hours=1)}
DAYS = {"d": 1, "w": 7}
MONTHS = {"mo": 1, "y": 12}
UNIT_NAMES = {
    "s": "second",
    "min": "minute",
    "h": "hour",
    "d": "day",
    "w": "week",
    "mo": "month",
    "y": "year",
}

_DURATION = re.compile(r"([0-9]{1,6})(s|min|h|d|w|mo|y)")
_DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_DATETIME = re.compile(
    r"([0-9]{4}-[0-9]{2}-[0-9]{2})[T ]([0-9]{2}:[0-9]{2}(?::[0-9]{2}(?:\.[0-9]{1,6})?)?)"
    r"(Z|[+-][0-9]{2}(?::?[0-9]{2})?)?"
)


def add_months(day: date, months: int) -> date:
    """The same day `months` later; beyond a month's end, that month's last day."""
    years, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    return date(years, month + 1, min(day.day, monthrange(years, month + 1)[1]))


def to_instant(local: datetime, zone: ZoneInfo) -> datetime:
    """The UTC instant of a local time: before a gap's change of offset, and the earlier one in an overlap.

    At the ends of the calendar, where there is no such instant, the first or the last one.
    """
    try:
        return local.replace(tzinfo=zone, fold=0).astimezone(UTC)
    except OverflowError:
        return (datetime.min if local.year == 1 else datetime.max).replace(tzinfo=UTC)


def day_start(day: date, zone: ZoneInfo) -> datetime:
    """The UTC instant at which `day` starts in `zone`."""
    return to_instant(datetime(day.year, day.month, day.day), zone)


def day_end(day: date, zone: ZoneInfo) -> datetime:
    """The UTC instant at which the next day starts in `zone`; after the last day, the last instant."""
    return day_start(day + timedelta(days=1), zone) if day < date.max else datetime.max.replace(tzinfo=UTC)


@dataclass(frozen=True)
class Duration:
    """A length such as `90d`: exact for s, min and h; steps of the calendar for d, w, mo and y."""

    number: int
    unit: str

    @classmethod
    def parse(cls, text: str) -> Duration | None:
        found = _DURATION.fullmatch(text)
        return cls(int(found[1]), found[2]) if found else None

    def __str__(self) -> str:
        return f"{self.number}{self.unit}"

    def __mul__(self, times: int) -> Duration:
        """So many of it as one step."""
        return Duration(self.number * times, self.unit)

    @property
    def words(self) -> str:
        return f"{self.number} {UNIT_NAMES[self.unit]}{'' if self.number == 1 else 's'}"

    @property
    def is_exact(self) -> bool:
        return self.unit in EXACT

    def from_date(self, day: date, sign: int) -> date:
        """`day` moved by this many days, weeks, months or years; `sign` is -1 for back."""
        if self.unit in DAYS:
            return day + timedelta(days=sign * self.number * DAYS[self.unit])
        return add_months(day, sign * self.number * MONTHS[self.unit])


@dataclass(frozen=True)
class Clock:
    """The instant that a run takes as now (UTC), and the zone whose midnight `today` means."""

    as_of: datetime
    zone: ZoneInfo

    @cached_property
    def local(self) -> datetime:
        return self.as_of.astimezone(self.zone).replace(tzinfo=None)

    @property
    def today(self) -> date:
        return self.local.date()

    def moved(self, by: Duration, sign: int) -> datetime:
        """The instant one duration before (-1) or after (+1) as-of; none is no step, whatever the clocks show twice."""
        if by.is_exact or not by.number:
            return self.as_of + sign * by.number * EXACT.get(by.unit, timedelta())
        day = by.from_date(self.today, sign)
        return to_instant(datetime.combine(day, self.local.time()), self.zone)

    def day_start(self, day: date) -> datetime:
        return day_start(day, self.zone)

    def day_end(self, day: date) -> datetime:
        return day_end(day, self.zone)


def parse_date(text: str) -> date | None:
    """A date written as 2026-08-01, or None."""
    if not _DATE.fullmatch(text):
        return None
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None


def parse_instant(text: str, zone: ZoneInfo) -> datetime | None:
    """A date and time of ISO 8601 as a UTC instant (in `zone` where it has no offset), or None."""
    found = _DATETIME.fullmatch(text)
    if not found:
        return None
    try:
        moment = datetime.fromisoformat(text)
        return moment.astimezone(UTC) if moment.tzinfo else to_instant(moment, zone)
    except (ValueError, OverflowError):
        return None


def utc_text(moment: datetime) -> str:
    """ISO 8601 in UTC with `Z`, and fractions of a second only where there are any."""
    return moment.astimezone(UTC).replace(tzinfo=None).isoformat() + "Z"
