"""The order in which a run syncs and names its files: nothing is named before its bytes are on the disk."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from segtool.model.run import State
from segtool.store.writer import writing

from .builders import commit, second_run, users


class Disk:
    """Does what it is asked for, and knows which files and folders were touched and not synced since."""

    def __init__(self) -> None:
        self.open, self.fsync, self.rename, self.link = os.open, os.fsync, os.rename, os.link
        self.unlink, self.mkdir = os.unlink, os.mkdir
        self.unsynced: set[str] = set()
        self.linked: list[str] = []
        self.paths: dict[int, str] = {}

    def install(self, monkeypatch: pytest.MonkeyPatch) -> None:
        fakes = {"open": self.opened, "fsync": self.synced, "unlink": self.unlinked, "mkdir": self.made}
        for name, fake in {**fakes, "rename": self.renamed, "link": self.given_a_name}.items():
            monkeypatch.setattr(os, name, fake)

    def touch(self, path: str | Path) -> None:
        self.unsynced.update((str(path), str(Path(path).parent)))

    def opened(self, path: str | Path, flags: int, mode: int = 0o777) -> int:
        descriptor = self.open(path, flags, mode)
        self.paths[descriptor] = str(path)
        if flags & os.O_CREAT:
            self.touch(path)
        return descriptor

    def synced(self, descriptor: int) -> None:
        self.fsync(descriptor)
        self.unsynced.discard(self.paths[descriptor])

    def unlinked(self, path: str | Path) -> None:
        self.unlink(path)
        self.touch(path)

    def made(self, path: str | Path, mode: int = 0o777) -> None:
        self.mkdir(path, mode)
        self.touch(path)

    def renamed(self, source: str | Path, target: str | Path) -> None:
        self.name(source, target)
        self.rename(source, target)

    def given_a_name(self, source: str | Path, target: str | Path) -> None:
        self.name(source, target)
        self.link(source, target)
        self.linked.append(Path(target).name)

    def name(self, source: str | Path, target: str | Path) -> None:
        assert str(source) not in self.unsynced, f"{target} is named before its bytes are on the disk"
        folder = Path(target).parent
        if folder.name == "log":
            above = {str(parent) for parent in Path(target).parents[1:3]}
            assert not {path for path in self.unsynced if "/objects" in path or "/tables" in path or path in above}
        if folder.name == "snapshots":
            assert not {path for path in self.unsynced if path.endswith("/log")}, "published too early"
        self.unsynced.add(str(folder))


def test_bytes_are_on_the_disk_before_their_name_and_the_log_before_what_follows_from_it(
    tmp_path: Path,
) -> None:
    project = tmp_path / "project"
    project.mkdir()
    with pytest.MonkeyPatch.context() as monkeypatch:
        disk = Disk()
        disk.install(monkeypatch)
        with writing(project) as writer:
            commit(writer, State({"users": writer.add_users(users(["ann"]))}))
        with writing(project) as writer:
            second_run(writer)
    # the mark of an unfinished run is the last to go; where that is lost, the next run looks once more
    assert {path for path in disk.unsynced if Path(path).exists()} <= {
        str(project / ".segtool"),
        str(project / ".segtool/lock"),
    }
    assert disk.linked == ["1.json", "2.json", "fair.csv", "fair.json"]
