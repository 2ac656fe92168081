"""Where things go: data to stdout, talk to stderr; nothing decorative where a stream is no terminal."""

from __future__ import annotations

import re
import sys
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from segtool.errors import Problem
from segtool.output.safe import safe, safe_lines

if TYPE_CHECKING:
    from rich.console import Console
    from rich.text import Text

_QUOTED = re.compile("`([^`]*)`")
UNBOUND = 100_000
"""Columns of a stream that is no terminal: lines there are as long as they need to be."""


def console(*, error: bool = False) -> Console:
    from rich.console import Console

    stream = sys.stderr if error else sys.stdout
    width = None if stream.isatty() else UNBOUND
    return Console(file=stream, width=width, highlight=False, markup=False, emoji=False, soft_wrap=False)


@dataclass(frozen=True)
class Heading:
    """A column of a table: numbers stand to the right, `style` is for meaning only, `fixed` text is never broken."""

    name: str
    number: bool = False
    style: str = ""
    fixed: bool = False


def table(headings: Sequence[Heading], rows: Iterable[Sequence[str]]) -> None:
    """A table on stdout: as wide as its text, but on a terminal as wide as that."""
    lines = _folded(headings, rows) if sys.stdout.isatty() else _aligned(headings, rows)
    sys.stdout.write("\n".join(line for line in lines if line) + "\n")


def _aligned(headings: Sequence[Heading], rows: Iterable[Sequence[str]]) -> Iterator[str]:
    cells = [[safe(text) for text in row] for row in ([heading.name for heading in headings], *rows)]
    columns = list(zip(*cells, strict=True))
    widths = [max(map(_width, column)) for column in columns]
    for row in cells:
        padded = (
            " " * (width - _width(text)) + text if heading.number else text + " " * (width - _width(text))
            for text, heading, width in zip(row, headings, widths, strict=True)
        )
        yield "  ".join(padded).rstrip()


def _width(text: str) -> int:
    """How many columns of a terminal a text takes."""
    if text.isascii():
        return len(text)
    from rich.cells import cell_len

    return cell_len(text)


def _folded(headings: Sequence[Heading], rows: Iterable[Sequence[str]]) -> Iterator[str]:
    from rich.box import SIMPLE_HEAD
    from rich.table import Table

    out = console()
    grid = Table(box=SIMPLE_HEAD, pad_edge=False, padding=(0, 2, 0, 0))
    for heading in headings:
        grid.add_column(
            heading.name, justify="right" if heading.number else "left", overflow="fold", no_wrap=heading.fixed
        )
    for row in rows:
        grid.add_row(*(_cell(text, heading) for text, heading in zip(row, headings, strict=True)))
    with out.capture() as captured:
        out.print(grid)
    return (line.rstrip() for line in captured.get().splitlines())


def _cell(text: str, heading: Heading) -> Text:
    from rich.text import Text

    return Text(safe(text), style=heading.style if text not in ("", "0") else "")


def line(text: str = "") -> None:
    """A line of data on stdout."""
    sys.stdout.write(safe(text) + "\n")


def raw(text: str) -> None:
    """Text for machines on stdout, exactly as it is; on a terminal, where nobody but people can read it, harmless."""
    sys.stdout.write(safe_lines(text) if sys.stdout.isatty() else text)


def raw_bytes(content: bytes) -> None:
    """A file on stdout, exactly as it is; on a terminal, where nobody but people can read it, as harmless text."""
    if sys.stdout.isatty():
        sys.stdout.write(safe_lines(content.decode("utf-8", "replace")))
    else:
        sys.stdout.flush()
        sys.stdout.buffer.write(content)


def append(file: str, text: str) -> None:
    """Adds text to the end of a file, after what stdout has been given."""
    sys.stdout.flush()
    with open(file, "a", encoding="utf-8", newline="\n") as out:
        out.write(text)


def talk(text: str) -> None:
    """A line for people on stderr, after what stdout has been given."""
    sys.stdout.flush()
    sys.stderr.write(safe(text) + "\n")


def annotate(problems: Iterable[Problem], level: str, folder: Path) -> None:
    """The problems that have a place, on stderr as a job on GitHub takes them: each is shown at its line. `folder` is
    where the project stands in the repository."""
    for problem in problems:
        if problem.mark:
            mark = problem.mark
            places = {"file": mark.file and (folder / mark.file).as_posix(), "line": mark.line, "col": mark.column}
            place = ",".join(f"{name}={_escaped(str(at), ':,')}" for name, at in places.items() if at)
            text = str(Problem(problem.fact, problem.next))
            talk(f"::{level} {place}::{_escaped(brief(text))}")


def _escaped(text: str, also: str = "") -> str:
    """The text as the commands of a job take it."""
    return "".join(f"%{ord(one):02X}" if one in f"%\r\n{also}" else one for one in text)


def brief(text: str) -> str:
    """The text with what it quotes at length cut short."""
    return _QUOTED.sub(lambda found: found[0] if len(found[1]) <= 100 else f"`{found[1][:80]}…`", text)


def warn(text: str) -> None:
    from rich.text import Text

    sys.stdout.flush()
    console(error=True).print(Text.assemble(("warning: ", "yellow"), safe(brief(text))), soft_wrap=True)


def tell(problems: Iterable[Problem]) -> None:
    """Every problem on a line of its own, on stderr."""
    from rich.text import Text

    errors = console(error=True)
    for problem in problems:
        errors.print(Text.assemble(("error: ", "red"), safe(brief(str(problem)))), soft_wrap=True)
