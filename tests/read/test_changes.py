"""Of a table of users the rows that changed are typed and laid out alone, and the table is what all of them make."""

from __future__ import annotations

import json
import math
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from segtool.errors import InputError
from segtool.model.columns import Coded, Plain, unpack
from segtool.model.tables import Piece
from segtool.read import hashes
from segtool.read.hashes import row_hashes
from segtool.store.store import Store
from segtool.store.tables import StoredTable
from segtool.store.user_draft import UserDraft
from segtool.verbs.importing import import_tables
from segtool.verbs.run import Run
from tests.read.growing import Place
from tests.read.logs import AS_OF
from tests.read.people import valued
from tests.read.pieces import read_in_blocks

Row = dict[str, Any]
FORMS = ["csv", "ndjson", "parquet"]


def rows() -> list[Row]:
    """Ten users with columns of several kinds; `mail` is another for each."""
    return [
        {
            "user": f"u{i}",
            "city": ["Kyiv", "Oslo", "Élan"][i % 3] if i < 9 else "Lviv",
            "mail": f"{i}@example.net",
            "points": 100 * i,
            "spent": [12.5, 3.25, None][i % 3],
            "paid": i % 2 == 0,
            "since": f"2026-03-{10 + i}",
            "seen": f"2026-04-{10 + i}T08:00:00Z",
            "tags": ["x|y", "z", None][i % 3],
        }
        for i in range(10)
    ]


@dataclass
class Users:
    """A project of users alone, in a file of some form; `laid_out` counts the rows that the last import laid out."""

    place: Place
    form: str
    laid_out: list[int] = field(default_factory=list)

    def write(self, content: list[Row]) -> None:
        frame = pl.DataFrame(content, infer_schema_length=None)
        path = self.place.folder / f"users.{self.form}"
        match self.form:
            case "csv":
                frame.write_csv(path)
            case "ndjson":
                path.write_text("".join(json.dumps(row) + "\n" for row in content))
            case _:
                frame.write_parquet(path)

    def imported(self) -> int:
        (table,) = import_tables(self.place.folder, Run(AS_OF, AS_OF))
        assert table.changed
        return sum(self.laid_out)

    def table(self) -> StoredTable:
        table = Store(self.place.folder).users()
        assert table
        return table

    def assert_as_anew(self, is_whole: bool = True) -> None:
        """A fresh store on the same files has the same users with the same values; where they were not read in many
        pieces, it has laid them out in the same way."""
        fresh = Users(self.place.anew(), self.form)
        fresh.imported()
        assert users_of(self.table()) == users_of(fresh.table())
        if is_whole:
            assert domains(self.table()) == domains(fresh.table())
        mine, its = (Store(one.place.folder).state.tables["users"] for one in (self, fresh))
        assert mine.report == its.report
        assert [column.name for column in mine.schema.columns] == [column.name for column in its.schema.columns]
        assert valued(mine.schema) == valued(its.schema)


def users_of(table: StoredTable) -> list[tuple[Any, ...]]:
    """The users that are present with all their values."""
    present = unpack(table.present, table.size)
    found = zip(*(values(table, name) for name in sorted(table.schema.by_name)), strict=True)
    return sorted((row for row, here in zip(found, present, strict=True) if here), key=str)


def domains(table: StoredTable) -> dict[str, list[Any] | None]:
    """The distinct values of each column of codes."""
    columns = {name: table.column(name) for name in table.schema.by_name.keys() - {table.schema.key}}
    coded = {name: data for name, data in columns.items() if isinstance(data, Coded)}
    return {name: None if data.own else data.domain.to_list() for name, data in coded.items()}


def values(table: StoredTable, name: str) -> list[Any]:
    data = table.column(name)
    if isinstance(data, Plain):
        valid = unpack(data.valid, table.size)
        held = data.values / 10**data.scale if data.scale else data.values
        return [value if has else None for value, has in zip(held.tolist(), valid, strict=True)]
    domain = data.domain.to_list()
    return [domain[code] for code in data.codes.tolist()]


@pytest.fixture(params=FORMS)
def users(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, request: pytest.FixtureRequest) -> Users:
    return made(tmp_path, monkeypatch, request.param)


def made(folder: Path, patch: pytest.MonkeyPatch, form: str) -> Users:
    """A project whose ten users are imported."""
    found = Users(Place(folder / "p"), form)
    found.place.folder.mkdir()
    columns = 'columns: {mail: text, tags: {list: text, separator: "|"}}'
    found.place.write("segtool.yaml", f"version: 1\nusers: {{path: users.{form}, key: user, {columns}}}\n")
    add, clear = UserDraft.add, UserDraft.clear

    def counted(draft: UserDraft, piece: Piece) -> None:
        found.laid_out.append(piece.frame.height)
        add(draft, piece)

    def cleared(draft: UserDraft) -> None:
        found.laid_out.clear()
        clear(draft)

    patch.setattr(UserDraft, "add", counted)
    patch.setattr(UserDraft, "clear", cleared)
    found.write(rows())
    assert found.imported() == 10
    return found


Change = Callable[[list[Row]], list[Row]]


def setting(at: int, **cells: Any) -> Change:
    return lambda rows: [row | cells if i == at else row for i, row in enumerate(rows)]


def new(*numbers: int, **cells: Any) -> Change:
    return lambda rows: [*rows, *({**rows[0], "user": f"n{i}", **cells} for i in numbers)]


def all_rows(change: Callable[[int, Row], Row]) -> Change:
    return lambda rows: [change(i, row) for i, row in enumerate(rows)]


ALONE: dict[str, tuple[Change, int]] = {
    "a number": (setting(3, points=7), 1),
    "a text that others have": (setting(3, city="Oslo"), 1),
    "a text that nobody had": (setting(3, city="Bergen"), 1),
    "a text of its own": (setting(3, mail="three@example.net"), 1),
    "a number with more digits": (setting(3, spent=12.125), 1),
    "a number with fewer digits": (setting(3, spent=4.0), 1),
    "a value that comes to be missing": (setting(3, points=None), 1),
    "a value that was missing": (setting(2, spent=0.5, tags="y"), 1),
    "a list": (setting(3, tags="z|y|x"), 1),
    "times and flags": (setting(3, paid=True, since="2026-05-01", seen="2026-05-01T00:00:00Z"), 1),
    "a new user": (new(1), 1),
    "a new user and a changed one": (lambda rows: new(1, city="Bergen")(setting(4, points=1)(rows)), 2),
    "a new user before all others": (lambda rows: [new(1)(rows)[-1], *rows], 1),
    "a user who is gone": (lambda rows: rows[:4] + rows[5:], 0),
    "the only user of a city who is gone": (lambda rows: rows[:9], 0),
    "a user who is gone and one who changed": (lambda rows: setting(7, points=1)(rows)[1:], 1),
    "rows in another order": (lambda rows: rows[::-1], 0),
    "columns in another order": (all_rows(lambda i, row: dict(reversed(row.items()))), 0),
    "half of the rows": (all_rows(lambda i, row: row | {"points": i} if i >= 5 else row), 5),
}


@pytest.mark.parametrize("name", ALONE)
def test_rows_that_changed_are_laid_out_alone(users: Users, name: str) -> None:
    change, count = ALONE[name]
    users.write(change(rows()))
    assert users.imported() == count
    users.assert_as_anew()


@pytest.mark.parametrize("name", ALONE)
def test_in_pieces_the_same_comes_out(users: Users, name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    change, _ = ALONE[name]
    users.write(change(rows()))
    with monkeypatch.context() as patch:
        read_in_blocks(patch, 200)
        users.imported()
    users.assert_as_anew(is_whole=False)


ANEW: dict[str, tuple[Change, int]] = {
    "most rows": (all_rows(lambda i, row: row | {"points": i} if i >= 4 else row), 10),
    "a kind that widens": (setting(3, points=2.5), 10),
    "a new column": (all_rows(lambda i, row: row | {"more": i}), 10),
    "a column that is gone": (all_rows(lambda i, row: {k: v for k, v in row.items() if k != "points"}), 10),
    "a column of another name": (
        all_rows(lambda i, row: {k.replace("points", "score"): v for k, v in row.items()}),
        10,
    ),
    "what is noted of a row": (setting(3, tags="x||y"), 10),
}


@pytest.mark.parametrize("name", ANEW)
def test_where_more_has_changed_all_rows_are_laid_out(users: Users, name: str) -> None:
    change, count = ANEW[name]
    users.write(change(rows()))
    assert users.imported() == count
    # what is other than before is told of this import alone
    fresh = Users(users.place.anew(), users.form)
    fresh.imported()
    assert users_of(users.table()) == users_of(fresh.table())


WRONG: dict[str, tuple[Change, list[str]]] = {
    "a key that is missing": (
        setting(3, user=None),
        ["users.csv:5: no key in column `user` (every user needs one)"],
    ),
    "a key of rows that are as they were": (
        lambda rows: [*rows, rows[3]],
        ['users.csv:5: key "u3" stands in line 5, line 12 (keep one row for each user)'],
    ),
    "a key of a row that is as it was and a new one": (
        lambda rows: [*rows, {**rows[3], "points": 5}],
        ['users.csv:5: key "u3" stands in line 5, line 12 (keep one row for each user)'],
    ),
    "a value of another kind": (
        setting(3, points="five"),
        [
            'users.csv:5: "five" in column `points`, integer so far, is not an integer '
            "(correct it, or declare `points: text` under `columns:`)"
        ],
    ),
}


@pytest.mark.parametrize("name", WRONG)
def test_what_is_wrong_is_told_with_its_lines_in_the_whole_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    users = made(tmp_path, monkeypatch, "csv")
    change, problems = WRONG[name]
    users.write(change(rows()))
    with pytest.raises(InputError) as caught:
        users.imported()
    assert [str(problem) for problem in caught.value.problems] == problems
    users.write(setting(3, points=7)(rows()))
    assert users.imported() == 1


LAST: dict[str, tuple[Change, bool]] = {
    "stays, and another row changes": (setting(3, points=7), True),
    "goes": (setting(9, nick=None), False),
    "goes with its user": (lambda rows: rows[:9], False),
    "goes, and another one comes": (lambda rows: setting(9, nick=None)(setting(2, nick="two")(rows)), True),
}


@pytest.mark.parametrize("name", LAST)
def test_a_column_whose_last_value_goes_is_known_to_hold_none(users: Users, name: str) -> None:
    change, is_left = LAST[name]
    named = setting(9, nick="nine")(all_rows(lambda i, row: row | {"nick": None})(rows()))
    users.write(named)
    users.imported()
    users.write(change(named))
    users.imported()
    users.assert_as_anew()
    assert ("nick" in valued(Store(users.place.folder).state.tables["users"].schema)) == is_left


def test_a_column_that_is_nowhere_a_number_holds_no_value(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    users = made(tmp_path, monkeypatch, "parquet")
    users.write(all_rows(lambda i, row: row | {"spent": math.nan})(rows()))
    users.imported()
    assert "spent" not in valued(Store(users.place.folder).state.tables["users"].schema)


def test_columns_that_did_not_change_are_known_to_be_the_same(users: Users) -> None:
    names = {column.name for column in users.table().schema.columns}
    before = {name: users.table().fingerprint([name]) for name in names}
    users.write(setting(3, points=7)(rows()))
    users.imported()
    assert {name for name in names if users.table().fingerprint([name]) != before[name]} == {"points"}


def test_a_user_who_returns_is_laid_out_again_in_the_row_of_before(users: Users) -> None:
    users.write(rows()[1:])
    assert users.imported() == 0
    users.write(rows())
    assert users.imported() == 1
    assert users.table().keys.to_list() == [f"u{i}" for i in range(10)]
    users.assert_as_anew()


def test_new_texts_that_look_like_numbers_are_held_against_all_others(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    users = made(tmp_path, monkeypatch, "csv")
    users.write(setting(4, city="Bergen")(setting(3, city="50")(rows())))
    assert users.imported() == 10
    assert users.table().schema.by_name["city"].note == ""
    users.assert_as_anew()


def test_after_an_import_with_notes_all_rows_are_laid_out(users: Users) -> None:
    users.write(setting(3, tags="x||y")(rows()))
    assert users.imported() == 10
    users.write(setting(5, points=1)(setting(3, tags="x||y")(rows())))
    assert users.imported() == 10
    users.assert_as_anew()


def test_the_line_that_made_a_column_text_is_told_as_it_is_now(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    users = made(tmp_path, monkeypatch, "csv")
    coded = all_rows(lambda i, row: row | {"code": "1e5" if i == 3 else str(i)})
    users.write(coded(rows()))
    assert users.imported() == 10
    users.write(setting(5, points=1)(coded(rows()))[1:])
    assert users.imported() == 9
    schema = Store(users.place.folder).state.tables["users"].schema
    assert schema.by_name["code"].note == 'line 4: "1e5"'


def test_rows_that_another_version_read_are_laid_out_again(users: Users, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(hashes, "RULES", "another")
    users.write(setting(3, points=7)(rows()))
    assert users.imported() == 10


def test_of_a_file_that_is_given_by_hand_the_changes_are_laid_out_alone(users: Users) -> None:
    path = users.place.folder / f"users.{users.form}"
    users.write(setting(3, points=7)(rows()))
    path.rename(other := path.with_stem("other"))
    users.write(rows())
    import_tables(users.place.folder, Run(AS_OF, AS_OF), ("users",), other.name)
    assert sum(users.laid_out) == 1
    assert values(users.table(), "points")[3] == 7


def test_another_declaration_makes_all_rows_be_laid_out(users: Users) -> None:
    users.place.write("segtool.yaml", f"version: 1\nusers: {{path: users.{users.form}, key: user}}\n")
    assert users.imported() == 10
    users.assert_as_anew()


def test_a_column_that_varies_little_stays_one_of_codes_however_few_rows_change(users: Users) -> None:
    users.write(setting(3, city="Bergen")(rows()))
    users.imported()
    city, mail = users.table().column("city"), users.table().column("mail")
    assert isinstance(city, Coded) and city.domain.to_list() == [None, "Bergen", "Kyiv", "Lviv", "Oslo", "Élan"]
    assert isinstance(mail, Coded) and mail.own


def test_the_hash_of_a_row_rests_on_its_values_names_and_types_and_on_no_order() -> None:
    frame = pl.DataFrame({"a": ["x", None, "y"], "b": [None, "x", "y"]})
    found = row_hashes(frame, "CSV")
    assert found.n_unique() == 3
    assert row_hashes(frame.select("b", "a").reverse(), "CSV").to_list() == found.reverse().to_list()
    for other in (frame.rename({"b": "c"}), frame.cast({"b": pl.Binary})):
        assert not {*row_hashes(other, "CSV")} & {*found}
    assert not {*row_hashes(frame, "Parquet")} & {*found}


def test_categories_are_hashed_by_their_text_or_not_at_all() -> None:
    texts, lists = pl.DataFrame({"a": ["x", "y"]}), pl.DataFrame({"a": [["x"], ["y"]]})
    categories = texts.cast(pl.Categorical)
    content = "1", row_hashes(categories, "Parquet"), row_hashes(categories[1:], "Parquet")
    assert content[1].to_list()[1:] == content[2].to_list()
    assert row_hashes(lists.cast(pl.List(pl.Categorical)), "Parquet").to_list() == [0, 0]
