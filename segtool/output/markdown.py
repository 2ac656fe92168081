"""Results to Markdown for a pull request or the summary of a job; names and values in it are never markup."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from segtool.errors import Problem
from segtool.model.exports import Exported
from segtool.model.results import Checked, Evaluation, History, Listing, TableResult
from segtool.output import texts
from segtool.output.data import Row, cell
from segtool.output.safe import safe
from segtool.output.streams import Heading

MOST = 1_000
"""Rows that a table shows: what shows summaries and comments takes no more than about a megabyte."""
_PLAIN = re.compile(r"[^\W_]+(?:(?:[,;]? |[,_-])[^\W_]+)*\.?|[–-]?")
"""Words that no Markdown takes for anything but words."""


def evaluation(result: Evaluation) -> str:
    return page(
        markdown_table(*texts.evaluation_table(result)),
        texts.run_line(result),
        *(exported_files(one) for one in result.exports),
        warnings_table(result.warnings),
        failure([held.problem for held in result.held]) if result.held else "",
    )


def exported_files(result: Exported) -> str:
    rows = [[one.path, f"{one.rows:,}", f"{one.bytes:,}"] for one in result.files]
    headings = Heading("file"), Heading("rows", number=True), Heading("bytes", number=True)
    return markdown_table(headings, rows) if rows else ""


def imported(results: list[TableResult]) -> str:
    counts = [[one.name, f"{one.report.read:,}", f"{one.report.kept:,}"] for one in results]
    headings = Heading("table"), Heading("rows read", number=True), Heading("kept", number=True)
    return page(markdown_table(headings, counts), markdown_table(*texts.import_table(results)))


def checked(result: Checked) -> str:
    return page(f"check: {texts.checked_line(result)}", _problems("warning", result.warnings))


def listing(result: Listing) -> str:
    return markdown_table(*texts.listing_table(result))


def history(result: History) -> str:
    return markdown_table(*texts.history_table(result))


def failure(problems: Sequence[Problem]) -> str:
    """All that is wrong, each at its place."""
    return _problems("error", problems)


def _problems(level: str, problems: Sequence[Problem]) -> str:
    rows = [[str(problem.mark or ""), problem.fact, problem.next] for problem in problems]
    headings = [Heading("place"), Heading(level), Heading("next")]
    shown = 3 if any(problem.next for problem in problems) else 2
    return markdown_table(headings[:shown], [row[:shown] for row in rows]) if rows else ""


def rows_table(rows: Sequence[Row], columns: Sequence[str]) -> str:
    """Rows of plain data, as CSV has them."""
    return markdown_table(
        [Heading(name) for name in columns], ([str(cell(row[name])) for name in columns] for row in rows)
    )


def markdown_table(headings: Sequence[Heading], rows: Iterable[Sequence[str]]) -> str:
    held = list(rows)
    lines = [[cell_text(heading.name) for heading in headings], ["--:" if one.number else "---" for one in headings]]
    lines += [[cell_text(text) for text in row] for row in held[:MOST]]
    table = "".join(f"| {' | '.join(line)} |\n" for line in lines)
    return table + (f"\nand {len(held) - MOST:,} more rows\n" if len(held) > MOST else "")


def cell_text(text: str) -> str:
    """The text for one cell: as it is where it is plain words, else as code, in which nothing is markup, a link or
    somebody's name."""
    shown = safe(text)
    if _PLAIN.fullmatch(shown):
        return shown
    fence = "`" * (max(map(len, re.findall("`+", shown)), default=0) + 1)
    # one space at either end of code belongs to the fence
    padding = " " if not shown.isspace() and {shown[0], shown[-1]} & {" ", "`"} else ""
    return f"{fence}{padding}{shown}{padding}{fence}".replace("|", "\\|")


def warnings_table(warnings: Sequence[str]) -> str:
    return markdown_table([Heading("warning")], [[one] for one in warnings]) if warnings else ""


def page(*parts: str) -> str:
    """Those parts that there are, each a paragraph."""
    return "\n\n".join(part.rstrip("\n") for part in parts if part) + "\n"
