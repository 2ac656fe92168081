"""One segment as `show` tells it: in words, over time, and how much of what its clauses look at is missing."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest

from tests.cli.running import AS_OF, NEXT, files, project, run

SETTINGS = """\
version: 1
users: {path: users.csv, key: user_id}
events:
  buy: {path: buy.csv, user: user, time: at}
guard: {max_shrink: 50%}
"""
SEGMENTS = """\
rich:
  kind: dynamic
  where:
    - country: {is_not: PL}
    - did: {event: buy, sum: {amount: {gte: 5}}, in_last: 30d}
    - did: {event: buy, first: {before: 2026-06-10}, where: {sku: {is_set: true}}}
    - not: {near: {lat: lat, lon: lon, point: [50.45, 30.52], radius: 1km}}
    - did_not: {event: buy, count: {gte: 9}, last_value: {voucher: x}}
    - sample: {percent: 100}
    - in_segment: all
  guard: {min_size: 1}
all:
  kind: dynamic
  where: {everyone: true}
"""
USERS = "user_id,country,lat,lon\na,UA,1,2\nb,,,2\nc,PL,,\nd,,,\n"
BUYS = "user,at,amount,sku,voucher\na,2026-06-01,4,cap,x\na,2026-06-02,3,,\nb,2026-06-03,,,\nb,2026-01-03,9,,\n"
CLAUSES = """\
in the tables of run 1, as of 2026-06-15T12:00:00Z
  `country is not PL` holds for 75 % of users (3 of 4)
    `country` is missing for 50 % of users (2 of 4)
  `did buy (time is in the last 30 days): sum of amount is at least 5` holds for 25 % of users (1 of 4)
    the sum of `amount` of `buy` is missing for 75 % of users (3 of 4)
    `amount` is missing for 25 % of events of `buy` (1 of 4)
  `did buy (sku is set): the first time is before 2026-06-10` holds for 25 % of users (1 of 4)
    the first `buy` is missing for 75 % of users (3 of 4)
    `sku` is missing for 75 % of events of `buy` (3 of 4)
  `within 1 km of 50.45, 30.52` holds for 0 % of users (0 of 4)
    `lat` is missing for 75 % of users (3 of 4)
    `lon` is missing for 50 % of users (2 of 4)
  `not true: did buy: number of times is at least 9, of the last one, voucher is x` holds for 100 % of users (4 of 4)
    `voucher` is missing for 75 % of events of `buy` (3 of 4)
  `in a stable sample of 100 %` holds for 100 % of users (4 of 4)
  `in segment all` holds for 100 % of users (4 of 4)
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    made = project(tmp_path / "p", USERS, SEGMENTS, SETTINGS)
    (made / "buy.csv").write_text(BUYS, encoding="utf-8")
    return made


def test_before_the_first_run_nothing_is_said_of_what_is_missing(folder: Path) -> None:
    answer = run(folder, "show", "rich")
    assert answer.code == 0
    assert "as of" not in answer.out
    assert json.loads(run(folder, "show", "rich", "-o", "json").out)["clauses"] == []


def test_each_clause_is_told_with_whom_it_holds_for_and_what_is_missing(folder: Path) -> None:
    assert run(folder, "evaluate", "--as-of", AS_OF).code == 0
    shutil.move(folder / "users.csv", folder / "moved.csv")
    before = files(folder)
    answer = run(folder, "show", "rich")
    assert (answer.code, answer.err) == (0, "")
    assert f"\n{CLAUSES}\n" in answer.out
    assert "refers to: all\nguard: at least 1 member, loses at most 50 % of its members in a run\n" in answer.out
    assert files(folder) == before


def test_members_are_of_the_run_that_moved_them_last_and_shares_of_the_newest(folder: Path) -> None:
    assert run(folder, "evaluate", "--as-of", AS_OF).code == 0
    assert run(folder, "evaluate", "all", "--as-of", NEXT).code == 0
    (folder / "users.csv").write_text(USERS + "e,PL,,\n", encoding="utf-8")
    assert run(folder, "import").code == 0
    answer = run(folder, "show", "rich")
    assert answer.out.startswith("rich: dynamic, 1 member since run 1 (as of 2026-06-15T12:00:00Z)\n")
    told = "in the tables of run 3, as of 2026-06-16T12:00:00Z"
    assert f"\n{told}\n  `country is not PL` holds for 60 % of users (3 of 5)\n" in answer.out
    assert f"| looked at | `{told}` |" in run(folder, "show", "rich", "-o", "github").out
    facts = json.loads(run(folder, "show", "rich", "-o", "json").out)
    assert (facts["members"], facts["run"], facts["as_of"]) == (1, 1, AS_OF)
    assert (facts["looked_at_run"], facts["looked_at"]) == (3, NEXT)


def test_json_tells_the_same(folder: Path) -> None:
    assert run(folder, "evaluate", "--as-of", AS_OF).code == 0
    facts = json.loads(run(folder, "show", "rich", "-o", "json").out)
    assert facts["guard"] == {"min_size": 1, "max_size": None, "max_shrink": 50, "max_growth": None}
    assert facts["looked_at"] == AS_OF
    assert facts["clauses"][0] == {
        "clause": "country is not PL",
        "holds": 3,
        "users": 4,
        "missing": [{"phrase": "`country` is missing", "number": 2, "of": 4, "things": "users"}],
    }
    assert len(facts["clauses"]) == 7


def test_a_clause_that_the_tables_of_the_newest_run_do_not_know_is_left_out(folder: Path) -> None:
    assert run(folder, "evaluate", "--as-of", AS_OF).code == 0
    more = "later:\n  kind: dynamic\n  where: [{town: Kyiv}, {in_segment: rich}, {in_segment: later2}, {country: UA}]\n"
    more += "later2:\n  kind: dynamic\n  where: {country: UA}\n"
    (folder / "segments/all.yaml").write_text(SEGMENTS + more, encoding="utf-8")
    facts = json.loads(run(folder, "show", "later", "-o", "json").out)
    assert [one["clause"] for one in facts["clauses"]] == ["in segment rich", "country is UA"]


def test_how_many_runs_left_it_as_it_was_is_told(folder: Path) -> None:
    assert run(folder, "evaluate", "--as-of", AS_OF).code == 0
    assert "unchanged" not in run(folder, "show", "rich").out
    assert run(folder, "evaluate", "--as-of", NEXT).code == 0
    assert "size  ▁  unchanged for 1 run\n" in run(folder, "show", "rich").out
    # these runs do not decide it
    assert run(folder, "evaluate", "all", "--as-of", "2026-06-17").code == 0
    assert run(folder, "freeze", "rich", "--as", "kept", "--as-of", "2026-06-17").code == 0
    assert json.loads(run(folder, "show", "rich", "-o", "json").out)["unchanged_runs"] == 1
    (folder / "users.csv").write_text(USERS.replace("a,UA", "z,UA"), encoding="utf-8")
    assert run(folder, "evaluate", "all", "--as-of", "2026-06-17").code == 0
    assert json.loads(run(folder, "show", "all", "-o", "json").out)["unchanged_runs"] == 0
