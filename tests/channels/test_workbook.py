"""An Excel workbook holds every text as text, and no number or date that Excel would change."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime
from decimal import Decimal
from gc import collect
from io import BytesIO
from pathlib import Path
from resource import RLIMIT_FSIZE, getrlimit, setrlimit
from time import sleep
from typing import NamedTuple
from xml.etree.ElementTree import fromstring as parse
from zipfile import ZipFile

import polars as pl
import pytest

from segtool.channels.workbook import AT_ONCE, MOST_ROWS, workbook
from segtool.errors import StoreError, UsageError
from tests.read.reading import kinds, rows, table

MAIN = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"
DAY = "yyyy-mm-dd"


class Cell(NamedTuple):
    """One cell as the file has it: how it is typed, the format it is shown in, and what it holds."""

    type: str
    format: str
    value: str


def cells(values: pl.Series) -> list[Cell | None]:
    """The cells of a column below its name, None where there is none."""
    archive = ZipFile(BytesIO(workbook(pl.DataFrame([values]), {})))
    styles, sheet = (parse(archive.read(f"xl/{name}.xml")) for name in ("styles", "worksheets/sheet1"))
    codes = {one.get("numFmtId"): one.get("formatCode", "") for one in styles.iter(f"{MAIN}numFmt")}
    codes |= {"0": "", "49": "@"}
    formats = [codes[one.get("numFmtId")] for one in styles.findall(f"{MAIN}cellXfs/{MAIN}xf")]
    found = {
        one.get("r"): Cell(one.get("t", "n"), formats[int(one.get("s", "0"))], "".join(one.itertext()))
        for one in sheet.iter(f"{MAIN}c")
    }
    return [found.get(f"A{row}") for row in range(2, len(values) + 2)]


def text(value: str) -> Cell:
    return Cell("inlineStr", "@", value)


def texts(*values: str | None) -> list[str | None]:
    """The same column as a reader of workbooks sees it, below its name."""
    content = workbook(pl.DataFrame({"text": values, "n": [0] * len(values)}), {})
    return pl.read_excel(BytesIO(content))["text"].to_list()


def refusal(frame: pl.DataFrame) -> str:
    with pytest.raises(UsageError) as failure:
        workbook(frame, {})
    return str(failure.value)


@contextmanager
def files_of_at_most(size: int) -> Iterator[None]:
    before = getrlimit(RLIMIT_FSIZE)
    setrlimit(RLIMIT_FSIZE, (size, before[1]))
    try:
        yield
    finally:
        setrlimit(RLIMIT_FSIZE, before)


def test_segtool_reads_back_what_it_wrote(tmp_path: Path) -> None:
    frame = pl.DataFrame(
        {
            "user_id": ["007", "=1+1", "+380501234567"],
            "visits": [7, None, -1],
            "spent": [1.5, 1e-7, None],
            "born": [date(2000, 2, 29), None, date(1900, 3, 1)],
            "opt_in": [True, False, None],
            "seen": [datetime(2026, 7, 1, 9, 30, tzinfo=UTC), None, None],
            "likes": [["shoes", "hats"], None, ["<b>"]],
        },
        schema_overrides={"seen": pl.Datetime("us", "UTC")},
    )
    read = table(tmp_path, workbook(frame, {"likes": ";"}), name="users.xlsx")
    assert list(kinds(read).values()) == ["text", "integer", "number", "date", "boolean", "text", "text"]
    seen = pl.Series("seen", ["2026-07-01T09:30:00Z", None, None])
    assert sorted(rows(read)) == sorted(frame.with_columns(seen, pl.col("likes").list.join(";")).rows())


def test_texts_are_cells_of_text_and_never_formulas() -> None:
    told = ['=HYPERLINK("x")', "https://example.com", "007", "{=1}", ""]
    assert cells(pl.Series([*told, None])) == [*map(text, told), None]


def test_whatever_a_text_holds_comes_back() -> None:
    odd = [" <a> & ", "l\nm", "c\rd", "\x00\x1f", "_x0041_x0042_", "a_x", "\U0001f600", "", " ", None]
    assert texts(*odd) == odd
    # these are written in the way of Excel, whom not every reader follows
    assert cells(pl.Series(["\ufffe\uffff"])) == [text("_xFFFE__xFFFF_")]


def test_a_text_that_looks_like_a_part_of_the_file_is_a_text() -> None:
    odd = ["<r></r>", "<r><t>a</t></r>", "<r>&</r>", "<r>"]
    assert texts(*odd) == odd


def test_numbers_and_dates_that_excel_would_change_are_texts() -> None:
    exact = pl.Series([Decimal("1.50"), Decimal("1234567890123456.78")], dtype=pl.Decimal(38, 2))
    assert cells(exact) == [Cell("n", "", "1.5"), text("1234567890123456.78")]
    assert cells(pl.Series([2**53, 2**53 + 1])) == [Cell("n", "", "9007199254740992"), text("9007199254740993")]
    assert cells(pl.Series([float("nan"), float("inf")])) == [None, text("inf")]
    days = pl.Series([date(2026, 8, 1), date(1900, 3, 1), date(1900, 2, 28), None])
    assert cells(days) == [Cell("n", DAY, "46235"), Cell("n", DAY, "61"), text("1900-02-28"), None]
    assert cells(pl.Series([2_932_896, 2_932_897], dtype=pl.Date)) == [Cell("n", DAY, "2958465"), text("+10000-01-01")]
    assert cells(pl.Series([True, False])) == [Cell("b", "", "1"), Cell("b", "", "0")]


def test_every_digit_of_a_number_comes_back() -> None:
    fine = pl.DataFrame({"n": [0.1 + 0.2, 1 / 3, -5e-324, 1.7976931348623157e308, 123456789.12345678]})
    assert pl.read_excel(BytesIO(workbook(fine, {}))).equals(fine)


def test_the_same_table_is_the_same_bytes() -> None:
    frame = pl.DataFrame({"id": ["a"]})
    content = workbook(frame, {})
    # times in the file are in whole seconds, those of entries in twos
    sleep(2.1)
    assert content == workbook(frame, {})
    assert {entry.date_time[0] for entry in ZipFile(BytesIO(content)).infolist()} == {1980}


def test_rows_and_columns_stand_where_they_stood_in_the_table() -> None:
    wide = pl.DataFrame({f"c{number}": [number, number + 1] for number in range(703)})
    assert pl.read_excel(BytesIO(workbook(wide, {}))).equals(wide)
    long = pl.DataFrame({"n": range(AT_ONCE + 2)})
    assert pl.read_excel(BytesIO(workbook(long, {}))).equals(long)


def test_a_table_without_rows_or_columns_is_a_workbook() -> None:
    assert pl.read_excel(BytesIO(workbook(pl.DataFrame({"id": [], "n": []}), {}))).columns == ["id", "n"]
    assert ZipFile(BytesIO(workbook(pl.DataFrame(), {}))).testzip() is None


def test_a_cell_holds_so_many_characters_and_pictures_count_twice() -> None:
    fits = ["x" * 32_767, "\U0001f600" * 16_383]
    assert texts(*fits) == fits
    told = (
        "row 2: `text` has 32,768 characters, and a cell of Excel holds 32,767 "
        "(leave that column out, or write --format csv)"
    )
    assert refusal(pl.DataFrame({"text": ["", "x" * 32_768]})) == told
    assert refusal(pl.DataFrame({"text": ["", "\U0001f600" * 16_384]})) == told


def test_a_sheet_has_so_many_rows_and_columns() -> None:
    assert refusal(pl.DataFrame({"n": range(MOST_ROWS)})) == (
        "there are 1,048,576 rows, and a sheet of Excel has 1,048,575 below the header "
        "(split with --split-rows 1048575, or write --format csv)"
    )
    assert refusal(pl.DataFrame({str(number): [0] for number in range(16_385)})) == (
        "there are 16,385 columns, and a sheet of Excel has 16,384 (write --format csv)"
    )
    assert refusal(pl.DataFrame({"n" * 32_768: [0]})) == (
        "row 0: `header` has 32,768 characters, and a cell of Excel holds 32,767 "
        "(leave that column out, or write --format csv)"
    )


def test_without_the_extra_the_way_to_install_it_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("segtool.channels.workbook.find_spec", lambda name: None)
    assert refusal(pl.DataFrame({"n": [0]})) == "writing .xlsx needs the extra `excel`: pip install 'segtool[excel]'"


@pytest.mark.filterwarnings("ignore::ResourceWarning", "ignore::pytest.PytestUnraisableExceptionWarning")
@pytest.mark.parametrize("rows", [1, 10_000])
def test_a_temporary_folder_without_room_is_told_and_left_empty(
    rows: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    with files_of_at_most(64), pytest.raises(StoreError) as failure:
        workbook(pl.DataFrame({"n": range(rows)}), {})
    assert str(failure.value) == (
        "could not write a workbook to the temporary folder: [Errno 27] File too large; no file was changed "
        "(make room, set TMPDIR to another folder, or write --format csv)"
    )
    assert list(tmp_path.iterdir()) == []
    # what XlsxWriter leaves open then is closed while its warnings are not heard
    del failure
    collect()
