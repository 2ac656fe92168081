"""A table becomes files: exact values, and no file larger than it may be."""

from __future__ import annotations

import csv
import json
from datetime import UTC, date, datetime
from decimal import Decimal
from io import BytesIO, StringIO
from pathlib import Path
from tempfile import TemporaryDirectory

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from segtool.channels.files import FileForm, pieces
from segtool.errors import UsageError
from tests.read.reading import table

SHOP = pl.DataFrame(
    {
        "user_id": ["007", "ann", "b,ob"],
        "visits": [7, -1, None],
        "spent": pl.Series([Decimal("12.50"), Decimal("-3.00"), None], dtype=pl.Decimal(38, 2)),
        "score": [1e-7, 2.0, None],
        "opt_in": [True, False, None],
        "born": [date(2000, 2, 29), date(1899, 1, 1), None],
        "seen": [datetime(2026, 7, 1, 9, 30, tzinfo=UTC), datetime(2026, 7, 1, 9, 30, 0, 5, UTC), None],
        "likes": [["shoes", 'a "b"'], [], None],
    },
    schema_overrides={"seen": pl.Datetime("us", "UTC")},
)
TEXT = st.text(st.characters(exclude_categories=["Cs"]), max_size=8)


def written(frame: pl.DataFrame, form: FileForm) -> bytes:
    """What the only piece holds."""
    (piece,) = pieces(frame, form)
    assert piece.rows == frame.height
    return piece.content


def refusal(frame: pl.DataFrame, form: FileForm) -> str:
    with pytest.raises(UsageError) as failure:
        list(pieces(frame, form))
    return str(failure.value)


def test_a_csv_holds_every_kind_in_the_one_way_of_snapshots() -> None:
    assert written(SHOP, FileForm(separators={"likes": ";"})).decode() == (
        "user_id,visits,spent,score,opt_in,born,seen,likes\n"
        '007,7,12.5,0.0000001,true,2000-02-29,2026-07-01T09:30:00Z,"shoes;a ""b"""\n'
        'ann,-1,-3,2,false,1899-01-01,2026-07-01T09:30:00.000005Z,""\n'
        '"b,ob",,,,,,,\n'
    )


def test_ndjson_holds_numbers_as_numbers_lists_as_arrays_and_missing_as_null() -> None:
    frame = SHOP.with_columns(things=pl.Series([[{"price": 1.5, "of": [1, None]}], [None], None]))
    lines = written(frame, FileForm("ndjson")).decode()
    assert lines == (
        '{"user_id":"007","visits":7,"spent":12.5,"score":0.0000001,"opt_in":true,"born":"2000-02-29",'
        '"seen":"2026-07-01T09:30:00Z","likes":["shoes","a \\"b\\""],"things":[{"price":1.5,"of":[1,null]}]}\n'
        '{"user_id":"ann","visits":-1,"spent":-3,"score":2,"opt_in":false,"born":"1899-01-01",'
        '"seen":"2026-07-01T09:30:00.000005Z","likes":[],"things":[null]}\n'
        '{"user_id":"b,ob","visits":null,"spent":null,"score":null,"opt_in":null,"born":null,'
        '"seen":null,"likes":null,"things":null}\n'
    )


def test_ndjson_keeps_digits_that_a_float_would_lose() -> None:
    exact = pl.Series("n", [Decimal("1234567890123456.78")], dtype=pl.Decimal(38, 2))
    assert written(exact.to_frame(), FileForm("ndjson")) == b'{"n":1234567890123456.78}\n'


def test_ndjson_holds_infinite_numbers_as_texts_for_json_has_none() -> None:
    frame = pl.DataFrame({"n": [float("inf"), float("-inf"), float("nan")]})
    assert written(frame, FileForm("ndjson")) == b'{"n":"inf"}\n{"n":"-inf"}\n{"n":null}\n'


def test_parquet_holds_the_table_itself() -> None:
    assert pl.read_parquet(BytesIO(written(SHOP, FileForm("parquet")))).equals(SHOP)


@pytest.mark.parametrize(
    ("form", "expected"),
    [
        (FileForm(delimiter=";"), b'id;say\n1;"a;b"\n2;x,y\n'),
        (FileForm(delimiter="\t", header=False), b"1\ta;b\n2\tx,y\n"),
        (FileForm(bom=True), b'\xef\xbb\xbfid,say\n1,a;b\n2,"x,y"\n'),
        (FileForm(bom=True, header=False), b'\xef\xbb\xbf1,a;b\n2,"x,y"\n'),
    ],
)
def test_a_csv_has_the_delimiter_header_and_mark_that_were_asked_for(form: FileForm, expected: bytes) -> None:
    assert written(pl.DataFrame({"id": [1, 2], "say": ["a;b", "x,y"]}), form) == expected


def test_only_excel_safe_puts_an_apostrophe_before_what_looks_like_a_formula() -> None:
    cells = ["=1+1", "+380", "-5", "@x", "\tx", "\rx", "\nx", " =1", "\u00a0+1", "＝1", "a=1", "'=1", "", None]
    frame = pl.DataFrame({"=id": cells, "n": [-5] * len(cells)})
    plain = read_back(written(frame, FileForm()))
    safe = read_back(written(frame, FileForm(excel_safe=True)))
    assert [row[0] for row in plain] == ["=id", *(cell or "" for cell in cells)]
    assert [row[0] for row in safe] == ["'=id", *("'" + cell for cell in cells[:10] if cell), "a=1", "'=1", "", ""]
    assert {row[1] for row in safe[1:]} == {"-5"}


def read_back(content: bytes) -> list[list[str]]:
    return list(csv.reader(StringIO(content.decode(), newline="")))


@given(st.lists(st.lists(st.none() | TEXT, min_size=2, max_size=2)), st.sampled_from(",;\t|"))
def test_a_csv_reads_back_equal(rows: list[list[str | None]], delimiter: str) -> None:
    frame = pl.DataFrame(rows, schema={"a": pl.String(), 'b,"c': pl.String()}, orient="row")
    content = written(frame, FileForm(delimiter=delimiter)).decode()
    found = list(csv.reader(StringIO(content, newline=""), delimiter=delimiter))
    assert found == [["a", 'b,"c'], *([cell or "" for cell in row] for row in rows)]


@given(st.lists(st.none() | TEXT))
def test_a_csv_of_one_column_has_a_line_for_a_missing_value_too(cells: list[str | None]) -> None:
    frame = pl.DataFrame({"a": cells}, schema={"a": pl.String()})
    assert read_back(written(frame, FileForm())) == [["a"], *([cell or ""] for cell in cells)]


@given(st.lists(st.tuples(TEXT, st.none() | st.floats(allow_nan=False), st.none() | st.lists(TEXT))))
def test_ndjson_reads_back_equal(rows: list[tuple[str, float | None, list[str] | None]]) -> None:
    schema = {'"t': pl.String(), "n": pl.Float64(), "^l$": pl.List(pl.String())}
    frame = pl.DataFrame(rows, schema=schema, orient="row")
    lines = written(frame, FileForm("ndjson")).decode().split("\n")
    assert lines.pop() == ""
    found = [json.loads(line, parse_int=float) for line in lines]
    assert [list(row) for row in found] == [['"t', "n", "^l$"]] * len(rows)
    expected = [(text, str(n) if n in (float("inf"), float("-inf")) else n, items) for text, n, items in rows]
    assert [tuple(row.values()) for row in found] == expected


@given(
    st.lists(st.tuples(TEXT, st.none() | TEXT)),
    st.sampled_from(["csv", "ndjson"]),
    st.booleans(),
    st.integers(12, 200),
    st.none() | st.integers(1, 4),
)
def test_pieces_hold_all_rows_and_as_many_as_fit(
    rows: list[tuple[str, str | None]], name: str, header: bool, most: int, most_rows: int | None
) -> None:
    frame = pl.DataFrame(rows, schema={"a": pl.String(), "b": pl.String()}, orient="row")
    form = FileForm(name, header=header, most_bytes=most, most_rows=most_rows)
    alone = [written(frame.slice(at, 1), FileForm(name, header=header)) for at in range(len(rows))]
    head = written(frame.head(0), FileForm(name, header=header))
    if max(map(len, alone), default=0) > most:
        assert "alone makes a file of" in refusal(frame, form)
        return
    found, at = list(pieces(frame, form)), 0
    for piece in found:
        assert piece.content == head + b"".join(one[len(head) :] for one in alone[at : at + piece.rows])
        assert len(piece.content) <= most
        at += piece.rows
        full = piece.rows == most_rows or at == len(rows) or len(piece.content + alone[at][len(head) :]) > most
        assert full
    assert at == len(rows)


def test_a_limit_is_exact_at_the_byte() -> None:
    frame = pl.DataFrame({"id": ["ann", "bob", "l\nm"]})
    sizes = [(len(piece.content), piece.rows) for piece in pieces(frame, FileForm(most_bytes=11))]
    assert sizes == [(11, 2), (9, 1)]
    assert [piece.rows for piece in pieces(frame, FileForm(most_bytes=10))] == [1, 1, 1]
    assert refusal(frame, FileForm(most_bytes=8)) == (
        "row 3 alone makes a file of 9 bytes, and 8 are the most "
        "(allow more bytes, or leave out the column with long texts)"
    )


@pytest.mark.parametrize("name", ["parquet", "xlsx"])
def test_parquet_and_excel_are_halved_until_they_fit(name: str) -> None:
    frame = pl.DataFrame({"id": [f"user {number * 7919 % 10007}" for number in range(5000)]})
    whole = len(written(frame, FileForm(name)))
    found = list(pieces(frame, FileForm(name, most_bytes=whole // 2, most_rows=4000)))
    assert max(len(piece.content) for piece in found) <= whole // 2
    assert sum(piece.rows for piece in found) == 5000
    files = [BytesIO(piece.content) for piece in found]
    parts = [pl.read_parquet(file) if name == "parquet" else pl.read_excel(file) for file in files]
    assert pl.concat(parts).equals(frame)
    assert "row 1 alone makes a file of" in refusal(frame, FileForm(name, most_bytes=50))


def test_the_row_that_is_too_large_is_named_where_files_are_halved() -> None:
    long = "".join(chr(33 + number * number % 7919 % 90) for number in range(5000))
    frame = pl.DataFrame({"id": ["a", "b", "c", "d", long, "f"]})
    assert "row 5 alone makes a file of" in refusal(frame, FileForm("parquet", most_bytes=2000))
    assert "row 5 alone makes a file of" in refusal(frame, FileForm("parquet", most_bytes=2000, most_rows=4))


@pytest.mark.parametrize("name", ["csv", "ndjson", "parquet", "xlsx"])
def test_a_table_without_rows_is_one_file_without_rows(name: str) -> None:
    (piece,) = pieces(SHOP.head(0), FileForm(name, most_rows=2))
    assert piece.rows == 0
    assert (piece.content == b"") == (name == "ndjson")


KEYS = st.lists(st.text(st.characters(exclude_categories=["C"]), min_size=1).map(lambda key: f"k{key}"), unique=True)


@given(KEYS.filter(bool), st.data())
def test_segtool_reads_back_the_values_that_it_wrote(keys: list[str], data: st.DataObject) -> None:
    size = len(keys)
    frame = pl.DataFrame(
        {
            "user_id": keys,
            "n": data.draw(st.lists(st.integers(-(2**63), 2**63 - 1), min_size=size, max_size=size)),
            "f": data.draw(st.lists(st.floats(allow_nan=False, allow_infinity=False), min_size=size, max_size=size)),
            "at": data.draw(st.lists(st.datetimes(min_value=datetime(1971, 1, 1)), min_size=size, max_size=size)),
        }
    ).with_columns(pl.col("at").cast(pl.Datetime("us", "UTC")))
    with TemporaryDirectory() as folder:
        (Path(folder) / "users.csv").write_bytes(written(frame, FileForm()))
        read = table(Path(folder)).frame
    assert read.with_columns(pl.col("f").cast(pl.Float64)).rows() == frame.rows()
