"""Values as text: exact, without exponents, and the same on every machine."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from segtool.model.dtypes import PolarsType
from segtool.model.texts import csv_bytes, texts

MOMENTS = pl.Datetime("us", "UTC")


ITEMS = pl.List(pl.Struct({"sku": pl.String(), "price": pl.Float64()}))


@pytest.mark.parametrize(
    ("values", "dtype", "expected"),
    [
        (["as it is ", "", None], pl.String(), ["as it is ", "", None]),
        ([7, -(2**63), None], pl.Int64(), ["7", "-9223372036854775808", None]),
        ([1.0, 0.1, -0.0, float("nan"), None], pl.Float64(), ["1", "0.1", "0", None, None]),
        ([1e22, 1.5e-7, 5e-324], pl.Float64(), [f"1{'0' * 22}", "0.00000015", f"0.{'0' * 323}5"]),
        ([-1.25e16, -2.5e-9], pl.Float64(), ["-12500000000000000", "-0.0000000025"]),
        ([Decimal("12.50"), Decimal("100.00"), Decimal("-0.05")], pl.Decimal(38, 2), ["12.5", "100", "-0.05"]),
        ([Decimal("100"), None], pl.Decimal(38, 0), ["100", None]),
        ([True, False, None], pl.Boolean(), ["true", "false", None]),
        ([date(2026, 8, 1), date(1, 1, 1)], pl.Date(), ["2026-08-01", "0001-01-01"]),
        ([datetime(2026, 8, 1, 9, 0, 0, 120_000, UTC)], MOMENTS, ["2026-08-01T09:00:00.120000Z"]),
        ([datetime(1969, 8, 1, 9, tzinfo=UTC), None], MOMENTS, ["1969-08-01T09:00:00Z", None]),
        ([["a", None, "b"], [], None], pl.List(pl.String()), ["a||b", "", None]),
        ([[1.0, 2.5e-9]], pl.List(pl.Float64()), ["1|0.0000000025"]),
        (
            [[{"sku": "x", "price": 2.0}, None], [{"sku": None, "price": 1.5}]],
            ITEMS,
            ["sku: x, price: 2|", "sku: , price: 1.5"],
        ),
    ],
)
def test_each_kind_has_one_way_to_be_written(values: list[Any], dtype: PolarsType, expected: list[str | None]) -> None:
    assert texts(pl.Series(values, dtype=dtype).alias("^v$")).to_list() == expected


def test_items_of_a_list_stand_between_its_separators() -> None:
    assert texts(pl.Series([["a", "b"]]), ", ").to_list() == ["a, b"]


@given(st.lists(st.floats(allow_nan=False, allow_infinity=False)))
def test_a_number_is_the_shortest_text_that_reads_back_equal_and_has_no_exponent(numbers: list[float]) -> None:
    written = texts(pl.Series(numbers, dtype=pl.Float64())).to_list()
    assert [float(text) for text in written] == numbers
    assert [Decimal(text) for text in written] == [Decimal(repr(number)) for number in numbers]
    assert not [text for text in written if "e" in text or (text.startswith("-0") and float(text) == 0)]


@pytest.mark.parametrize(
    ("cells", "written"),
    [
        ({"id": ["a", 'q"r', "l\nm", "c\rd", " e ", ""]}, b'id\na\n"q""r"\n"l\nm"\n"c\rd"\n e \n""\n'),
        ({"id": ["a", "b"], "city": ["x,y", None]}, b'id,city\na,"x,y"\nb,\n'),
        ({"id": ["a", None]}, b'id\na\n""\n'),
        ({'a,"b': ["x"]}, b'"a,""b"\nx\n'),
    ],
)
def test_csv_has_quotes_only_where_they_are_needed(cells: dict[str, list[str | None]], written: bytes) -> None:
    assert csv_bytes(pl.DataFrame(cells)) == written
