"""The reference evaluator's clock and calendar: durations, days and periods in the project's zone."""

import calendar
import re
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

SECONDS = {"s": 1, "min": 60, "h": 3600}
DAYS = {"d": 1, "w": 7}
MONTHS = {"mo": 1, "y": 12}
PERIOD_MONTHS = {"month": 1, "quarter": 3, "year": 12}


@dataclass(frozen=True)
class Duration:
    """A number of one unit, as written: `90min`, `30d`, `6mo`."""

    number: int
    unit: str


@dataclass(frozen=True)
class Clock:
    """The one instant of a run and the zone whose midnight `today` means."""

    as_of: datetime
    zone: str

    def day(self, instant: datetime) -> date:
        return instant.astimezone(ZoneInfo(self.zone)).date()

    def hour(self, instant: datetime) -> int:
        return instant.astimezone(ZoneInfo(self.zone)).hour

    def today(self) -> date:
        return self.day(self.as_of)

    def instant(self, wall: datetime) -> datetime:
        """The instant of a time on the zone's wall clock.

        `fold=0` reads a time in a gap with the offset from before it, and one in an overlap as the earlier.
        The answer is in UTC, for Python compares two datetimes of one zone by the wall, not by the instant.
        """
        return wall.replace(tzinfo=ZoneInfo(self.zone), fold=0).astimezone(UTC)

    def later(self, instant: datetime, duration: Duration, times: int = 1) -> datetime:
        """`times` durations after the instant, taken as one step; before it where `times` is negative."""
        if times * duration.number == 0:
            return instant.astimezone(UTC)
        if duration.unit in SECONDS:
            seconds = times * duration.number * SECONDS[duration.unit]
            return instant.astimezone(UTC) + timedelta(seconds=seconds)
        local = instant.astimezone(ZoneInfo(self.zone))
        return self.instant(datetime.combine(later_day(local.date(), duration, times), local.time()))


def read_duration(text: str) -> Duration:
    found = re.fullmatch(r"([0-9]+)(s|min|h|d|w|mo|y)", text)
    if found is None:
        raise ValueError(f"not a duration: {text!r}")
    return Duration(int(found[1]), found[2])


def read_day(text: str) -> date:
    if not re.fullmatch(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", text):
        raise ValueError(f"not a date: {text!r}")
    return date.fromisoformat(text)


def read_time(text: str, clock: Clock) -> date | datetime:
    """A date where only a date is written, else the instant in UTC."""
    if re.fullmatch(r"[0-9-]{10}", text):
        return read_day(text)
    if not re.match(r"[0-9]{4}-[0-9]{2}-[0-9]{2}[T ]", text):
        raise ValueError(f"not a date or a time: {text!r}")
    written = datetime.fromisoformat(text)
    return clock.instant(written) if written.tzinfo is None else written.astimezone(UTC)


def start_of_day(day: date, clock: Clock) -> datetime:
    return clock.instant(datetime.combine(day, time()))


def later_day(day: date, duration: Duration, times: int = 1) -> date:
    if duration.unit in DAYS:
        return day + timedelta(days=times * duration.number * DAYS[duration.unit])
    if duration.unit in MONTHS:
        return later_month(day, times * duration.number * MONTHS[duration.unit])
    raise ValueError(f"a date has no {duration.unit}: use days or longer")


def later_month(day: date, months: int) -> date:
    """The same day some months on, or the month's last where it is too short."""
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    return date(year, month + 1, min(day.day, calendar.monthrange(year, month + 1)[1]))


def period(name: str, today: date) -> tuple[date, date]:
    """The first day of a named period and the first day after it."""
    near = {"yesterday": -1, "today": 0, "tomorrow": 1}
    if name in near:
        first = today + timedelta(days=near[name])
        return first, first + timedelta(days=1)
    which, _, unit = name.partition("_")
    if which not in ("last", "this", "next"):
        raise ValueError(f"not a period: {name!r}")
    return period_of(unit, ("last", "this", "next").index(which) - 1, today)


def period_of(unit: str, offset: int, today: date) -> tuple[date, date]:
    if unit == "week":
        monday = today - timedelta(days=today.weekday()) + timedelta(weeks=offset)
        return monday, monday + timedelta(weeks=1)
    if unit not in PERIOD_MONTHS:
        raise ValueError(f"not a period: {unit!r}")
    months = PERIOD_MONTHS[unit]
    began = today.replace(month=(today.month - 1) // months * months + 1, day=1)
    first = later_month(began, offset * months)
    return first, later_month(first, months)


def anniversary(day: date, year: int) -> date:
    """The same month and day in another year; 29 February is 28 February where there is none."""
    return later_month(day, (year - day.year) * 12)


def anniversary_within(day: date, after: date, until: date) -> bool:
    """Whether an anniversary falls after one day and no later than another."""
    return any(after < anniversary(day, year) <= until for year in range(after.year, until.year + 1))


def age(born: date, today: date) -> int:
    """Completed years."""
    return today.year - born.year - (today < anniversary(born, today.year))
