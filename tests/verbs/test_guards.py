"""What makes a guard trip is a matter of two versions of a table, the limits of the project, and a time."""

from __future__ import annotations

import os
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from segtool.errors import InputError, Mark, Problem
from segtool.model.kinds import INTEGER, TEXT, Column, Schema
from segtool.model.plan import Use
from segtool.model.project import Limits, Project
from segtool.model.run import TableState
from segtool.model.tables import EventColumns, ImportReport, SourceFile, TableSource
from segtool.model.time import Duration
from segtool.verbs.guards import Tripped, blank_columns, let_through, noted, tripped_by_columns, tripped_by_tables
from segtool.verbs.table import Table

AT = datetime(2026, 6, 15, 12, tzinfo=UTC)
USERS = TableSource("users", "users.csv", "user_id", mark=Mark("segtool.yaml"))
BUYS = TableSource("buy", "buy*.csv", "user", mark=Mark("segtool.yaml", 4, 3), events=EventColumns("at"))
FILES = {
    path: SourceFile(path, 1, 0, 0, 0, "") for path in ("users.csv", "users2.csv", "buy1.csv", "buy2.csv", "hand.csv")
}


def state(rows: int, *columns: Column, files: tuple[str, ...] = ("users.csv",), read: int = 0) -> TableState:
    schema, report = Schema("user_id", columns), ImportReport("users", read or rows, rows)
    return TableState((), schema, tuple(FILES[path] for path in files), report)


def project(folder: Path = Path(), **limits: Any) -> Project:
    return Project(folder, ZoneInfo("UTC"), {"users": USERS}, limits=Limits(**limits))


def told(now: TableState, before: TableState | None = None, source: TableSource = USERS, **limits: Any) -> list[str]:
    known = {source.name: before} if before else {}
    found = tripped_by_tables([Table(source, now, is_new=True)], known, project(**limits), AT)
    return [f"{one.guard}: {one.problem}" for one in found]


LET = "or let it through with `--allow-"


def test_a_table_without_rows_trips() -> None:
    said = f"empty: users.csv: the table of users has no rows (put them back, {LET}empty`)"
    assert told(state(0)) == [said]
    assert told(state(0), state(1000)) == [said]
    assert told(state(1)) == []


def test_rows_that_could_not_be_kept_are_told_of_a_table_without_any() -> None:
    now = state(0, files=("buy1.csv", "buy2.csv"), read=1200)
    assert told(now, source=BUYS) == [
        "empty: segtool.yaml:4:3: the table `buy` has no rows: none of the 1,200 rows that were read could be kept "
        f"(put them back, {LET}empty`)"
    ]


def test_a_table_that_was_let_through_without_rows_needs_no_leave_again() -> None:
    assert told(state(0), state(0)) == []


@pytest.mark.parametrize(("before", "now"), [(100, 50), (99, 1), (100, 100), (100, 101), (1_000_000, 500_000)])
def test_by_default_half_of_the_rows_may_go_and_more_where_they_are_few(before: int, now: int) -> None:
    assert told(state(now), state(before)) == []


def test_by_default_more_than_half_of_a_hundred_rows_trip() -> None:
    assert told(state(49), state(100)) == [
        "shrink: users.csv: the table of users had 100 rows and has 49: it lost more than 50 % "
        f"(see whether the file is whole, {LET}shrink`)"
    ]


@pytest.mark.parametrize(
    ("most", "before", "now", "trips"),
    [
        ("20", 10, 8, False),
        ("20", 10, 7, True),
        ("0", 1000, 1000, False),
        ("0", 1000, 999, True),
        ("0", 2, 1, True),
        ("100", 1000, 1, False),
        ("12.5", 8, 7, False),
        ("12.4", 8, 7, True),
    ],
)
def test_max_shrink_is_the_share_that_may_go_of_however_few_rows(most: str, before: int, now: int, trips: bool) -> None:
    assert bool(told(state(now), state(before), max_shrink=Decimal(most))) == trips


@pytest.mark.parametrize(
    ("gone", "now", "said"),
    [
        (1000, 2000, []),
        (1001, 2000, ["had 2,000 users, and 1,001 of them are gone (1,001 new): it lost more than 50 %"]),
        (1990, 110, ["had 2,000 users, and 1,990 of them are gone (100 new): it lost more than 50 %"]),
        (2000, 3000, ["had 2,000 users, and all of them are gone (3,000 new): it lost more than 50 %"]),
        (1500, 500, ["had 2,000 rows and has 500: it lost more than 50 %"]),
    ],
)
def test_users_who_came_do_not_make_up_for_others_who_are_gone(gone: int, now: int, said: list[str]) -> None:
    table = Table(USERS, state(now), is_new=True, gone=gone)
    found = tripped_by_tables([table], {"users": state(2000)}, project(), AT)
    assert [one.problem.fact.removeprefix("the table of users ") for one in found] == said


def test_a_table_that_lost_all_rows_is_told_as_empty_alone() -> None:
    assert [one.split(":")[0] for one in told(state(0), state(1000), max_shrink=Decimal(0))] == ["empty"]


def written(folder: Path, **hours: float) -> None:
    """Files by the hours before AT when they were written to last."""
    for name, before in hours.items():
        path = folder / f"{name}.csv"
        path.touch()
        moment = (AT - timedelta(hours=before)).timestamp()
        os.utime(path, (moment, moment))


def aged(folder: Path, table: Table) -> list[str]:
    found = tripped_by_tables([table], {"users": table.state}, project(folder, max_age=Duration(36, "h")), AT)
    return [str(one.problem) for one in found]


def test_a_file_that_was_written_to_longer_ago_than_max_age_trips(tmp_path: Path) -> None:
    written(tmp_path, users=36)
    table = Table(USERS, state(1))
    assert aged(tmp_path, table) == []
    written(tmp_path, users=37)
    assert aged(tmp_path, table) == [
        "users.csv: the file was last written to at 2026-06-13T23:00:00Z, longer ago than `max_age: 36h` allows "
        f"(export it again, {LET}stale`)"
    ]


def test_every_file_of_users_may_be_too_old_and_of_events_the_newest_tells(tmp_path: Path) -> None:
    written(tmp_path, users=1, users2=100, buy1=100, buy2=1)
    assert [one.split(":")[0] for one in aged(tmp_path, Table(USERS, state(1, files=("users.csv", "users2.csv"))))] == [
        "users2.csv"
    ]
    buys = Table(BUYS, state(1, files=("buy1.csv", "buy2.csv")))
    assert aged(tmp_path, buys) == []
    written(tmp_path, buy2=50)
    assert [one.split(":")[0] for one in aged(tmp_path, buys)] == ["buy2.csv"]


def test_a_file_imported_by_name_may_be_too_old_when_it_is_imported_and_not_later(tmp_path: Path) -> None:
    written(tmp_path, users=100, hand=100)
    by_hand = replace(state(1), by_hand="hand.csv")
    assert [one.split(":")[0] for one in aged(tmp_path, Table(USERS, by_hand, is_new=True))] == ["hand.csv"]
    assert aged(tmp_path, Table(USERS, by_hand)) == []


def test_no_age_is_asked_where_the_project_names_none(tmp_path: Path) -> None:
    written(tmp_path, users=100_000)
    assert told(state(1)) == []


def filled(name: str) -> Column:
    return Column(name, TEXT, form="text")


def test_columns_that_had_values_and_have_none_are_lost_until_they_have_some() -> None:
    before = state(1, filled("a"), filled("b"), Column("c", INTEGER))
    lost = Table(USERS, state(1, Column("a", TEXT), filled("b"), Column("c", INTEGER))).beside(before)
    assert lost.state.lost == ("a",)
    still = Table(USERS, state(1, Column("a", TEXT), Column("b", TEXT))).beside(lost.state)
    assert still.state.lost == ("a", "b")
    assert Table(USERS, state(1, filled("a"), Column("b", TEXT))).beside(still.state).state.lost == ("b",)
    accepted = still.accepting({"a"})
    assert accepted.state.lost == ("b",)
    assert Table(USERS, state(1, Column("a", TEXT), Column("b", TEXT))).beside(accepted.state).state.lost == ("b",)


def test_a_lost_column_trips_at_the_first_place_that_names_it() -> None:
    users = Table(USERS, replace(state(1), lost=("city", "age")))
    buys = Table(BUYS, replace(state(1), lost=("sku",)))
    tables = {"users": users, "buy": buys}
    uses = [
        Use("s", "users", "city", Mark("segments/b.yaml", 3, 5)),
        Use("s", "users", "city", Mark("segments/a.yaml", 9, 5)),
        Use("s", "users", "country", Mark("segments/a.yaml", 2, 5)),
        Use("t", "buy", "sku", Mark("segments/a.yaml", 4, 5)),
        Use("t", "buy", "city", Mark("segments/a.yaml", 5, 5)),
    ]
    assert [str(one.problem) for one in tripped_by_columns(blank_columns(uses, tables), tables)] == [
        "segments/a.yaml:9:5: `city` is missing for every user now, and was not before; 1 more place names it "
        f"(see users.csv, {LET}blank`)",
        "segments/a.yaml:4:5: `sku` is missing for every event of `buy` now, and was not before "
        f"(see users.csv, {LET}blank`)",
    ]


def test_where_there_are_no_rows_no_column_is_told_as_blank() -> None:
    tables = {"users": Table(USERS, replace(state(0), lost=("city",)))}
    assert blank_columns([Use("s", "users", "city", Mark("a.yaml", 1, 1))], tables) == {}


def test_what_is_not_allowed_is_told_together_and_what_was_needed_is_noted() -> None:
    empty, stale, again = (
        Tripped(guard, Problem(fact)) for guard, fact in (("empty", "e"), ("stale", "s"), ("stale", "t"))
    )
    with pytest.raises(InputError) as raised:
        let_through([stale, empty, again], {"empty", "blank"})
    assert [problem.fact for problem in raised.value.problems] == ["s", "t"]
    assert let_through([stale, empty, again], {"empty", "blank", "stale"}) == ("empty", "stale")
    assert let_through([], {"empty"}) == ()
    assert (noted(("empty", "stale")), noted(())) == ({"allowed": ["empty", "stale"]}, {})
