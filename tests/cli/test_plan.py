"""What a run would do is told before it does: who would come and go, by which cause, and what stays as it is."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import pytest

from segtool.store.writer import writing
from tests.cli.repository import committed
from tests.cli.running import AS_OF, NEXT, files, project, run
from tests.cli.upkeep import done
from tests.shell import Answer
from tests.test_readme import prepare, rendered

DOCS = Path(__file__).parents[2] / "docs"
USERS = "user_id,country,points\nann,UA,5\nbob,PL,15\ncat,UA,25\ndan,NO,35\n"
LATER = "user_id,country,points\nann,UA,5\nbob,UA,15\ndan,NO,35\neve,NO,40\n"
SEGMENTS = """\
east: {kind: dynamic, where: {country: UA}}
rich: {kind: dynamic, where: {points: {gte: 20}}}
fair: {kind: static, list: fair.csv}
"""
EDITED = SEGMENTS.replace("country: UA", "country: [UA, NO]")


@pytest.fixture(scope="module")
def once(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A project that has been run once."""
    folder = fresh(tmp_path_factory.mktemp("once"))
    done(run(folder, "evaluate", "--as-of", AS_OF))
    return folder


@pytest.fixture
def folder(once: Path, tmp_path: Path) -> Path:
    return shutil.copytree(once, tmp_path / "p")


def fresh(folder: Path) -> Path:
    made = project(folder / "p", USERS, SEGMENTS)
    (made / "fair.csv").write_text("user_id\nann\nzoe\n", encoding="utf-8")
    return made


def edit(folder: Path, segments: str = "", users: str = "") -> None:
    for path, text in ((folder / "segments/all.yaml", segments), (folder / "users.csv", users)):
        if text:
            path.write_text(text, encoding="utf-8")


def planned(folder: Path, *words: str) -> Answer:
    return run(folder, "plan", "--as-of", NEXT, *words)


def row(folder: Path, name: str, *words: str) -> dict[str, Any]:
    answer = done(planned(folder, *words, "-o", "json"))
    found: dict[str, Any] = next(one for one in json.loads(answer.out)["segments"] if one["name"] == name)
    return found


def test_before_the_first_run_everybody_would_enter_and_no_store_is_made(tmp_path: Path) -> None:
    folder = fresh(tmp_path)
    before = files(folder)
    answer = done(run(folder, "plan", "--as-of", AS_OF, "--keys", "1"))
    assert answer.out == (
        "segment  kind     before  entered  left  after  by data  by definition  note\n"
        "east     dynamic       0        2     0      2           +2             new\n"
        "fair     static        0        2     0      2           +2             would be frozen,"
        " 1 not among the users\n"
        "rich     dynamic       0        2     0      2           +2             new\n"
        "east by definition +2 (the first 1): ann\n"
        "fair by definition +2 (the first 1): ann\n"
        "rich by definition +2 (the first 1): cat\n"
    )
    assert answer.err == (
        f"users: 4 rows, would be imported\nas of {AS_OF}, before the first run; nothing was written\n"
    )
    assert (files(folder), (folder / ".segtool").exists()) == (before, False)


def test_what_the_data_do_is_told_apart_from_what_the_definition_does(folder: Path) -> None:
    edit(folder, EDITED, LATER)
    answer = done(planned(folder, "--keys", "3"))
    assert answer.out == (
        "segment  kind     before  entered  left  after  by data  by definition  note\n"
        "east     dynamic       2        3     1      4  +1 -1    +2\n"
        "rich     dynamic       2        1     1      2  +1 -1\n"
        "east by data +1: bob\n"
        "east by data -1: cat\n"
        "east by definition +2: dan, eve\n"
        "rich by data +1: eve\n"
        "rich by data -1: cat\n"
    )
    assert answer.err == (
        "users: 4 rows, would be imported\n1 segment would not change\n"
        f"as of {NEXT}, compared with run 1; nothing was written\n"
    )


def test_who_comes_by_one_cause_and_goes_by_the_other_is_in_both_and_moves_not(folder: Path) -> None:
    edit(folder, SEGMENTS.replace("country: UA", "country: UA, points: {gte: 5, lt: 10}"), LATER)
    east = row(folder, "east", "--keys", "5")
    assert [east[one] for one in ("before", "entered", "left", "after")] == [2, 0, 1, 1]
    assert east["keys"] == {
        "entered_by_data": ["bob"],
        "left_by_data": ["cat"],
        "entered_by_definition": [],
        "left_by_definition": ["bob"],
    }


def test_exit_code_tells_whether_a_segment_would_change(folder: Path) -> None:
    assert planned(folder, "--exit-code").code == 0
    edit(folder, SEGMENTS.replace("gte: 20", "gt: 19"))
    other = planned(folder, "--exit-code")
    assert (other.code, other.out.splitlines()[1:]) == (
        0,
        ["rich     dynamic       2        0     0      2                          same members by another definition"],
    )
    edit(folder, EDITED)
    assert planned(folder, "--exit-code").code == 7
    assert planned(folder).code == 0
    assert planned(folder, "--exit-code", "rich").code == 0


def test_segments_that_come_go_and_are_renamed_are_told(folder: Path) -> None:
    edit(folder, SEGMENTS.replace("rich:", "wealthy:").replace("fair:", "show:"))
    answer = done(planned(folder))
    assert answer.out == (
        "segment  kind     before  entered  left  after  by data  by definition  note\n"
        "rich     dynamic       2        0     2      0           -2             removed\n"
        "show     static        0        2     0      2           +2             would be frozen,"
        " 1 not among the users\n"
        "wealthy  dynamic       0        2     0      2           +2             new\n"
    )


def test_a_frozen_segment_stays_whatever_its_definition_says_now(folder: Path) -> None:
    edit(folder, SEGMENTS.replace("fair.csv}", "fair.csv, exclude: [ann]}"))
    answer = done(planned(folder, "--exit-code"))
    assert answer.out == ""
    assert answer.err == (
        "warning: segments/all.yaml:3:1: `fair` is frozen, so its edited definition changes nothing"
        " (give it another name)\n"
        "users: 4 rows, unchanged\nno segment would change\n"
        f"as of {NEXT}, compared with run 1; nothing was written\n"
    )


def test_a_dynamic_segment_that_is_static_now_would_be_frozen(folder: Path) -> None:
    edit(folder, SEGMENTS.replace("east: {kind: dynamic", "east: {kind: static"), LATER)
    east = row(folder, "east", "--keys", "5")
    assert [east[one] for one in ("status", "before", "entered", "left", "after")] == ["frozen", 2, 2, 2, 2]
    assert east["keys"]["entered_by_definition"] == ["ann", "bob"]
    assert east["keys"]["left_by_definition"] == ["ann", "cat"]


def test_a_segment_that_a_guard_would_hold_keeps_its_members(folder: Path) -> None:
    edit(folder, EDITED.replace("NO]}", "NO]}, guard: {max_growth: 40%}"))
    answer = planned(folder, "--exit-code")
    assert (answer.code, answer.out) == (
        0,
        "segment  kind     before  entered  left  after  by data  by definition  note\n"
        "east     dynamic       2        0     0      2                          kept, would be 3: max_growth: 40%\n",
    )
    assert answer.err.startswith("warning: segments/all.yaml:1:")
    assert "`east` keeps its 2 members: it would have 3, and `max_growth: 40%` allows 2 or fewer" in answer.err
    facts = json.loads(planned(folder, "-o", "json").out)
    assert facts["problems"][0]["fact"].startswith("`east` keeps its 2 members")
    assert facts["segments"][0]["held"]["would_be"] == 3
    assert row(folder, "east", "--allow-movement")["entered_by_definition"] == 1


def test_where_the_last_definition_fits_the_tables_no_more_all_is_the_doing_of_the_new_one(folder: Path) -> None:
    edit(
        folder,
        SEGMENTS.replace("points: {gte: 20}", "country: NO"),
        "user_id,country\nann,UA\nbob,UA\ndan,NO\neve,NO\n",
    )
    answer = done(planned(folder))
    assert answer.out.splitlines()[1:] == [
        "east     dynamic       2        1     1      2  +1 -1",
        "rich     dynamic       2        1     1      2           +1 -1",
    ]
    assert answer.err.splitlines()[0] == (
        "warning: a definition of run 1 cannot be decided on today's tables: there is no column `points`"
        " (columns: user_id, country); whatever changes in `rich` is told as the definition's doing"
    )


def test_what_a_removed_segment_asked_for_is_not_missed(folder: Path) -> None:
    edit(
        folder,
        "east: {kind: dynamic, where: {country: [UA, NO]}}\n",
        "user_id,country\nann,UA\nbob,UA\ndan,NO\neve,NO\n",
    )
    answer = done(planned(folder))
    assert answer.out.splitlines()[1:] == [
        "east     dynamic       2        3     1      4  +1 -1    +2",
        "rich     dynamic       2        0     2      0           -2             removed",
    ]
    assert "warning" not in answer.err


def test_rows_that_would_be_rejected_are_counted_and_no_file_of_them_is_written(folder: Path) -> None:
    edit(folder, users=USERS + ",UA,1\n")
    before = files(folder)
    assert planned(folder).code == 3
    answer = done(planned(folder, "--max-errors", "1"))
    assert answer.err.splitlines()[0] == "warning: users: 1 row rejected: rows without a key (1)"
    assert files(folder) == before


def test_a_plan_for_a_pull_request_is_markdown_and_goes_to_the_summary(folder: Path, tmp_path: Path) -> None:
    edit(folder, EDITED, LATER)
    summary = tmp_path / "summary.md"
    answer = done(
        run(
            folder,
            *("plan", "east", "--as-of", NEXT, "--keys", "1", "-o", "github"),
            GITHUB_STEP_SUMMARY=str(summary),
        )
    )
    assert answer.out == (
        f"plan: as of {NEXT}, compared with run 1\n"
        "\n"
        "| segment | kind | before | entered | left | after | by data | by definition | note |\n"
        "| --- | --- | --: | --: | --: | --: | --- | --- | --- |\n"
        "| east | dynamic | 2 | 3 | 1 | 4 | `+1 -1` | `+2` |  |\n"
        "\n"
        "| segment | who | keys |\n"
        "| --- | --- | --- |\n"
        "| east | `by data +1` | bob |\n"
        "| east | `by data -1` | cat |\n"
        "| east | `by definition +2 (the first 1)` | dan |\n"
        "\n"
        "| table |\n"
        "| --- |\n"
        "| `users: 4 rows, would be imported` |\n"
    )
    assert summary.read_text(encoding="utf-8") == answer.out + "\n"


def test_a_plan_is_made_beside_a_run(folder: Path) -> None:
    edit(folder, EDITED, LATER)
    with writing(folder):
        assert run(folder, "evaluate", "--as-of", NEXT).code == 5
        assert planned(folder, "--exit-code").code == 7


def test_what_stops_a_run_stops_its_plan(folder: Path) -> None:
    edit(folder, users="user_id,country,points\n")
    assert planned(folder).code == 3
    assert planned(folder, "--allow-empty").code == 0
    assert run(folder, "plan", "--as-of", "2026-06-14").code == 2
    edit(folder, SEGMENTS.replace("points", "poinst"), USERS)
    assert planned(folder).code == 4


def test_the_page_about_plans_shows_what_is_printed(tmp_path: Path) -> None:
    page = (DOCS / "plan.md").read_text(encoding="utf-8")
    assert rendered(page, committed(prepare(tmp_path))) == page


if __name__ == "__main__":  # writes the output into the page, to be read before it is committed
    import tempfile

    with tempfile.TemporaryDirectory() as made:
        path = DOCS / "plan.md"
        shown = rendered(path.read_text(encoding="utf-8"), committed(prepare(Path(made))))
        path.write_text(shown, encoding="utf-8")
