"""Rows that are equal in the columns of `unique:` are one event: the earliest, whatever the order of rows."""

from __future__ import annotations

from itertools import permutations
from pathlib import Path

import pytest

from segtool.model.kinds import INTEGER, TEXT, list_of
from segtool.model.tables import DeclaredColumn
from tests.read.logs import events, utc
from tests.read.reading import column, rows

REPEATED = {"repeated": 2}


def _each_order(header: str, lines: list[str]) -> list[str]:
    return [header + "".join(order) for order in permutations(lines)]


def test_the_earliest_of_repeated_rows_is_kept_whatever_the_order_of_rows(tmp_path: Path) -> None:
    lines = ["a,2026-06-03,1,x\n", "b,2026-06-01,1,y\n", "c,2026-06-02,1,w\n", "d,2026-06-09,2,v\n"]
    for content in _each_order("user,at,order,z\n", lines):
        read = events(tmp_path, content, unique=("order",))
        assert sorted(column(read, "user")) == ["b", "d"]
        assert read.report.dropped == REPEATED


def test_of_equal_times_the_first_by_the_other_columns_by_name_is_kept(tmp_path: Path) -> None:
    lines = ["b,2026-06-01,1,2,x\n", "a,2026-06-01,1,10,y\n", "a,2026-06-01,1,10,x\n"]
    for content in _each_order("user,at,order,n,z\n", lines):
        read = events(tmp_path, content, unique=("order",))
        assert rows(read) == [("b", utc(2026, 5, 31, 21), 1, 2, "x")]


def test_a_missing_value_comes_before_others_of_equal_times(tmp_path: Path) -> None:
    for content in _each_order("user,at,order,n\n", ["a,2026-06-01,1,\n", "a,2026-06-01,1,-5\n"]):
        assert column(events(tmp_path, content, unique=("order",)), "n") == [None]


def test_repeated_rows_of_several_files_count_once_whatever_the_names_of_the_files(tmp_path: Path) -> None:
    one, other = "user,at,order,n\na,2026-06-01,1,2\n", "user,at,order,n\na,2026-06-01,1,1\n"
    for first, second in ((one, other), (other, one)):
        (tmp_path / "buy-1.csv").write_text(first)
        (tmp_path / "buy-2.csv").write_text(second)
        assert column(events(tmp_path, name="buy-*.csv", unique=("order",)), "n") == [1]


def test_which_row_is_kept_does_not_depend_on_the_order_of_fields_in_lines_of_ndjson(tmp_path: Path) -> None:
    lines = [
        '{"order": 1, "user": "a", "at": "2026-06-01T10:00:00Z", "x": 1, "y": 2}\n',
        '{"order": 1, "user": "a", "at": "2026-06-01T10:00:00Z", "y": 1, "x": 2}\n',
    ]
    kept = [
        column(events(tmp_path, content, name="l.ndjson", unique=("order",)), "x")
        for content in map("".join, permutations(lines))
    ]
    assert kept[0] == kept[1]


def test_which_row_is_kept_does_not_depend_on_the_order_of_columns_in_files(tmp_path: Path) -> None:
    one, other = "user,at,order,x,y\na,2026-06-01,1,1,2\n", "user,at,order,y,x\na,2026-06-01,1,1,2\n"
    kept = []
    for first, second in ((one, other), (other, one)):
        (tmp_path / "buy-1.csv").write_text(first)
        (tmp_path / "buy-2.csv").write_text(second)
        kept.append(column(events(tmp_path, name="buy-*.csv", unique=("order",)), "x"))
    assert kept[0] == kept[1]


def test_rows_that_lack_a_value_are_no_repeats(tmp_path: Path) -> None:
    content = "user,at,order,line\na,2026-06-01,,1\na,2026-06-01,,1\na,2026-06-01,1,\na,2026-06-01,1,\n"
    read = events(tmp_path, content, unique=("order", "line"))
    assert (read.report.kept, read.report.dropped) == (4, {})


def test_several_columns_must_all_be_equal(tmp_path: Path) -> None:
    content = "user,at,order,line\na,2026-06-01,1,1\na,2026-06-02,1,2\na,2026-06-03,1,1\na,2026-06-04,2,1\n"
    read = events(tmp_path, content, unique=("order", "line"))
    assert [moment.day for moment in column(read, "at")] == [31, 1, 3]
    assert read.report.dropped == {"repeated": 1}


@pytest.mark.parametrize("unique", [("user", "at"), ("at", "user"), ("at", "user", "n")])
def test_the_columns_of_users_and_times_may_be_among_them(tmp_path: Path, unique: tuple[str, ...]) -> None:
    content = "user,at,n\na,2026-06-01T10:00:00Z,1\na,2026-06-01T12:00:00+02:00,1\nb,2026-06-01T10:00:00Z,1\n"
    read = events(tmp_path, content, unique=unique)
    assert (column(read, "user"), read.report.dropped) == (["a", "b"], {"repeated": 1})


def test_the_column_of_names_may_be_among_them(tmp_path: Path) -> None:
    content = "user,at,event,id\na,2026-06-01,open,1\na,2026-06-02,click,1\na,2026-06-03,open,1\n"
    read = events(tmp_path, content, event="event", unique=("event", "id"))
    assert read.report.names == {"click": 1, "open": 1}


def test_lists_are_equal_where_their_elements_are_in_the_same_order(tmp_path: Path) -> None:
    said = {"ids": DeclaredColumn(list_of(INTEGER), "|")}
    content = "user,at,ids\na,2026-06-01,1|2\nb,2026-06-02,1|2\nc,2026-06-02,2|1\nd,2026-06-02,\ne,2026-06-02,\n"
    read = events(tmp_path, content, unique=("ids",), columns=said)
    assert (column(read, "user"), read.report.dropped) == (["a", "c", "d", "e"], {"repeated": 1})


def test_of_equal_times_lists_decide_too(tmp_path: Path) -> None:
    said = {"tags": DeclaredColumn(list_of(TEXT), "|")}
    for content in _each_order("user,at,order,tags\n", ["a,2026-06-01,1,x|y\n", "a,2026-06-01,1,x|a\n"]):
        assert column(events(tmp_path, content, unique=("order",), columns=said), "tags") == [["x", "a"]]


def test_lists_of_objects_may_be_among_them_and_beside_them(tmp_path: Path) -> None:
    lines = [
        '{"user": "a", "at": "2026-06-01T10:00:00Z", "id": 1, "lines": [{"sku": "y"}]}\n',
        '{"user": "a", "at": "2026-06-01T10:00:00Z", "id": 1, "lines": [{"sku": "x"}]}\n',
        '{"user": "a", "at": "2026-06-01T10:00:00Z", "id": 2, "lines": [{"sku": "x"}]}\n',
    ]
    for content in _each_order("", lines):
        read = events(tmp_path, content, name="l.ndjson", unique=("id",))
        assert sorted((row["id"], row["lines"]) for row in read.frame.to_dicts()) == [
            (1, [{"sku": "x"}]),
            (2, [{"sku": "x"}]),
        ]
        assert sorted(column(events(tmp_path, name="l.ndjson", unique=("lines",)), "id")) == [1, 1]


def test_a_field_of_an_object_may_be_among_them(tmp_path: Path) -> None:
    line = '{{"user": "a", "at": "2026-06-0{}T10:00:00Z", "order": {{"id": 1}}}}\n'
    read = events(tmp_path, line.format(2) + line.format(1), name="l.ndjson", unique=("order.id",))
    assert column(read, "at") == [utc(2026, 6, 1, 10)]


def test_numbers_are_equal_however_many_zeros_they_end_in(tmp_path: Path) -> None:
    read = events(tmp_path, "user,at,n\na,2026-06-01,1.5\na,2026-06-01,1.50\na,2026-06-01,1.05\n", unique=("n",))
    assert read.report.kept == 2


def test_rows_that_are_no_events_do_not_stand_for_those_that_are(tmp_path: Path) -> None:
    content = "user,at,order\n,2026-06-01,1\na,,1\na,2026-06-09,1\n"
    read = events(tmp_path, content, unique=("order",))
    assert column(read, "at") == [utc(2026, 6, 8, 21)]
    assert read.report.dropped == {"without a user": 1, "without a time": 1}
