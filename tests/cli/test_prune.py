"""Old runs go by a rule; what is kept still adds up, and every snapshot stays."""

from __future__ import annotations

import json
import os
from pathlib import Path

from tests.cli.running import files, run
from tests.cli.upkeep import done, facts


def runs(folder: Path) -> list[int]:
    return [one["run"] for one in facts(folder, "history")["runs"]]


def test_the_newest_runs_stay_and_everything_still_adds_up(folder: Path) -> None:
    members, snapshots = done(run(folder, "members", "--all")).out, files(folder / "snapshots")
    answer = done(run(folder, "prune", "--keep-last", "2"))
    assert answer.err == "1 run dropped; run 2 is the oldest now\n"
    assert runs(folder) == [2, 3, 4]
    assert sorted(os.listdir(folder / ".segtool/log")) == ["2.json", "3.json", "4.json"]
    assert done(run(folder, "members", "--all")).out == members
    assert files(folder / "snapshots") == snapshots
    assert facts(folder, "verify")["runs"] == 3
    assert [one["run"] for one in facts(folder, "changes", "--since", "1")["rows"]] == [2] * 4


def test_a_second_prune_goes_on_from_the_first(folder: Path) -> None:
    done(run(folder, "prune", "--keep-last", "2"))
    answer = done(run(folder, "prune", "--keep-last", "1"))
    assert answer.err == "1 run dropped; run 3 is the oldest now\n"
    assert facts(folder, "verify")["strays"] == []
    assert runs(folder) == [3, 4, 5]
    assert "nothing to prune" in done(run(folder, "prune", "--keep-last", "1")).err


def test_what_every_rule_lets_go_is_dropped_and_nothing_else(folder: Path) -> None:
    before = files(folder)
    assert done(run(folder, "prune", "--keep-last", "3")).err == "nothing to prune: every run is kept by a rule\n"
    assert done(run(folder, "prune", "--keep-last", "1", "--keep-within", "1d")).err.startswith("nothing to prune")
    assert files(folder) == before
    found = json.loads(done(run(folder, "prune", "--keep-within", "0d", "-o", "json")).out)
    assert found == {"version": 1, "run": 4, "dropped": 2, "first": 3, "committed": True}


def test_a_run_after_it_goes_on_as_before(folder: Path) -> None:
    done(run(folder, "prune", "--keep-last", "1"))
    (folder / "users.csv").write_text("user_id,country,email\nann,UA,x\nnew,UA,y\n")
    done(run(folder, "evaluate", "--as-of", "2026-06-18T12:00:00Z"))
    assert facts(folder, "verify")["runs"] == 3


def test_without_a_rule_or_with_a_bad_one_nothing_is_dropped(folder: Path) -> None:
    before = files(folder)
    none, bad = run(folder, "prune"), run(folder, "prune", "--keep-within", "soon")
    assert (none.code, bad.code) == (2, 2)
    assert none.err == "error: nothing says which runs to keep (give --keep-last 100, or --keep-within 90d)\n"
    assert bad.err == "error: `soon` is no duration (write 90d, 12w, 6mo or 1y)\n"
    far = run(folder, "prune", "--keep-within", "9999y")
    assert (far.code, far.err) == (2, "error: `9999y` reaches beyond the calendar (write less)\n")
    assert files(folder) == before


def test_changes_since_a_run_that_was_dropped_are_refused(folder: Path) -> None:
    done(run(folder, "prune", "--keep-last", "1"))
    answer = run(folder, "changes", "--since", "1")
    assert answer.code == 2
    assert answer.err == "error: the runs before 3 were pruned (give --since 2 or later)\n"
