"""A run that is tried on a store: it sees what it adds, and nothing in the project tells of it."""

from __future__ import annotations

import errno
import os
from pathlib import Path

import pytest

from segtool.errors import StoreError
from segtool.model.run import State
from segtool.store.rehearsal import rehearsing
from segtool.store.store import USERS
from segtool.store.writer import writing

from .builders import commit, tree, users


def project(folder: Path) -> Path:
    folder.mkdir()
    with writing(folder) as writer:
        state = writer.add_users(users(["ann", "bob"]))
        commit(writer, State({USERS: state}))
    return folder


def test_what_is_added_is_seen_beside_what_is_kept_and_goes_again(tmp_path: Path) -> None:
    folder = project(tmp_path / "p")
    before = tree(folder)
    with rehearsing(folder) as store:
        aside = store.desk.parent
        assert store.keys().to_list() == ["ann", "bob"]
        state = store.add_users(users(["bob", "eve"]))
        assert store.keys().to_list() == ["ann", "bob", "eve"]
        assert store.object_bytes(store.add_bytes(b"a snapshot")) == b"a snapshot"
        assert (aside / ".segtool/tables" / state.parts[0]).is_dir()
        assert tree(folder) == before
    assert not aside.exists()
    assert tree(folder) == before


def test_a_project_without_a_store_stays_so(tmp_path: Path) -> None:
    with rehearsing(tmp_path) as store:
        store.add_users(users(["ann"]))
        assert store.keys().to_list() == ["ann"]
    assert list(tmp_path.iterdir()) == []


def test_where_nothing_can_be_laid_aside_that_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path / "none"))
    message = r"could not write .*none.*: No such file or directory; nothing was changed"
    with pytest.raises(StoreError, match=message), rehearsing(tmp_path):
        pass


def test_a_folder_that_cannot_be_filled_is_told_and_goes_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(path: Path) -> bool:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), str(path))

    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    monkeypatch.setattr("segtool.store.rehearsal.make_folder", full)
    with pytest.raises(StoreError, match=r"No space left on device; nothing was changed"), rehearsing(tmp_path / "p"):
        pass
    assert list(tmp_path.iterdir()) == []
