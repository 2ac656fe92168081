"""Whatever call fails, and wherever a run is killed: the state is the one before or the one after."""

from __future__ import annotations

import errno
import fcntl
import os
import shutil
import stat
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from segtool.errors import StoreError
from segtool.model.run import State
from segtool.model.tables import Reject
from segtool.store.store import Store
from segtool.store.writer import writing

from .builders import commit, facts, first_run, second_run, tree, users

CALLS = ("open", "write", "fsync", "rename", "link", "unlink", "mkdir", "rmdir", "chmod", "fchmod", "close")


class Fault:
    """Does something at the n-th of the calls that change files, or (`from_then_on`) at every one from it."""

    def __init__(self, at: int, act: Callable[[str], None], from_then_on: bool = False) -> None:
        self.at, self.act, self.from_then_on, self.count = at, act, from_then_on, 0

    def install(self, monkeypatch: pytest.MonkeyPatch) -> None:
        for name in CALLS:
            monkeypatch.setattr(os, name, self.around(name, getattr(os, name)))

    def around(self, name: str, real: Callable[..., Any]) -> Callable[..., Any]:
        def call(*args: Any, **more: Any) -> Any:
            if name == "close":
                real(*args)
            if name != "open" or args[1] & os.O_CREAT:
                self.count += 1
                if self.count == self.at or (self.from_then_on and self.count > self.at):
                    self.act(name)
            return None if name == "close" else real(*args, **more)

        return call


def fail(name: str) -> None:
    number = errno.EIO if name in ("fsync", "close") else errno.ENOSPC
    raise OSError(number, os.strerror(number))


def die(name: str) -> None:
    os._exit(9)


def write(project: Path, run: Callable[[Any], Any]) -> None:
    with writing(project) as writer:
        run(writer)


@pytest.fixture(scope="module")
def before(tmp_path_factory: pytest.TempPathFactory) -> Path:
    project = tmp_path_factory.mktemp("before")
    write(project, first_run)
    return project


@pytest.fixture(scope="module")
def after(before: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    project = tmp_path_factory.mktemp("after")
    shutil.copytree(before, project, dirs_exist_ok=True)
    write(project, second_run)
    return project


def is_after(project: Path, before: Path, after: Path) -> bool:
    """Whether the second run counts; it counts as a whole, or not at all."""
    found = facts(project)
    assert found in (facts(before), facts(after))
    Store(project).check_snapshots()
    return found == facts(after)


def repeat(project: Path, before: Path, after: Path) -> None:
    """The next run ends or redoes what the failed one began, and leaves nothing else."""
    write(project, lambda writer: None if facts(project) == facts(after) else second_run(writer))
    assert is_after(project, before, after)
    ours, theirs = tree(project), tree(after)
    assert sorted(len(name) for name in ours) == sorted(len(name) for name in theirs)
    assert (project / "snapshots/fair.csv").read_bytes() == b"id\nann\nbob\n"


@pytest.mark.parametrize("from_then_on", [False, True], ids=["once", "from then on"])
def test_a_call_that_fails_leaves_the_state_before_or_after_and_says_which(
    tmp_path: Path, before: Path, after: Path, from_then_on: bool
) -> None:
    seen = set()
    for at in range(1, 1000):
        project = tmp_path / str(at)
        shutil.copytree(before, project)
        fault, said = Fault(at, fail, from_then_on), ""
        with pytest.MonkeyPatch.context() as monkeypatch:
            fault.install(monkeypatch)
            try:
                write(project, second_run)
            except StoreError as error:
                said = str(error)
        committed = is_after(project, before, after)
        assert committed == ("nothing was changed" not in said), said
        assert not said or "could not write" in said
        seen.add((committed, bool(said)))
        repeat(project, before, after)
        if fault.count < at:
            break
    assert seen == {(False, True), (True, True), (True, False)}


def test_a_run_killed_at_any_call_leaves_the_state_before_or_after(tmp_path: Path, before: Path, after: Path) -> None:
    seen, codes = set(), set()
    for at in range(1, 1000):
        project = tmp_path / str(at)
        shutil.copytree(before, project)
        child = os.fork()
        if not child:
            Fault(at, die).install(pytest.MonkeyPatch())
            write(project, second_run)
            os._exit(0)
        code = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
        committed = is_after(project, before, after)
        seen.add(committed)
        codes.add(code)
        repeat(project, before, after)
        if code == 0:
            assert committed
            break
    assert (seen, codes) == ({False, True}, {0, 9})


def test_a_first_run_killed_at_any_call_leaves_an_empty_store_or_a_whole_one(tmp_path: Path) -> None:
    seen = set()
    for at in range(1, 1000):
        project = tmp_path / str(at)
        project.mkdir()
        child = os.fork()
        if not child:
            Fault(at, die).install(pytest.MonkeyPatch())
            write(project, first_run)
            os._exit(0)
        code = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
        head = Store(project).head
        seen.add(head.number if head else 0)
        write(project, lambda writer: writer.head or first_run(writer))
        assert facts(project)[0] == {"buyers": ("dynamic", 2)}
        assert len(tree(project)) == 12
        if code == 0:
            break
    assert seen == {0, 1}


def test_a_table_whose_writing_fails_leaves_the_version_before(tmp_path: Path) -> None:
    old, new = users(["ann", "bob"], city=["Kyiv", None]), users(["bob", "eve"], city=["Oslo", "Rome"])
    new = replace(new, rejects=(Reject("users.csv", 4, "rows without a key", "no key in column `id`", ",Bonn"),))
    origin = tmp_path / "origin"
    origin.mkdir()
    write(origin, lambda writer: commit(writer, State({"users": writer.add_users(old)})))
    for at in range(1, 1000):
        project = tmp_path / str(at)
        shutil.copytree(origin, project)
        fault, failed = Fault(at, fail), False
        with pytest.MonkeyPatch.context() as monkeypatch:
            fault.install(monkeypatch)
            try:
                write(project, lambda writer: commit(writer, State({"users": writer.add_users(new)})))
            except StoreError:
                failed = True
        table = Store(project).users()
        assert table is not None
        assert (table.keys.to_list(), table.column("city") is not None) in (
            (["ann", "bob"], True),
            (["ann", "bob", "eve"], True),
        )
        assert failed or table.size == 3
        write(project, lambda writer: None)
        assert len(os.listdir(project / ".segtool/tables")) == 1
        rejects = [path.name for path in (project / ".segtool/rejects").glob("*")]
        assert rejects == ["users.csv"] or (failed and not rejects)
        if fault.count < at:
            break


def test_an_interrupt_right_after_the_link_takes_nothing_from_the_committed_run(
    tmp_path: Path, before: Path, after: Path
) -> None:
    project = tmp_path / "project"
    shutil.copytree(before, project)
    real = os.link

    def interrupted(source: str, target: str) -> None:
        real(source, target)
        raise KeyboardInterrupt

    with pytest.MonkeyPatch.context() as monkeypatch:
        monkeypatch.setattr(os, "link", interrupted)
        with pytest.raises(KeyboardInterrupt):
            write(project, second_run)
    assert is_after(project, before, after)
    repeat(project, before, after)


def test_a_failure_names_the_place_and_the_reason(tmp_path: Path, before: Path) -> None:
    project = tmp_path / "project"
    shutil.copytree(before, project)

    def full(source: str, target: str) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), str(source), None, str(target))

    message = r"^could not write \.segtool/log/2\.json: No space left on device; nothing was changed$"
    with pytest.MonkeyPatch.context() as monkeypatch:
        monkeypatch.setattr(os, "link", full)
        with pytest.raises(StoreError, match=message):
            write(project, second_run)


def test_a_log_whose_sync_fails_is_not_called_committed(tmp_path: Path, before: Path) -> None:
    project = tmp_path / "project"
    shutil.copytree(before, project)
    linked = []
    link, sync = os.link, os.fsync

    def note(source: str, target: str) -> None:
        link(source, target)
        linked.append(target)

    def broken(descriptor: int) -> None:
        if linked:
            raise OSError(errno.EIO, os.strerror(errno.EIO))
        sync(descriptor)

    message = r"could not write \.segtool/log: .*; run 2 was written, but the disk has not confirmed it: run it"
    with pytest.MonkeyPatch.context() as monkeypatch:
        monkeypatch.setattr(os, "link", note)
        monkeypatch.setattr(os, "fsync", broken)
        with pytest.raises(StoreError, match=message):
            write(project, second_run)


LACKING = [errno.EPERM, errno.ENOSYS, errno.ENOTSUP, errno.EOPNOTSUPP]
STEP = r"nothing was changed \(keep the project on another disk; `segtool doctor` tells more\)$"


@pytest.mark.parametrize("number", LACKING)
def test_where_there_are_no_hard_links_a_commit_is_refused_in_plain_words(
    tmp_path: Path, before: Path, after: Path, number: int
) -> None:
    project = tmp_path / "project"
    shutil.copytree(before, project)

    def lacking(source: str, target: str) -> None:
        raise OSError(number, os.strerror(number), str(source), None, str(target))

    message = rf"^could not write \.segtool/log/2\.json: this file system has no hard links; {STEP}"
    with pytest.MonkeyPatch.context() as monkeypatch:
        monkeypatch.setattr(os, "link", lacking)
        with pytest.raises(StoreError, match=message):
            write(project, second_run)
    assert not is_after(project, before, after)
    assert tree(project).keys() - tree(before).keys() == {".segtool/unfinished"}
    repeat(project, before, after)


@pytest.mark.parametrize("number", [errno.EINVAL, errno.ENOTSUP])
@pytest.mark.parametrize("is_first", [True, False])
def test_where_folders_are_not_synced_a_run_is_refused_before_it_writes_anything(
    tmp_path: Path, before: Path, number: int, is_first: bool
) -> None:
    project, sync = tmp_path / "project", os.fsync
    shutil.copytree(before, project) if not is_first else project.mkdir()
    known = tree(project)

    def lacking(descriptor: int) -> None:
        if stat.S_ISDIR(os.fstat(descriptor).st_mode):
            raise OSError(number, os.strerror(number))
        sync(descriptor)

    message = rf"^could not write \.segtool: this file system does not sync folders; {STEP}"
    with pytest.MonkeyPatch.context() as monkeypatch:
        monkeypatch.setattr(os, "fsync", lacking)
        with pytest.raises(StoreError, match=message):
            write(project, first_run if is_first else second_run)
    made = tree(project).keys() - known.keys()
    assert not {name for name in made if "log/" in name or "objects/" in name}
    write(project, first_run if is_first else second_run)


@pytest.mark.parametrize("number", [errno.ENOLCK, errno.ENOSYS, errno.ENOTSUP])
def test_where_there_are_no_locks_no_run_begins(tmp_path: Path, before: Path, number: int) -> None:
    project = tmp_path / "project"
    shutil.copytree(before, project)

    def lacking(descriptor: int, operation: int) -> None:
        raise OSError(number, os.strerror(number))

    message = rf"^could not write \.segtool/lock: this file system has no locks; {STEP}"
    with pytest.MonkeyPatch.context() as monkeypatch:
        monkeypatch.setattr(fcntl, "flock", lacking)
        with pytest.raises(StoreError, match=message):
            write(project, second_run)
    assert tree(project) == tree(before)
