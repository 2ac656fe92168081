"""What is wrong ends with its exit code, one plain message with place and next step, and nothing written."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tests.cli.running import AS_OF, files, project, run

USERS = "user_id,country,points\na,UA,1\nb,PL,2\n"
SETTINGS = "version: 1\nusers: {path: users.csv, key: user_id}\n"


def where(condition: str) -> str:
    return f"s:\n  kind: dynamic\n  where: {condition}\n"


CASES = {
    "missing file": (
        3,
        r"user\.csv: no such file \(did you mean `users\.csv`\?\)",
        {"settings": "version: 1\nusers: {path: user.csv, key: user_id}\n"},
    ),
    "wrong key column": (
        3,
        r"users\.csv.*`id`",
        {"settings": "version: 1\nusers: {path: users.csv, key: id}\n"},
    ),
    "wrong column": (
        4,
        r"segments/all\.yaml:3:11: there is no column `contry` \(did you mean `country`\?\)",
        {"segments": where("{contry: UA}")},
    ),
    "wrong kind of literal": (
        4,
        r"segments/all\.yaml:3:25: `many` does not fit: `points` is integer \(write a number such as 18\)",
        {"segments": where("{points: {gte: many}}")},
    ),
    "unknown operator": (
        4,
        r"segments/all\.yaml:3:21: unknown test `startwith` \(did you mean `starts_with`\?\)",
        {"segments": where("{country: {startwith: U}}")},
    ),
    "duplicate key in YAML": (
        4,
        r"segments/all\.yaml:3:24: the key `country` stands twice; first on line 3 \(keep one of them\)",
        {"segments": where("{country: UA, country: PL}")},
    ),
    "duplicate user id": (
        3,
        r'users\.csv:2: key "a" stands in line 2, line 4 \(keep one row for each user\)',
        {"users": USERS + "a,DE,3\n"},
    ),
    "ragged row": (3, r"users\.csv:4: ", {"users": USERS + "c,DE\n"}),
    "unknown time zone": (
        4,
        r"segtool\.yaml:2:11: there is no time zone `Europe/Kiyv` \(did you mean `Europe/Kyiv`\?\)",
        {"settings": "version: 1\ntimezone: Europe/Kiyv\nusers: {path: users.csv, key: user_id}\n"},
    ),
    "circle of segments": (
        4,
        r"segments/all\.yaml:1:1: segments refer to each other in a circle: a → b → a",
        {"segments": "a:\n  kind: dynamic\n  where: {in_segment: b}\nb:\n  kind: dynamic\n  where: {in_segment: a}\n"},
    ),
    "name that leaves the folder": (
        4,
        r"segments/all\.yaml:1:1: `\.\./x` cannot name a segment \(a name is ASCII letters",
        {"segments": "../x:\n  kind: dynamic\n  where: {country: UA}\n"},
    ),
    "regex that does not compile": (
        4,
        r"segments/all\.yaml:3:30: `\[a-` is not a regular expression \(error: ",
        {"segments": where("{country: {matches: '[a-'}}")},
    ),
    "condition that is no mapping": (
        4,
        r"segments/all\.yaml:3:16: a list is not a mapping \(write `{event: \[a, b\]}`\)",
        {"segments": where("{did: [purchase]}")},
    ),
    "no kind": (4, r"segments/all\.yaml:2:3: `kind` is missing", {"segments": "s:\n  where: {country: UA}\n"}),
    "table without rows": (3, r"users\.csv: the table of users has no rows", {"users": "user_id,country,points\n"}),
    "tab": (4, r"segments/all\.yaml:2:1: .*(tab|token)", {"segments": "s:\n\tkind: dynamic\n"}),
}


@pytest.mark.parametrize("name", CASES)
@pytest.mark.parametrize("command", ["evaluate", "check"])
def test_a_mistake_ends_with_its_code_one_message_and_nothing_written(name: str, command: str, tmp_path: Path) -> None:
    code, pattern, parts = CASES[name]
    given = {"users": USERS, "segments": where("{country: UA}"), "settings": SETTINGS, **parts}
    folder = project(tmp_path / "p", **given)
    before = files(folder)
    answer = run(folder, command, "--as-of", AS_OF)
    assert answer.code == code, answer.err
    assert answer.out == ""
    lines = answer.err.splitlines()
    assert len(lines) == 1
    assert re.search(pattern, lines[0])
    assert files(folder) == before


def test_invalid_utf8_is_told_with_its_line(tmp_path: Path) -> None:
    folder = project(tmp_path / "p", USERS, where("{country: UA}"))
    (folder / "users.csv").write_bytes(USERS.encode() + b"c,\xff,3\n")
    before = files(folder)
    answer = run(folder, "evaluate")
    assert (answer.code, answer.out) == (3, "")
    assert re.match(r"error: users\.csv:4: .*UTF-8", answer.err)
    assert files(folder) == before


def test_without_a_project_the_next_command_is_told(tmp_path: Path) -> None:
    answer = run(tmp_path, "evaluate")
    assert answer.code == 2
    assert re.search(r"there is no segtool\.yaml in .* \(make a project with `segtool init`", answer.err)
    assert files(tmp_path) == {}


def test_all_problems_are_told_at_once(tmp_path: Path) -> None:
    folder = project(tmp_path / "p", USERS, where("[{contry: UA}, {points: x}, {country: {foo: 1}}, {near: {lat: a}}]"))
    answer = run(folder, "check")
    assert answer.code == 4
    assert len(answer.err.splitlines()) == 6


def test_a_failed_run_after_a_good_one_leaves_the_store_as_it_was(tmp_path: Path) -> None:
    folder = project(tmp_path / "p", USERS, where("{country: UA}"))
    assert run(folder, "evaluate", "--as-of", AS_OF).code == 0
    (folder / "users.csv").write_text(USERS + "c,DE\n", encoding="utf-8")
    before = files(folder)
    assert run(folder, "evaluate", "--as-of", AS_OF).code == 3
    assert files(folder) == before


def test_a_column_that_vanished_is_reported_and_missed_where_a_definition_names_it(tmp_path: Path) -> None:
    folder = project(tmp_path / "p", USERS, where("{country: UA}"))
    assert run(folder, "evaluate", "--as-of", AS_OF).code == 0
    (folder / "users.csv").write_text("user_id,points\na,1\n", encoding="utf-8")
    answer = run(folder, "check")
    assert (answer.code, answer.err) == (
        4,
        "error: segments/all.yaml:3:11: there is no column `country` (columns: user_id, points)\n",
    )
    assert run(folder, "import").err.splitlines()[1] == "  `country` is no longer in the file"


@pytest.mark.parametrize("words", [("users", "https://example.com/u.csv"), ("--list", "fair", "s3://lists/fair.csv")])
def test_what_stands_at_a_url_is_never_fetched(words: tuple[str, ...], tmp_path: Path) -> None:
    answer = run(project(tmp_path / "p", USERS, where("{country: UA}")), "import", *words)
    assert (answer.code, answer.err) == (2, f"error: `{words[-1]}` is a URL (download it, and name the file)\n")


def test_a_definition_that_is_nested_beyond_measure_is_refused(tmp_path: Path) -> None:
    answer = run(project(tmp_path / "p", USERS, where("[" * 200_000 + "]" * 200_000)), "check")
    assert answer.code == 4
    assert re.fullmatch(r"error: segments/all\.yaml:3:\d+: this is nested more than 100 levels deep .*\n", answer.err)


@pytest.mark.parametrize(
    "words",
    [("members", "nobody"), ("show", "nobody"), ("freeze", "nobody"), ("evaluate", "nobody"), ("changes", "nobody")],
)
def test_an_unknown_segment_is_a_usage_error(words: tuple[str, ...], tmp_path: Path) -> None:
    folder = project(tmp_path / "p", USERS, where("{country: UA}"))
    answer = run(folder, *words)
    assert answer.code == 2
    assert "`nobody`" in answer.err


def test_an_as_of_before_the_last_run_is_refused_unless_allowed(tmp_path: Path) -> None:
    folder = project(tmp_path / "p", USERS, where("{country: UA}"))
    assert run(folder, "evaluate", "--as-of", AS_OF).code == 0
    refused = run(folder, "evaluate", "--as-of", "2026-06-14T12:00:00Z")
    assert refused.code == 2
    assert "is before the last run's" in refused.err
    assert run(folder, "evaluate", "--as-of", "2026-06-14T12:00:00Z", "--allow-backdate").code == 0


def test_json_holds_the_same_problems_on_failure(tmp_path: Path) -> None:
    import json

    folder = project(tmp_path / "p", USERS, where("{contry: UA}"))
    answer = run(folder, "check", "-o", "json")
    assert answer.code == 4
    assert json.loads(answer.out) == {
        "version": 1,
        "exit_code": 4,
        "problems": [
            {
                "file": "segments/all.yaml",
                "line": 3,
                "column": 11,
                "fact": "there is no column `contry`",
                "next": "did you mean `country`?",
            }
        ],
    }


def test_a_bug_shows_where_it_is_and_no_values(tmp_path: Path) -> None:
    folder = project(tmp_path / "p", USERS, where("{country: UA}"))
    broken = (
        "import segtool.verbs.evaluate as e\ndef bug(*a): raise ValueError('secret@example.com')\ne.prepare = bug\n"
    )
    (tmp_path / "sitecustomize.py").write_text(broken, encoding="utf-8")
    answer = run(folder, "evaluate", PYTHONPATH=str(tmp_path))
    assert answer.code == 1
    assert answer.err.startswith("error: this is a bug in segtool ")
    assert "evaluate.py:" in answer.err
    assert "secret" not in answer.err
    assert "secret" in run(folder, "evaluate", "--debug", PYTHONPATH=str(tmp_path)).err


@pytest.mark.parametrize("command", ["evaluate", "import", "check"])
def test_a_ragged_row_is_told_in_json_with_its_line(command: str, tmp_path: Path) -> None:
    import json

    folder = project(tmp_path / "p", USERS + "c,DE\n", where("{country: UA}"))
    answer = run(folder, command, "-o", "json")
    assert answer.code == 3
    assert [(one["file"], one["line"]) for one in json.loads(answer.out)["problems"]] == [("users.csv", 4)]


def test_a_store_that_lost_its_log_is_damaged(tmp_path: Path) -> None:
    import shutil

    folder = project(tmp_path / "p", USERS, where("{country: UA}"))
    assert run(folder, "evaluate", "--as-of", AS_OF).code == 0
    shutil.rmtree(folder / ".segtool" / "log")
    for command in ("list", "evaluate"):
        answer = run(folder, command)
        assert (answer.code, answer.out) == (8, "")
        assert ".segtool/log has lost its runs" in answer.err


def test_a_full_disk_behind_stdout_is_told(tmp_path: Path) -> None:
    import subprocess
    import sys

    folder = project(tmp_path / "p", USERS, where("{country: UA}"))
    assert run(folder, "evaluate", "--as-of", AS_OF).code == 0
    with Path("/dev/full").open("w") as full:
        done = subprocess.run(
            [sys.executable, "-m", "segtool", "list"], cwd=folder, stdout=full, stderr=subprocess.PIPE, text=True
        )
    assert done.returncode == 1
    assert done.stderr == (
        "error: could not write to stdout: No space left on device "
        "(`segtool history` tells whether a run was committed)\n"
    )


@pytest.mark.parametrize("encoding", ["cp1252", "ascii"])
def test_answers_are_utf8_whatever_the_terminal_claims(encoding: str, tmp_path: Path) -> None:
    folder = project(tmp_path / "p", USERS.replace("PL", "Польща"), where("{country: Польща}"))
    assert run(folder, "evaluate", "--as-of", AS_OF).code == 0
    answer = run(folder, "show", "s", PYTHONIOENCODING=encoding)
    assert answer.code == 0
    assert "country is Польща" in answer.out
