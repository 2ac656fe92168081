"""What a person types to begin: a small project, written where none is yet."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from segtool.cli.options import TextOrJson, WholeOutput, now


def init(
    directory: Annotated[Path, typer.Argument(metavar="[DIR]", help="Its folder; else this one.")] = Path(),
    output: WholeOutput = TextOrJson.text,
) -> None:
    """Make a small project that works at once."""
    from segtool.cli import running
    from segtool.verbs.init import init

    running.answer_made(init(directory, now().date()), output)
