"""Rows that a file gains and that are known already, and what one reading of all files would refuse."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from segtool.errors import InputError
from segtool.store.additions import TWICE as EVENTS_TWICE
from tests.read.growing import BUY, TWICE, keys, place
from tests.read.logs import AS_OF

LINES = BUY.replace("buy.csv", "buy.ndjson")
PARQUETS = BUY.replace("buy.csv", '"buy*.parquet"')


def unique(events: str, *names: str) -> str:
    return events.replace("}", f", unique: [{', '.join(names)}]}}")


def filler(number: int = 8) -> str:
    """Rows that keep what comes after them in a part of its own."""
    return "".join(f"d,2026-05-{day:02},{day},0.5\n" for day in range(1, number + 1))


def test_a_row_that_is_stored_already_is_a_repeat(tmp_path: Path) -> None:
    made = place(tmp_path, unique(BUY, "order"), TWICE)
    made.write("buy.csv", "user,at,order,n\na,2026-06-01,70,1.5\n" + filler())
    made.evaluated()
    made.append("buy.csv", "a,2026-06-01,70,1.50\nb,2026-06-01,71,2\n")
    result = made.table()
    assert (result.added, result.report.dropped, keys(made)) == (1, {"repeated": 1}, "d")
    assert made.is_as_anew()


def test_rows_that_are_stored_already_are_nothing_new(tmp_path: Path) -> None:
    made = place(tmp_path, unique(BUY, "order"), TWICE)
    made.write("buy.csv", "user,at,order,n\n" + filler())
    made.evaluated()
    made.append("buy.csv", filler())
    result = made.table()
    assert (result.added, result.report.kept, result.report.dropped) == (0, 8, {"repeated": 8})


@pytest.mark.parametrize(("at", "held"), [("2026-05-01", "b"), ("2026-06-09", "a")])
def test_the_earliest_counts_of_a_stored_row_and_one_that_came(tmp_path: Path, at: str, held: str) -> None:
    made = place(tmp_path, unique(BUY, "order"), "s: {kind: dynamic, where: {did: {event: buy, where: {order: 70}}}}\n")
    made.write("buy.csv", "user,at,order,n\na,2026-06-01,70,1.5\n" + filler())
    made.evaluated()
    made.append("buy.csv", f"b,{at},70,1.5\n")
    result = made.table()
    assert (result.added, result.report.dropped, keys(made)) == (None, {"repeated": 1}, held)
    assert made.is_as_anew()


@pytest.mark.parametrize("columns", [("order",), ("user", "at", "order"), ("order", "n")])
def test_rows_without_a_value_are_no_repeats_of_stored_ones(tmp_path: Path, columns: tuple[str, ...]) -> None:
    made = place(tmp_path, unique(BUY, *columns), TWICE)
    made.write("buy.csv", "user,at,order,n\na,2026-06-01,,1\n" + filler())
    made.evaluated()
    made.append("buy.csv", "a,2026-06-01,,1\n")
    result = made.table()
    assert (result.added, result.report.dropped, keys(made)) == (1, {}, "ad")


def test_repeats_are_found_in_every_part(tmp_path: Path) -> None:
    made = place(tmp_path, unique(BUY, "order"), TWICE)
    made.write("buy.csv", "user,at,order,n\n" + filler(20))
    made.evaluated()
    for row in ("a,2026-06-01,71,1\n", "b,2026-06-01,72,1\n", "a,2026-06-01,71,1\n", "d,2026-05-03,3,0.5\n"):
        made.append("buy.csv", row)
        made.evaluated()
    assert (keys(made), made.table().report.dropped) == ("d", {"repeated": 2})


def test_rows_that_came_twice_without_unique_count_and_are_told(tmp_path: Path) -> None:
    made = place(tmp_path, BUY, TWICE)
    made.write("buy.csv", "user,at,order,n\na,2026-06-01,70,1.5\n" + filler())
    made.evaluated()
    made.append("buy.csv", "a,2026-06-01,70,1.50\nb,2026-06-01,71,2\n")
    result = made.table()
    assert (result.added, result.report.notes[EVENTS_TWICE], keys(made)) == (2, 1, "ad")
    made.append("buy.csv", "b,2026-06-01,71,2\nb,2026-06-01,72,2\n")
    assert (made.table().report.notes[EVENTS_TWICE], keys(made)) == (2, "abd")


CSV = {
    "texts": (("code",), "x", "x"),
    "integers": (("code",), "7", "7"),
    "dates": (("code",), "2026-01-02", "2026-01-02"),
    "times": (("at",), "7", "7"),
    "users and times": (("user", "at"), "7", "7"),
    "numbers": (("code",), "1.5", "1.50"),
    "booleans": (("user", "code"), "true", "true"),
}


@pytest.mark.parametrize("name", CSV)
def test_a_repeat_is_found_by_columns_of_every_kind(tmp_path: Path, name: str) -> None:
    columns, one, other = CSV[name]
    rest = {"times": "8", "users and times": "8", "booleans": "false", "dates": "2026-01-03"}.get(name, "9")
    made = place(tmp_path, unique(BUY, *columns), TWICE)
    many = "".join(f"{user},2026-05-{day:02},{rest}\n" for user in "bcd" for day in range(1, 5))
    made.write("buy.csv", f"user,at,code\na,2026-06-01,{one}\n{many}")
    before = made.table().report.kept
    made.append("buy.csv", f"a,2026-06-01,{other}\n")
    result = made.table()
    assert (result.added, result.report.kept) == (0, before)
    assert made.is_as_anew()


def test_a_repeat_is_found_where_a_part_of_numbers_holds_only_whole_ones(tmp_path: Path) -> None:
    made = place(tmp_path, unique(BUY, "user", "at", "n"), TWICE.replace("buy,", "buy, where: {n: 5},"))
    made.write("buy.csv", "user,at,order,n\n" + filler())
    made.evaluated()
    for _ in range(2):
        made.append("buy.csv", "b,2026-06-01,71,5\n")
        made.evaluated()
    assert keys(made) == ""
    assert made.is_as_anew()


def test_a_repeat_is_found_where_a_number_of_ndjson_is_whole(tmp_path: Path) -> None:
    made = place(tmp_path, unique(LINES, "n"))
    made.write("buy.ndjson", '{"user": "a", "at": "2026-06-01", "n": 5.5}\n{"user": "a", "at": "2026-06-01", "n": 6}\n')
    made.evaluated()
    made.append("buy.ndjson", '{"user": "b", "at": "2026-06-01", "n": 6}\n')
    made.evaluated()
    assert (keys(made), made.is_as_anew()) == ("a", True)


def test_a_repeat_is_found_by_lists_of_numbers_however_many_zeros_they_end_in(tmp_path: Path) -> None:
    made = place(tmp_path, unique(BUY, "n").replace("}", ", columns: {n: {list: number}}}"), TWICE)
    made.write("buy.csv", "user,at,n\na,2026-06-01,1.5|2\n")
    made.evaluated()
    made.append("buy.csv", "a,2026-06-01,1.5|2.00\n")
    made.evaluated()
    assert (keys(made), made.is_as_anew()) == ("", True)


def test_a_zero_is_a_repeat_of_a_zero_whatever_its_sign(tmp_path: Path) -> None:
    made = place(tmp_path, unique(LINES, "n"), TWICE)
    made.write("buy.ndjson", '{"user": "a", "at": "2026-06-01", "n": 0.0}\n')
    made.evaluated()
    made.append("buy.ndjson", '{"user": "a", "at": "2026-06-01", "n": -0.0}\n')
    made.evaluated()
    assert (keys(made), made.is_as_anew()) == ("", True)


def test_a_repeat_is_found_by_lists_of_texts(tmp_path: Path) -> None:
    made = place(tmp_path, unique(LINES, "ids"), TWICE)
    made.write("buy.ndjson", '{"user": "a", "at": "2026-06-01", "ids": ["x", "y"]}\n')
    made.evaluated()
    made.append(
        "buy.ndjson", '{"user": "a", "at": "2026-06-01", "ids": ["x", "y"]}\n{"user": "b", "at": "2026-06-01"}\n'
    )
    result = made.table()
    assert (result.added, result.report.dropped, keys(made)) == (1, {"repeated": 1}, "")


def test_which_of_repeats_counts_does_not_depend_on_the_order_of_fields_in_what_came(tmp_path: Path) -> None:
    made = place(tmp_path, unique(LINES, "order"), "s: {kind: dynamic, where: {did: {event: buy, where: {x: 1}}}}\n")
    made.write("buy.ndjson", '{"order": 0, "user": "d", "at": "2026-06-01", "x": 5, "y": 5}\n')
    made.evaluated()
    made.append(
        "buy.ndjson",
        '{"y": 2, "x": 1, "order": 1, "user": "a", "at": "2026-06-01"}\n'
        '{"y": 1, "x": 2, "order": 1, "user": "a", "at": "2026-06-01"}\n',
    )
    made.evaluated()
    assert made.is_as_anew()


def test_times_without_offset_after_times_with_one_are_refused_as_in_one_reading(tmp_path: Path) -> None:
    made = place(tmp_path)
    made.write("buy.csv", "user,at\na,2026-06-01T10:00:00Z\n")
    made.evaluated()
    made.append("buy.csv", "b,2026-06-01T10:00:00\n")
    (problem,) = made.problems()
    assert "mixes times with an offset" in problem


def test_more_than_ten_thousand_names_are_refused_however_they_came(tmp_path: Path) -> None:
    made = place(tmp_path, BUY.replace("}", ", name: e}"), "s: {kind: dynamic, where: {did: n1}}\n")
    made.write("buy.csv", "user,at,e\n" + "".join(f"a,2026-06-01,n{number}\n" for number in range(9_999)))
    made.evaluated()
    made.append("buy.csv", "a,2026-06-01,m1\na,2026-06-01,m2\n")
    (problem,) = made.problems()
    assert "10,001 names of events" in problem


@pytest.mark.parametrize(("one", "other"), [(5, "6"), ("6", 5), (5, True)])
def test_a_new_file_whose_column_is_of_another_type_is_refused_as_in_one_reading(
    tmp_path: Path, one: Any, other: Any
) -> None:
    made = place(tmp_path, PARQUETS)
    made.write_parquet("buy1.parquet", user=["a"], at=[AS_OF], n=[one])
    made.evaluated()
    made.write_parquet("buy2.parquet", user=["a"], at=[AS_OF], n=[other])
    with pytest.raises(InputError, match="column `n`"):
        made.anew().evaluated()
    with pytest.raises(InputError, match="column `n`"):
        made.evaluated()


PAIRS: dict[str, tuple[Any, Any]] = {
    "decimals and floats": (Decimal("1.5"), 1.25),
    "decimals of other scales": (Decimal("1.5"), Decimal("1.25")),
    "integers and decimals": (1, Decimal("1.25")),
    "lists of decimals of other scales": ([Decimal("1.5")], [Decimal("1.25")]),
    "lists of decimals and floats": ([Decimal("1.5")], [1.25]),
    "lists of integers and numbers": ([1], [2.5]),
    "objects with decimals of other scales": ([{"p": Decimal("1.5")}], [{"p": Decimal("1.25")}]),
    "objects with integers and numbers": ([{"p": 1}], [{"p": 2.5}]),
    "objects with their fields in another order": ([{"p": 1, "q": 2}], [{"q": 2, "p": 1}]),
    "objects with other fields": ([{"p": 1}], [{"q": 1}]),
    "nothing and texts": (None, "x"),
    "texts and nothing": ("x", None),
}


@pytest.mark.parametrize("name", PAIRS)
def test_a_new_file_of_other_types_is_read_where_one_reading_of_all_is(tmp_path: Path, name: str) -> None:
    made = place(tmp_path, PARQUETS, TWICE)
    for number, value in enumerate(PAIRS[name]):
        pl.DataFrame({"user": ["a"], "at": [AS_OF], "n": [value]}).write_parquet(made.folder / f"buy{number}.parquet")
        made.evaluated()
    assert keys(made) == "a"
    assert made.is_as_anew()


def test_what_is_wrong_with_a_list_is_told_in_words(tmp_path: Path) -> None:
    made = place(tmp_path, PARQUETS)
    made.write_parquet("buy1.parquet", user=["a"], at=[AS_OF], n=[[1]])
    made.evaluated()
    made.write_parquet("buy2.parquet", user=["a"], at=[AS_OF], n=[["x", "y"]])
    (problem,) = made.problems()
    assert "Series" not in problem
    assert "\n" not in problem


def test_what_a_column_was_while_it_was_empty_does_not_bind_it_and_its_first_values_do(tmp_path: Path) -> None:
    made = place(tmp_path)
    made.write("buy.csv", "user,at,n\na,,\n")
    made.evaluated()
    for row in ("a,2026-06-01T10:00:00Z,x\n", "b,2026-06-02T10:00:00Z,7\n"):
        made.append("buy.csv", row)
        assert made.table().added == 1
    made.append("buy.csv", "c,2026-06-03T10:00:00,x\n")
    assert "mixes times with an offset" in made.problems()[0]


@pytest.mark.parametrize(
    ("more", "held"), [(", unique: [order]", "s"), (", name: e", ""), (", columns: {e: text}", "s")]
)
def test_another_declaration_makes_a_table_be_read_anew(tmp_path: Path, more: str, held: str) -> None:
    made = place(tmp_path)
    made.write("buy.csv", "user,at,order,e\na,2026-06-01,1,open\na,2026-06-01,1,open\n")
    assert made.table().report.kept == 2
    settings = (made.folder / "segtool.yaml").read_text()
    made.write("segtool.yaml", settings.replace("time: at", f"time: at{more}"))
    result = made.table()
    assert (result.changed, result.added, result.report.kept) == (True, None, 1 if "unique" in more else 2)
    assert {name for name, _ in made.members()} == ({held} if held else set())


def test_another_column_of_times_makes_a_table_be_read_anew(tmp_path: Path) -> None:
    made = place(tmp_path, segments="s: {kind: dynamic, where: {did: {event: buy, in_last: 7d}}}\n")
    made.write("buy.csv", "user,at,paid\na,2026-01-01,2026-06-14\nb,2026-06-14,2026-01-01\n")
    made.evaluated()
    assert keys(made) == "b"
    made.write("segtool.yaml", (made.folder / "segtool.yaml").read_text().replace("time: at", "time: paid"))
    made.evaluated()
    assert keys(made) == "a"
