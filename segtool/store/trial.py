"""A project's folder comes in; goes out: what its file system can do of all that a store needs, found by trying it."""

from __future__ import annotations

import os
import stat
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from segtool.errors import StoreError
from segtool.model.diagnosis import Finding
from segtool.model.files import discard, sync_folder, temporary, write_new
from segtool.store.files import make_folder, put, put_new
from segtool.store.lock import locked
from segtool.store.snapshots import FOLDER

CONTENDER = """
import fcntl, os, sys
try:
    fcntl.flock(os.open(sys.argv[1], os.O_RDWR), fcntl.LOCK_EX | fcntl.LOCK_NB)
except BlockingIOError:
    sys.exit(3)
"""
"""What another process does: it ends with 3 where it is kept out."""


@dataclass(frozen=True)
class Need:
    """What a store needs of a file system: what is promised with it, and what is not without it. `fault` tries it, at
    a path where nothing is yet, and tells why it cannot be done; "" where it can."""

    name: str
    promise: str
    lack: str
    fault: Callable[[Path], str]


def _made_twice(path: Path) -> str:
    write_new(path, [])
    with suppress(FileExistsError):
        write_new(path, [])
        return "a file is made where one stands"
    return ""


def _not_private(path: Path) -> str:
    make_folder(path.parent)
    write_new(path, [])
    modes = [stat.S_IMODE(os.stat(one).st_mode) for one in (path.parent, path)]
    private = modes == [0o700, 0o600]
    return "" if private else "a private folder and file have the modes {:04o} and {:04o}".format(*modes)


def _not_synced(path: Path) -> str:
    write_new(path, [])
    sync_folder(path.parent)
    return ""


def _not_replaced(path: Path) -> str:
    put(path, [b"before"])
    put(path, [b"after"])
    return "" if path.read_bytes() == b"after" else "a file keeps its bytes where another one is given its name"


def _linked_twice(path: Path) -> str:
    put_new(path, [])
    with suppress(FileExistsError):
        put_new(path, [])
        return "a link is made where a file stands"
    return ""


def _lets_two_in(path: Path) -> str:
    with locked(path):
        code = subprocess.run([sys.executable, "-I", "-S", "-c", CONTENDER, path], capture_output=True).returncode
    return {0: "a lock does not keep other processes out", 3: ""}.get(code, "another process could not try")


NEEDS = (
    Need("private modes", "what is kept is private", "what is kept here is not private to you", _not_private),
    Need("new files", "no file is written twice", "runs may write over each other's files here", _made_twice),
    Need(
        "sync of folders",
        "what is committed outlives a power cut",
        "no run can be committed here, as it might not outlive a power cut",
        _not_synced,
    ),
    Need("rename", "files are replaced in one step", "the files of a store cannot be written here", _not_replaced),
    Need(
        "hard links",
        "runs and snapshots are committed in one step, and never over another",
        "snapshots and runs cannot be committed here",
        _linked_twice,
    ),
    Need("locks", "no two runs write at once", "two runs at once are not kept apart here", _lets_two_in),
)


def tried(project: Path) -> Iterator[Finding]:
    """What the file system of a project's folder can do, and that of its store or snapshots where that is another.

    It is tried in a passing folder; where none can be made, that is said.
    """
    places = [place for place in (project, project / ".segtool", project / FOLDER) if place.is_dir()]
    for place in {place.stat().st_dev: place for place in reversed(places)}.values():
        about = "file system" if place == project else f"file system of {place.name}"
        folder = temporary(place)
        try:
            os.mkdir(folder, 0o700)
        except OSError as error:
            fact = f"this folder cannot be written to ({error.strerror}), so nothing was tried; reading works"
            yield Finding(about, "writing", fact, noted=True)
        else:
            yield from _tried(folder, about)


def _tried(folder: Path, about: str) -> Iterator[Finding]:
    try:
        for need in NEEDS:
            yield _found(need, folder / need.name, about)
        yield _case(folder, about)
    finally:
        discard(folder)


def _found(need: Need, path: Path, about: str) -> Finding:
    try:
        fault = need.fault(path)
    except OSError as error:
        fault = error.strerror or str(error)
    if fault:
        return Finding(about, need.name, f"{need.lack}: {fault}", exit_code=StoreError.exit_code)
    return Finding(about, need.name, need.promise)


def _case(folder: Path, about: str) -> Finding:
    if os.path.lexists(folder.with_name(folder.name.upper())):
        fact = "names that differ in case alone are one; no two segments have such names"
        return Finding(about, "upper and lower case", fact, noted=True)
    return Finding(about, "upper and lower case", "are told apart")
