"""A project's store comes in; goes out: what it takes on the disk, who can read it, and what runs have left behind."""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

from segtool.model.files import shown
from segtool.store import log
from segtool.store.debris import temporaries
from segtool.store.files import plain_failure
from segtool.store.lock import is_held
from segtool.store.store import UNFINISHED

BLOCK = 512
"""Bytes of the blocks that a file's status counts, whatever the file system's are."""


@dataclass
class Inspection:
    """Paths are as messages name them. `busy`: a run is at work, whose mark and temporary files are in order."""

    busy: bool
    unfinished: bool
    temporary: list[str]
    runs: int
    bytes: int = 0
    links: list[str] = field(default_factory=list)
    open_to_others: list[str] = field(default_factory=list)
    unreadable: list[str] = field(default_factory=list)


def inspected(project: Path) -> Inspection:
    """Looks at every file of the store, and opens none."""
    root = project / ".segtool"
    with plain_failure(project):
        busy, unfinished = is_held(root / "lock"), (root / UNFINISHED).exists()
        left = sorted(str(path.relative_to(project)) for path in temporaries(project))
        found = Inspection(busy, unfinished, left, sum(1 for _ in log.numbers(root)))
        for path in _below(root):
            _look(path, project, found)
    return found


def _below(folder: Path) -> Iterator[Path]:
    """The folder and everything in it."""
    yield folder
    # what may not be read is told of as itself; what is gone, a run that is at work has removed
    with suppress(FileNotFoundError, PermissionError):
        for entry in os.scandir(folder):
            inside = folder / entry.name
            yield from _below(inside) if entry.is_dir(follow_symlinks=False) else (inside,)


def _look(path: Path, project: Path, found: Inspection) -> None:
    try:
        status = os.lstat(path)
    except FileNotFoundError:
        return
    found.bytes += status.st_blocks * BLOCK
    if stat.S_ISLNK(status.st_mode):
        # what it leads to has the modes and is not the store's
        found.links.append(shown(path, project))
        return
    if stat.S_IMODE(status.st_mode) & (stat.S_IRWXG | stat.S_IRWXO):
        found.open_to_others.append(shown(path, project))
    if not os.access(path, os.R_OK):
        found.unreadable.append(shown(path, project))
