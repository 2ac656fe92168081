"""Problems with their places to the lines that GitHub shows beside the code."""

from __future__ import annotations

import sys
from collections.abc import Iterable

from segtool.errors import Problem


def talk_annotations(problems: Iterable[Problem]) -> None:
    """An annotation for each, on stderr: stdout is for the answer."""
    sys.stdout.flush()
    for problem in problems:
        sys.stderr.write(annotation(problem) + "\n")


def annotation(problem: Problem) -> str:
    mark, step = problem.mark, f" ({problem.next})" if problem.next else ""
    places = {"file": mark.file, "line": mark.line, "col": mark.column} if mark else {}
    shown = ",".join(f"{name}={_property(str(value))}" for name, value in places.items() if value)
    return f"::error {shown}::{_message(problem.fact + step)}" if shown else f"::error::{_message(problem.fact + step)}"


def _message(text: str) -> str:
    """What would end the line, written as GitHub reads it."""
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(text: str) -> str:
    return _message(text).replace(":", "%3A").replace(",", "%2C")
