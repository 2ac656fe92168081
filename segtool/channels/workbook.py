"""A table comes in; goes out: an Excel workbook of one sheet, without formulas and with every text as text."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from datetime import date
from io import BytesIO
from zipfile import ZIP_DEFLATED, ZipFile

import polars as pl

from segtool.errors import Problem, UsageError
from segtool.model.texts import texts

MOST_ROWS = 2**20
MOST_COLUMNS = 2**14
MOST_CHARACTERS = 2**15 - 1
FIRST_DAY = date(1900, 3, 1)
"""Excel has a 29 February 1900, and counts the days before otherwise than others do."""
INSTEAD = "write --format csv"

AT_ONCE = 2**16
"""Rows that are written at a time."""

_XML = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
_OFFICE = "http://schemas.openxmlformats.org"
_MAIN = f"{_OFFICE}/spreadsheetml/2006/main"
_LINKS = f"{_OFFICE}/package/2006/relationships"
_TO = f"{_OFFICE}/officeDocument/2006/relationships"
_OF = "application/vnd.openxmlformats-officedocument.spreadsheetml"
_LEADING = {
    "[Content_Types].xml": f'<Types xmlns="{_OFFICE}/package/2006/content-types">'
    '<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
    f'<Override PartName="/xl/workbook.xml" ContentType="{_OF}.sheet.main+xml"/>'
    f'<Override PartName="/xl/styles.xml" ContentType="{_OF}.styles+xml"/>'
    f'<Override PartName="/xl/worksheets/sheet1.xml" ContentType="{_OF}.worksheet+xml"/></Types>',
    "_rels/.rels": f'<Relationships xmlns="{_LINKS}">'
    f'<Relationship Id="rId1" Type="{_TO}/officeDocument" Target="xl/workbook.xml"/></Relationships>',
    "xl/workbook.xml": f'<workbook xmlns="{_MAIN}" xmlns:r="{_TO}">'
    '<sheets><sheet name="Sheet1" sheetId="1" r:id="rId1"/></sheets></workbook>',
    "xl/_rels/workbook.xml.rels": f'<Relationships xmlns="{_LINKS}">'
    f'<Relationship Id="rId1" Type="{_TO}/worksheet" Target="worksheets/sheet1.xml"/>'
    f'<Relationship Id="rId2" Type="{_TO}/styles" Target="styles.xml"/></Relationships>',
    "xl/styles.xml": f'<styleSheet xmlns="{_MAIN}">'
    '<numFmts count="1"><numFmt numFmtId="164" formatCode="yyyy\\-mm\\-dd"/></numFmts>'
    '<fonts count="1"><font/></fonts><fills count="2"><fill><patternFill patternType="none"/></fill>'
    '<fill><patternFill patternType="gray125"/></fill></fills><borders count="1"><border/></borders>'
    '<cellStyleXfs count="1"><xf/></cellStyleXfs><cellXfs count="3"><xf xfId="0"/>'
    '<xf numFmtId="164" applyNumberFormat="1" xfId="0"/><xf numFmtId="49" applyNumberFormat="1" xfId="0"/></cellXfs>'
    '<cellStyles count="1"><cellStyle name="Normal" xfId="0" builtinId="0"/></cellStyles></styleSheet>',
}
"""What is in every workbook beside its sheet. The formats are 0 for numbers, 1 for dates, and 2 for texts, which stay
texts where somebody edits them."""

_UNSPEAKABLE = [chr(code) for code in (*range(0x20), 0xFFFE, 0xFFFF) if chr(code) not in "\t\n"]
"""What XML cannot hold, and the carriage return, which it takes for a line break."""
_WRITTEN = {
    **{character: f"_x{ord(character):04X}_" for character in _UNSPEAKABLE},
    "&": "&amp;",
    "<": "&lt;",
    ">": "&gt;",
}
_LIKE_WRITTEN = "_x[0-9A-Fa-f]{4}_"


def workbook(frame: pl.DataFrame, separators: Mapping[str, str]) -> bytes:
    """The first row names the columns. Numbers that Excel would round are texts, and so are times, since those of Excel
    have no zone; the same table gives the same bytes.

    UsageError: more rows, columns or characters in a cell than Excel takes."""
    _check_size(frame)
    written = BytesIO()
    with ZipFile(written, "w", ZIP_DEFLATED, compresslevel=1) as archive:
        for name, content in _LEADING.items():
            _write(archive, name, [_XML + content])
        _write(archive, "xl/worksheets/sheet1.xml", _sheet(frame, separators))
    return written.getvalue()


def _write(archive: ZipFile, name: str, parts: Iterable[str]) -> None:
    # unlike writestr, open gives an entry no time
    with archive.open(name, "w", force_zip64=True) as entry:
        for part in parts:
            entry.write(part.encode())


def _check_size(frame: pl.DataFrame) -> None:
    if frame.height >= MOST_ROWS:
        fact = f"there are {frame.height:,} rows, and a sheet of Excel has {MOST_ROWS - 1:,} below the header"
        raise UsageError(Problem(fact, f"split with --split-rows {MOST_ROWS - 1}, or {INSTEAD}"))
    if frame.width > MOST_COLUMNS:
        fact = f"there are {frame.width:,} columns, and a sheet of Excel has {MOST_COLUMNS:,}"
        raise UsageError(Problem(fact, INSTEAD))


def _sheet(frame: pl.DataFrame, separators: Mapping[str, str]) -> Iterator[str]:
    last = f"{_letters(max(frame.width, 1))}{frame.height + 1}"
    yield f'{_XML}<worksheet xmlns="{_MAIN}"><dimension ref="A1:{last}"/><sheetData>'
    yield _rows([_text_cells(pl.Series("", [name]), 0) for name in frame.columns], 1)
    for first in range(0, frame.height, AT_ONCE):
        part = frame.slice(first, AT_ONCE)
        yield _rows([_cells(values, separators.get(values.name, "|"), first) for values in part], first + 2)
    yield "</sheetData></worksheet>"


def _rows(columns: list[pl.Series], first: int) -> str:
    """The rows as XML, numbered from `first`; each of the columns holds what comes after the name of a cell."""
    if not columns:
        return ""
    cells = pl.DataFrame({str(at): values for at, values in enumerate(columns)}).with_row_index("row", first)
    number = pl.col("row").cast(pl.String)
    named = [
        (pl.lit(f'<c r="{_letters(at + 1)}') + number + pl.col(str(at))).fill_null("") for at in range(len(columns))
    ]
    rows = cells.select(pl.concat_str(pl.lit('<row r="') + number + '">', *named, pl.lit("</row>")))
    return "".join(rows.to_series())


def _letters(number: int) -> str:
    """A, B, … AA, AB, …: what Excel calls a column."""
    letters = ""
    while number:
        number, digit = divmod(number - 1, 26)
        letters = chr(ord("A") + digit) + letters
    return letters


def _cells(values: pl.Series, separator: str, first: int) -> pl.Series:
    """What a column has in its cells; `first` is how many rows stand before it."""
    written = texts(values, separator)
    match values.dtype:
        case pl.Boolean():
            return _marked('" t="b"><v>', values.cast(pl.Int8).cast(pl.String))
        case pl.Date():
            days = (values - date(1899, 12, 30)).dt.total_days().cast(pl.String)
            return _or_text(_marked('" s="1"><v>', days), values >= FIRST_DAY, written, first)
        case dtype if dtype.is_numeric():
            held = values.cast(pl.Float64)
            exact = (texts(held) == written) & held.is_finite()
            return _or_text(_marked('"><v>', held.cast(pl.String)), exact, written, first)
        case _:
            return _text_cells(written, first)


def _marked(attributes: str, values: pl.Series) -> pl.Series:
    return attributes + values + "</v></c>"


def _or_text(cells: pl.Series, holds: pl.Series, written: pl.Series, first: int) -> pl.Series:
    """The cells where Excel holds the value as it is, and texts where it does not."""
    nothing = pl.Series([None], dtype=pl.String)
    return cells.zip_with(holds.fill_null(True), _text_cells(nothing.zip_with(holds, written), first))


def _text_cells(written: pl.Series, first: int) -> pl.Series:
    _check_lengths(written, first)
    text = pl.col("v")
    likely = pl.when(text.str.contains(_LIKE_WRITTEN)).then(text.str.replace_all("_x", "_x005F_x")).otherwise(text)
    escaped = likely.str.replace_many(_WRITTEN)
    cell = '" t="inlineStr" s="2"><is><t xml:space="preserve">' + escaped + "</t></is></c>"
    return written.to_frame("v").select(cell).to_series()


def _check_lengths(written: pl.Series, first: int) -> None:
    """Excel counts a character beyond the first 65,536 of Unicode twice."""
    lengths = written.to_frame("v").select(_length(pl.col("v"))).to_series()
    if (lengths.max() or 0) > MOST_CHARACTERS:  # type: ignore[operator]
        at = lengths.arg_max() or 0
        found = f"row {first + at + 1:,}: `{written.name}` has {lengths[at]:,} characters"
        fact = f"{found}, and a cell of Excel holds {MOST_CHARACTERS:,}"
        raise UsageError(Problem(fact, f"leave that column out, or {INSTEAD}"))


def _length(text: pl.Expr) -> pl.Expr:
    return text.str.len_chars() + text.str.count_matches("[\\x{10000}-\\x{10FFFF}]")
