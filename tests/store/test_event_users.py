"""Users of events keep their rows, whoever comes first; what is no longer needed goes, and nothing half-made stays."""

from __future__ import annotations

import os
import stat
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from segtool.errors import DamageError, InputError
from segtool.model.columns import unpack
from segtool.model.kinds import NUMBER
from segtool.model.run import State
from segtool.store.store import Store
from segtool.store.writer import writing

from .builders import commit, tree, users
from .test_events import add, batch, held, stored


def _with_users(project: Path, *keys: str) -> Store:
    with writing(project) as writer:
        commit(writer, State({**writer.state.tables, "users": writer.add_users(users(keys))}))
    return Store(project)


def _with_events(project: Path, *who: str) -> Store:
    with writing(project) as writer:
        tables = writer.state.tables
        commit(
            writer,
            State(
                {**tables, "log": add(writer, [batch(list(who))], tables.get("log"))}, strangers=writer.state.strangers
            ),
        )
    return Store(project)


def test_events_of_unknown_users_have_rows_after_those_of_users_and_are_counted(tmp_path: Path) -> None:
    store = stored(tmp_path, batch(["z", "a", "y", "z"]), among=["a", "b"])
    assert (store.keys().to_list(), store.strangers().to_list()) == (["a", "b", "z", "y"], ["z", "y"])
    assert held(store) == [("a",), ("y",), ("z",), ("z",)]
    assert store.unknown_events(store.state.tables["log"]) == 3


def test_users_that_come_later_take_the_rows_that_their_events_have(tmp_path: Path) -> None:
    stored(tmp_path, batch(["z", "a", "y"]), among=["a", "b"])
    store = _with_users(tmp_path, "new", "y", "a")
    table = store.users()
    assert table
    assert (table.keys.to_list(), store.strangers().to_list()) == (["a", "b", "z", "y", "new"], [])
    assert unpack(table.present, 5).tolist() == [True, False, False, True, True]
    assert unpack(table.seen, 5).tolist() == [True, True, False, True, True]
    assert held(store) == [("a",), ("y",), ("z",)]
    store = _with_events(tmp_path, "z", "b", "x", "new")
    assert store.keys().to_list() == ["a", "b", "z", "y", "new", "x"]
    assert store.unknown_events(store.state.tables["log"]) == 4  # z twice, b who is gone, and x
    assert held(store) == [(key,) for key in ("a", "b", "new", "x", "y", "z", "z")]


def test_strangers_of_several_tables_share_their_rows(tmp_path: Path) -> None:
    _with_users(tmp_path, "a")
    with writing(tmp_path) as writer:
        tables = writer.state.tables
        added = {name: add(writer, [batch(["z", name])]) for name in ("log", "web")}
        commit(writer, State({**tables, **added}))
    store = Store(tmp_path)
    assert store.keys().to_list() == ["a", "z", "log", "web"]
    assert [part.named("log").users.tolist() for part in store.event_parts(store.state.tables["web"])] == [[1, 3]]


def test_strangers_of_a_run_that_fails_are_forgotten(tmp_path: Path) -> None:
    store = stored(tmp_path, batch(["z"]), among=["a"])
    before = tree(tmp_path)
    with pytest.raises(KeyboardInterrupt), writing(tmp_path) as writer:
        add(writer, [batch(["y", "x"])], store.state.tables["log"])
        raise KeyboardInterrupt
    after = tree(tmp_path)
    assert {name for name in after if name not in before} <= {".segtool/unfinished"}
    assert _with_events(tmp_path, "w").keys().to_list() == ["a", "z", "w"]
    assert tree(tmp_path).keys() >= before.keys() - {
        path for path in before if path.startswith((".segtool/tables/", ".segtool/objects/"))
    }


def test_parts_that_were_put_together_go(tmp_path: Path) -> None:
    store = stored(tmp_path, *(batch(["a", who]) for who in "abcabcabc"))
    needed = {part for table in store.state.tables.values() for part in table.parts}
    assert set(os.listdir(tmp_path / ".segtool/tables")) == needed
    assert len(held(store)) == 18


def test_events_that_are_read_anew_replace_all_parts(tmp_path: Path) -> None:
    stored(tmp_path, batch(["a"] * 9), batch(["b"]), among=["a", "b"])
    with writing(tmp_path) as writer:
        commit(writer, State({**writer.state.tables, "log": add(writer, [batch(["b", "b"])])}))
    store = Store(tmp_path)
    assert held(store) == [("b",), ("b",)]
    assert len(os.listdir(tmp_path / ".segtool/tables")) == 2


def test_a_batch_of_no_events_makes_no_part(tmp_path: Path) -> None:
    store = stored(tmp_path, batch(["a"]), batch([]))
    assert len(store.state.tables["log"].parts) == 1
    with writing(tmp_path) as writer:
        commit(writer, State({**writer.state.tables, "log": add(writer, [batch([])])}))
    store = Store(tmp_path)
    assert store.state.tables["log"].parts == ()
    assert store.tables(["log"]).events("log") == ()
    assert len(os.listdir(tmp_path / ".segtool/tables")) == 1


def test_events_that_cannot_be_held_leave_nothing_behind(tmp_path: Path) -> None:
    store = stored(tmp_path, batch(["a"] * 3))
    before = tree(tmp_path)
    amounts = pl.Series(["1.000000000000000001", "1000"]).cast(pl.Decimal(38, 18))
    with pytest.raises(InputError, match="column x: its numbers have more digits"), writing(tmp_path) as writer:
        writer.add_users(users(["n"]))
        add(writer, [batch(["a"]), batch(["a", "z"], None, {"x": NUMBER}, x=amounts)], store.state.tables["log"])
    assert tree(tmp_path) == before


def test_folders_and_files_of_events_are_for_their_owner_alone(tmp_path: Path) -> None:
    mask = os.umask(0)
    try:
        stored(tmp_path, batch(["a", "z"], ["x", "y"], n=[1, 2], t=["u", None]), batch(["b"], ["x"], n=[1], t=["u"]))
    finally:
        os.umask(mask)
    modes = {path.is_dir(): set[str]() for path in (tmp_path / ".segtool").rglob("*")}
    for path in (tmp_path / ".segtool").rglob("*"):
        modes[path.is_dir()].add(oct(stat.S_IMODE(path.stat().st_mode)))
    assert modes == {True: {"0o700"}, False: {"0o600"}}


NAMES = [
    "schema.json",
    "rows.npy",
    "times.npy",
    "starts.npy",
    "0.values.npy",
    "0.valid.npy",
    "1.codes.npy",
    "1.domain.arrow",
    "2.0.0.0.arrow",
]


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("harm", ["cut", "lost"])
def test_a_damaged_file_of_events_is_damage_that_names_it(tmp_path: Path, name: str, harm: str) -> None:
    store = stored(tmp_path, batch(["a", "b", "b"], n=[1, 2, 3], t=["x", "x", None], m=["u", "v", None]))
    path = tmp_path / ".segtool/tables" / store.state.tables["log"].parts[0] / name
    content = path.read_bytes()
    path.unlink() if harm == "lost" else path.write_bytes(content[:-1])
    with pytest.raises(DamageError, match=f"{path.parent.name}/{name} is (missing|damaged)"):
        (events,) = Store(tmp_path).tables(["log"]).events("log")
        seen: list[Any] = [events.rows, events.ticks, events.starts, *map(events.column, "ntm")]
        assert seen
