"""Rejected rows stand in a private file for each table, as long as its version lacks them."""

from __future__ import annotations

import os
import stat
from dataclasses import replace
from pathlib import Path

from segtool.model.run import State
from segtool.model.tables import Reject
from segtool.store.rejects import Rejected, clear_rejects, shown_file, write_rejects
from segtool.store.writer import writing

from .builders import commit, first_run, tree, users

ONE = Reject("data/users.csv", 7, "rows without a key", "no key in column `id`", ',"Ann, of Kyiv"')
TWO = Reject("data/more.csv", 9, "rows that are not UTF-8", "byte 0xff is not UTF-8", "b,\\xff")
HEADER = b"file,line,reason,row\n"
FIRST = b'data/users.csv,7,no key in column `id`,",""Ann, of Kyiv"""\n'
SECOND = b'data/more.csv,9,byte 0xff is not UTF-8,"b,\\xff"\n'


def test_rejected_rows_are_written_as_csv_and_replace_those_of_before(tmp_path: Path) -> None:
    write_rejects(tmp_path, {"users": Rejected((ONE,))})
    assert tree(tmp_path) == {"rejects": None, "rejects/users.csv": HEADER + FIRST}
    write_rejects(tmp_path, {"users": Rejected((TWO,))})
    assert tree(tmp_path) == {"rejects": None, "rejects/users.csv": HEADER + SECOND}


def test_those_that_came_with_new_events_stand_after_those_of_before(tmp_path: Path) -> None:
    write_rejects(tmp_path, {"buy": Rejected((ONE,))})
    write_rejects(tmp_path, {"buy": Rejected((TWO,), is_more=True)})
    write_rejects(tmp_path, {"buy": Rejected((), is_more=True)})
    assert (tmp_path / "rejects/buy.csv").read_bytes() == HEADER + FIRST + SECOND


def test_a_table_without_rejected_rows_has_no_file(tmp_path: Path) -> None:
    write_rejects(tmp_path, {"users": Rejected(())})
    assert tree(tmp_path) == {}
    write_rejects(tmp_path, {"users": Rejected((ONE,)), "buy": Rejected((TWO,))})
    write_rejects(tmp_path, {"users": Rejected(())})
    assert tree(tmp_path) == {"rejects": None, "rejects/buy.csv": HEADER + SECOND}


def test_the_files_are_private_whatever_the_umask(tmp_path: Path) -> None:
    before = os.umask(0)
    try:
        write_rejects(tmp_path, {"users": Rejected((ONE,))})
    finally:
        os.umask(before)
    modes = [stat.S_IMODE((tmp_path / name).stat().st_mode) for name in ("rejects", "rejects/users.csv")]
    assert modes == [0o700, 0o600]


def test_a_table_has_a_file_in_the_folder_whatever_its_name(tmp_path: Path) -> None:
    names = ["purchase", "покупка", "../../x", "a/b", ".", "Ж" * 100]
    (tmp_path / "store").mkdir()
    write_rejects(tmp_path / "store", {name: Rejected((ONE,)) for name in names})
    assert len(list((tmp_path / "store/rejects").iterdir())) == len(names)
    assert [path.name for path in tmp_path.iterdir()] == ["store"]
    assert shown_file("покупка") == ".segtool/rejects/покупка.csv"


def test_what_a_killed_run_left_half_written_is_swept(tmp_path: Path) -> None:
    with writing(tmp_path) as writer:
        first_run(writer)
    write_rejects(tmp_path / ".segtool", {"users": Rejected((ONE,))})
    (tmp_path / ".segtool/rejects/.segtool-0123456789abcdef.tmp").write_text("Ann")
    (tmp_path / ".segtool/unfinished").touch()
    with writing(tmp_path):
        pass
    assert [path.name for path in (tmp_path / ".segtool/rejects").iterdir()] == ["users.csv"]


def test_a_run_that_is_not_committed_writes_none(tmp_path: Path) -> None:
    read = replace(users(["ann"]), rejects=(ONE,))
    with writing(tmp_path) as writer:
        writer.add_users(read)
    assert not (tmp_path / ".segtool/rejects").exists()
    with writing(tmp_path) as writer:
        state = writer.add_users(read)
        commit(writer, State({"users": state}))
    assert (tmp_path / ".segtool/rejects/users.csv").read_bytes() == HEADER + FIRST


def test_all_of_them_can_be_cleared(tmp_path: Path) -> None:
    write_rejects(tmp_path, {"users": Rejected((ONE,)), "buy": Rejected((TWO,))})
    clear_rejects(tmp_path)
    clear_rejects(tmp_path)
    assert tree(tmp_path) == {}
