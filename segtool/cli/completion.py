"""What a shell asks for: the beginning of a word comes in, go out names and words of segments that it may become."""

from __future__ import annotations

from pathlib import Path

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
