"""Bytes and a path come in; a private and durable file comes out, or none and one plain sentence why."""

from __future__ import annotations

import errno
import os
import re
import secrets
import stat
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager, suppress
from io import BufferedReader
from pathlib import Path
from typing import BinaryIO

from segtool.errors import DamageError, Problem, StoreError, UsageError

Chunks = Sequence[bytes | memoryview]

BUFFER = 2**20
"""Bytes that are gathered before they are written."""

_CANNOT = {errno.EPERM, errno.EINVAL, errno.ENOSYS, errno.ENOTSUP, errno.EOPNOTSUPP, errno.ENOLCK}
"""How a file system says that it cannot do a thing at all."""

_TEMPORARY = re.compile(r"\.segtool-[0-9a-f]{16}\.tmp")


class NotAFile(OSError):
    """A link, folder, FIFO or device stands where a file is kept."""


class Unable(OSError):
    """The file system lacks something that a store needs; the reason says what."""


def temporary(folder: Path) -> Path:
    """A passing name in `folder`; what bears one and outlived its run is debris."""
    return folder / f".segtool-{secrets.token_hex(8)}.tmp"


def is_temporary(name: str) -> bool:
    return bool(_TEMPORARY.fullmatch(name))


def shown(path: Path, project: Path) -> str:
    """A path as messages name it: relative to the project, and what is temporary by its folder."""
    place = next((part.parent for part in (path, *path.parents) if is_temporary(part.name)), path)
    return str(place.relative_to(project) if place.is_relative_to(project) else place)


@contextmanager
def plain_failure(project: Path, outcome: Callable[[], str] | None = None) -> Iterator[None]:
    """A failing file operation becomes one sentence: where, why, and what holds now (not for a mere read)."""
    try:
        yield
    except (NotAFile, IsADirectoryError, NotADirectoryError) as error:
        path, kind = Path(os.fsdecode(error.filename)), "folder" if isinstance(error, NotADirectoryError) else "file"
        step = "restore .segtool from a copy" if path.is_relative_to(project / ".segtool") else "move it away"
        raise DamageError(Problem(f"{shown(path, project)} is not a {kind}", step)) from error
    except OSError as error:
        name = error.filename2 or error.filename
        place = f" {shown(Path(os.fsdecode(name)), project)}" if isinstance(name, str | bytes) else ""
        reason = error.strerror or str(error)
        verb, ending = ("write", f"; {outcome()}") if outcome else ("read", "")
        step = "keep the project on another disk; `segtool doctor` tells more" if isinstance(error, Unable) else ""
        raise StoreError(Problem(f"could not {verb}{place}: {reason}{ending}", step)) from error


@contextmanager
def naming(path: Path, lack: str = "") -> Iterator[None]:
    """Calls on a descriptor fail without a file's name, and what a file system lacks has no name either; the message
    needs both."""
    try:
        yield
    except OSError as error:
        if lack and error.errno in _CANNOT:
            raise Unable(error.errno, lack, str(path)) from error
        error.filename = error.filename or str(path)
        raise


@contextmanager
def new_file(path: Path, durable: bool = True) -> Iterator[BinaryIO]:
    """A new file to write, 0600 whatever the umask; on the disk at the end, if it is to be `durable`."""
    with naming(path):
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW, 0o600)
        with os.fdopen(descriptor, "wb", buffering=BUFFER) as file:
            os.fchmod(descriptor, 0o600)
            yield file
            file.flush()
            if durable:
                os.fsync(descriptor)


def write_new(path: Path, chunks: Chunks) -> None:
    """A new file with these bytes, on the disk when this returns."""
    with new_file(path) as file:
        for chunk in chunks:
            file.write(chunk)


def open_file(path: Path) -> BufferedReader:
    """A file to read; what else stands there is refused, without waiting for it as opening a FIFO would."""
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC | os.O_NOFOLLOW)
    except OSError as error:
        if error.errno == errno.ELOOP:
            raise NotAFile(errno.EINVAL, "is not a file", str(path)) from error
        raise
    if not stat.S_ISREG(os.fstat(descriptor).st_mode):
        os.close(descriptor)
        raise NotAFile(errno.EINVAL, "is not a file", str(path))
    return os.fdopen(descriptor, "rb")


def read_file(path: Path) -> bytes:
    with open_file(path) as file:
        return file.read()


def sync_folder(path: Path) -> None:
    """Makes the names in a folder durable."""
    with naming(path, "this file system does not sync folders"):
        descriptor = os.open(path, os.O_RDONLY | os.O_DIRECTORY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)


def put(path: Path, chunks: Chunks) -> None:
    """Writes a file in one step, in place of one of that name; its folder is the caller's to sync."""
    with ExitStack() as undo:
        passing = temporary(path.parent)
        undo.callback(discard, passing)
        write_new(passing, chunks)
        os.rename(passing, path)
        undo.pop_all()


def put_new(path: Path, chunks: Chunks) -> None:
    """Writes a file in one step, as `put` does; FileExistsError where one of that name stands."""
    with ExitStack() as undo:
        passing = temporary(path.parent)
        undo.callback(discard, passing)
        write_new(passing, chunks)
        with naming(path, "this file system has no hard links"):
            os.link(passing, path)
        os.unlink(passing)
        undo.pop_all()


def refuse_no_folder(path: Path) -> None:
    """Raises UsageError where something else stands, or a link, which may lead out of the project."""
    if path.is_symlink():
        raise UsageError(Problem(f"{path.name} is a link", "put a folder in its place, inside the project"))
    if path.exists() and not path.is_dir():
        raise UsageError(Problem(f"{path.name} exists and is not a folder", "move it away"))


def link_problem(path: Path, project: Path) -> Problem:
    step = "put what it leads to in its place"
    return Problem(f"{shown(path, project)} is a link, and nothing in the store is one", step)


def refuse_links(root: Path) -> None:
    """Raises DamageError where something at the top of a store is a link: what is written would land elsewhere."""
    with suppress(FileNotFoundError), os.scandir(root) as entries:
        links = sorted(entry.path for entry in entries if entry.is_symlink())
        if links:
            raise DamageError([link_problem(Path(path), root.parent) for path in links])


def make_folder(path: Path) -> bool:
    """A private folder, 0700 whatever the umask; whether it was made now."""
    made = not path.is_dir()
    if made:
        with suppress(FileExistsError):
            os.mkdir(path, 0o700)
    if stat.S_IMODE(os.stat(path).st_mode) != 0o700:
        os.chmod(path, 0o700)
    return made


def remove(path: Path) -> None:
    """Removes a file, or a folder of files; nothing there is as good."""
    with suppress(FileNotFoundError):
        if path.is_dir() and not path.is_symlink():
            for inner in path.iterdir():
                inner.unlink(missing_ok=True)
            path.rmdir()
        else:
            path.unlink()


def discard(path: Path) -> None:
    """Removes what failed to become a file; debris that stays is swept by the next run."""
    with suppress(OSError):
        remove(path)
