"""The help of every command says in plain words what is typed."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
import typer

from segtool.cli.app import app
from tests.cli.running import run

COMMANDS: dict[str, Any] = typer.main.get_command(app).commands  # type: ignore[attr-defined]


@pytest.mark.parametrize("command", COMMANDS)
def test_no_type_of_python_stands_in_any_help(command: str, tmp_path: Path) -> None:
    said = run(tmp_path, command, "--help").out
    named = set(re.findall(r"\w+", " ".join(re.findall(r"<.*?>|\[[^]]*\[", said, re.DOTALL))))
    assert not named & {"list", "str", "int", "path", "float", "bool", "tuple", "file", "directory"}


@pytest.mark.parametrize("command", COMMANDS)
def test_each_argument_is_told_as_it_is_typed_and_in_words(command: str) -> None:
    arguments = [one for one in COMMANDS[command].params if one.param_type_name == "argument"]
    assert all(re.fullmatch(r"\[?[A-Z]+( \[FILE\])?\]?(\.\.\.)?", one.metavar or "") and one.help for one in arguments)


def test_the_help_of_a_command_with_arguments(tmp_path: Path) -> None:
    said = run(tmp_path, "explain", "--help").out
    assert said.startswith(
        "Usage: segtool explain [OPTIONS] USER [SEGMENT]\n\n  Show why a user is in a segment, or what is missing.\n\n"
        "Arguments:\n  USER       The user's key.\n  [SEGMENT]  Tell this one in full; else a line for each.\n\n"
        "Options:\n  --project DIR                   The project's folder"
    )
