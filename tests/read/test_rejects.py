"""Rows with errors are left out where that is allowed, counted and kept as they stood; what is left is read as if they
had never been there."""

from __future__ import annotations

import gzip
import random
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from segtool.model.kinds import INTEGER, TEXT, Column, Schema
from segtool.model.tables import DeclaredColumn
from segtool.read import tables
from segtool.read.findings import Part
from segtool.verbs.evaluate import evaluate
from segtool.verbs.run import Run
from tests.read import logs
from tests.read.growing import BUY, keys, place
from tests.read.logs import AS_OF, events
from tests.read.pieces import read_in_blocks
from tests.read.reading import column, kinds, problems, rows, table
from tests.tabled import ReadTable

POINTS = {"points": DeclaredColumn(INTEGER)}
TOO_MANY = "more rows are at fault than `--max-errors` allows (correct them, or allow more)"
NOT_ROWS = "`--max-errors` rejects nothing of this table, as not all of this is wrong with single rows"


def places(read: ReadTable) -> list[tuple[int, str]]:
    """Where each rejected row stands, and how it stood there."""
    return [(reject.line, reject.row) for reject in read.rejects]


def reasons(read: ReadTable) -> list[str]:
    return [reject.reason for reject in read.rejects]


def test_a_row_with_an_error_is_left_out_and_kept_as_it_stood(tmp_path: Path) -> None:
    read = table(tmp_path, "user_id,points\n1,10\n2\n3,30\n", max_errors=1)
    assert rows(read) == [("1", 10), ("3", 30)]
    assert [(one.file, one.line, one.reason, one.row) for one in read.rejects] == [
        ("users.csv", 3, "1 field where the header has 2", "2")
    ]


def test_what_is_read_is_what_is_kept_and_each_reason(tmp_path: Path) -> None:
    content = b'user_id,points\n1,10\n2\n3,many\n,4\n5,x\n6,\xff\n7,7\n7,8\n8,"a"b\n9,9\n'
    read = table(tmp_path, content, columns=POINTS, max_errors=9)
    assert rows(read) == [("1", 10), ("9", 9)]
    assert (read.report.read, read.report.kept) == (10, 2)
    assert read.report.dropped == {
        "rejected (keys that stand in several rows)": 2,
        "rejected (rows that are not UTF-8)": 1,
        "rejected (rows with a stray or open quote)": 1,
        "rejected (rows with another number of fields than the header)": 1,
        "rejected (rows without a key)": 1,
        "rejected (values in column `points` that are not an integer)": 2,
    }


def test_one_row_more_than_is_allowed_and_all_are_errors(tmp_path: Path) -> None:
    content = "user_id,points\n1,10\n2\n3,x\n"
    assert len(table(tmp_path, content, columns=POINTS, max_errors=2).rejects) == 2
    assert problems(tmp_path, content, columns=POINTS, max_errors=1) == [
        "users.csv:3: 1 field where the header has 2 (the row is cut short; write it whole)",
        'users.csv:4: "x" in column `points` is not an integer'
        " (correct it, or declare `points: text` under `columns:`)",
        TOO_MANY,
    ]


def test_every_row_of_a_repeated_key_is_rejected(tmp_path: Path) -> None:
    read = table(tmp_path, "user_id,a\n1,x\n2,y\n1,z\n1,x\n3,u\n", max_errors=3)
    assert rows(read) == [("2", "y"), ("3", "u")]
    assert places(read) == [(2, "1,x"), (4, "1,z"), (5, "1,x")]
    assert set(reasons(read)) == {'key "1" stands in line 2, line 4, line 5'}
    assert problems(tmp_path, max_errors=2)[-1] == TOO_MANY


def test_a_row_with_two_errors_counts_once_and_is_told_both(tmp_path: Path) -> None:
    columns = {"a": DeclaredColumn(INTEGER), "b": DeclaredColumn(INTEGER)}
    read = table(tmp_path, "user_id,a,b\n1,x,y\n2,2,2\n", columns=columns, max_errors=1)
    assert reasons(read) == ['"x" in column `a` is not an integer; "y" in column `b` is not an integer']
    assert sum(read.report.dropped.values()) == 1


def test_a_value_that_does_not_fit_the_kind_so_far_is_rejected_with_its_row(tmp_path: Path) -> None:
    known = Schema("user_id", (Column("user_id", TEXT), Column("points", INTEGER)))
    read = table(tmp_path, "user_id,points\n1,10\n2,x\n", known=known, max_errors=1)
    assert (rows(read), kinds(read)["points"]) == ([("1", 10)], "integer")
    assert reasons(read) == ['"x" in column `points`, integer so far, is not an integer']


def test_a_column_that_may_be_text_is_text_and_no_row_is_rejected(tmp_path: Path) -> None:
    read = table(tmp_path, "user_id,points\n1,10\n2,x\n", max_errors=5)
    assert (rows(read), read.rejects) == ([("1", "10"), ("2", "x")], ())


def test_a_row_of_several_lines_is_rejected_as_a_whole_and_lines_still_count(tmp_path: Path) -> None:
    content = 'user_id,a,points\n\n1,"x\ny",no\n2,"u\r\nv\nw",7\n3,z,no\n4,z,4\n'
    read = table(tmp_path, content, columns=POINTS, max_errors=2)
    assert places(read) == [(3, '1,"x\ny",no'), (8, "3,z,no")]
    assert column(read, "user_id") == ["2", "4"]
    assert read.report.notes == {"blank lines": 1}


def test_a_row_that_is_cut_where_its_file_ends_is_never_rejected(tmp_path: Path) -> None:
    assert problems(tmp_path, "user_id,a,b\n1,x,y\n2,x", max_errors=5) == [
        "users.csv:3: 2 fields where the header has 3 (the row is cut short; write it whole)",
        NOT_ROWS,
    ]
    assert problems(tmp_path, '{"user_id": 1}\n{"user', name="users.ndjson", max_errors=5)[-1] == NOT_ROWS


@pytest.mark.parametrize("row", ['2,"y\n3,z\n', '2,"y\n3,"z\n4,u\n'])
def test_a_quote_that_runs_across_lines_is_never_rejected(tmp_path: Path, row: str) -> None:
    assert problems(tmp_path, "user_id,a\n1,x\n" + row, max_errors=5)[-1] == NOT_ROWS


def test_what_is_wrong_with_a_column_is_never_rejected(tmp_path: Path) -> None:
    assert problems(tmp_path, "id,a\n1,x\n2\n", max_errors=5) == [
        "users.csv: no column `user_id`, which is the key of this table (the columns are `id`, `a`)",
        "users.csv:3: 1 field where the header has 2 (the row is cut short; write it whole)",
        NOT_ROWS,
    ]


def test_files_of_several_are_told_apart(tmp_path: Path) -> None:
    (tmp_path / "a1.csv").write_text("user_id,points\n1,10\n2\n")
    (tmp_path / "a2.csv").write_text("points;user_id\n20;1\n30;3\n40;4;5\n")
    read = table(tmp_path, name="a*.csv", max_errors=4)
    assert rows(read) == [("3", 30)]
    assert [(one.file, one.line, one.row) for one in read.rejects] == [
        ("a1.csv", 2, "1,10"),
        ("a1.csv", 3, "2"),
        ("a2.csv", 2, "20;1"),
        ("a2.csv", 4, "40;4;5"),
    ]


def test_lines_that_are_not_json_are_rejected_as_they_stood(tmp_path: Path) -> None:
    content = b'\xef\xbb\xbf{"user_id": 1}\n\n{"user_id":\n[1]\n{"user_id": "\xff"}\n{"user_id": 2}\n{}\n'
    read = table(tmp_path, content, name="users.ndjson", max_errors=4)
    assert column(read, "user_id") == ["1", "2"]
    assert places(read) == [(3, '{"user_id":'), (4, "[1]"), (5, '{"user_id": "\\xff"}'), (7, "{}")]
    assert read.report.notes == {"blank lines": 1}


def test_a_field_of_another_type_than_in_the_first_line_that_has_it_is_rejected(tmp_path: Path) -> None:
    content = '{"user_id": "1", "a": 1}\n{"user_id": "2", "a": true}\n{"user_id": "3", "a": 2}\n'
    read = table(tmp_path, content, name="users.ndjson", max_errors=1)
    assert (rows(read), places(read)) == ([("1", 1), ("3", 2)], [(2, '{"user_id": "2", "a": true}')])


def test_rows_of_parquet_are_rejected_by_number_and_kept_as_json(tmp_path: Path) -> None:
    frame = pl.DataFrame({"user_id": ["1", None, "3", "4"], "points": ["1", "2", "x", "4"]})
    frame.write_parquet(tmp_path / "users.parquet")
    read = table(tmp_path, name="users.parquet", columns=POINTS, max_errors=2)
    assert rows(read) == [("1", 1), ("4", 4)]
    assert places(read) == [
        (2, '{"user_id": null, "points": "2"}'),
        (3, '{"user_id": "3", "points": "x"}'),
    ]


def test_rows_of_a_workbook_are_rejected_by_the_number_that_excel_shows(tmp_path: Path) -> None:
    pytest.importorskip("xlsxwriter")
    pytest.importorskip("fastexcel")
    pl.DataFrame({"user_id": ["1", "2", "2"], "points": [1, 2, 3]}).write_excel(tmp_path / "users.xlsx")
    read = table(tmp_path, name="users.xlsx", max_errors=2)
    assert rows(read) == [("1", 1)]
    assert places(read) == [(3, '{"user_id": "2", "points": 2}'), (4, '{"user_id": "2", "points": 3}')]


def test_what_is_left_of_rows_stands_where_it_stood() -> None:
    part = Part("f", 6, lambda row: row + 2).without([0, 3, 4])
    assert [part.line(row) for row in range(part.rows)] == [3, 4, 7]
    assert [part.row(line) for line in (2, 3, 4, 5, 7, 8)] == [None, 0, 1, None, 2, None]


def test_of_events_the_other_reasons_are_counted_beside_the_rejected_ones(tmp_path: Path) -> None:
    content = "user,at,id\na,2026-06-01,1\na,June,2\n,2026-06-01,3\na,2026-06-02,1\nb,2026-06-02\n"
    read = events(tmp_path, content, unique=("id",), max_errors=2)
    assert (read.report.read, read.report.kept) == (5, 1)
    assert read.report.dropped == {
        "rejected (rows with another number of fields than the header)": 1,
        "rejected (values in column `at` that are not a date and time)": 1,
        "repeated": 1,
        "without a user": 1,
    }
    assert places(read) == [(3, "a,June,2"), (6, "b,2026-06-02")]
    assert logs.problems(tmp_path, content, max_errors=1)[-1] == TOO_MANY


def test_events_that_are_repeated_across_blocks_are_found_after_rows_were_rejected(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    read_in_blocks(monkeypatch, 30)
    content = (
        "user,at,id\na,June,0\n"
        + "".join(f"a,2026-06-0{day}T10:00Z,7\n" for day in (3, 1, 2))
        + "b,2026-06-04T10:00Z,8\n"
    )
    read = events(tmp_path, content, unique=("id",), max_errors=1)
    assert sorted(row[1].day for row in rows(read)) == [1, 4]
    assert read.report.dropped["repeated"] == 2


def test_a_file_that_changes_between_two_readings_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    begin_anew = tables.UserReading.begin_anew

    def with_a_change(self: Any) -> None:
        if (tmp_path / "users.csv").exists() and self.__dict__.get("sources"):
            (tmp_path / "users.csv").write_text("user_id,a\n1,x\n5,y\n")
        begin_anew(self)

    monkeypatch.setattr(tables.UserReading, "begin_anew", with_a_change)
    assert problems(tmp_path, "user_id,a\n1,x\n2\n3,z\n", max_errors=1) == [
        "users.csv: the file changed while it was read (run again when it is at rest)"
    ]


BAD_LINES = (b"%d", b"%d,1,2,3", b"%d,x,a", b",7,a", b"%d,7,\xff", b"%d,7,\0", b'%d,7,a"b', b'%d,7,"a"b', b"1,7,again")
"""Rows of CSV that have something wrong with them, the last one with another one too."""


def _with_bad_lines(draw: random.Random, count: int) -> tuple[list[bytes], list[bytes], list[tuple[int, str]]]:
    """Lines of a CSV without and with bad rows among them, and where these stand."""
    good = [
        b"%d,%d,%s" % (key, key % 7, draw.choice([b"x", b'"y,z"', b'""', b"", "ї".encode()])) for key in range(2, count)
    ]
    lines, bad = list(good), [one % key if b"%d" in one else one for key, one in enumerate(BAD_LINES, count)]
    for one in [*draw.sample(bad, draw.randint(1, len(bad) - 1)), b"1,7,first", b"1,7,again"]:
        lines.insert(draw.randint(0, len(lines)), one)
    wrong = {*bad, b"1,7,first"}
    found = [(at, _text(line)) for at, line in enumerate(lines, 2) if line in wrong]
    return good, lines, found


def _text(line: bytes) -> str:
    return line.decode(errors="backslashreplace")


def _file(lines: Sequence[bytes], ending: bytes) -> bytes:
    return ending.join([b"user_id,points,a", *lines, b""])


@pytest.mark.parametrize("seed", range(40))
def test_what_is_left_is_read_as_if_the_bad_rows_had_never_been_there(
    seed: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    draw = random.Random(seed)
    good, lines, bad = _with_bad_lines(draw, draw.choice([3, 12, 40]))
    ending = draw.choice([b"\n", b"\r\n"])
    read_in_blocks(monkeypatch, draw.choice([16, 60, 10_000]))
    content, name = _file(lines, ending), "users.csv"
    if seed % 4 == 0:
        content, name = gzip.compress(content), "users.csv.gz"
    read = table(tmp_path, content, name=name, columns=POINTS, max_errors=len(bad))
    assert rows(read) == rows(table(tmp_path, _file(good, ending), name="good.csv", columns=POINTS))
    assert places(read) == bad
    assert read.report.read == read.report.kept + len(bad) == len(lines)
    assert problems(tmp_path, name=name, columns=POINTS, max_errors=len(bad) - 1)[-1] == TOO_MANY


NEW_LINES = {
    "buy.csv": ("user,at,n\na,2026-06-01,1\n", "b,2026-06-02,2\nc,no,3\nb\nc,2026-06-03,4\n"),
    "buy.ndjson": (
        '{"user": "a", "at": "2026-06-01", "n": 1}\n',
        '{"user": "b", "at": "2026-06-02", "n": 2}\n{"user": "c", "at": "no", "n": 3}\n[]\n'
        '{"user": "c", "at": "2026-06-03", "n": 4}\n',
    ),
}


@pytest.mark.parametrize("name", NEW_LINES)
@pytest.mark.parametrize("size", [20, 10_000])
def test_of_what_a_file_has_gained_the_bad_rows_are_left_out(
    name: str, size: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    read_in_blocks(monkeypatch, size)
    made, (first, new) = place(tmp_path, BUY.replace("buy.csv", name)), NEW_LINES[name]
    made.write(name, first)
    made.evaluated()
    made.append(name, new)
    result = next(one for one in evaluate(made.folder, Run(AS_OF, AS_OF, max_errors=2)).tables if one.name == "buy")
    assert (result.added, result.report.read, result.report.kept, sum(result.rejects.values())) == (2, 5, 3, 2)
    rejected = (made.folder / ".segtool/rejects/buy.csv").read_text().splitlines()[1:]
    header = first.count("\n") - 1
    assert [line.split(",")[:2] for line in rejected] == [[name, str(header + line)] for line in (3, 4)]
    assert keys(made) == "abc"
