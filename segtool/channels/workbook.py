"""A table comes in; goes out: an Excel workbook of one sheet, without formulas and with every text as text."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from datetime import date, datetime
from importlib.util import find_spec
from io import BytesIO
from tempfile import TemporaryDirectory
from typing import Any

import polars as pl

from segtool.errors import Problem, StoreError, UsageError
from segtool.model.texts import texts

MISSING = "writing .xlsx needs the extra `excel`: pip install 'segtool[excel]'"
MOST_ROWS = 2**20
MOST_COLUMNS = 2**14
MOST_CHARACTERS = 2**15 - 1
FIRST_DAY, LAST_DAY = date(1900, 3, 1), date(9999, 12, 31)
"""Excel has a 29 February 1900, and counts the days before otherwise than others do."""
INSTEAD = "write --format csv"
CREATED = datetime(1980, 1, 1)
WIDTH = 12
"""Of a column, in characters; in one as narrow as Excel makes them, a date shows as ####."""

AT_ONCE = 2**16
"""Rows that are made into cells at a time."""

_ESCAPED = re.compile("_(?=x[0-9A-Fa-f]{4}_)|[\x00-\x08\x0b-\x1f\ufffe\uffff]|^<(?=r>)")
"""What XML cannot hold or takes for a line break, what looks escaped already, and what XlsxWriter takes for XML."""

Cell = str | float | bool | date | None


class _Exact(float):
    """XlsxWriter asks a number for 16 digits, and not every one comes back from fewer than 17."""

    def __format__(self, form: str) -> str:
        return float.__format__(self, ".17G")


def workbook(frame: pl.DataFrame, separators: Mapping[str, str]) -> bytes:
    """The first row names the columns. Numbers that Excel would round are texts, and so are times, since those of Excel
    have no zone; the same table gives the same bytes.

    UsageError: more rows, columns or characters in a cell than Excel takes, or the extra `excel` is not installed.
    StoreError: the temporary folder is full or missing."""
    if find_spec("xlsxwriter") is None:
        raise UsageError(Problem(MISSING))
    _check_size(frame)
    _check_lengths(pl.Series("header", frame.columns, dtype=pl.String), -1)
    for first, part in _parts(frame):
        for values in part:
            _check_lengths(_texts(values, separators), first)
    return _written(frame, separators)


def _check_size(frame: pl.DataFrame) -> None:
    if frame.height >= MOST_ROWS:
        fact = f"there are {frame.height:,} rows, and a sheet of Excel has {MOST_ROWS - 1:,} below the header"
        raise UsageError(Problem(fact, f"split with --split-rows {MOST_ROWS - 1}, or {INSTEAD}"))
    if frame.width > MOST_COLUMNS:
        fact = f"there are {frame.width:,} columns, and a sheet of Excel has {MOST_COLUMNS:,}"
        raise UsageError(Problem(fact, INSTEAD))


def _check_lengths(written: pl.Series, first: int) -> None:
    """`first` is how many rows stand before. Excel counts a character beyond the first 65,536 of Unicode twice."""
    lengths = written.to_frame("v").select(_length(pl.col("v"))).to_series()
    if (lengths.max() or 0) > MOST_CHARACTERS:  # type: ignore[operator]
        at = lengths.arg_max() or 0
        found = f"row {first + at + 1:,}: `{written.name}` has {lengths[at]:,} characters"
        fact = f"{found}, and a cell of Excel holds {MOST_CHARACTERS:,}"
        raise UsageError(Problem(fact, f"leave that column out, or {INSTEAD}"))


def _length(text: pl.Expr) -> pl.Expr:
    return text.str.len_chars() + text.str.count_matches("[\\x{10000}-\\x{10FFFF}]")


def _parts(frame: pl.DataFrame) -> Iterator[tuple[int, pl.DataFrame]]:
    """The rows, and how many stand before them."""
    for first in range(0, frame.height, AT_ONCE):
        yield first, frame.slice(first, AT_ONCE)


def _texts(values: pl.Series, separators: Mapping[str, str]) -> pl.Series:
    return texts(values, separators.get(values.name, "|"))


def _written(frame: pl.DataFrame, separators: Mapping[str, str]) -> bytes:
    import xlsxwriter

    content = BytesIO()
    try:
        # rows wait in files until all are there, and these hold addresses
        with TemporaryDirectory() as folder:
            book = xlsxwriter.Workbook(content, {"constant_memory": True, "tmpdir": folder, "use_zip64": True})
            book.set_properties({"created": CREATED})
            _fill(book, frame, separators)
            book.close()
    except (OSError, xlsxwriter.exceptions.FileCreateError) as error:
        fact = f"could not write a workbook to the temporary folder: {error}; no file was changed"
        raise StoreError(Problem(fact, f"make room, set TMPDIR to another folder, or {INSTEAD}")) from error
    return content.getvalue()


def _fill(book: Any, frame: pl.DataFrame, separators: Mapping[str, str]) -> None:
    # so marked, texts stay texts where somebody edits them
    text, day = book.add_format({"num_format": "@"}), book.add_format({"num_format": "yyyy-mm-dd"})
    sheet = book.add_worksheet()
    sheet.set_column(0, max(frame.width, 1) - 1, WIDTH)
    # its own way writes the second half of _x0041_x0042_ as a B
    sheet._escape_control_characters = _escaped
    for row, cells in enumerate(_rows(frame, separators)):
        for column, cell in enumerate(cells):
            match cell:
                case str():
                    sheet.write_string(row, column, cell, text)
                case bool():
                    sheet.write_boolean(row, column, cell)
                case float():
                    sheet.write_number(row, column, cell)
                case date():
                    sheet.write_datetime(row, column, cell, day)


def _rows(frame: pl.DataFrame, separators: Mapping[str, str]) -> Iterator[Iterable[Cell]]:
    yield frame.columns
    for _, part in _parts(frame):
        yield from zip(*(_cells(values, separators) for values in part), strict=True)


def _escaped(content: str | int) -> str:
    """What a cell holds, a text or the 1 of a boolean, as it stands in the file."""
    return _ESCAPED.sub(lambda found: f"_x{ord(found[0]):04X}_", str(content))


def _cells(values: pl.Series, separators: Mapping[str, str]) -> list[Cell]:
    """What a column has in its cells: texts where Excel does not hold the value as it is."""
    written = _texts(values, separators)
    match values.dtype:
        case pl.Boolean():
            return values.to_list()
        case pl.Date():
            return _or_text(values, values.is_between(FIRST_DAY, LAST_DAY), written)
        case dtype if dtype.is_numeric():
            held = values.cast(pl.Float64)
            exact = (texts(held) == written) & held.is_finite()
            return [_Exact(cell) if isinstance(cell, float) else cell for cell in _or_text(held, exact, written)]
        case _:
            return written.to_list()


def _or_text(values: pl.Series, holds: pl.Series, written: pl.Series) -> list[Cell]:
    held = values.zip_with(holds, values.clear(1))
    return [text if value is None else value for value, text in zip(held, written, strict=True)]
