"""An Excel workbook comes in; goes out: the columns of its first sheet, and the number of each row."""

from __future__ import annotations

import logging
import re
import zipfile
import zlib
from collections.abc import Iterator
from datetime import time
from importlib.util import find_spec
from typing import IO

import polars as pl

from segtool.errors import InputError, Mark, Problem
from segtool.read.csv_header import name_problems
from segtool.read.files import CHUNK, MAX_BYTES, OpenFile
from segtool.read.findings import Part
from segtool.read.raw import RawPiece

MISSING = "reading .xlsx needs the extra `excel`: pip install 'segtool[excel]'"
EXACT = 2.0**53
MOST_CELLS = 2**26

_SHEET = re.compile(r"xl/worksheets/[^/]+\.xml")
_SPAN = re.compile(rb'<dimension ref="(?:[A-Z]+[0-9]+:)?([A-Z]{1,3})([0-9]{1,7})"')
_CELL = re.compile(rb'<c r="([A-Z]{1,3})([0-9]{1,7})"')

for _name in ("fastexcel", "calamine"):
    # what they would tell has no place, and comes as an error or a kind of a column anyway
    logging.getLogger(_name).addHandler(logging.NullHandler())

_V = pl.col("v")


def read_excel(file: OpenFile) -> Iterator[RawPiece]:
    """The first sheet of a workbook, whose first row names the columns; rows are numbered as Excel shows
    them."""
    if find_spec("fastexcel") is None:
        raise InputError(Problem(MISSING, mark=file.mark))
    file.hashed()
    _check_size(file)
    frame, others = _first_sheet(file)
    filled = frame.select(pl.any_horizontal(pl.all().is_not_null())).to_series()
    numbers = filled.arg_true()
    notes = {f"sheet `{name}` left out": 1 for name in others}
    if len(numbers) < frame.height:
        notes["blank rows"] = frame.height - len(numbers)
    columns = [_narrowed(series) for series in frame.filter(filled).get_columns()]
    part = Part(file.shown, len(numbers), lambda row: int(numbers[row]) + 2, "row")
    yield RawPiece(pl.DataFrame(columns), part, notes)


def _check_size(file: OpenFile) -> None:
    """A workbook is a zip archive, and a small one may hold more than any memory."""
    try:
        with zipfile.ZipFile(file.path) as archive:
            size = sum(entry.file_size for entry in archive.infolist())
            if size > MAX_BYTES:
                fact = f"more than {MAX_BYTES // 2**30} GiB are packed in it"
                raise InputError(Problem(fact, "save it as CSV, in parts", file.mark))
            for name in filter(_SHEET.match, archive.namelist()):
                with archive.open(name) as sheet:
                    _check_span(sheet, file)
    except (zipfile.BadZipFile, zlib.error, EOFError, RuntimeError) as error:
        # RuntimeError: it is encrypted, or packed in a way that Python does not know
        raise InputError(Problem("the workbook is damaged", "save it anew", file.mark)) from error


def _check_span(sheet: IO[bytes], file: OpenFile) -> None:
    """Every cell of the rectangle in which all cells of a sheet lie takes memory, those without a value too."""
    said = _SPAN.search(sheet.read(4096))
    if said and _column(said[1]) * int(said[2]) <= MOST_CELLS:
        return
    # it says nothing, or has more in mind than there is
    sheet.seek(0)
    width, height = _span(sheet)
    if width * height > MOST_CELLS:
        fact = f"a sheet spans {width * height:,} cells, and at most {MOST_CELLS:,} are read"
        raise InputError(Problem(fact, "clear what stands far from the table, or save it as CSV", file.mark))


def _span(sheet: IO[bytes]) -> tuple[int, int]:
    """The last column and the last row that a sheet has a cell in."""
    width, height, rest = 0, 0, b""
    while chunk := sheet.read(CHUNK):
        found = _CELL.findall(rest + chunk)
        width = max([width, *map(_column, {column for column, _ in found})])
        height = max([height, *(int(row) for _, row in found)])
        rest = chunk[-40:]
    return width, height


def _column(name: bytes) -> int:
    """The number of a column that Excel calls A, B, … AA, AB, …"""
    number = 0
    for letter in name:
        number = number * 26 + letter - ord("A") + 1
    return number


def _first_sheet(file: OpenFile) -> tuple[pl.DataFrame, list[str]]:
    import fastexcel

    try:
        book = fastexcel.read_excel(file.path)
        names = book.load_sheet(0, header_row=None, n_rows=1, dtypes="string").to_polars()
        header = [name or "" for name in names.row(0)] if names.height else []
        problems = name_problems(header, Mark(file.shown, 1))
        if problems:
            raise InputError(problems)
        frame = book.load_sheet(0, schema_sample_rows=None).to_polars()
    except fastexcel.FastExcelError as error:
        reason = str(error).splitlines()[0]
        raise InputError(Problem(f"the workbook cannot be read: {reason}", "save it anew", file.mark)) from error
    frame.columns = header
    return frame, book.sheet_names[1:]


def _narrowed(series: pl.Series) -> pl.Series:
    """Excel holds integers as floats and dates as times: whole numbers are integers, and midnights are
    dates."""
    values = series.drop_nulls()
    if series.dtype == pl.Float64 and ((values.abs() <= EXACT) & (values == values.round())).all():
        return series.cast(pl.Int64)
    if isinstance(series.dtype, pl.Datetime) and (values.dt.time() == time(0)).all():
        return series.dt.date()
    return series
