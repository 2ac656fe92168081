"""What a file system can do is found by trying, in a folder that is gone again; what it cannot is said plainly."""

from __future__ import annotations

import errno
import fcntl
import os
import shutil
import stat
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from segtool.model.diagnosis import Finding
from segtool.store.trial import tried

from .builders import tree

PROMISES = {
    "private modes": "what is kept is private",
    "new files": "no file is written twice",
    "sync of folders": "what is committed outlives a power cut",
    "rename": "files are replaced in one step",
    "hard links": "runs and snapshots are committed in one step, and never over another",
    "locks": "no two runs write at once",
    "upper and lower case": "are told apart",
}
Fake = Callable[..., Any]


def failing(number: int) -> Fake:
    def fail(*given: Any, **more: Any) -> None:
        raise OSError(number, os.strerror(number))

    return fail


def failing_on_folders(number: int) -> Fake:
    real = os.fsync

    def sync(descriptor: int) -> None:
        if stat.S_ISDIR(os.fstat(descriptor).st_mode):
            raise OSError(number, os.strerror(number))
        real(descriptor)

    return sync


def opens_what_is_there(path: Path, flags: int, mode: int = 0o777, real: Fake = os.open) -> Any:
    return real(path, flags & ~os.O_EXCL, mode)


def makes_all_open(descriptor: int, mode: int, real: Fake = os.fchmod) -> None:
    real(descriptor, 0o777)


def nothing(*given: Any) -> None:
    """Says that it is done."""


CASES = [
    (os, "link", failing(errno.EPERM), "hard links", "this file system has no hard links"),
    (os, "link", failing(errno.EOPNOTSUPP), "hard links", "this file system has no hard links"),
    (os, "link", failing(errno.ENOSPC), "hard links", "No space left on device"),
    (os, "link", shutil.copyfile, "hard links", "a link is made where a file stands"),
    (os, "fsync", failing_on_folders(errno.EINVAL), "sync of folders", "this file system does not sync folders"),
    (fcntl, "flock", failing(errno.ENOLCK), "locks", "this file system has no locks"),
    (fcntl, "flock", nothing, "locks", "a lock does not keep other processes out"),
    (os, "open", opens_what_is_there, "new files", "a file is made where one stands"),
    (os, "fchmod", makes_all_open, "private modes", "a private folder and file have the modes 0700 and 0777"),
]
LACKS = {
    "private modes": "what is kept here is not private to you",
    "new files": "runs may write over each other's files here",
    "sync of folders": "no run can be committed here, as it might not outlive a power cut",
    "hard links": "snapshots and runs cannot be committed here",
    "locks": "two runs at once are not kept apart here",
}


def test_where_all_is_there_each_promise_is_told_and_nothing_stays(tmp_path: Path) -> None:
    found = list(tried(tmp_path))
    assert {finding.name: finding.fact for finding in found} == PROMISES
    assert {(finding.about, finding.state) for finding in found} == {("file system", "fine")}
    assert tree(tmp_path) == {}


@pytest.mark.parametrize(("module", "call", "fake", "name", "fault"), CASES)
def test_what_a_file_system_lacks_is_told_with_what_is_not_promised(
    module: Any, call: str, fake: Fake, name: str, fault: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as lacking:
        lacking.setattr(module, call, fake)
        found = list(tried(tmp_path))
    assert [one for one in found if one.state == "wrong"] == [
        Finding("file system", name, f"{LACKS[name]}: {fault}", exit_code=1)
    ]
    assert tree(tmp_path) == {}


@pytest.mark.parametrize("number", [errno.EROFS, errno.EACCES])
def test_where_nothing_can_be_written_that_is_said_and_nothing_is_tried(
    number: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as lacking:
        lacking.setattr(os, "mkdir", failing(number))
        (found,) = tried(tmp_path)
    fact = f"this folder cannot be written to ({os.strerror(number)}), so nothing was tried; reading works"
    assert found == Finding("file system", "writing", fact, noted=True)
