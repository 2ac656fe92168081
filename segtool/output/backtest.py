"""A segment at past as-ofs to what people read in a terminal or a pull request, and to plain data for machines."""

from __future__ import annotations

from segtool.model.backtest import Backtest, Point
from segtool.output.answers import BacktestAnswer
from segtool.output.data import VERSION
from segtool.output.facts import PointRow
from segtool.output.markdown import cell_text, markdown_table, page
from segtool.output.shown import sparkline
from segtool.output.streams import Heading, line, table, talk, warn
from segtool.output.texts import Table

WIDTH = 60
AS_NOW = "as they are now"


def backtest_data(result: Backtest) -> BacktestAnswer:
    return {
        "version": VERSION,
        "segment": result.segment,
        "every": result.every,
        "attributes": AS_NOW,
        "users": AS_NOW,
        "warnings": list(result.warnings),
        "points": [_point(one) for one in result.points],
    }


def _point(one: Point) -> PointRow:
    return {"as_of": one.as_of, "members": one.members, "entered": one.entered, "left": one.left}


def tell_of_backtest(result: Backtest, *, quiet: bool) -> None:
    """What the figures rest on, whatever form the answer has."""
    for warning in result.warnings:
        warn(warning)
    if not quiet:
        talk(f"attributes, lists and frozen segments are taken {AS_NOW} at every as-of; only events are cut at it")
        talk(f"users are taken {AS_NOW} too: who came later is counted before, and who is gone is not")


def show_backtest(result: Backtest) -> None:
    line(f"{result.segment} {_course(result)}")
    table(*_table(result))


def backtest_markdown(result: Backtest) -> str:
    return page(f"{cell_text(result.segment)} {_course(result)}", markdown_table(*_table(result)))


def _course(result: Backtest) -> str:
    sizes = [point.members for point in result.points]
    newest = f", the last {WIDTH}" if len(sizes) > WIDTH else ""
    return f"every {result.every}{newest}  {sparkline(sizes, WIDTH)}"


def _table(result: Backtest) -> Table:
    headings = (
        Heading("as of", fixed=True),
        Heading("members", number=True),
        Heading("entered", number=True, style="green"),
        Heading("left", number=True, style="red"),
    )
    return headings, [_row(point) for point in result.points]


def _row(point: Point) -> list[str]:
    numbers = (point.members, point.entered, point.left)
    return [point.as_of, *("–" if number is None else f"{number:,}" for number in numbers)]
