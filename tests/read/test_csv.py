"""CSV files come through byte for byte, and what is not well formed is refused with its line."""

from __future__ import annotations

import csv
import gzip
import io
import random
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path

import pytest

from segtool.model.kinds import TEXT, list_of
from segtool.model.tables import DeclaredColumn
from segtool.read.csv_shape import Scan
from segtool.read.findings import Findings
from tests.read.reading import column, kinds, problems, rows, table

REAL = """\
\ufeffuser_id;phone;country;name;zip;points;spent;interests;birth_date;signed_up_at;opt_in
00123;+380501234567;UA;"Олена ""Лєна"" П.";01001;15;12.50;fashion|shoes;1990-02-28;2026-05-01T10:00+03:00;true
1e5;0501234567;NO;"Nordmann; Kari";00184;0;0.05;;;2026-05-01T23:59:59Z;false
7;;PL; blank ;;;;books|;2000-12-31;;
"""


@pytest.mark.parametrize("separator", ["", ";"])
def test_a_real_file_comes_through_byte_for_byte(tmp_path: Path, separator: str) -> None:
    read = table(tmp_path, REAL, separator=separator, columns={"interests": DeclaredColumn(list_of(TEXT), "|")})
    assert kinds(read) == {
        "user_id": "text",
        "phone": "text",
        "country": "text",
        "name": "text",
        "zip": "text",
        "points": "integer",
        "spent": "number",
        "interests": "list of text",
        "birth_date": "date",
        "signed_up_at": "datetime",
        "opt_in": "boolean",
    }
    assert rows(read) == [
        (
            "00123",
            "+380501234567",
            "UA",
            'Олена "Лєна" П.',
            "01001",
            15,
            Decimal("12.50"),
            ["fashion", "shoes"],
            date(1990, 2, 28),
            datetime(2026, 5, 1, 7, tzinfo=UTC),
            True,
        ),
        (
            "1e5",
            "0501234567",
            "NO",
            "Nordmann; Kari",
            "00184",
            0,
            Decimal("0.05"),
            None,
            None,
            datetime(2026, 5, 1, 23, 59, 59, tzinfo=UTC),
            False,
        ),
        ("7", None, "PL", " blank ", None, None, None, ["books"], date(2000, 12, 31), None, None),
    ]
    assert read.report.read == read.report.kept == 3
    assert read.report.notes == {"empty list elements left out": 1}


@pytest.mark.parametrize(("separator", "shown"), [(",", ","), (";", ";"), ("\t", "tab"), ("|", "|")])
def test_the_separator_is_found_in_the_header(tmp_path: Path, separator: str, shown: str) -> None:
    read = table(tmp_path, separator.join(["user_id", "a"]) + "\n" + separator.join(["1", "x.y"]) + "\n")
    assert rows(read) == [("1", "x.y")], shown


def test_a_separator_inside_quotes_of_the_header_does_not_count(tmp_path: Path) -> None:
    read = table(tmp_path, 'user_id;"a,b,c"\n1;x\n')
    assert kinds(read) == {"user_id": "text", "a,b,c": "text"}


def test_a_header_with_as_many_of_two_separators_asks_for_one(tmp_path: Path) -> None:
    assert problems(tmp_path, "user_id,a;b\n1,2\n") == [
        "users.csv:1: the header holds as many `,` and `;`, so the separator is unclear"
        " (give `separator:` for this table)"
    ]


def test_a_tsv_is_split_at_tabs_whatever_its_header_holds(tmp_path: Path) -> None:
    read = table(tmp_path, "user_id\ta,b,c\n1\tx\n", name="users.tsv")
    assert kinds(read) == {"user_id": "text", "a,b,c": "text"}


def test_names_that_look_like_patterns_to_polars_are_plain_names(tmp_path: Path) -> None:
    read = table(tmp_path, "user_id,^.*$,*\n1,x,5\n")
    assert (kinds(read), rows(read)) == ({"user_id": "text", "^.*$": "text", "*": "integer"}, [("1", "x", 5)])


def test_crlf_and_a_missing_last_line_end_are_fine(tmp_path: Path) -> None:
    assert rows(table(tmp_path, 'user_id,a\r\n1,"x\r\ny"\r\n2,z')) == [("1", "x\r\ny"), ("2", "z")]


def test_a_gzip_file_of_several_members_is_read_whole(tmp_path: Path) -> None:
    packed = gzip.compress(b"user_id,a\n1,x\n") + gzip.compress(b"2,y\n")
    assert rows(table(tmp_path, packed, name="users.csv.gz")) == [("1", "x"), ("2", "y")]


def test_a_gzip_file_cut_short_is_refused(tmp_path: Path) -> None:
    packed = gzip.compress(b"user_id,a\n" + b"1,x\n" * 999)[:-12]
    (problem,) = problems(tmp_path, packed, name="users.csv.gz")
    assert problem.startswith("users.csv.gz: the gzip data is damaged")


def test_a_table_of_no_rows_has_its_columns(tmp_path: Path) -> None:
    read = table(tmp_path, "user_id,a\n")
    assert (rows(read), [column.blank for column in read.schema.columns]) == ([], [False, True])


def test_blank_lines_are_left_out_and_counted_and_lines_still_count(tmp_path: Path) -> None:
    content = 'user_id,points\n\n1,2\n\r\n2,"3"\n\n'
    read = table(tmp_path, content)
    assert (rows(read), read.report.notes) == ([("1", 2), ("2", 3)], {"blank lines": 3})
    bad = problems(tmp_path, content + "1,4\n")
    assert bad == ['users.csv:3: key "1" stands in line 3, line 7 (keep one row for each user)']


def test_lines_count_the_line_ends_inside_quotes(tmp_path: Path) -> None:
    content = 'user_id,a\n1,"x\ny\nz"\n2,u\n2,v\n'
    assert problems(tmp_path, content) == ['users.csv:5: key "2" stands in line 5, line 6 (keep one row for each user)']


def test_several_files_are_one_table_whatever_the_order_of_their_columns(tmp_path: Path) -> None:
    (tmp_path / "a1.csv").write_text("user_id,points\n1,10\n")
    (tmp_path / "a2.csv").write_text("points;user_id\n20;2\n")
    read = table(tmp_path, name="a*.csv")
    assert rows(read) == [("1", 10), ("2", 20)]
    assert [file.path for file in read.files] == ["a1.csv", "a2.csv"]


def test_a_key_in_two_files_is_named_with_both(tmp_path: Path) -> None:
    (tmp_path / "a1.csv").write_text("user_id,points\n1,10\n")
    (tmp_path / "a2.csv").write_text("user_id,points\n1,10\n")
    assert problems(tmp_path, name="a*.csv") == [
        'a1.csv:2: key "1" stands in line 2 of a1.csv, line 2 of a2.csv (keep one row for each user)'
    ]


def test_files_with_other_columns_are_refused_with_both_names(tmp_path: Path) -> None:
    (tmp_path / "a1.csv").write_text("user_id,points\n1,10\n")
    (tmp_path / "a2.csv").write_text("user_id,score\n2,20\n")
    assert problems(tmp_path, name="a*.csv") == [
        "a2.csv:1: no column `points`, which a1.csv has (files of one table need the same columns)",
        "a2.csv:1: column `score`, which a1.csv lacks (files of one table need the same columns)",
    ]


def test_beyond_twenty_problems_of_a_sort_the_rest_is_counted(tmp_path: Path) -> None:
    found = problems(tmp_path, "user_id,a\n" + "1\n" * 25)
    assert len(found) == 21
    assert found[0] == "users.csv:2: 1 field where the header has 2 (the row is cut short; write it whole)"
    assert found[-1] == "users.csv: 5 more rows with another number of fields than the header"


def test_a_quote_that_is_never_closed_is_refused_however_far_it_runs(tmp_path: Path) -> None:
    content = 'user_id,a\n1,x\n2,"y\n' + "3,z\n" * 600_000
    assert problems(tmp_path, content) == [
        'users.csv:3: a quote is opened and never closed (write a quote inside quotes as `""`)'
    ]


def test_bad_bytes_far_into_a_file_are_found_with_their_lines(tmp_path: Path) -> None:
    good = b"".join(b"%d,abcdefgh\n" % number for number in range(200_000))
    found = problems(tmp_path, b"user_id,a\n" + good + b"x,\xff\n" + b"y,\0\n" + b"z\n")
    assert found == [
        "users.csv:200002: byte 0xff is not UTF-8 (save the file as UTF-8)",
        "users.csv:200003: a NUL byte (write the file anew without it)",
        "users.csv:200004: 1 field where the header has 2 (the row is cut short; write it whole)",
    ]


PIECES = [",", ",", "\n", "\n", "\r\n", '"', '"x"', '"a,b"', '"a\nb"', '""', "abc", "1"]


def scanned(data: bytes, size: int, findings: Findings) -> int:
    """The number of rows that are found in blocks of that size."""
    scan, rows, rest = Scan("f", ",", 2, findings), 0, b""
    for at in range(0, len(data), size):
        shape, rest = scan.block(rest + data[at : at + size], final=at + size >= len(data))
        rows += shape.rows
    return rows


@pytest.mark.parametrize("size", [3, 7, 1000])
def test_records_are_those_of_pythons_csv_module_wherever_chunks_are_cut(size: int) -> None:
    chance = random.Random(size)
    seen = 0
    for _ in range(3000):
        text = "h,h\n" + "".join(chance.choice(PIECES) for _ in range(chance.randrange(12)))
        data = text.encode()
        findings = Findings()
        shape = scanned(data, size, findings)
        if len(findings):
            continue
        seen += 1
        found = list(csv.reader(io.StringIO(text, newline=""), strict=True))
        assert shape == len([row for row in found if row]) - 1, text
        assert all(len(row) == 2 for row in found if row), text
    assert seen > 300


def test_a_text_of_several_lines_is_no_key(tmp_path: Path) -> None:
    assert problems(tmp_path, 'user_id,a\n"1\n2",x\n') == [
        r'users.csv:2: a line break or NUL in key "1\n2" (keys must be of one line)'
    ]


def test_quoted_empty_text_is_missing_like_an_empty_field(tmp_path: Path) -> None:
    read = table(tmp_path, 'user_id,a,b\n1,"",5\n2,,""\n3,x,7\n')
    assert (column(read, "a"), column(read, "b")) == ([None, None, "x"], [5, None, 7])
