"""Bytes and a path come in; a private and durable file comes out."""

from __future__ import annotations

import errno
import os
import re
import secrets
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import BinaryIO

Chunks = Sequence[bytes | memoryview]

BUFFER = 2**20
"""Bytes that are gathered before they are written."""

_CANNOT = {errno.EPERM, errno.EINVAL, errno.ENOSYS, errno.ENOTSUP, errno.EOPNOTSUPP, errno.ENOLCK}
"""How a file system says that it cannot do a thing at all."""

_TEMPORARY = re.compile(r"\.segtool-[0-9a-f]{16}\.tmp")


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


def sync_folder(path: Path) -> None:
    """Makes the names in a folder durable."""
    with naming(path, "this file system does not sync folders"):
        descriptor = os.open(path, os.O_RDONLY | os.O_DIRECTORY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)


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
