"""Typed columns of Parquet files keep their kinds, and what has none is left out by name."""

from __future__ import annotations

import base64
import io
import re
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from segtool.model.kinds import (
    BOOLEAN,
    DATE,
    DATETIME,
    INTEGER,
    NUMBER,
    TEXT,
    Column,
    Kind,
    Schema,
    list_of,
)
from segtool.model.tables import DeclaredColumn
from tests.read.reading import column, kinds, problems, rows, table
from tests.tabled import ReadTable

NAME = "users.parquet"


def packed(**columns: pl.Series) -> bytes:
    stream = io.BytesIO()
    size = len(next(iter(columns.values())))
    keys = {"user_id": pl.Series([f"u{number}" for number in range(1, size + 1)])}
    pl.DataFrame(keys | columns).write_parquet(stream)
    return stream.getvalue()


def one(folder: Path, series: pl.Series, **options: Any) -> ReadTable:
    return table(folder, packed(v=series), name=NAME, **options)


@pytest.mark.parametrize(
    ("series", "kind", "values"),
    [
        (pl.Series(["007", "", None]), "text", ["007", None, None]),
        (pl.Series(["12", "13"]), "text", ["12", "13"]),
        (pl.Series(["2026-01-01"]), "text", ["2026-01-01"]),
        (pl.Series(["b", "a", None], dtype=pl.Categorical), "text", ["b", "a", None]),
        (pl.Series(["b"], dtype=pl.Enum(["b", "c"])), "text", ["b"]),
        (pl.Series([1, 255], dtype=pl.UInt8), "integer", [1, 255]),
        (pl.Series([1, None], dtype=pl.UInt64), "integer", [1, None]),
        (pl.Series([0.5, None], dtype=pl.Float32), "number", [0.5, None]),
        (pl.Series([Decimal("12.50")], dtype=pl.Decimal(10, 2)), "number", [Decimal("12.50")]),
        (pl.Series([Decimal("12.50")], dtype=pl.Decimal(38, 10)), "number", [Decimal("12.50")]),
        (pl.Series([True, None]), "boolean", [True, None]),
        (pl.Series([date(2026, 1, 2)]), "date", [date(2026, 1, 2)]),
        (pl.Series([time(1, 2, 3)]), "text", ["01:02:03"]),
        (pl.Series([["a", "", None], [], None]), "list of text", [["a"], None, None]),
        (pl.Series([[1, 2], [], [None]]), "list of integer", [[1, 2], None, None]),
        (pl.Series([[1.5, float("nan")]]), "list of number", [[1.5]]),
        (pl.Series([None, None]), "text", [None, None]),
    ],
)
def test_a_type_is_read_as_its_kind(tmp_path: Path, series: pl.Series, kind: str, values: list[Any]) -> None:
    read = one(tmp_path, series)
    assert (kinds(read)["v"], column(read, "v")) == (kind, values)


@pytest.mark.parametrize("unit", ["ms", "us", "ns"])
def test_times_of_any_unit_and_zone_are_instants(tmp_path: Path, unit: Any) -> None:
    local = pl.Series([datetime(2026, 7, 1, 12)], dtype=pl.Datetime(unit))
    here = one(tmp_path, local)
    there = one(tmp_path, local.dt.replace_time_zone("America/New_York"))
    assert column(here, "v") == [datetime(2026, 7, 1, 9, tzinfo=UTC)]
    assert column(there, "v") == [datetime(2026, 7, 1, 16, tzinfo=UTC)]
    assert here.frame.schema["v"] == there.frame.schema["v"] == pl.Datetime("us", "UTC")


def test_nan_and_nanoseconds_and_clock_changes_are_counted(tmp_path: Path) -> None:
    nanos = pl.Series([1, 2000, None]).cast(pl.Datetime("ns", "UTC"))
    gap = pl.Series([datetime(2026, 3, 29, 3, 30), None, None])
    data = packed(n=pl.Series([float("nan"), 1.0, float("nan")]), t=nanos, g=gap)
    read = table(tmp_path, data, name=NAME)
    assert read.report.notes == {
        "NaN read as missing": 2,
        "times cut to microseconds": 1,
        "times in a clock change's gap": 1,
    }
    assert column(read, "n") == [None, 1.0, None]


def test_a_struct_is_columns_and_a_list_of_structs_stays_one(tmp_path: Path) -> None:
    address = pl.Series([{"city": "Kyiv", "geo": {"lat": 50.5}}, None])
    orders = pl.Series([[{"sku": "007", "n": 1, "on": "2026-01-01"}, {"sku": "", "n": 2, "on": None}], []])
    read = table(tmp_path, packed(address=address, orders=orders), name=NAME)
    assert rows(read) == [
        (
            "u1",
            "Kyiv",
            50.5,
            [{"sku": "007", "n": 1, "on": "2026-01-01"}, {"sku": None, "n": 2, "on": None}],
        ),
        ("u2", None, None, None),
    ]
    assert [column.name for column in read.schema.columns] == [
        "user_id",
        "address.city",
        "address.geo.lat",
        "orders",
    ]
    assert read.schema.columns[3].kind.to_json() == {"list": {"struct": {"sku": "text", "n": "integer", "on": "text"}}}


def test_types_without_a_kind_are_left_out_by_name(tmp_path: Path) -> None:
    data = packed(b=pl.Series([b"x"]), d=pl.Series([timedelta(1)]), n=pl.Series([1]))
    read = table(tmp_path, data, name=NAME)
    assert kinds(read) == {"user_id": "text", "n": "integer"}
    assert read.report.notes == {
        "`b` left out: Binary is not read": 1,
        "`d` left out: Duration(time_unit='us') is not read": 1,
    }


def test_integers_beyond_64_bits_are_refused_with_their_row(tmp_path: Path) -> None:
    series = pl.Series([1, 2**63], dtype=pl.UInt64)
    assert problems(tmp_path, packed(v=series), name=NAME) == [
        'users.parquet:2: "9223372036854775808" in column `v` is beyond 64 bits (row 2)'
        " (correct it, or declare `v: text` under `columns:`)"
    ]


def test_integer_keys_are_written_plainly_and_other_kinds_are_refused(tmp_path: Path) -> None:
    frame = pl.DataFrame({"user_id": [7, -12]})
    frame.write_parquet(tmp_path / NAME)
    assert rows(table(tmp_path, name=NAME)) == [("7",), ("-12",)]
    for series, kind in (([1.0], "number"), ([True], "boolean")):
        pl.DataFrame({"user_id": series}).write_parquet(tmp_path / NAME)
        assert problems(tmp_path, name=NAME) == [
            f"users.parquet: the key `user_id` is a {kind}, and keys must be text or integers"
            " (write it as text in the file)"
        ]


def test_missing_and_repeated_keys_are_named_by_row(tmp_path: Path) -> None:
    pl.DataFrame({"user_id": ["a", "", "a", "x\ny"]}).write_parquet(tmp_path / NAME)
    assert problems(tmp_path, name=NAME) == [
        'users.parquet:1: key "a" stands in row 1, row 3 (keep one row for each user)',
        "users.parquet:2: no key in column `user_id` (row 2) (every user needs one)",
        r'users.parquet:4: a line break or NUL in key "x\ny" (row 4) (keys must be of one line)',
    ]


def test_an_unknown_time_zone_is_refused_without_a_panic(tmp_path: Path) -> None:
    data = packed(v=pl.Series([datetime(2026, 1, 1)]).dt.replace_time_zone("Europe/Kyiv"))
    found = re.search(rb"ARROW:schema.{0,8}?([A-Za-z0-9+/=]{100,})", data, re.DOTALL)
    assert found
    arrow = base64.b64decode(found[1]).replace(b"Europe/Kyiv", b"Mars/Planet")
    assert problems(tmp_path, data.replace(found[1], base64.b64encode(arrow)), name=NAME) == [
        "users.parquet: column `v` is in the time zone 'Mars/Planet', which is not known (write its times in UTC)"
    ]


def test_a_damaged_file_is_refused(tmp_path: Path) -> None:
    data = packed(v=pl.Series([1]))
    (problem,) = problems(tmp_path, data[:-60] + data[-4:], name=NAME)
    assert problem.startswith("users.parquet: the Parquet data is damaged: ")


def test_files_whose_types_differ_are_refused_with_both_names(tmp_path: Path) -> None:
    (tmp_path / "u1.parquet").write_bytes(packed(v=pl.Series([1])))
    pl.DataFrame({"user_id": ["x"], "v": ["text"]}).write_parquet(tmp_path / "u2.parquet")
    assert problems(tmp_path, name="u*.parquet") == [
        "u2.parquet: column `v` is String here and Int64 in u1.parquet (write both files alike)"
    ]


def known(kind: Kind) -> Schema:
    return Schema("user_id", (Column("user_id", TEXT), Column("v", kind)))


@pytest.mark.parametrize(
    ("kind", "series", "becomes", "values"),
    [
        (TEXT, pl.Series([7]), "text", ["7"]),
        (INTEGER, pl.Series(["7"]), "integer", [7]),
        (INTEGER, pl.Series([1.5]), "number", [1.5]),
        (NUMBER, pl.Series([7]), "number", [Decimal(7)]),
        (DATE, pl.Series([datetime(2026, 7, 1)]), "datetime", [datetime(2026, 6, 30, 21, tzinfo=UTC)]),
        (DATETIME, pl.Series([date(2026, 7, 1)]), "datetime", [datetime(2026, 6, 30, 21, tzinfo=UTC)]),
        (list_of(TEXT), pl.Series([["a"]]), "list of text", [["a"]]),
    ],
)
def test_a_known_kind_holds_for_typed_columns_too(
    tmp_path: Path, kind: Kind, series: pl.Series, becomes: str, values: list[Any]
) -> None:
    read = one(tmp_path, series, known=known(kind))
    assert (kinds(read)["v"], column(read, "v")) == (becomes, values)


@pytest.mark.parametrize(
    ("kind", "series", "words"),
    [
        (TEXT, pl.Series([1.5]), "column `v` holds number, and was text so far"),
        (BOOLEAN, pl.Series([["a"]]), "column `v` holds list of text, not boolean"),
        (DATE, pl.Series([7]), '"7" in column `v`, date so far, is not a date (row 1)'),
    ],
)
def test_a_column_of_another_kind_than_before_is_refused(
    tmp_path: Path, kind: Kind, series: pl.Series, words: str
) -> None:
    (problem,) = problems(tmp_path, packed(v=series), name=NAME, known=known(kind))
    assert words in problem


@pytest.mark.parametrize(
    ("kind", "series", "values"),
    [
        (TEXT, pl.Series([1001.0, 2.5]), ["1001", "2.5"]),
        (INTEGER, pl.Series([7.0, None]), [7, None]),
        (DATE, pl.Series(["2026-01-02"]), [date(2026, 1, 2)]),
        (list_of(INTEGER), pl.Series([["1", ""], None]), [[1], None]),
        (list_of(TEXT), pl.Series([[1, 2]]), [["1", "2"]]),
    ],
)
def test_a_declaration_holds_for_typed_columns_too(
    tmp_path: Path, kind: Kind, series: pl.Series, values: list[Any]
) -> None:
    assert column(one(tmp_path, series, columns={"v": DeclaredColumn(kind)}), "v") == values


def test_the_fields_of_a_list_of_structs_may_come_and_go(tmp_path: Path) -> None:
    before = one(tmp_path, pl.Series([[{"a": 1}]])).schema
    read = one(tmp_path, pl.Series([[{"a": 1, "b": "x"}]]), known=before)
    assert column(read, "v") == [[{"a": 1, "b": "x"}]]
