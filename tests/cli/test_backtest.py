"""A definition at past as-ofs: each point is what a run at that as-of comes to, and nothing is written."""

from __future__ import annotations

import csv
import io
import json
import shutil
from datetime import UTC, datetime
from itertools import pairwise
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from segtool.verbs import ledger
from segtool.verbs.backtest import as_ofs, backtest
from segtool.verbs.evaluate import evaluate
from segtool.verbs.run import Run
from tests import test_readme
from tests.cli.running import AS_OF, files, project, run

ROOT = Path(__file__).parents[2]
SHOP, DOCS = ROOT / "examples" / "shop", ROOT / "docs"
KYIV = ZoneInfo("Europe/Kyiv")
SETTINGS = """\
version: 1
timezone: Europe/Kyiv
users: {path: users.csv, key: user_id}
events:
  buy: {path: buys.csv, user: user, time: at}
"""
USERS = "user_id,country\na,UA\nb,PL\nc,UA\n"
BUYS = "user,at\na,2026-05-20T12:00:00Z\nb,2026-06-01T12:00:00Z\nc,2026-06-14T12:00:00Z\n"
SEGMENTS = """\
lately:
  kind: dynamic
  where: {did: {event: buy, in_last: 14d}}
ukraine:
  kind: static
  where: {country: UA}
  include: [out]
both:
  kind: dynamic
  where: {in_segment: ukraine, did: buy}
"""
NOTES = (
    "attributes, lists and frozen segments are taken as they are now at every as-of; only events are cut at it\n"
    "users are taken as they are now too: who came later is counted before, and who is gone is not\n"
)


@pytest.fixture
def buyers(tmp_path: Path) -> Path:
    folder = project(tmp_path / "p", USERS, SEGMENTS, SETTINGS)
    (folder / "buys.csv").write_text(BUYS)
    return folder


def points(folder: Path, segment: str, *words: str) -> list[list[Any]]:
    answer = run(folder, "backtest", segment, "--as-of", AS_OF, "-o", "json", *words)
    assert answer.code == 0, answer.err
    return [list(point.values()) for point in json.loads(answer.out)["points"]]


# What is shown


def test_a_backtest_shows_size_entries_and_exits_and_says_what_they_rest_on(buyers: Path) -> None:
    answer = run(buyers, "backtest", "lately", "--since", "2026-05-20", "--as-of", AS_OF)
    assert answer.code == 0
    assert answer.out == (
        "lately every 7d  ▁█▁▁\n"
        "as of                 members  entered  left\n"
        "2026-05-25T12:00:00Z        1        –     –\n"
        "2026-06-01T12:00:00Z        2        1     0\n"
        "2026-06-08T12:00:00Z        1        0     1\n"
        "2026-06-15T12:00:00Z        1        1     1\n"
    )
    assert answer.err == NOTES
    assert run(buyers, "backtest", "lately", "--since", "2026-05-20", "--as-of", AS_OF, "-q").err == ""


def test_json_has_the_same_facts_and_says_that_attributes_are_as_they_are_now(buyers: Path) -> None:
    words = ("backtest", "lately", "--since", "2026-06-08", "--as-of", AS_OF, "-o")
    answer = run(buyers, *words, "json")
    assert json.loads(answer.out) == {
        "version": 1,
        "segment": "lately",
        "every": "7d",
        "attributes": "as they are now",
        "users": "as they are now",
        "warnings": [],
        "points": [
            {"as_of": "2026-06-08T12:00:00Z", "members": 1, "entered": None, "left": None},
            {"as_of": "2026-06-15T12:00:00Z", "members": 1, "entered": 1, "left": 1},
        ],
    }
    assert answer.err == NOTES
    assert [json.loads(text) for text in run(buyers, *words, "jsonl").out.splitlines()] == json.loads(answer.out)[
        "points"
    ]
    assert list(csv.reader(io.StringIO(run(buyers, *words, "csv").out))) == [
        ["as_of", "members", "entered", "left"],
        ["2026-06-08T12:00:00Z", "1", "", ""],
        ["2026-06-15T12:00:00Z", "1", "1", "1"],
    ]


def test_an_event_that_nobody_did_is_warned_of(buyers: Path) -> None:
    (buyers / "segments" / "all.yaml").write_text("s:\n  kind: dynamic\n  where: {did: bye}\n")
    answer = run(buyers, "backtest", "s", "--since", "2026-06-15", "--as-of", AS_OF, "-q")
    assert (answer.code, answer.err.startswith("warning: segments/all.yaml:3:")) == (0, True)


def test_only_the_newest_of_many_sizes_are_drawn_and_the_line_says_so(buyers: Path) -> None:
    answer = run(buyers, "backtest", "lately", "--since", "2026-03-01", "--every", "1d", "--as-of", AS_OF)
    assert answer.out.splitlines()[0] == "lately every 1d, the last 60  " + "▁" * 33 + "▄" * 12 + "██" + "▄" * 11 + "█▄"
    assert len(answer.out.splitlines()) == 2 + 107


# What is decided


@pytest.mark.parametrize(
    ("every", "since", "until"),
    [("1mo", "2026-01-31", "2026-04-30"), ("1d", "2026-03-27T03:30", "2026-03-31T03:30"), ("26w", "2025-01-01", "")],
)
def test_every_point_is_what_a_first_run_at_its_as_of_comes_to(
    every: str, since: str, until: str, tmp_path: Path
) -> None:
    shop = shutil.copytree(SHOP, tmp_path / "shop", ignore=shutil.ignore_patterns(".segtool", "snapshots"))
    now = datetime(2026, 6, 15, 12, tzinfo=UTC)
    moments = as_ofs(KYIV, now, since, until, every)
    assert len(moments) >= 3
    then = [fresh(shop, tmp_path / str(number), moment) for number, moment in enumerate(moments)]
    for name in then[0]:
        found = backtest(shop, Run(now, now), name, since=since, until=until, every=every).points
        members = [one[name] for one in then]
        assert [point.members for point in found] == [len(keys) for keys in members]
        moved = [(len(now - before), len(before - now)) for before, now in pairwise(members)]
        assert [(point.entered, point.left) for point in found] == [(None, None), *moved]


def fresh(shop: Path, folder: Path, as_of: datetime) -> dict[str, set[str]]:
    """The members of all segments after the first run of a project that has none."""
    shutil.copytree(shop, folder)
    names = [one.name for one in evaluate(folder, Run(as_of, as_of)).segments]
    return {name: set(ledger.members(folder, (name,)).to_series()) for name in names}


def test_a_static_segment_that_is_not_frozen_yet_is_decided_with_the_keys_that_the_users_lack(buyers: Path) -> None:
    assert points(buyers, "ukraine", "--since", "2026-06-08") == [
        ["2026-06-08T12:00:00Z", 3, None, None],
        ["2026-06-15T12:00:00Z", 3, 0, 0],
    ]


def test_segments_that_it_refers_to_are_decided_at_each_as_of_and_frozen_ones_are_their_snapshots(buyers: Path) -> None:
    before = points(buyers, "both", "--since", "2026-06-08")
    assert before == [["2026-06-08T12:00:00Z", 1, None, None], ["2026-06-15T12:00:00Z", 2, 1, 0]]
    run(buyers, "evaluate", "--as-of", AS_OF)
    (buyers / "users.csv").write_text(USERS.replace("b,PL", "b,UA").replace("a,UA", "a,PL"))
    assert points(buyers, "both", "--since", "2026-06-08") == before


def test_today_s_definitions_and_files_are_tried_whatever_the_store_holds_and_nothing_is_written(buyers: Path) -> None:
    run(buyers, "evaluate", "--as-of", AS_OF)
    (buyers / "buys.csv").write_text(BUYS + "b,2026-06-13T12:00:00Z\n")
    segments = buyers / "segments" / "all.yaml"
    segments.write_text(SEGMENTS.replace("14d", "7d"))
    before = files(buyers)
    assert points(buyers, "lately", "--since", "2026-06-08", "--every", "3d")[-1] == ["2026-06-15T12:00:00Z", 2, 2, 0]
    assert files(buyers) == before


def test_without_a_store_none_is_made(buyers: Path) -> None:
    points(buyers, "lately", "--since", "2026-06-08")
    assert not (buyers / ".segtool").exists()


def test_a_table_that_looks_wrong_stops_it_unless_that_is_allowed(buyers: Path) -> None:
    run(buyers, "evaluate", "--as-of", AS_OF)
    (buyers / "buys.csv").write_text("user,at\n")
    words = ("backtest", "lately", "--since", "2026-06-15", "--as-of", AS_OF)
    answer = run(buyers, *words)
    assert (answer.code, "`--allow-empty`" in answer.err) == (3, True)
    assert run(buyers, *words, "--allow-empty").code == 0


# The as-ofs


def written(*words: str) -> list[str]:
    """The as-ofs, in Kyiv, that end at noon UTC of 31 March 2026, or as the words say: since, every, until."""
    since, every, until = (*words, "")[:3]
    found = as_ofs(KYIV, datetime(2026, 3, 31, 12, tzinfo=UTC), since, until, every)
    return [moment.isoformat().removesuffix(":00+00:00") for moment in found]


def test_so_many_months_back_are_one_step_and_do_not_stay_at_the_end_of_a_short_one() -> None:
    assert written("2025-12-31", "1mo") == [
        "2025-12-31T13:00",
        "2026-01-31T13:00",
        "2026-02-28T13:00",
        "2026-03-31T12:00",
    ]


def test_days_are_steps_of_the_calendar_and_hours_are_exact_across_a_clock_change() -> None:
    assert written("2026-03-28", "1d") == [
        "2026-03-28T13:00",
        "2026-03-29T12:00",
        "2026-03-30T12:00",
        "2026-03-31T12:00",
    ]
    assert written("2026-03-29", "24h") == ["2026-03-29T12:00", "2026-03-30T12:00", "2026-03-31T12:00"]
    assert written("2026-03-28", "24h")[0] == "2026-03-28T12:00"


def test_a_date_is_its_first_instant_in_the_project_s_zone_and_both_ends_may_be_as_ofs() -> None:
    assert written("2026-03-29", "1d", "2026-03-31") == ["2026-03-28T22:00", "2026-03-29T21:00", "2026-03-30T21:00"]


def test_where_the_calendar_starts_the_as_ofs_do() -> None:
    assert written("1901-01-01", "999999y") == ["2026-03-31T12:00"]


# What cannot be asked


@pytest.mark.parametrize(
    ("words", "fact"),
    [
        (
            ["lately", "--since", "2026-06-16"],
            "`--since 2026-06-16` is after the last as-of, 2026-06-15T12:00:00Z (write an earlier one)",
        ),
        (
            ["lately", "--since", "2026-06-10", "--until", "2026-06-09"],
            "`--since 2026-06-10` is after the last as-of, 2026-06-08T21:00:00Z (write an earlier one)",
        ),
        (
            ["lately", "--since", "2026-06-10", "--until", "2026-06-17"],
            "`--until 2026-06-17` is after as-of, 2026-06-15T12:00:00Z (write an earlier one, or give a later --as-of)",
        ),
        (
            ["lately", "--since", "last week"],
            "`--since last week` is no as-of (write 2026-06-15T12:00:00Z, or a date, of the years 1900 to 2999)",
        ),
        (
            ["lately", "--since", "2026-06-01", "--every", "weekly"],
            "`--every weekly` is no duration to step by (write for example 7d or 1mo)",
        ),
        (
            ["lately", "--since", "2026-06-01", "--every", "0d"],
            "`--every 0d` is no duration to step by (write for example 7d or 1mo)",
        ),
        (
            ["lately", "--since", "2026-06-01", "--every", "1s"],
            "there are more than 1,000 as-ofs from 2026-05-31T21:00:00Z to 2026-06-15T12:00:00Z, one every 1s"
            " (write a longer --every, or a later --since)",
        ),
        (["latly", "--since", "2026-06-01"], "there is no segment `latly` (did you mean `lately`?)"),
        (["lat*", "--since", "2026-06-01"], "there is no segment `lat*` (see `segtool list`)"),
    ],
)
def test_what_cannot_be_asked_is_told_and_ends_with_2(buyers: Path, words: list[str], fact: str) -> None:
    answer = run(buyers, "backtest", *words, "--as-of", AS_OF)
    assert (answer.code, answer.out, answer.err) == (2, "", f"error: {fact}\n")


def test_so_many_as_ofs_as_there_may_be_are_decided_and_one_more_is_refused() -> None:
    assert len(written("2026-03-31T11:43:21Z", "1s")) == 1_000
    with pytest.raises(Exception, match="more than 1,000 as-ofs"):
        written("2026-03-31T11:43:20Z", "1s")


def test_a_frozen_segment_is_refused_because_no_as_of_changes_it(buyers: Path) -> None:
    run(buyers, "evaluate", "--as-of", AS_OF)
    answer = run(buyers, "backtest", "ukraine", "--since", "2026-06-01", "--as-of", AS_OF)
    assert (answer.code, answer.err) == (
        2,
        "error: `ukraine` is frozen, so it has the same members at every as-of"
        " (give its definition another name to see what it would come to)\n",
    )


@pytest.mark.parametrize(("right", "wrong", "line"), [("14d", "14 days", 3), ("dynamic", "dynamo", 2)])
def test_a_definition_that_cannot_be_read_is_told_at_its_place(right: str, wrong: str, line: int, buyers: Path) -> None:
    segments = buyers / "segments" / "all.yaml"
    segments.write_text(SEGMENTS.replace(right, wrong, 1))
    answer = run(buyers, "backtest", "lately", "--since", "2026-06-01", "--as-of", AS_OF)
    assert (answer.code, answer.err.startswith(f"error: segments/all.yaml:{line}:")) == (4, True)


def test_the_page_on_backtests_shows_what_is_printed(tmp_path: Path) -> None:
    page = (DOCS / "backtest.md").read_text(encoding="utf-8")
    assert test_readme.rendered(page, test_readme.prepare(tmp_path)) == page


def test_rows_with_errors_may_be_left_out_of_a_backtest_and_of_what_is_explained(buyers: Path) -> None:
    (buyers / "buys.csv").write_text(BUYS + "a,monday\n")
    for words in (("backtest", "lately", "--since", "2026-06-01"), ("explain", "a", "lately")):
        asked = (*words, "--as-of", AS_OF, "-q")
        assert run(buyers, *asked).code == 3
        assert run(buyers, *asked, "--max-errors", "1").code == 0


def test_an_as_of_that_is_out_of_range_is_told_the_years(buyers: Path) -> None:
    for text in ("1899-12-31", "3000-01-01"):
        told = f"error: `{text}` is no as-of (write 2026-06-15T12:00:00Z, or a date, of the years 1900 to 2999)\n"
        assert run(buyers, "evaluate", "--as-of", text).err == told
