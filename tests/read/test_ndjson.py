"""NDJSON keeps its text as text, but for dates and times, and a broken line is named."""

from __future__ import annotations

from datetime import UTC, date, datetime
from pathlib import Path

from tests.read.reading import column, kinds, problems, rows, table

NAME = "users.ndjson"


def test_text_stays_text_and_dates_and_times_are_read(tmp_path: Path) -> None:
    content = (
        '{"user_id": "00123", "zip": "12", "on": "2026-01-02", "at": "2026-01-02T10:00:00Z", "n": 1}\n'
        '{"user_id": "7", "zip": "34", "on": null, "at": "", "n": 2.5, "address": {"city": "Kyiv"}}\n'
    )
    read = table(tmp_path, content, name=NAME)
    assert kinds(read) == {
        "user_id": "text",
        "zip": "text",
        "on": "date",
        "at": "datetime",
        "n": "number",
        "address.city": "text",
    }
    assert rows(read) == [
        ("00123", "12", date(2026, 1, 2), datetime(2026, 1, 2, 10, tzinfo=UTC), 1.0, None),
        ("7", "34", None, None, 2.5, "Kyiv"),
    ]


def test_integer_keys_lists_and_a_bom_and_blank_lines_are_fine(tmp_path: Path) -> None:
    content = '\ufeff{"user_id": 7, "tags": ["a", ""]}\n\n{"user_id": 8, "tags": []}'
    read = table(tmp_path, content, name="users.jsonl")
    assert (column(read, "user_id"), column(read, "tags")) == (["7", "8"], [["a"], None])
    assert read.report.notes == {"blank lines": 1, "empty list elements left out": 1}


def test_broken_lines_are_named(tmp_path: Path) -> None:
    content = b'{"user_id": 1}\n{"user_id":\nhello\n[1]\n{"user_id": NaN}\n{"user_id": "\xff"}\n{"a": 1} {}\n'
    step = " (write one JSON object on each line)"
    assert problems(tmp_path, content, name=NAME) == [
        f"users.ndjson:2: broken JSON at column 12: expecting value{step}",
        f"users.ndjson:3: broken JSON at column 1: expecting value{step}",
        f"users.ndjson:4: this is no JSON object{step}",
        f"users.ndjson:5: broken JSON: NaN is no JSON value{step}",
        f"users.ndjson:6: byte 0xff is not UTF-8{step}",
        f"users.ndjson:7: broken JSON at column 10: extra data{step}",
    ]


def test_a_field_of_two_types_is_named_with_both_lines(tmp_path: Path) -> None:
    content = '{"user_id": "1", "a": 1}\n{"user_id": "2", "a": true}\n'
    assert problems(tmp_path, content, name=NAME) == [
        "users.ndjson:2: field `a` is true or false here, and a number in line 1 (write it alike in all lines)"
    ]


def test_a_key_with_a_nul_or_a_line_break_is_refused(tmp_path: Path) -> None:
    content = '{"user_id": "a\\u0000"}\n{"user_id": "b\\r"}\n{"user_id": "c"}\n'
    assert problems(tmp_path, content, name=NAME) == [
        'users.ndjson:1: a line break or NUL in key "a\\u0000" (keys must be of one line)',
        'users.ndjson:2: a line break or NUL in key "b\\r" (keys must be of one line)',
    ]


def test_an_object_that_is_nested_beyond_measure_is_a_broken_line(tmp_path: Path) -> None:
    content = '{"user_id": "1", "a": ' + "[" * 100_000 + "]" * 100_000 + "}\n"
    (problem,) = problems(tmp_path, content, name=NAME)
    assert problem.startswith("users.ndjson:1: JSON that is nested too deep")


def test_lines_of_keys_count_blank_lines(tmp_path: Path) -> None:
    content = '{"user_id": "1"}\n\n{"user_id": "1"}\n'
    assert problems(tmp_path, content, name=NAME) == [
        'users.ndjson:1: key "1" stands in line 1, line 3 (keep one row for each user)'
    ]
