"""An Excel workbook holds every text as text, and no number or date that Excel would change."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal
from io import BytesIO
from pathlib import Path
from zipfile import ZipFile

import polars as pl
import pytest

from segtool.channels.workbook import MOST_ROWS, workbook
from segtool.errors import UsageError
from tests.read.reading import kinds, rows, table


def cells(values: pl.Series) -> list[str | None]:
    """The cells of a column as XML, None where there is none."""
    content = workbook(pl.DataFrame([values]), {})
    sheet = ZipFile(BytesIO(content)).read("xl/worksheets/sheet1.xml").decode()
    return [row.partition("<c ")[2].removesuffix("</c>") or None for row in sheet.split("</row>")[1:-1]]


def texts(*values: str | None) -> list[str | None]:
    """The same column as a reader of workbooks sees it, below its name."""
    content = workbook(pl.DataFrame({"text": values, "n": [0] * len(values)}), {})
    return pl.read_excel(BytesIO(content))["text"].to_list()


def refusal(frame: pl.DataFrame) -> str:
    with pytest.raises(UsageError) as failure:
        workbook(frame, {})
    return str(failure.value)


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
    cell = 'r="A2" t="inlineStr" s="2"><is><t xml:space="preserve">=HYPERLINK("x")</t></is>'
    assert cells(pl.Series(['=HYPERLINK("x")', None])) == [cell, None]


def test_whatever_a_text_holds_comes_back() -> None:
    odd = [" <a> & ", "l\nm", "c\rd", "\x01\x1f", "_x0041_x0042_", "a_x", "\U0001f600", None]
    assert texts(*odd) == odd


def test_numbers_and_dates_that_excel_would_change_are_texts() -> None:
    text = '" t="inlineStr" s="2"><is><t xml:space="preserve">{}</t></is>'
    exact = pl.Series([Decimal("1.50"), Decimal("1234567890123456.78")], dtype=pl.Decimal(38, 2))
    assert cells(exact) == ['r="A2"><v>1.5</v>', 'r="A3' + text.format("1234567890123456.78")]
    assert cells(pl.Series([2**53, 2**53 + 1]))[1] == 'r="A3' + text.format("9007199254740993")
    assert cells(pl.Series([float("nan"), float("inf")])) == [None, 'r="A3' + text.format("inf")]
    days = pl.Series([date(2026, 8, 1), date(1900, 2, 28), None])
    assert cells(days) == ['r="A2" s="1"><v>46235</v>', 'r="A3' + text.format("1900-02-28"), None]
    assert cells(pl.Series([True, False])) == ['r="A2" t="b"><v>1</v>', 'r="A3" t="b"><v>0</v>']


def test_the_same_table_is_the_same_bytes() -> None:
    frame = pl.DataFrame({"id": ["a"]})
    content = workbook(frame, {})
    assert content == workbook(frame, {})
    assert {entry.date_time[0] for entry in ZipFile(BytesIO(content)).infolist()} == {1980}


def test_columns_beyond_the_26th_are_named_as_excel_names_them() -> None:
    wide = pl.DataFrame({f"c{number}": [number] for number in range(703)})
    assert pl.read_excel(BytesIO(workbook(wide, {}))).equals(wide)


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
