"""`check` tells warnings apart from errors, strictly where asked; and as annotations where GitHub runs it."""

from __future__ import annotations

import json
from pathlib import Path

from tests.cli.running import project, run

USERS = "user_id,country,age\na,UA,30\nb,PL,20\n"
WARNED = "s:\n  kind: dynamic\n  where: {age: 2.5}\n"
WRONG = "s:\n  kind: dynamic\n  where: {agee: 2}\n"
FACT = "`age is 2.5` never holds: `age` holds whole numbers"
STEP = "change it, or take it out"
TOLD = f"segments/all.yaml:3:11: {FACT} ({STEP})"
ANNOTATED = f"file=segments/all.yaml,line=3,col=11::{FACT} ({STEP})"


def test_a_warning_is_no_error_unless_strictly_taken(tmp_path: Path) -> None:
    folder = project(tmp_path / "p", USERS, WARNED)
    answer = run(folder, "check")
    assert (answer.code, answer.out, answer.err) == (0, "", f"warning: {TOLD}\n1 segment, 1 warning\n")
    strict = run(folder, "check", "--strict")
    assert (strict.code, strict.out, strict.err) == (4, "", f"error: {TOLD}\n")


def test_warnings_are_objects_with_their_places_in_json(tmp_path: Path) -> None:
    folder = project(tmp_path / "p", USERS, WARNED)
    place = {"file": "segments/all.yaml", "line": 3, "column": 11, "fact": FACT, "next": STEP}
    facts = json.loads(run(folder, "check", "-o", "json").out)
    assert facts == {"version": 1, "segments": 1, "warnings": [place], "problems": []}
    failed = run(folder, "check", "-o", "json", "--strict")
    assert (failed.code, json.loads(failed.out)) == (4, {"version": 1, "exit_code": 4, "problems": [place]})
    assert json.loads(run(folder, "check", "-o", "jsonl").out) == place


def test_warnings_are_a_table_for_a_pull_request(tmp_path: Path) -> None:
    folder = project(tmp_path / "p", USERS, WARNED)
    assert run(folder, "check", "-o", "github").out == (
        "check: 1 segment, 1 warning\n\n"
        "| place | warning | next |\n"
        "| --- | --- | --- |\n"
        f"| `segments/all.yaml:3:11` | `` {FACT} `` | {STEP} |\n"
    )


def test_problems_and_warnings_are_annotations_in_a_job_on_github(tmp_path: Path) -> None:
    folder = project(tmp_path / "p", USERS, WARNED)
    warned = run(folder, "check", GITHUB_ACTIONS="true")
    assert (warned.code, warned.out, warned.err.splitlines()[-1]) == (0, "", f"::warning {ANNOTATED}")
    strict = run(folder, "check", "--strict", GITHUB_ACTIONS="true")
    assert (strict.code, strict.err.splitlines()[-1]) == (4, f"::error {ANNOTATED}")


def test_annotations_name_files_from_the_repository_s_root_and_escape_what_would_end_them(tmp_path: Path) -> None:
    folder = project(tmp_path / "a,b" / "p", USERS, WARNED.replace("age: 2.5", "'age%': 1"))
    answer = run(folder, "check", GITHUB_ACTIONS="true", GITHUB_WORKSPACE=str(tmp_path))
    assert answer.err.splitlines()[-1] == (
        "::error file=a%2Cb/p/segments/all.yaml,line=3,col=11::there is no column `age%25` (did you mean `age`?)"
    )
