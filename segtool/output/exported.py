"""What an export came to, as text, as Markdown and as plain data."""

from __future__ import annotations

from collections.abc import Iterator

from segtool.model.audience import REASONS
from segtool.model.exports import Exported
from segtool.output.markdown import exported_files, markdown_table, page
from segtool.output.streams import Heading, line, raw_bytes, table, talk, warn
from segtool.output.texts import Table, number_of


def show_exported(result: Exported, *, quiet: bool = False) -> None:
    """The rows on stdout where no file was asked for, and what was held back beside them; else that alone."""
    for warning in result.warnings:
        warn(warning)
    if result.content is not None:
        raw_bytes(result.content)
        for text in _in_short(result) if not quiet else ():
            talk(text)
        return
    line(_head(result))
    table(*exported_table(result))
    for text in _file_lines(result):
        line(text)


def _head(result: Exported) -> str:
    by = f"by {result.channel}" if result.channel else "their keys"
    return f"{', '.join(part.segment for part in result.parts)} as run {result.run} left it, {by}, as of {result.as_of}"


def exported_table(result: Exported) -> Table:
    """From the members of each segment to those who are exported, reason by reason."""
    headings = [Heading(""), *(Heading(part.segment, number=True) for part in result.parts)]
    return headings, [[words, *(f"{number:,}" for number in numbers)] for words, numbers in _steps(result)]


def _steps(result: Exported) -> Iterator[tuple[str, list[int]]]:
    parts = result.parts
    yield "members", [part.members for part in parts]
    if len(parts) > 1:
        yield "in an earlier one", [part.earlier for part in parts]
    for reason in REASONS:
        yield reason, [part.counted.held_back[reason] for part in parts]
    if any(part.other_variants for part in parts):
        yield "of other variants", [part.other_variants for part in parts]
    yield "exported", [part.exported for part in parts]


def _in_short(result: Exported) -> Iterator[str]:
    for part in result.parts:
        steps = [f"{number:,} {reason}" for reason, number in part.counted.held_back.items() if number]
        steps += [f"{part.other_variants:,} of other variants"] if part.other_variants else []
        steps += [f"{part.earlier:,} in an earlier one"] if part.earlier else []
        less = f" less {', '.join(steps)}" if steps else ""
        yield f"{part.segment}: {part.exported:,} exported = {number_of(part.members, 'member')}{less}"


def _file_lines(result: Exported) -> Iterator[str]:
    for file in result.files:
        yield f"{file.path}: {number_of(file.rows, 'row')}, {number_of(file.bytes, 'byte')}"


def exported_markdown(result: Exported) -> str:
    return page(_head(result), markdown_table(*exported_table(result)), exported_files(result))
