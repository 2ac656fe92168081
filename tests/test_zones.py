"""Arrays of instants move along a zone's calendar as single ones do in the reference."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from segtool.model.time import Duration
from segtool.model.zones import FOREVER, later, to_local
from tests.generated.calendars import ZONES
from tests.reference_time import Clock, read_duration

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
LENGTHS = ("45s", "90min", "24h", "0d", "1d", "7d", "4w", "1mo", "6mo", "1y", "4y")
MOMENTS = st.datetimes(datetime(1900, 1, 2), datetime(2200, 1, 1)).map(lambda moment: moment.replace(tzinfo=UTC))
HOURS = st.builds(
    lambda day, minutes: datetime.fromisoformat(day).replace(tzinfo=UTC) + timedelta(minutes=minutes),
    st.sampled_from(sorted({day for days in ZONES.values() for day in days})),
    st.integers(-2_000, 3_000),
)


def micros(moments: list[datetime]) -> np.ndarray[tuple[int], np.dtype[np.int64]]:
    return np.array([(moment - EPOCH) // timedelta(microseconds=1) for moment in moments], np.int64)


@settings(max_examples=150, derandomize=True, deadline=None)
@given(st.lists(HOURS | MOMENTS, min_size=1, max_size=6), st.sampled_from(LENGTHS), st.sampled_from(sorted(ZONES)))
def test_many_instants_move_as_one_does(moments: list[datetime], length: str, zone: str) -> None:
    clock, span = Clock(EPOCH, zone), Duration.parse(length)
    assert span
    moved = later(micros(moments), span, ZoneInfo(zone))
    assert moved.tolist() == micros([clock.later(moment, read_duration(length)) for moment in moments]).tolist()


@settings(max_examples=100, derandomize=True, deadline=None)
@given(st.lists(HOURS | MOMENTS, min_size=1, max_size=6), st.sampled_from(sorted(ZONES)))
def test_local_times_are_those_that_clocks_show(moments: list[datetime], zone: str) -> None:
    shown = [moment.astimezone(ZoneInfo(zone)).replace(tzinfo=UTC) for moment in moments]
    assert to_local(micros(moments), ZoneInfo(zone)).tolist() == micros(shown).tolist()


@pytest.mark.parametrize("length", ["7999y", "99999mo", "999999w", "999999d"])
def test_beyond_the_calendar_is_for_ever(length: str) -> None:
    span = Duration.parse(length)
    assert span
    ends = later(micros([datetime(9500, 1, 1, tzinfo=UTC), EPOCH]), span, ZoneInfo("Europe/Kyiv"))
    assert ends[0] == FOREVER
    assert (ends[1] == FOREVER) == (length != "999999d" and length != "7999y")


def test_nothing_moves_to_nothing() -> None:
    nothing = np.empty(0, np.int64)
    assert len(later(nothing, Duration(1, "mo"), ZoneInfo("Europe/Kyiv"))) == 0
    assert len(to_local(nothing, ZoneInfo("Europe/Kyiv"))) == 0
