"""A table's columns by row: rows are stable, values exact, and the same data gives the same bytes."""

from __future__ import annotations

import datetime as dt
import os
from decimal import Decimal
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from segtool.errors import BusyError, DamageError, InputError
from segtool.model.columns import Coded, Plain, UserTable, unpack
from segtool.model.kinds import TEXT, Column, Schema, list_of, struct_of
from segtool.model.run import State
from segtool.store import layout
from segtool.store.store import Store
from segtool.store.tables import StoredTable
from segtool.store.writer import writing
from tests.tabled import ReadTable

from .builders import commit, tree, users


def stored(project: Path, *reads: ReadTable) -> StoredTable:
    with writing(project) as writer:
        for read in reads:
            commit(writer, State({"users": writer.add_users(read)}))
    table = Store(project).users()
    assert table is not None
    return table


def values(table: UserTable, name: str) -> list[Any]:
    """The values of a column by row, as a person would write them."""
    data = table.column(name)
    if isinstance(data, Coded):
        domain = data.domain.to_list()
        return [domain[code] for code in data.codes]
    valid = unpack(data.valid, table.size)
    return [value.item() if there else None for value, there in zip(data.values, valid, strict=True)]


def plain(table: UserTable, name: str) -> Plain:
    data = table.column(name)
    assert isinstance(data, Plain)
    return data


def coded(table: UserTable, name: str) -> Coded:
    data = table.column(name)
    assert isinstance(data, Coded)
    return data


def test_rows_are_numbered_in_the_order_of_the_first_file(tmp_path: Path) -> None:
    table = stored(tmp_path, users(["cat", "ann", "bob"], age=[3, 1, 2]))
    assert (table.size, table.keys.to_list(), values(table, "age")) == (3, ["cat", "ann", "bob"], [3, 1, 2])
    assert unpack(table.present, 3).tolist() == [True, True, True]


def test_keys_keep_their_rows_when_the_order_changes_some_go_and_some_come(tmp_path: Path) -> None:
    table = stored(
        tmp_path,
        users(["ann", "bob", "cat"], age=[1, 2, 3], city=["Kyiv", "Lviv", "Odesa"]),
        users(["eve", "cat", "dan", "ann"], age=[50, 30, 40, 10], city=["Rome", "Oslo", None, "Kyiv"]),
    )
    assert table.keys.to_list() == ["ann", "bob", "cat", "eve", "dan"]
    assert unpack(table.present, table.size).tolist() == [True, False, True, True, True]
    assert values(table, "age") == [10, None, 30, 50, 40]
    assert values(table, "city") == ["Kyiv", None, "Oslo", "Rome", None]


def test_a_key_that_returns_has_its_old_row(tmp_path: Path) -> None:
    table = stored(tmp_path, users(["ann", "bob"]), users(["bob"]), users(["bob", "ann"], age=[2, 1]))
    assert (table.keys.to_list(), values(table, "age")) == (["ann", "bob"], [1, 2])
    assert unpack(table.present, 2).tolist() == [True, True]


def test_keys_are_compared_byte_for_byte(tmp_path: Path) -> None:
    table = stored(tmp_path, users(["7", "007", "a", "A", " a", "é"]), users(["é", "A", "7"]))
    assert table.keys.to_list() == ["7", "007", "a", "A", " a", "é"]
    assert unpack(table.present, 6).tolist() == [True, False, False, True, False, True]


def test_every_kind_comes_back_exactly(tmp_path: Path) -> None:
    moment = dt.datetime(2026, 8, 1, 10, 0, 0, 5, tzinfo=dt.UTC)
    table = stored(
        tmp_path,
        users(
            ["a", "b", "c"],
            text=["x", None, "ї"],
            integer=[2**62, None, -1],
            decimal=pl.Series([Decimal("12.50"), None, Decimal("-0.01")], dtype=pl.Decimal(10, 2)),
            number=[0.1, None, -1e300],
            boolean=[True, None, False],
            date=[dt.date(1970, 1, 2), None, dt.date(1969, 12, 31)],
            datetime=pl.Series([moment, None, moment], dtype=pl.Datetime("us", "UTC")),
            tags=[["b", "a"], None, []],
        ),
    )
    assert values(table, "text") == ["x", None, "ї"]
    assert values(table, "integer") == [2**62, None, -1]
    assert (values(table, "decimal"), plain(table, "decimal").scale) == ([1250, None, -1], 2)
    assert values(table, "number") == [0.1, None, -1e300]
    assert values(table, "boolean") == [True, None, False]
    assert values(table, "date") == [1, None, -1]
    assert values(table, "datetime") == [1_785_578_400_000_005, None, 1_785_578_400_000_005]
    assert values(table, "tags") == [["b", "a"], None, []]
    types = {name: plain(table, name).values.dtype.str for name in ("integer", "decimal", "number", "date", "datetime")}
    assert types == {"integer": "<i8", "decimal": "<i2", "number": "<f8", "date": "<i4", "datetime": "<i8"}


def test_lists_of_structs_are_coded_by_their_distinct_values(tmp_path: Path) -> None:
    read = users(["a", "b", "c", "d", "e"])
    orders = [
        [{"sku": "x", "n": 1}],
        None,
        [],
        [{"sku": "x", "n": 1}],
        [{"sku": None, "n": 1}, {"sku": "x", "n": 2}],
    ]
    frame = read.frame.with_columns(orders=pl.Series(orders))
    column = Column("orders", list_of(struct_of({"sku": TEXT})))
    schema = Schema("id", (*read.schema.columns, column))
    table = stored(tmp_path, ReadTable(schema, frame, read.files, read.report))
    assert values(table, "orders") == orders
    assert len(coded(table, "orders").domain) == 4
    assert table.schema == schema


def test_codes_depend_on_the_values_and_not_on_the_order_of_rows(tmp_path: Path) -> None:
    one = users([*"abcdefghijkl"], city=["Oslo", "Kyiv", None, "Élan"] * 3, tags=[["b"], ["a", "c"], None, ["a"]] * 3)
    other = ReadTable(one.schema, one.frame.reverse(), one.files, one.report)
    for name, read in (("one", one), ("other", other)):
        (tmp_path / name).mkdir()
        table = stored(tmp_path / name, read)
        assert coded(table, "city").domain.to_list() == [None, "Kyiv", "Oslo", "Élan"]
        assert coded(table, "tags").domain.to_list() == [None, ["a"], ["a", "c"], ["b"]]


def test_the_same_data_in_another_order_of_a_later_file_gives_the_same_column_files(tmp_path: Path) -> None:
    one = users([*"abcdef"], city=["Oslo", None, "Kyiv"] * 2, age=[1, None, 3] * 2, tags=[["x"], ["y"], None] * 2)
    other = ReadTable(one.schema, one.frame.reverse(), one.files, one.report)
    files = []
    for reads in ([one], [one, other]):
        project = tmp_path / str(len(reads))
        project.mkdir()
        stored(project, *reads)
        (folder,) = (project / ".segtool/tables").iterdir()
        files.append({name: content for name, content in tree(folder).items() if name != "schema.json"})
    assert files[0] == files[1]
    assert len(files[0]) == 9


@pytest.mark.parametrize(("distinct", "dtype"), [(255, "|u1"), (256, "<u2"), (65_535, "<u2"), (65_536, "<u4")])
def test_codes_are_as_wide_as_the_distinct_values_need(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, distinct: int, dtype: str
) -> None:
    monkeypatch.setattr(layout, "VARIED", 1)
    texts = [f"{number:06}" for number in range(distinct)]
    table = stored(tmp_path, users([f"{at}" for at in range(2 * distinct)], city=texts * 2))
    assert coded(table, "city").codes.dtype.str == dtype
    assert values(table, "city") == texts * 2


def test_a_column_in_which_nearly_every_value_is_another_has_no_codes(tmp_path: Path) -> None:
    texts = [f"{number:06}" for number in range(50_000)]
    table = stored(tmp_path, users(texts, mail=[*texts[:-1], None]))
    assert coded(table, "mail").own
    assert values(table, "mail") == [*texts[:-1], None]
    (folder,) = (tmp_path / ".segtool/tables").iterdir()
    assert sorted(path.name for path in folder.glob("1.*")) == ["1.values.arrow"]


def test_decimals_with_many_zeros_are_held_with_fewer_places(tmp_path: Path) -> None:
    amounts = pl.Series([Decimal("12.50"), Decimal("1000000000000.25"), None], dtype=pl.Decimal(38, 18))
    table = stored(tmp_path, users(["a", "b", "c"], amount=amounts))
    data = plain(table, "amount")
    assert (data.scale, values(table, "amount")) == (6, [12_500_000, 1_000_000_000_000_250_000, None])


def test_decimals_that_cannot_be_held_exactly_are_refused(tmp_path: Path) -> None:
    amounts = pl.Series([Decimal("1.000000000000000001"), Decimal("1000")], dtype=pl.Decimal(38, 18))
    with pytest.raises(InputError, match="column amount: its numbers have more digits"):
        stored(tmp_path, users(["a", "b"], amount=amounts))
    assert Store(tmp_path).head is None


def test_the_key_is_a_column_too_and_those_gone_have_no_value(tmp_path: Path) -> None:
    table = stored(tmp_path, users(["ann", "bob"]), users(["bob", "cat"]))
    key = coded(table, "id")
    assert (key.codes.tolist(), key.domain.to_list()) == ([0, 2, 3], [None, "ann", "bob", "cat"])
    assert key.domain.name == "id"


def test_a_column_that_is_missing_everywhere(tmp_path: Path) -> None:
    table = stored(
        tmp_path, users(["a"], city=pl.Series([None], dtype=pl.String), age=pl.Series([None], dtype=pl.Int64))
    )
    assert (values(table, "city"), values(table, "age")) == ([None], [None])


def test_a_table_without_rows(tmp_path: Path) -> None:
    empty = stored(tmp_path, users([], city=pl.Series([], dtype=pl.String), age=pl.Series([], dtype=pl.Int64)))
    assert (empty.size, empty.keys.to_list(), values(empty, "city"), values(empty, "age")) == (0, [], [], [])


def test_every_user_may_go_and_the_columns_stay(tmp_path: Path) -> None:
    table = stored(tmp_path, users(["a", "b"], age=[1, 2]), users([], age=pl.Series([], dtype=pl.Int64)))
    assert (table.size, values(table, "age"), unpack(table.present, 2).tolist()) == (
        2,
        [None] * 2,
        [False] * 2,
    )


def test_columns_are_mapped_and_cannot_be_written(tmp_path: Path) -> None:
    data = plain(stored(tmp_path, users(["a"], age=[1])), "age")
    assert not data.values.flags.writeable
    assert not data.values.flags.owndata


def test_only_the_newest_version_of_a_table_is_kept(tmp_path: Path) -> None:
    table = stored(tmp_path, users(["a"]), users(["a", "b"]))
    assert os.listdir(tmp_path / ".segtool/tables") == [*Store(tmp_path).state.tables["users"].parts]
    assert table.size == 2


def test_a_table_that_was_added_is_there_for_its_own_run_before_the_commit(tmp_path: Path) -> None:
    with writing(tmp_path) as writer:
        state = writer.add_users(users(["a", "b"]))
        table = writer.users()
        assert table is not None
        assert table.size == 2
        assert Store(tmp_path).users() is None
        assert (state.files, state.report.kept, state.by_hand) == (users([]).files, 2, "")


def test_a_table_that_a_run_replaced_while_it_was_read_asks_to_run_again(tmp_path: Path) -> None:
    table = stored(tmp_path, users(["a"], age=[1]))
    stored(tmp_path, users(["a", "b"], age=[1, 2]))
    with pytest.raises(BusyError, match="another run replaced the table"):
        table.column("age")


@pytest.mark.parametrize(
    "name",
    ["schema.json", "keys.arrow", "present.npy", "1.codes.npy", "1.domain.arrow", "2.values.npy", "3.values.arrow"],
)
@pytest.mark.parametrize("harm", ["cut", "empty", "lost"])
def test_a_damaged_file_of_a_table_is_damage_that_names_it(tmp_path: Path, name: str, harm: str) -> None:
    stored(tmp_path, users(["a", "b"], city=["x", "x"], age=[1, 2], mail=["m", "n"]))
    (folder,) = (tmp_path / ".segtool/tables").iterdir()
    content = (folder / name).read_bytes()
    (folder / name).unlink() if harm == "lost" else (folder / name).write_bytes(content[:-1] if harm == "cut" else b"")
    with pytest.raises(DamageError, match=f"{folder.name}/{name} is (missing|damaged)"):
        table = Store(tmp_path).users()
        assert table is not None
        [*(table.column(column) for column in ("id", "city", "age", "mail")), table.present]


def test_an_arrow_file_with_a_changed_byte_is_not_even_parsed(tmp_path: Path) -> None:
    stored(tmp_path, users(["ann", "bob"]))
    (path,) = (tmp_path / ".segtool/tables").glob("*/keys.arrow")
    path.write_bytes(path.read_bytes().replace(b"bob", b"eve"))
    table = Store(tmp_path).users()
    assert table is not None
    with pytest.raises(DamageError, match="its bytes are not the ones that were written"):
        assert table.keys.to_list()


def test_keys_are_an_arrow_file_that_others_can_read(tmp_path: Path) -> None:
    stored(tmp_path, users(["ann", "bob"]))
    (path,) = (tmp_path / ".segtool/tables").glob("*/keys.arrow")
    assert path.read_bytes().startswith(b"ARROW1")
    assert pl.read_ipc(path.read_bytes()).to_series().to_list() == ["ann", "bob"]
