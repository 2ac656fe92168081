"""What a shell asks for: the beginning of a word comes in, go out names and words of segments that it may become."""

from __future__ import annotations

import io
import os
import sys
from contextlib import redirect_stdout
from pathlib import Path
from typing import Any

import typer


def name_of_segment(ctx: typer.Context, incomplete: str) -> list[str]:
    from segtool.verbs.completion import names_of_segments

    return [name for name in names_of_segments(_project(ctx)) if name.startswith(incomplete)]


def word_of_segments(ctx: typer.Context, incomplete: str) -> list[str]:
    """A name or another word that chooses segments, also after a `+`."""
    from segtool.verbs.completion import words_of_segments

    plus = "+" if incomplete.startswith("+") else ""
    words = (plus + word for word in words_of_segments(_project(ctx)))
    return [word for word in words if word.startswith(incomplete)]


def _project(ctx: typer.Context) -> Path | None:
    given = ctx.params.get("project")
    return Path(given) if given else None


def offer(command: Any, words: list[str]) -> None:
    """Tells a shell what the last of the words that it has may become."""
    held, told = _joined_at_colons(), io.StringIO()
    try:
        with redirect_stdout(told):
            command.main(words, prog_name="segtool")
    finally:
        sys.stdout.write("".join(line.removeprefix(held) for line in told.getvalue().splitlines(keepends=True)))


def _joined_at_colons() -> str:
    """To bash a colon is a word of its own, and what follows it is all that it puts in: `tag:vip` comes as three words.
    They become one again; what of it bash keeps as it was typed."""
    words, told = os.environ.get("COMP_WORDS", "").split("\n"), list[str]()
    for word in words[: int(os.environ.get("COMP_CWORD", "0")) + 1]:
        if told and (word == ":" or told[-1].endswith(":")):
            told[-1] += word
        else:
            told.append(word)
    if len(told) == len(words) or ":" not in words:
        return ""
    os.environ.update(COMP_WORDS="\n".join(told), COMP_CWORD=str(len(told) - 1))
    before, colon, _ = told[-1].rpartition(":")
    return before + colon
