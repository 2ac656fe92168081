"""A run that is tried on a store: it sees what it adds, and nothing in the project tells of it."""

from __future__ import annotations

from pathlib import Path

import pytest

from segtool.errors import StoreError
from segtool.model.run import State
from segtool.store.rehearsal import rehearsing
from segtool.store.store import USERS
from segtool.store.writer import writing
from tests.cli.running import files
from tests.store.builders import commit, users


def project(folder: Path) -> Path:
    folder.mkdir()
    with writing(folder) as writer:
        state = writer.add_users(users(["ann", "bob"]))
        commit(writer, State({USERS: state}))
    return folder


def test_what_is_added_is_seen_beside_what_is_kept_and_goes_again(tmp_path: Path) -> None:
    folder = project(tmp_path / "p")
    before = files(folder)
    with rehearsing(folder) as store:
        aside = store.desk.parent
        assert store.keys().to_list() == ["ann", "bob"]
        state = store.add_users(users(["bob", "eve"]))
        assert store.keys().to_list() == ["ann", "bob", "eve"]
        assert store.object_bytes(store.add_bytes(b"a snapshot")) == b"a snapshot"
        assert (aside / ".segtool/tables" / state.parts[0]).is_dir()
        assert files(folder) == before
    assert not aside.exists()
    assert files(folder) == before


def test_a_project_without_a_store_stays_so(tmp_path: Path) -> None:
    with rehearsing(tmp_path) as store:
        store.add_users(users(["ann"]))
        assert store.keys().to_list() == ["ann"]
    assert list(tmp_path.iterdir()) == []


def test_where_nothing_can_be_laid_aside_that_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path / "none"))
    with pytest.raises(StoreError, match=r"could not write .*none.*: No such file or directory; nothing was changed"):
        rehearsing(tmp_path).__enter__()
