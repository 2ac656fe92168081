"""A workbook's first sheet is a table; whole numbers are integers, and midnights are dates."""

from __future__ import annotations

from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest
import xlsxwriter

from segtool.read import excel
from tests.read.reading import kinds, problems, rows, table

NAME = "users.xlsx"


def workbook(folder: Path, *lines: list[Any]) -> None:
    book = xlsxwriter.Workbook(folder / NAME, {"default_date_format": "yyyy-mm-dd hh:mm"})
    sheet = book.add_worksheet("Users")
    book.add_worksheet("Notes")
    for number, line in enumerate(lines):
        for place, value in enumerate(line):
            if isinstance(value, datetime):
                sheet.write_datetime(number, place, value)
            elif isinstance(value, str):
                sheet.write_string(number, place, value)
            elif value is not None:
                sheet.write(number, place, value)
    book.close()


def test_a_sheet_keeps_text_and_reads_numbers_dates_and_times(tmp_path: Path) -> None:
    workbook(
        tmp_path,
        ["user_id", "points", "spent", "born", "seen", "opt_in"],
        ["00123", 7, 1.5, datetime(2000, 1, 2), datetime(2026, 7, 1, 12, 30), True],
        [],
        ["1e5", 8, 2, None, None, False],
    )
    read = table(tmp_path, name=NAME)
    assert list(kinds(read).values()) == ["text", "integer", "number", "date", "datetime", "boolean"]
    assert rows(read) == [
        ("00123", 7, 1.5, date(2000, 1, 2), datetime(2026, 7, 1, 9, 30, tzinfo=UTC), True),
        ("1e5", 8, 2.0, None, None, False),
    ]
    assert read.report.notes == {"blank rows": 1, "sheet `Notes` left out": 1}


def test_numeric_keys_are_integers_and_rows_are_those_that_excel_shows(tmp_path: Path) -> None:
    workbook(tmp_path, ["user_id"], [380501234567], [], [380501234567])
    assert problems(tmp_path, name=NAME) == [
        'users.xlsx:2: key "380501234567" stands in row 2, row 4 (keep one row for each user)'
    ]


def test_names_that_repeat_or_lack_are_refused(tmp_path: Path) -> None:
    workbook(tmp_path, ["user_id", "a", "a", None, "b"], ["1", "x", "y", "z", "u"])
    assert problems(tmp_path, name=NAME) == [
        "users.xlsx:1: column 4 has no name (name it in the header)",
        "users.xlsx:1: 2 columns are named `a` (name them apart)",
    ]


def test_a_zip_that_is_no_workbook_is_refused(tmp_path: Path) -> None:
    import zipfile

    with zipfile.ZipFile(tmp_path / NAME, "w") as archive:
        archive.writestr("a.txt", "x")
    assert problems(tmp_path, name=NAME)[0].startswith("users.xlsx: the workbook cannot be read: ")


def test_a_workbook_that_would_fill_the_memory_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    workbook(tmp_path, ["user_id"], ["1"])
    monkeypatch.setattr(excel, "MAX_BYTES", 1000)
    assert problems(tmp_path, name=NAME) == ["users.xlsx: more than 0 GiB are packed in it (save it as CSV, in parts)"]


def test_without_the_extra_the_way_to_install_it_is_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    workbook(tmp_path, ["user_id"], ["1"])
    monkeypatch.setattr("segtool.read.excel.find_spec", lambda name: None)
    assert problems(tmp_path, name=NAME) == [
        "users.xlsx: reading .xlsx needs the extra `excel`: pip install 'segtool[excel]'"
    ]
