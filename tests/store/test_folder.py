"""The store's folder: private, of a known format, and with room for nothing but what segtool put there."""

from __future__ import annotations

import os
import stat
from pathlib import Path

import pytest

from segtool.errors import DamageError
from segtool.model.run import State
from segtool.store.store import Store
from segtool.store.writer import writing

from .builders import commit, first_run, members, tree, users


def test_a_store_of_a_newer_format_is_refused_by_its_number_and_not_touched(tmp_path: Path) -> None:
    with writing(tmp_path) as writer:
        first_run(writer)
    (tmp_path / ".segtool/format").write_text('{"format": 2}')
    before = tree(tmp_path)
    message = "has format 2, made by a newer segtool; this one reads formats up to 1"
    with pytest.raises(DamageError, match=message):
        Store(tmp_path)
    with pytest.raises(DamageError, match=message), writing(tmp_path):
        pass
    assert tree(tmp_path) == before


@pytest.mark.parametrize("content", ["", "[]", '{"format": "x"}', "{}"])
def test_a_damaged_format_is_damage(tmp_path: Path, content: str) -> None:
    with writing(tmp_path) as writer:
        first_run(writer)
    (tmp_path / ".segtool/format").write_text(content)
    with pytest.raises(DamageError, match=r"\.segtool/format is damaged"):
        Store(tmp_path)


def test_a_log_without_a_format_is_damage(tmp_path: Path) -> None:
    with writing(tmp_path) as writer:
        first_run(writer)
    (tmp_path / ".segtool/format").unlink()
    with pytest.raises(DamageError, match=r"\.segtool/format is missing"):
        Store(tmp_path)


def test_names_that_are_not_the_stores_own_are_never_swept(tmp_path: Path) -> None:
    with writing(tmp_path):
        pass
    strangers = [".segtool/objects/notes.txt", ".segtool/tables/mine", ".segtool/log/.keep", ".segtool/cache"]
    for name in strangers:
        (tmp_path / name).write_text("mine")
    (tmp_path / ".segtool/unfinished").touch()
    with writing(tmp_path) as writer:
        first_run(writer)
    assert all((tmp_path / name).read_text() == "mine" for name in strangers)


@pytest.mark.parametrize("umask", [0, 0o027, 0o277])
def test_folders_are_0700_and_files_0600_whatever_the_umask(tmp_path: Path, umask: int) -> None:
    old = os.umask(umask)
    try:
        with writing(tmp_path) as writer:
            table = writer.add_users(users(["ann"], city=["Kyiv"]))
            commit(writer, State({"users": table}, members=writer.add_members(members(1, a=[0]), 1)))
    finally:
        assert os.umask(old) == umask
    paths = [tmp_path / ".segtool", *(tmp_path / ".segtool").rglob("*")]
    modes = {(path.is_dir(), stat.S_IMODE(path.stat().st_mode)) for path in paths}
    assert modes == {(True, 0o700), (False, 0o600)}


def test_git_ignores_the_store(tmp_path: Path) -> None:
    with writing(tmp_path):
        pass
    assert (tmp_path / ".segtool/.gitignore").read_text() == "*\n"
