"""The published JSON Schemas are those of the code, and every command that answers in JSON has one."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
import typer
from jsonschema import Draft202012Validator

from segtool.cli.app import app
from segtool.output.answers import ANSWERS
from segtool.output.schemas import answer_schema

FOLDER = Path(__file__).parents[2] / "docs" / "json"


def test_every_command_with_a_form_of_output_has_a_schema() -> None:
    commands = typer.main.get_command(app).commands  # type: ignore[attr-defined]
    answering = {name for name, one in commands.items() if any(option.name == "output" for option in one.params)}
    assert answering == set(ANSWERS)
    assert {path.stem for path in FOLDER.glob("*.json")} == set(ANSWERS)


@pytest.mark.parametrize("command", ANSWERS)
def test_the_published_schema_is_that_of_the_code(command: str) -> None:
    published = json.loads((FOLDER / f"{command}.json").read_text(encoding="utf-8"))
    Draft202012Validator.check_schema(published)
    assert published == answer_schema(command)


if __name__ == "__main__":  # writes the schemas
    FOLDER.mkdir(exist_ok=True)
    for command in ANSWERS:
        text = json.dumps(answer_schema(command), indent=2, ensure_ascii=False) + "\n"
        (FOLDER / f"{command}.json").write_text(text, encoding="utf-8")
