"""Files of the store come in or go out, or one plain sentence why not."""

from __future__ import annotations

import errno
import os
import stat
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from io import BufferedReader
from pathlib import Path

from segtool.errors import DamageError, Problem, StoreError, UsageError
from segtool.model.files import Chunks, Unable, discard, naming, shown, temporary, write_new


class NotAFile(OSError):
    """A link, folder, FIFO or device stands where a file is kept."""


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
