"""The clocks of examples: days on which offsets change, leap days, the ends of months and years; and their edges."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta

from hypothesis import strategies as st

from tests.reference_time import Clock, Duration, later_day, period, start_of_day

ZONES = {
    "UTC": ("2026-06-15", "2024-02-29"),
    "Europe/Kyiv": ("2026-03-29", "2026-10-25"),
    "America/New_York": ("2026-03-08", "2026-11-01"),
    "America/Santiago": ("2026-04-05", "2026-09-06"),
    "Australia/Lord_Howe": ("2026-04-05", "2026-10-04"),
}
"""Zones with days on which their offset changes: Santiago's at midnight, Lord Howe's by half an hour."""

CALENDAR_DAYS = ("2024-02-28", "2024-02-29", "2024-03-01", "2025-02-28", "2026-01-31", "2025-12-31", "2026-01-01")
HOURS = (time(0), time(0, 30), time(1, 30), time(2), time(2, 30), time(3), time(12), time(23, 59, 59, 999_999))
DURATIONS = ("1s", "90min", "24h", "0d", "1d", "7d", "30d", "365d", "1w", "1mo", "6mo", "1y", "4y")
PERIODS = (
    *("today", "yesterday", "tomorrow"),
    *(f"{which}_{span}" for which in ("last", "this", "next") for span in ("week", "month", "quarter", "year")),
)
EXACT = ("1s", "90min", "24h")
"""Those that a date does not take."""
MOST_SPANS = 6
"""The greatest `of` that a drawn `regularly` has."""
TICK = timedelta(microseconds=1)


@dataclass(frozen=True)
class Calendar:
    """The clock of an example, and the spans and the period that its tests ask about."""

    clock: Clock
    spans: tuple[str, ...]
    period: str

    @property
    def today(self) -> date:
        return self.clock.today()

    @property
    def whole_days(self) -> tuple[str, ...]:
        """The spans that a date takes too."""
        return tuple(text for text in self.spans if text not in EXACT) or ("1d",)

    def edge_days(self) -> list[date]:
        """Where its spans and its period begin and end."""
        spans = [read_span(text) for text in self.whole_days]
        shifted = [later_day(self.today, span, sign) for span in spans for sign in (-1, 1)]
        return [self.today, *shifted, *period(self.period, self.today)]

    def edge_moments(self) -> list[datetime]:
        spans = [read_span(text) for text in self.spans]
        shifted = [self.clock.later(self.clock.as_of, span, sign) for span in spans for sign in (-1, 1)]
        starts = [self.today, self.today + timedelta(1), *period(self.period, self.today)]
        return [self.clock.as_of, *shifted, *(start_of_day(day, self.clock) for day in starts)]

    @property
    def lengths(self) -> tuple[str, ...]:
        """The spans that are longer than nothing."""
        return tuple(text for text in self.spans if text != "0d") or ("1d",)

    def step_moments(self) -> list[datetime]:
        """Where each of the last few spans of `regularly` begins: one step back from as-of, however many spans."""
        steps = [(read_span(text), -k) for text in self.lengths for k in range(MOST_SPANS + 1)]
        return [self.clock.later(self.clock.as_of, span, times) for span, times in steps]

    def changes(self) -> list[datetime]:
        """The hours of the days on which the zone's offset changes."""
        changing = [date.fromisoformat(day) for day in ZONES[self.clock.zone]]
        return [self.clock.instant(datetime.combine(day, hour)) for day in changing for hour in HOURS]


@st.composite
def calendars(draw: st.DrawFn) -> Calendar:
    zone = draw(st.sampled_from(sorted(ZONES)))
    special = st.sampled_from([*ZONES[zone], *CALENDAR_DAYS]).map(date.fromisoformat)
    day = draw(st.one_of(special, special, st.dates(date(1971, 1, 1), date(2090, 1, 1))))
    wall = datetime.combine(day, draw(st.sampled_from(HOURS) | st.times()))
    clock = Clock(Clock(wall.replace(tzinfo=UTC), zone).instant(wall), zone)
    spans = draw(st.lists(st.sampled_from(DURATIONS), min_size=1, max_size=2))
    return Calendar(clock, tuple(spans), draw(st.sampled_from(PERIODS)))


def read_span(text: str) -> Duration:
    digits = "".join(letter for letter in text if letter.isdigit())
    return Duration(int(digits), text.removeprefix(digits))
