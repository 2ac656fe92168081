"""Answers as CSV, JSON lines and Markdown: columns stay, whatever rows there are, and a job's summary is added to."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.cli.running import AS_OF, project, run
from tests.cli.upkeep import done

USERS = "user_id,country\na,UA\nb,PL\n"
SEGMENTS = "ukraine: {kind: dynamic, description: 'a|b <i>', where: {country: UA}}\n"
EVALUATED = """\
| segment | kind | before | entered | left | after | note |
| --- | --- | --: | --: | --: | --: | --- |
| ukraine | dynamic | 0 | 1 | 0 | 1 |  |

run 1 committed, as of 2026-06-15T12:00:00Z
"""


@pytest.fixture
def fresh(tmp_path: Path) -> Path:
    return project(tmp_path / "p", USERS, SEGMENTS)


HEADERS = {
    "list state:changed": "name,kind,members,run,as_of,frozen,description,tags,owner,reached",
    "history": "run,kind,as_of,at,entered,left,frozen,tool,allowed,exports",
    "show ukraine": "run,as_of,before,entered,left,after",
    "check": "file,line,column,fact,next",
    "changes": "user_id,segment,change,reason,run,as_of",
    "members --all": "segment,user_id",
    "evaluate state:frozen": "name,kind,status,before,entered,left,after,strangers,held,reached",
}


@pytest.mark.parametrize("words", HEADERS)
def test_a_table_without_rows_has_its_header(words: str, fresh: Path) -> None:
    assert done(run(fresh, *words.split(), "-o", "csv")).out == HEADERS[words] + "\n"
    assert done(run(fresh, *words.split(), "-o", "jsonl")).out == ""
    table = done(run(fresh, *words.split(), "-o", "github")).out
    assert table


def test_rows_stand_below_that_header(fresh: Path) -> None:
    done(run(fresh, "evaluate", "--as-of", AS_OF))
    assert done(run(fresh, "list", "-o", "csv")).out == (
        f"{HEADERS['list state:changed']}\nukraine,dynamic,1,1,{AS_OF},,a|b <i>,,,{{}}\n"
    )
    (line,) = done(run(fresh, "list", "-o", "jsonl")).out.splitlines()
    assert json.loads(line)["name"] == "ukraine"


def test_a_summary_gets_what_stdout_gets_after_what_it_has(fresh: Path, tmp_path: Path) -> None:
    summary = tmp_path / "summary.md"
    summary.write_text("before\n", encoding="utf-8")
    answer = done(run(fresh, "evaluate", "--as-of", AS_OF, "-o", "github", GITHUB_STEP_SUMMARY=str(summary)))
    assert (answer.out, answer.err) == (EVALUATED, "")
    assert summary.read_text(encoding="utf-8") == f"before\n{EVALUATED}\n"
    done(run(fresh, "list", "-o", "json", GITHUB_STEP_SUMMARY=str(summary)))
    assert summary.read_text(encoding="utf-8") == f"before\n{EVALUATED}\n"


def test_a_summary_that_cannot_be_written_is_told_and_so_is_what_was_committed(fresh: Path, tmp_path: Path) -> None:
    answer = run(fresh, "evaluate", "--as-of", AS_OF, "-o", "github", GITHUB_STEP_SUMMARY=str(tmp_path))
    assert (answer.code, answer.out) == (1, EVALUATED)
    assert answer.err == f"error: could not read or write {tmp_path}: Is a directory\n"


def test_values_of_a_listing_are_no_markup(fresh: Path) -> None:
    assert "| `a\\|b <i>` |" in done(run(fresh, "list", "-o", "github")).out


def test_the_other_tables_are_markdown_too(fresh: Path) -> None:
    done(run(fresh, "evaluate", "--as-of", AS_OF))
    assert "| users | 2 | 2 |" in done(run(fresh, "import", "-o", "github")).out
    assert "| users | country | text |  |" in done(run(fresh, "import", "-o", "github")).out
    assert f"| 1 | evaluate | `{AS_OF}` |" in done(run(fresh, "history", "-o", "github")).out
    shown = done(run(fresh, "show", "ukraine", "-o", "github")).out
    assert shown.startswith("ukraine: dynamic, 1 member since run 1 (as of 2026-06-15T12:00:00Z)\n\n")
    assert f"| 1 | `{AS_OF}` | 1 | 0 | 1 |" in shown
    assert done(run(fresh, "check", "-o", "github")).out == "check: 1 segment, no problems\n"


def test_what_is_wrong_is_a_table_and_in_a_job_a_note_at_its_line(fresh: Path, tmp_path: Path) -> None:
    (fresh / "segments" / "all.yaml").write_text(SEGMENTS.replace("country:", "contry:"), encoding="utf-8")
    summary = tmp_path / "summary.md"
    job = {"GITHUB_ACTIONS": "true", "GITHUB_STEP_SUMMARY": str(summary)}
    answer = run(fresh, "check", "-o", "github", **job)
    assert answer.code == 4
    assert (
        answer.out
        == summary.read_text(encoding="utf-8")[:-1]
        == (
            "| place | error | next |\n"
            "| --- | --- | --- |\n"
            "| `segments/all.yaml:1:58` | `` there is no column `contry` `` | ``did you mean `country`?`` |\n"
        )
    )
    assert answer.err.splitlines()[1:] == [
        "::error file=segments/all.yaml,line=1,col=58::there is no column `contry` (did you mean `country`?)"
    ]
    assert "::error" not in run(fresh, "check").err


def test_a_failure_whose_summary_cannot_be_written_is_told_as_well(fresh: Path, tmp_path: Path) -> None:
    answer = run(fresh, "list", "nobody", "-o", "github", GITHUB_STEP_SUMMARY=str(tmp_path))
    assert answer.code == 1
    assert "there is no segment `nobody`" in answer.err
    assert answer.err.endswith(f"error: could not read or write {tmp_path}: Is a directory\n")
