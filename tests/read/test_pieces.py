"""What is read in pieces is what is read as a whole."""

from __future__ import annotations

from pathlib import Path

import polars as pl
import pytest

from segtool.model.kinds import INTEGER
from segtool.model.tables import DeclaredColumn
from tests.read import logs
from tests.read.pieces import read_in_blocks
from tests.read.reading import column, kinds, problems, rows, table

CASES = {
    "integers": "1\n2\n\n3\n",
    "integers and then decimals": "1\n2\n3\n4\n0.5\n",
    "decimals and then integers": "0.25\n1\n2\n3\n4\n",
    "decimals of more and more digits": "0.5\n0.25\n0.125\n1000\n",
    "integers and then words": "1\n2\n3\n4\nfive\n",
    "words and then integers": "one\n2\n3\n4\n5\n",
    "nothing and then dates": ",\n,\n,\n,\n2026-01-01\n".replace(",", ""),
    "dates and then times": "2026-01-01\n2026-01-02\n2026-01-03\n2026-01-03T10:00:00Z\n",
    "booleans and then text": "true\nfalse\ntrue\nfalse\nTRUE\n",
    "booleans that are not read as such": "TRUE\n\nno\nTRUE\nFalse\n",
    "booleans of both sorts": "TRUE\nTRUE\nTRUE\ntrue\n",
    "numbers with commas": '"12,50"\n\n"1.234,5"\n',
    "numbers with commas and then words": '"12,50"\n"3,1"\nfour\n',
    "texts of several lines": '"a\nb"\n"c,d"\n"e""f"\ng\n"h\n\n\ni"\n',
    "rows that end in CRLF": "1\r\n2\r\n3\r\n",
    "a last line without its end": "1\n2\n3",
    "no rows": "",
}


@pytest.mark.parametrize("size", [1, 7, 20])
@pytest.mark.parametrize("name", CASES)
def test_a_csv_is_the_same_however_it_is_cut(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str, size: int
) -> None:
    end = "\r\n" if "\r" in CASES[name] else "\n"
    values = (
        CASES[name].split(end)
        if name != "texts of several lines"
        else ['"a\nb"', '"c,d"', '"e""f"', "g", '"h\n\n\ni"', ""]
    )
    lines = end.join(
        f"u{number},{value}" if number < len(values) - 1 or value else "" for number, value in enumerate(values)
    )
    content = f"user_id,v{end}{lines}"
    whole = table(tmp_path, content)
    read_in_blocks(monkeypatch, size)
    cut = table(tmp_path, content)
    assert (rows(cut), kinds(cut)) == (rows(whole), kinds(whole))
    assert (cut.report, cut.files[0].sha256) == (whole.report, whole.files[0].sha256)


def test_a_column_that_turns_out_to_be_text_says_where(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    read_in_blocks(monkeypatch, 8)
    read = table(tmp_path, "user_id,v\na,1\nb,2\nc,3\nd,x7\ne,5\n")
    assert column(read, "v") == ["1", "2", "3", "x7", "5"]
    assert read.schema.by_name["v"].note == 'line 5: "x7"'


def test_times_with_and_without_an_offset_are_told_across_pieces(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    read_in_blocks(monkeypatch, 8)
    found = problems(tmp_path, "user_id,v\na,2026-01-01T10:00:00Z\nb,2026-01-01T10:00:00\n")
    assert found == [
        'users.csv: column `v` mixes times with an offset (line 2: "2026-01-01T10:00:00Z") and without '
        '(line 3: "2026-01-01T10:00:00") (write an offset in all or in none, or declare `v: text` under `columns:`)'
    ]


def test_all_problems_of_all_pieces_are_told_with_their_lines(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    read_in_blocks(monkeypatch, 8)
    columns = {"v": DeclaredColumn(INTEGER)}
    found = problems(tmp_path, "user_id,v\na,1\nb,x\nc,3\na,y\n,5\n", columns=columns)
    assert [problem.split(" (")[0] for problem in found] == [
        'users.csv:2: key "a" stands in line 2, line 5',
        'users.csv:3: "x" in column `v` is not an integer',
        'users.csv:5: "y" in column `v` is not an integer',
        "users.csv:6: no key in column `user_id`",
    ]


def test_broken_lines_in_later_pieces_are_told_with_their_lines(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    read_in_blocks(monkeypatch, 8)
    found = problems(tmp_path, 'user_id,v\na,1\nb,2,3\n"c",4\nd,"5\n')
    assert found == [
        "users.csv:3: 3 fields where the header has 2 (put quotes around values that hold `,`)",
        'users.csv:5: a quote is opened and never closed (write a quote inside quotes as `""`)',
    ]


LINES = [
    '{"user_id": "a", "n": 1}',
    "",
    '{"user_id": "b", "n": 2.5, "tags": ["x"]}',
    '{"user_id": "c", "tags": [], "orders": [{"sku": "s"}]}',
    '{"user_id": "d", "at": "2026-01-01", "orders": [{"sku": "t", "n": 1}, {"n": 2}]}',
    '{"user_id": "e", "at": "soon"}',
]


@pytest.mark.parametrize("size", [1, 60])
def test_ndjson_is_the_same_however_it_is_cut(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, size: int) -> None:
    content = "\n".join(LINES) + "\n"
    whole = table(tmp_path, content, name="users.ndjson")
    read_in_blocks(monkeypatch, size)
    cut = table(tmp_path, content, name="users.ndjson")
    assert kinds(cut) == kinds(whole)
    for name in ("user_id", "n", "tags", "at"):
        assert column(cut, name) == column(whole, name)
    assert cut.report == whole.report


def test_a_field_of_another_type_in_a_later_piece_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    read_in_blocks(monkeypatch, 8)
    found = problems(tmp_path, '{"user_id": "a", "n": 1}\n{"user_id": "b", "n": "x"}\n', name="users.ndjson")
    assert found == ["users.ndjson:2: field `n` is String here, and Int64 before (write it alike)"]


@pytest.mark.parametrize("rows_at_a_time", [1, 2, 5])
def test_parquet_is_the_same_however_it_is_cut(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, rows_at_a_time: int
) -> None:
    frame = pl.DataFrame({"user_id": [*"abcde"], "n": [None, None, 3, 4, 5], "s": [*"xyxyx"]})
    frame.write_parquet(tmp_path / "users.parquet")
    whole = table(tmp_path, name="users.parquet")
    read_in_blocks(monkeypatch, 1, rows_at_a_time)
    cut = table(tmp_path, name="users.parquet")
    assert (rows(cut), kinds(cut), cut.report) == (rows(whole), kinds(whole), whole.report)


def test_of_rows_that_are_repeated_across_pieces_the_earliest_counts(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    content = (
        "user,at,order\na,2026-06-03,1\nb,2026-06-02,2\na,2026-06-01,1\nc,2026-06-01,\nc,2026-06-01,\nb,2026-06-02,2\n"
    )
    whole = logs.events(tmp_path, content, unique=("order",))
    read_in_blocks(monkeypatch, 8)
    cut = logs.events(tmp_path, content, unique=("order",))
    assert sorted(map(repr, cut.frame.rows())) == sorted(map(repr, whole.frame.rows()))
    assert (cut.report, cut.report.dropped) == (whole.report, {"repeated": 2})
