"""What the linter leaves alone, because the day may come when it matters."""

from __future__ import annotations

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest
import yaml

from segtool.compile import lint, lint_groups
from segtool.compile.lint import findings
from segtool.compile.plan import Surroundings
from segtool.compile.regions import ANYTHING, SET, Region
from segtool.errors import Problem
from segtool.model.time import Clock
from tests import engine
from tests.reference import World
from tests.test_vocabulary import PEOPLE


def told(
    where: str, as_of: datetime = PEOPLE.as_of, zone: str = "America/New_York", world: World = PEOPLE
) -> list[Problem]:
    segments = engine.written({"s": {"where": yaml.load(where, yaml.BaseLoader)}})
    clock = Clock(as_of.astimezone(UTC), ZoneInfo(zone))
    return findings(segments, Surroundings(engine.schema_of(world), clock, engine.event_names(world)))


def said(where: str, as_of: datetime = PEOPLE.as_of, zone: str = "America/New_York") -> list[str]:
    return [problem.fact for problem in told(where, as_of, zone)]


@pytest.mark.parametrize(
    "where",
    [
        "{seen: {in_last: 30d, after: 2026-01-01}}",
        "{seen: {more_than_ago: 30d, after: 2027-01-01}}",
        "{seen: {in_last: 30d, more_than_ago: 1mo}}",
        "{seen: {in_last: 6h, in_period: yesterday}}",
        "{did: {event: purchase, after: 2027-01-01}}",
        "{did: {event: purchase, first: {after: 2027-01-01}}}",
        "{did: {event: purchase, where: {amount: {gt: 5}}, first_value: {amount: {gt: 5}}}}",
        "{everyone: true}",
        "{any: [{everyone: true}]}",
        "{born: {age: {lt: 0}}}",
        "{likes: {has_any: [a], has_none: [b]}}",
        "[{did: purchase}, {did: {event: purchase, before: 2040-01-01}}]",
        "[{did: {event: purchase, in_last: 30d}}, {did: {event: purchase, in_last: 30d, after: 2020-01-01}}]",
        "[{did: {event: purchase, in_last: 30d}}, {did: {event: purchase, after: 2020-01-01}}]",
        "[{did: {event: purchase, in_last: 7d}}, {did_not: {event: purchase, before: 2020-01-01}}]",
        "[{did: {event: visit, in_last: 7d, count: {gte: 2}}}, {did: {event: visit, in_last: 9d, count: {gte: 3}}}]",
        "[{did: purchase}, {did_not: {event: purchase, where: {amount: {gte: 50}}}}]",
        "{any: [{did: {event: purchase, in_last: 7d}}, {did_not: {event: purchase, in_last: 30d}}]}",
        "{did: {event: purchase, count: {gte: 4}, days: {lt: 4}}}",
        "{seen: {in_last: 7d, between: [2026-01-01, 2026-01-31]}}",
        "[{did: {event: visit, in_last: 7d, min: {amount: {gte: 5}}}}, {did: {event: visit, min: {amount: {gte: 5}}}}]",
        "[{did: {event: visit, in_last: 7d, min: {amount: [3, 5]}}}, {did: {event: visit, min: {amount: {lt: 3}}}}]",
        "[{did: {event: visit, in_last: 7d, sum: {amount: {gte: 5}}}}, {did: {event: visit, sum: {amount: {gte: 5}}}}]",
        "[{did: {event: view, in_last: 7d, first_value: {amount: 5}}}, {did: {event: view, first_value: {amount: 5}}}]",
        "{did: {event: visit, sum: {amount: {gte: 5}}, count: 1}}",
        "{did: {event: visit, max: {amount: {gte: 5}}, min: {amount: {gte: 5}}}}",
        "{all: [{sequence: {steps: [a, {event: b, within: 2d}]}}, {sequence: {steps: [a, {event: b, within: 1d}]}}]}",
        "[{sequence: {steps: [visit, view]}}, {not: {sequence: {steps: [view, visit]}}}]",
        "[{regularly: {event: visit, every: 7d, periods: 3, of: 4}}, {did: {event: visit, in_last: 7d}}]",
        "[{likes: {has_all: [a, b]}}, {not: {likes: {has_all: [b, c]}}}]",
        "[{country: {contains: UA}}, {country: {ends_with: A}}]",
        "[{sample: {percent: 10, salt: a}}, {sample: {percent: 20, salt: b}}]",
        "[{country: {contains: A}}, {country: {starts_with: U}}]",
        "[{country: {starts_with: U}}, {country: {is: ua, ignore_case: true}}]",
        "[{likes: {has_any: [a, b]}}, {likes: {size: 1}}, {likes: {has_none: [a]}}]",
        "{any: [{country: UA}, {all: [{country: PL}, {age: 3}]}]}",
        "{all: [{country: [UA, PL]}, {any: [{country: UA}, {age: 3}]}]}",
        "{country: {matches: 'U.'}}",
        "{country: {matches: 'u', ignore_case: true}}",
        "[{country: {is_not: UA}}, {country: {is_not: PL}}]",
        "{any: [{age: {is_not: 3}}, {age: {is_set: false}}]}",
    ],
)
def test_what_may_matter_on_some_day_or_for_some_user_is_left_alone(where: str) -> None:
    assert said(where) == []


def test_months_and_days_are_held_against_each_other_at_every_length_of_month() -> None:
    assert len(said("{seen: {in_last: 30d, more_than_ago: 2mo}}")) == 1
    assert len(said("{seen: {in_last: 27d, more_than_ago: 1mo}}")) == 1
    assert said("{seen: {in_last: 29d, more_than_ago: 1mo}}") == []


def test_spans_of_one_sort_are_looked_at_by_no_other_clock(monkeypatch: pytest.MonkeyPatch) -> None:
    def moments(zone: ZoneInfo) -> tuple[datetime, ...]:
        raise AssertionError(zone)

    monkeypatch.setattr(lint, "moments", moments)
    for one, other in (("7d", "5w"), ("2h", "120min"), ("3mo", "1y")):
        assert (
            len(said(f"[{{did: {{event: visit, in_last: {one}}}}}, {{did: {{event: visit, in_last: {other}}}}}]")) == 1
        )
    with pytest.raises(AssertionError):
        said("[{seen: {in_last: 7d}}, {seen: {in_last: 2mo}}]")


MONTHS_OF_THIRTY_DAYS = datetime(2026, 7, 15, 12, tzinfo=UTC)
"""Before it, and before the other clock by which the linter looks first, a month is 30 days."""


@pytest.mark.parametrize(
    "where",
    [
        "[{did: {event: purchase, in_last: 30d}}, {did: {event: purchase, in_last: 1mo}}]",
        "[{seen: {in_last: 30d}}, {seen: {in_last: 1mo}}]",
        "[{did: {event: email, in_last: 30d, count: {gt: 5}}}, {did: {event: email, in_last: 1mo, count: {lt: 5}}}]",
    ],
)
def test_a_month_that_is_thirty_days_today_is_not_taken_for_thirty_days(where: str) -> None:
    assert said(where, MONTHS_OF_THIRTY_DAYS) == []


@pytest.mark.parametrize(
    "where",
    [
        "[{seen: {in_last: 24h}}, {seen: {in_last: 1d}}]",
        "{seen: {in_last: 7200h, more_than_ago: 300d}}",
        "{seen: {in_last: 1h, in_period: today}}",
        "{seen: {in_next: 10s, in_period: this_week}}",
        "{seen: {in_last: 365d, in_period: this_year}}",
        "{seen: {in_last: 366d, more_than_ago: 12mo}}",
    ],
)
def test_what_is_so_but_where_a_clock_changes_or_a_day_or_a_year_begins_is_left_alone(where: str) -> None:
    assert said(where) == []


def test_where_clocks_do_not_change_a_day_is_24_hours() -> None:
    assert said("[{seen: {in_last: 24h}}, {seen: {in_last: 1d}}]", zone="UTC") == [
        "`seen is in the last 1 day` is said twice, first at "
    ]


def test_of_what_is_counted_a_value_is_more_than_none() -> None:
    (problem,) = told("{did: {event: purchase, count: {percentile: {gt: 0}}}}")
    assert problem.next == "write `gt: 0`"


def test_a_region_and_its_opposite_part_all_values() -> None:
    some = Region(False, False, ((3, 0), (5, 0)))
    assert ~some == Region(True, True, ((3, 0), (5, 0)))
    assert some & ~some == Region(False, False)
    assert some | ~some == ANYTHING
    assert (some | SET, some & SET) == (SET, some)


def test_many_terms_of_one_value_are_held_against_few_others(monkeypatch: pytest.MonkeyPatch) -> None:
    pairs, of_two = list[tuple[lint_groups.Said, ...]](), lint_groups._of_two

    def counted(one: lint_groups.Said, before: lint_groups.Said) -> Problem | None:
        pairs.append((one, before))
        return of_two(one, before)

    monkeypatch.setattr(lint_groups, "_of_two", counted)
    said("{any: [" + ", ".join(f"{{age: {number}}}" for number in range(2_000)) + "]}")
    assert 0 < len(pairs) <= 10_000
