"""A path of a lock file comes in; the right to write, held until the process ends or lets go, comes out."""

from __future__ import annotations

import fcntl
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from segtool.errors import BusyError, Problem
from segtool.model.files import naming

PAUSE = 0.05
"""Seconds between two tries; they are counted, so that waiting reads no clock."""


@contextmanager
def locked(path: Path, wait: float = 0) -> Iterator[None]:
    """Holds the kernel's lock on a file that is never deleted; a killed holder frees it.

    Raises BusyError where another run still holds it after `wait` seconds.
    """
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW | os.O_CLOEXEC, 0o600)
    try:
        os.fchmod(descriptor, 0o600)
        _acquire(descriptor, path, wait)
        yield
    finally:
        # nothing was written to it, and the lock goes with the process at the latest
        with suppress(OSError):
            # a child that is being started may still hold a copy of the descriptor for a moment
            fcntl.flock(descriptor, fcntl.LOCK_UN)
        with suppress(OSError):
            os.close(descriptor)


def _acquire(descriptor: int, path: Path, wait: float) -> None:
    for _ in range(int(wait / PAUSE)):
        if _try(descriptor, path):
            return
        time.sleep(PAUSE)
    if not _try(descriptor, path):
        raise BusyError(Problem("another run holds .segtool/lock", "wait for it with --wait 10m"))


def _try(descriptor: int, path: Path, kind: int = fcntl.LOCK_EX) -> bool:
    try:
        with naming(path, "this file system has no locks"):
            fcntl.flock(descriptor, kind | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def is_held(path: Path) -> bool:
    """Whether a run holds the lock now."""
    with suppress(FileNotFoundError):
        descriptor = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_NOFOLLOW | os.O_CLOEXEC)
        try:
            # shared, so that two who ask do not take each other for a run
            return not _try(descriptor, path, fcntl.LOCK_SH)
        finally:
            os.close(descriptor)
    return False
