"""The lines of a definition as one user meets them, as text and as plain data."""

from __future__ import annotations

from collections.abc import Iterator

from segtool.model.explanation import Line, ToldEdit
from segtool.output.facts import EditFacts, LineFacts

SIGNS = {True: "✓", False: "✗"}


def line_texts(told: Line) -> Iterator[str]:
    """The words, and below them what was found and where boundaries lie."""
    indent = "  " * (told.depth + 1)
    yield f"{indent}{SIGNS[told.holds]} {told.words}"
    if told.found:
        yield f"{indent}    {'; '.join(told.found)}"
    yield from (f"{indent}    {text}" for text in told.boundaries)


def change_texts(change: tuple[ToldEdit, ...]) -> Iterator[str]:
    if change:
        yield "the smallest change found that makes a member:"
        yield from (f"  {edit.text}" for edit in change)


def line_data(told: Line) -> LineFacts:
    return {
        "words": told.words,
        "depth": told.depth,
        "holds": told.holds,
        "found": list(told.found),
        "boundaries": list(told.boundaries),
    }


def edit_data(edit: ToldEdit) -> EditFacts:
    values = {**edit.values}
    return {"action": edit.action, "text": edit.text, "name": edit.name, "at": edit.at or None, "values": values}
