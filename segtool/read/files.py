"""A declared path comes in; go out: the regular files it names, opened safely, and their identity."""

from __future__ import annotations

import glob
import hashlib
import os
import re
import stat
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from difflib import get_close_matches
from pathlib import Path
from typing import BinaryIO

from segtool.errors import DefinitionError, InputError, Mark, Problem
from segtool.model.tables import SourceFile, TableSource
from segtool.read.sniff import foreign_form

MAX_BYTES = 16 * 2**30
CHUNK = 2**20

_URL = re.compile(r"[A-Za-z][A-Za-z0-9+.-]+://")


def resolved(path: str, folder: Path, mark: Mark | None = None) -> list[str]:
    """The files that a declared path names, as written or relative to `folder`, in the order of their names.

    A plain name if such a file exists, else a pattern if it holds `*` or `?` (brackets are letters).
    """
    refuse_url(path, mark)
    if os.path.lexists(folder / path):
        return [path]
    if not set(path) & {"*", "?"}:
        raise InputError(Problem("no such file", _next_for_missing(path, folder), Mark(path)))
    found = sorted(glob.glob(path.replace("[", "[[]"), root_dir=folder))
    if not found:
        raise InputError(Problem(f"no file matches `{path}`", _next_for_missing(path, folder), mark))
    return found


def definition_files(pattern: str, folder: Path) -> Iterator[Path]:
    """What a pattern names of the files that people write; a star names no hidden ones. ValueError: it names none ever.

    What is no file is named as well, to be refused when it is read: its segments are not taken for removed."""
    for path in folder.glob(pattern):
        is_hidden = path.name.startswith(".") and not Path(pattern).name.startswith(".")
        if not is_hidden and (path.suffix in {".yaml", ".yml"} or not path.is_dir()):
            yield path


def refuse_url(path: str, mark: Mark | None = None) -> None:
    """DefinitionError where a path is an address: nothing is fetched."""
    if _URL.match(path):
        raise DefinitionError(Problem(f"`{path}` is a URL", "download it, and name the file", mark))


def _next_for_missing(path: str, folder: Path) -> str:
    parent = (folder / path).parent
    if not parent.is_dir():
        return f"there is no folder `{os.path.dirname(path)}`; paths are relative to the project's folder"
    near = get_close_matches(os.path.basename(path), [entry.name for entry in parent.iterdir()], n=3)
    names = ", ".join(f"`{os.path.join(os.path.dirname(path), name)}`" for name in near)
    return f"did you mean {names}?" if names else "paths are relative to the project's folder"


@dataclass
class OpenFile:
    """A regular file open for reading: its path as shown and in full, and its stat when it was opened."""

    shown: str
    path: Path
    stream: BinaryIO
    status: os.stat_result
    digest: str = field(default="")
    seen: int = 0
    """Bytes that were read so far."""

    @property
    def mark(self) -> Mark:
        return Mark(self.shown)

    def chunks(self) -> Iterator[bytes]:
        """All bytes from the start, hashed on the way."""
        self.stream.seek(0)
        self.seen = 0
        yield from self.rest(hashlib.sha256())

    def rest(self, sha256: hashlib._Hash) -> Iterator[bytes]:
        """The bytes that were not read yet; the hash of those before them goes on."""
        while block := self.stream.read(CHUNK):
            sha256.update(block)
            self.seen += len(block)
            yield block
        self.digest = sha256.hexdigest()

    def hashed(self) -> None:
        for _ in self.chunks():
            pass

    def source_file(self) -> SourceFile:
        """What the file was when it was read; an error if it has changed since it was opened."""
        if not self.digest:
            self.hashed()
        now = (_identity(os.fstat(self.stream.fileno())), _identity(_status(self.path, self.shown)))
        if now != (_identity(self.status),) * 2:
            raise changed(self.mark)
        return SourceFile(self.shown, *_identity(self.status), sha256=self.digest)


def changed(mark: Mark) -> InputError:
    return InputError(Problem("the file changed while it was read", "run again when it is at rest", mark))


def refuse_changed(before: list[SourceFile], now: list[SourceFile]) -> None:
    """InputError where files that are read once more are others than the first time; `before`: none where it is the
    first."""
    for one, other in zip(before, now, strict=bool(before)):
        if one != other:
            raise changed(Mark(other.path))


def file_size(path: Path) -> int:
    """Its bytes now; of what is not there, 0."""
    try:
        return os.stat(path).st_size
    except OSError:
        return 0


def blocks(chunks: Iterable[bytes], size: int) -> Iterator[tuple[bytes, bool]]:
    """The bytes in blocks of about that size, each with whether it is the last one."""
    held, length = list[bytes](), 0
    for chunk in chunks:
        for start in range(0, len(chunk), size):
            if length >= size:
                yield b"".join(held), False
                held, length = [], 0
            held.append(chunk[start : start + size])
            length += len(held[-1])
    yield b"".join(held), True


@dataclass(frozen=True)
class Tail:
    """What a text has gained at its end: its first bytes, the lines before what is new, and this, hashed as it is
    read."""

    head: bytes
    lines: int
    chunks: Iterator[bytes]


def tail_of(file: OpenFile, before: SourceFile) -> Tail | None:
    """What a file has gained since it was read; None where not all before it is the same, or it ended within a line."""
    sha256, left, lines, head, last = hashlib.sha256(), before.size, 0, b"", b""
    file.stream.seek(0)
    while left and (block := file.stream.read(min(CHUNK, left))):
        sha256.update(block)
        head, last = head or block, block
        lines, left = lines + block.count(b"\n"), left - len(block)
    if left or sha256.hexdigest() != before.sha256 or not last.endswith(b"\n"):
        return None
    file.seen = before.size
    return Tail(head, lines, file.rest(sha256))


def modified(shown: str, folder: Path) -> datetime:
    """When a file was written to last."""
    return datetime.fromtimestamp(_status(folder / shown, shown).st_mtime, UTC)


def _identity(status: os.stat_result) -> tuple[int, int, int, int]:
    return status.st_size, status.st_mtime_ns, status.st_ctime_ns, status.st_ino


def _status(path: Path, shown: str) -> os.stat_result:
    try:
        return os.stat(path)
    except OSError as error:
        raise _unreadable(shown, error) from error


def _unreadable(shown: str, error: OSError | ValueError) -> InputError:
    reason = (getattr(error, "strerror", "") or str(error)).lower()
    return InputError(Problem(f"the file cannot be read: {reason}", "", Mark(shown)))


@contextmanager
def opened(shown: str, folder: Path) -> Iterator[OpenFile]:
    """A regular file (or a symlink to one) to read; anything else is refused without waiting for it.

    Its first bytes must be of the form that its name promises.
    """
    with opened_plainly(shown, folder) as file:
        foreign = foreign_form(shown, file.stream.read(4096))
        if foreign:
            raise InputError(Problem(foreign.fact, foreign.next, Mark(shown)))
        yield file


@contextmanager
def opened_plainly(shown: str, folder: Path) -> Iterator[OpenFile]:
    """A regular file (or a symlink to one) to read, whatever its name; anything else is refused without waiting for
    it."""
    path = folder / shown
    handle, status = _handle(path, shown, folder)
    with os.fdopen(handle, "rb", buffering=0) as stream:
        yield OpenFile(shown, path, stream, status)


def _handle(path: Path, shown: str, folder: Path) -> tuple[int, os.stat_result]:
    """A descriptor of a regular file, and its stat."""
    try:
        handle = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
    except FileNotFoundError as error:
        if path.is_symlink():
            raise InputError(Problem("this is a link to nothing", "remove or mend it", Mark(shown))) from error
        raise InputError(Problem("no such file", _next_for_missing(shown, folder), Mark(shown))) from error
    except (OSError, ValueError) as error:
        # ValueError: a NUL byte in the path
        raise _unreadable(shown, error) from error
    status = os.fstat(handle)
    try:
        _check_regular(status, shown)
    except InputError:
        os.close(handle)
        raise
    return handle, status


def _check_regular(status: os.stat_result, shown: str) -> None:
    if not stat.S_ISREG(status.st_mode):
        names = {stat.S_IFDIR: "a folder", stat.S_IFIFO: "a pipe", stat.S_IFSOCK: "a socket"}
        name = names.get(stat.S_IFMT(status.st_mode), "a device")
        raise InputError(Problem(f"this is {name}, not a file", "name a file", Mark(shown)))
    if status.st_size > MAX_BYTES:
        size, most = status.st_size / 2**30, MAX_BYTES // 2**30
        raise InputError(Problem(f"the file holds {size:,.1f} GiB; at most {most} are read", "split it", Mark(shown)))


def declared_files(source: TableSource, folder: Path) -> tuple[SourceFile, ...]:
    """The files of a table as they are now; InputError where there are none."""
    found = []
    for path in resolved(source.path, folder, source.mark):
        with opened(path, folder) as file:
            file.hashed()
            found.append(file.source_file())
    return tuple(found)


def is_unchanged(files: tuple[SourceFile, ...], source: TableSource, folder: Path) -> bool:
    """Whether the table's files still are those that were read: the same paths, and in each the same bytes.

    Size, times and inode decide where they are equal; SHA-256 does where only the times or the inode differ.
    """
    try:
        paths = resolved(source.path, folder, source.mark)
    except InputError:
        return False
    if paths != [file.path for file in files]:
        return False
    return all(has_same_bytes(file, folder) for file in files)


def has_same_bytes(file: SourceFile, folder: Path) -> bool:
    """Whether a file still is the one that was read."""
    try:
        now = _identity(os.stat(folder / file.path))
    except OSError:
        return False
    if now == (file.size, file.mtime_ns, file.ctime_ns, file.inode):
        return True
    if now[0] != file.size:
        return False
    with opened(file.path, folder) as found:
        found.hashed()
        return found.digest == file.sha256
