"""The bytes of a frozen segment come in; its published CSV and manifest, written once, come out."""

from __future__ import annotations

import os
import stat
from collections.abc import Callable, Iterable
from contextlib import suppress
from pathlib import Path

from segtool.errors import Problem, UsageError
from segtool.model.files import sync_folder
from segtool.model.run import Frozen, State
from segtool.store.files import put, put_new, refuse_no_folder

FOLDER = "snapshots"
RESTORE = "bring it back with `segtool verify --restore`"
RESTORE_CHANGED = f"{RESTORE}; then erase again, if .segtool is an older copy"
"""An older copy of the store holds, and brings back, who was erased since."""


def snapshot_files(name: str, frozen: Frozen) -> dict[str, str]:
    """The published files of a snapshot, and the object that each is a copy of."""
    return {f"{name}.csv": frozen.csv, f"{name}.json": frozen.manifest}


def frozen_keys(content: bytes) -> tuple[str, ...]:
    """The keys in a snapshot's CSV, which is its first column."""
    import polars as pl

    return tuple(pl.read_csv(content, columns=[0], infer_schema=False).to_series().to_list())


def _holds(path: Path, content: bytes) -> bool:
    return _size(path) == len(content) and path.read_bytes() == content


def _size(path: Path) -> int | None:
    """The bytes of a file; None where none stands there, or a link, whose bytes are somebody else's to change."""
    with suppress(FileNotFoundError, NotADirectoryError):
        status = path.lstat()
        return status.st_size if stat.S_ISREG(status.st_mode) else None
    return None


def refuse_foreign(project: Path, state: State, names: Iterable[str], content: Callable[[str], bytes]) -> None:
    """Raises UsageError for every file that stands where a snapshot would be published and is not it."""
    folder = project / FOLDER
    refuse_no_folder(folder)
    problems = [
        Problem(f"{FOLDER}/{file} exists and is not segtool's", "move it away")
        for file, object_name in _files(state, names).items()
        if os.path.lexists(folder / file) and not _holds(folder / file, content(object_name))
    ]
    if problems:
        raise UsageError(problems)


def _files(state: State, names: Iterable[str]) -> dict[str, str]:
    files: dict[str, str] = {}
    for name in names:
        frozen = state.segments[name].frozen
        if frozen is None:
            raise ValueError(f"segment {name} is not frozen")
        files |= snapshot_files(name, frozen)
    return files


def publish(project: Path, state: State, names: Iterable[str], content: Callable[[str], bytes]) -> None:
    """Copies snapshots to where people look for them; what is there already stays as it is."""
    folder = project / FOLDER
    files = _files(state, names)
    if not files:
        return
    _make(folder)
    sync_folder(project)
    for file, object_name in files.items():
        payload = content(object_name)
        if not _holds(folder / file, payload):
            put_new(folder / file, [payload])
    sync_folder(folder)


def _make(folder: Path) -> None:
    refuse_no_folder(folder)
    with suppress(FileExistsError):
        os.mkdir(folder)


def republish(project: Path, state: State, names: Iterable[str], content: Callable[[str], bytes]) -> tuple[str, ...]:
    """Puts snapshots in place of what stands there; the files that were not the same already."""
    folder = project / FOLDER
    files = {file: content(object_name) for file, object_name in _files(state, names).items()}
    others = {file: payload for file, payload in files.items() if not _holds(folder / file, payload)}
    if others:
        _make(folder)
        for file, payload in others.items():
            put(folder / file, [payload])
        sync_folder(folder)
        sync_folder(project)
    return tuple(others)


def size_problem(project: Path, file: str, size: int, may_be_missing: bool) -> Problem | None:
    """What is wrong with one published file, as far as its size tells."""
    path = project / FOLDER / file
    found = _size(path)
    if found is None and os.path.lexists(path):
        return Problem(f"{FOLDER}/{file} is not a file", RESTORE)
    if found is None:
        return None if may_be_missing else Problem(f"{FOLDER}/{file} is missing", RESTORE)
    if found != size:
        return Problem(f"{FOLDER}/{file} was changed: it has {found} bytes, and {size} were frozen", RESTORE_CHANGED)
    return None
