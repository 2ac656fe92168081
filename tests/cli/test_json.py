"""Every command in every state answers JSON that its published schema knows to the last key."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from segtool.output.answers import ANSWERS
from tests.cli.running import project, run
from tests.cli.upkeep import DAYS, LOG, SEGMENTS, SETTINGS, USERS
from tests.output.test_schemas import FOLDER
from tests.shell import Answer

COMMANDS = {
    "backtest": ["backtest", "ukraine", "--since", "2026-06-01", "--as-of", DAYS[2]],
    "changes": ["changes"],
    "check": ["check"],
    "doctor": ["doctor"],
    "erase": ["erase", "asked.txt"],
    "evaluate": ["evaluate", "--as-of", DAYS[2]],
    "explain": ["explain", "ann", "--as-of", DAYS[2]],
    "explain one": ["explain", "eve", "openers", "--as-of", DAYS[2]],
    "export": ["export", "openers", "--to", "out.csv", "--as-of", DAYS[2]],
    "explain static": ["explain", "ann", "spring", "--as-of", DAYS[2]],
    "freeze": ["freeze", "ukraine", "--as", "june", "--as-of", DAYS[2]],
    "history": ["history"],
    "import": ["import"],
    "import --list": ["import", "--list", "fair", "fair.csv"],
    "init": ["init", "a new one"],
    "list": ["list"],
    "members": ["members", "ukraine"],
    "members --all": ["members", "--all"],
    "plan": ["plan", "--keys", "2", "--as-of", DAYS[2]],
    "prune": ["prune", "--keep-last", "1"],
    "schema": ["schema"],
    "schema of an answer": ["schema", "--of", "list"],
    "show": ["show", "ukraine"],
    "show static": ["show", "spring"],
    "test": ["test"],
    "verify": ["verify"],
}
"""What is typed for each command; of those that answer in several ways, more than one line."""
ASK_NO_PROJECT = {"init", "schema"}
FAILS_BEFORE = {"members": 2, "export": 2}
"""Those that end with a mistake where no run has been."""


def closed(schema: Any) -> Any:
    """The schema in which a key that it does not tell of is a fault."""
    if isinstance(schema, list):
        return [closed(item) for item in schema]
    if not isinstance(schema, dict):
        return schema
    inner = {key: closed(value) for key, value in schema.items()}
    is_shape = schema.get("type") == "object" and "properties" in schema
    return {"additionalProperties": False, **inner} if is_shape else inner


def validated(command: str, answer: Answer) -> Any:
    facts = json.loads(answer.out)
    schema = json.loads((FOLDER / f"{command.split()[0]}.json").read_text(encoding="utf-8"))
    Draft202012Validator(closed(schema)).validate(facts)
    return facts


@pytest.fixture
def fresh(tmp_path: Path) -> Path:
    """A project that has not been run."""
    made = project(tmp_path / "fresh", USERS, SEGMENTS, SETTINGS)
    (made / "mail.csv").write_text(LOG, encoding="utf-8")
    return made


def asked(folder: Path, command: str) -> Answer:
    (folder / "asked.txt").write_text("bob\n", encoding="utf-8")
    (folder / "fair.csv").write_text("user_id\nann\nnobody\n", encoding="utf-8")
    return run(folder, *COMMANDS[command], "-o", "json")


def test_every_command_that_answers_in_json_is_asked() -> None:
    assert {command.split()[0] for command in COMMANDS} == set(ANSWERS)


@pytest.mark.parametrize("command", COMMANDS)
def test_before_the_first_run(command: str, fresh: Path) -> None:
    answer = asked(fresh, command)
    facts = validated(command, answer)
    assert (answer.code, "exit_code" in facts) == (FAILS_BEFORE.get(command, 0), command in {*FAILS_BEFORE, "doctor"})


@pytest.mark.parametrize("command", COMMANDS)
def test_after_some_runs(command: str, folder: Path) -> None:
    answer = asked(folder, command)
    validated(command, answer)
    assert answer.code == 0


@pytest.mark.parametrize("command", [one for one in COMMANDS if one.split()[0] not in ASK_NO_PROJECT])
def test_where_what_people_wrote_is_wrong(command: str, folder: Path) -> None:
    (folder / "segtool.yaml").write_text("version: 1\nusers: {path: users.csv}\n", encoding="utf-8")
    answer = asked(folder, command)
    facts = validated(command, answer)
    assert (answer.code, facts["exit_code"]) == (4, 4)


def test_a_new_project_is_told_with_what_to_type_next(tmp_path: Path) -> None:
    answer = run(tmp_path, "init", "my shop", "-o", "json")
    assert (answer.code, answer.err) == (0, "")
    assert validated("init", answer) == {
        "version": 1,
        "folder": "my shop",
        "files": ["segtool.yaml", "segments/first.yaml", "tests/first.yaml", "data/users.csv", "data/purchases.csv"],
        "warnings": [],
        "next": "cd 'my shop' && segtool evaluate",
    }
    again = run(tmp_path, "init", "my shop", "-o", "json")
    assert (again.code, len(validated("init", again)["problems"])) == (2, 5)


def test_a_schema_is_the_same_in_both_forms(tmp_path: Path) -> None:
    told = run(tmp_path, "schema").out
    Draft202012Validator.check_schema(json.loads(told))
    assert {run(tmp_path, "schema", "-o", form).out for form in ("text", "json")} == {told}
    assert run(tmp_path, "schema", "-o", "csv").code == 2


def damaged(folder: Path) -> None:
    next((folder / ".segtool" / "log").glob("3.json")).write_text("{}", encoding="utf-8")


def without_a_file(folder: Path) -> None:
    (folder / "users.csv").unlink()


@pytest.mark.parametrize(
    ("spoil", "command", "code"),
    [
        (damaged, "list", 8),
        (damaged, "verify", 8),
        (damaged, "doctor", 8),
        (without_a_file, "evaluate", 3),
        (without_a_file, "import", 3),
        (without_a_file, "doctor", 3),
    ],
)
def test_where_data_are_wrong(spoil: Callable[[Path], None], command: str, code: int, folder: Path) -> None:
    spoil(folder)
    answer = asked(folder, command)
    assert (answer.code, validated(command, answer)["exit_code"]) == (code, code)


@pytest.mark.parametrize(
    "words", [("-ojson",), ("--output=json",), ("-qo", "json"), ("-o", "json"), ("--output", "json")]
)
def test_words_that_are_not_understood_are_told_in_json_too(words: tuple[str, ...], fresh: Path) -> None:
    answer = run(fresh, "check", "--nope", *words)
    assert answer.code == 2
    assert validated("check", answer)["problems"][0]["fact"] == "No such option: --nope"
