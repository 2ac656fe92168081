"""The options that commands share, and what the command line knows: the clock, the folder, how to answer."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from segtool.cli.completion import name_of_segment, word_of_segments


class Form(StrEnum):
    """How a command answers."""

    text = "text"
    json = "json"
    jsonl = "jsonl"
    csv = "csv"
    github = "github"


class TextOrJson(StrEnum):
    """How a command answers that has no rows to tell of."""

    text = "text"
    json = "json"


SELECT = "Names, globs, tag:…, owner:…, kind:static, state:changed (frozen, new), +name, name+."
ProjectOption = Annotated[
    Path | None,
    typer.Option(
        "--project", metavar="DIR", envvar="SEGTOOL_PROJECT", help="The project's folder; else this one or a parent."
    ),
]


def not_empty(context: typer.Context, parameter: typer.CallbackParam, value: str) -> str:
    """What was typed, which is empty where a script meant a variable that it has not set."""
    source = context.get_parameter_source(parameter.name or "")
    if not value and source and source.name == "COMMANDLINE":
        raise typer.BadParameter("it is empty: write 2026-06-15T12:00:00Z, or a date")
    return value


AsOf = Annotated[
    str,
    typer.Option(
        "--as-of",
        metavar="INSTANT",
        callback=not_empty,
        envvar="SEGTOOL_AS_OF",
        show_default="now",
        help="The instant taken as now, such as 2026-06-15T12:00:00Z.",
    ),
]
SegmentName = Annotated[
    str, typer.Argument(metavar="SEGMENT", help="The name of a segment.", autocompletion=name_of_segment)
]
Select = Annotated[
    list[str] | None, typer.Argument(metavar="[SELECT]...", help=SELECT, autocompletion=word_of_segments)
]
Exclude = Annotated[
    list[str] | None,
    typer.Option("--exclude", metavar="SELECT", help="Segments to leave out.", autocompletion=word_of_segments),
]
Output = Annotated[Form, typer.Option("--output", "-o", help="How to answer.")]
WholeOutput = Annotated[TextOrJson, typer.Option("--output", "-o", help="How to answer.")]
Quiet = Annotated[bool, typer.Option("--quiet", "-q", help="No progress and no counts; warnings stay.")]
Verbose = Annotated[bool, typer.Option("--verbose", "-v", help="Tell each step.")]
Wait = Annotated[
    str, typer.Option("--wait", metavar="DURATION", help="Wait so long for another run to end, such as 10m or 30s.")
]
MaxErrors = Annotated[
    int,
    typer.Option(
        "--max-errors", min=0, metavar="N", help="Leave up to N rows with errors out, and write them to a file."
    ),
]
Backdate = Annotated[bool, typer.Option("--allow-backdate", help="Let as-of be before the last run's.")]
AllowEmpty = Annotated[bool, typer.Option("--allow-empty", help="Let a table be without rows.")]
AllowShrink = Annotated[bool, typer.Option("--allow-shrink", help="Let a table lose more rows than `max_shrink`.")]
AllowBlank = Annotated[
    bool, typer.Option("--allow-blank", help="Let a column that definitions name be missing for everyone.")
]
AllowStale = Annotated[bool, typer.Option("--allow-stale", help="Let a file be older than `max_age`.")]
AllowMovement = Annotated[
    bool, typer.Option("--allow-movement", help="Let segments change or be as their guards would not.")
]


def guards(**allowed: bool) -> frozenset[str]:
    """The guards that may let something through."""
    return frozenset(guard for guard, is_allowed in allowed.items() if is_allowed)


def now() -> datetime:
    return datetime.now(UTC)


def seconds(text: str) -> float:
    """A time to wait, such as 10m; typer's error where it cannot be read."""
    units = {"s": 1, "m": 60, "min": 60, "h": 3600, "": 1}
    found = re.fullmatch(r"([0-9]{1,6})(s|m|min|h|)", text)
    if not found:
        raise typer.BadParameter(f"`{text}` is no time to wait; write 10m or 30s")
    return float(int(found[1]) * units[found[2]])
