"""The contents of files and the places that were named for them come in; all of the files appear there, or none."""

from __future__ import annotations

import hashlib
import json
import os
import re
import stat
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from segtool.channels.files import FilePiece
from segtool.channels.places import Places, mode_of, real
from segtool.errors import Problem, StoreError, UsageError
from segtool.model.files import Unable, discard, naming, remove, sync_folder, temporary, write_new

VERSION = 1


@dataclass(frozen=True)
class Output:
    """What goes into one file, or where it has several pieces into NAME.csv, NAME-2.csv, NAME-3.csv and so on."""

    path: Path
    pieces: Iterable[FilePiece]


@dataclass(frozen=True)
class Consignment:
    """What goes out together under one manifest, which says these facts of it."""

    outputs: tuple[Output, ...]
    facts: Mapping[str, Any]

    @property
    def manifest(self) -> Path:
        return manifest_path(self.outputs[0].path)

    @property
    def paths(self) -> list[Path]:
        return [*(output.path for output in self.outputs), self.manifest]

    def at_real_places(self) -> Consignment:
        """The same where no folder on the way is a link."""
        there = (Output(real(output.path.parent) / output.path.name, output.pieces) for output in self.outputs)
        return Consignment(tuple(there), self.facts)


@dataclass(frozen=True)
class DeliveredFile:
    """One file that was written."""

    path: Path
    rows: int
    bytes: int
    sha256: str


@dataclass(frozen=True)
class Delivery:
    """What was written, the manifest apart."""

    files: tuple[DeliveredFile, ...]
    manifest: Path


def deliver(consignments: Sequence[Consignment], project: Path, inputs: Sequence[Path] = ()) -> list[Delivery]:
    """Writes all outputs of all consignments and, beside the first output of each, a manifest NAME.csv.json with the
    facts and every file's rows, bytes and SHA-256. Pieces that the manifest before it lists and that are no more are
    removed.

    Files are 0600 and on the disk when this returns (names too, where the file system can promise it). Folders that are
    missing are made, 0700. Whatever fails, what stood there before stands there again; only a run that is killed among
    the renames leaves some files new, and then a manifest, which comes after them, fits them no more.

    UsageError: a folder, link, FIFO or device stands in a file's place (a link is neither followed nor replaced: either
    could be meant), the place is of the store or the snapshots, an input file of the project, or a file that is no
    piece of the export before. StoreError: a file could not be written, and nothing was changed."""
    places, asked = Places(real(project), inputs), [one.at_real_places() for one in consignments]
    with _plain_failure(places):
        places.refuse([path for one in asked for path in one.paths])
        with ExitStack() as undo:
            new, old, deliveries = dict[Path, Path](), list[Path](), list[Delivery]()
            for one in asked:
                before = _listed(one.manifest, places)
                files = list(_written(one.outputs, before, places, new, undo))
                new[one.manifest] = _passing(one.manifest, _manifest(one.facts, files, one.manifest.parent), undo)
                old += _left_over(before, new, one.outputs)
                deliveries.append(Delivery(tuple(files), one.manifest))
            kept = _exchange(new, [path for path in old if path not in new], undo)
            undo.pop_all()
    _clear(kept)
    return deliveries


def manifest_path(output: Path) -> Path:
    """Where the manifest of what goes into `output` stands."""
    return output.with_name(f"{output.name}.json")


def piece_path(output: Path, number: int) -> Path:
    """Where the piece of that number stands, counted from 1."""
    return output if number == 1 else output.with_name(f"{output.stem}-{number}{output.suffix}")


def _is_piece(path: Path, output: Path) -> bool:
    name = re.fullmatch(f"{re.escape(output.stem)}-[0-9]+{re.escape(output.suffix)}", path.name)
    return bool(name) and path.parent == output.parent


def _listed(manifest: Path, places: Places) -> list[Path]:
    """The files of the export before, by its manifest; UsageError where something else stands there."""
    if not os.path.lexists(manifest):
        return []
    try:
        found = json.loads(manifest.read_bytes())
        names = [file["name"] for file in found["files"]] if found["version"] == VERSION else None
    except (ValueError, LookupError, TypeError, RecursionError):
        names = None
    if names is None or not all(isinstance(name, str) for name in names):
        fact = f"{places.shown(manifest)} exists and is no manifest of an export"
        raise UsageError(Problem(fact, "move it away"))
    return [Path(os.path.normpath(manifest.parent / name)) for name in names]


def _left_over(before: Sequence[Path], new: Mapping[Path, Path], outputs: Sequence[Output]) -> list[Path]:
    """The pieces of the export before that the new one has no more."""
    pieces = [path for path in before if any(_is_piece(path, output.path) for output in outputs)]
    return [path for path in pieces if path not in new and stat.S_ISREG(mode_of(path))]


def _written(
    outputs: Sequence[Output], before: Sequence[Path], places: Places, new: dict[Path, Path], undo: ExitStack
) -> Iterator[DeliveredFile]:
    """Writes the new files under passing names, which are added to those by the places where they will be."""
    for output in outputs:
        _make_folder(output.path.parent, undo)
        for number, piece in enumerate(output.pieces, 1):
            path = piece_path(output.path, number)
            if path in new:
                raise UsageError(places.named_twice(path))
            if number > 1:
                places.refuse_foreign(path, before)
            new[path] = _passing(path, piece.content, undo)
            digest = hashlib.sha256(piece.content).hexdigest()
            yield DeliveredFile(path, piece.rows, len(piece.content), digest)


def _make_folder(folder: Path, undo: ExitStack) -> None:
    missing = [one for one in (folder, *folder.parents) if not one.exists()]
    for one in reversed(missing):
        undo.callback(_remove_folder, one)
        one.mkdir(0o700)
        with suppress(Unable):
            sync_folder(one.parent)


def _remove_folder(folder: Path) -> None:
    with suppress(OSError):
        folder.rmdir()


def _passing(path: Path, content: bytes, undo: ExitStack) -> Path:
    passing = temporary(path.parent)
    undo.callback(discard, passing)
    with _told_as(path):
        write_new(passing, [content])
    return passing


@contextmanager
def _told_as(path: Path) -> Iterator[None]:
    """What fails about a passing name is told of the file that is meant."""
    try:
        yield
    except OSError as error:
        error.filename, error.filename2 = str(path), None
        raise


def _manifest(facts: Mapping[str, Any], files: Sequence[DeliveredFile], folder: Path) -> bytes:
    listed = [
        {"name": os.path.relpath(file.path, folder), "rows": file.rows, "bytes": file.bytes, "sha256": file.sha256}
        for file in files
    ]
    manifest = {"version": VERSION, **facts, "files": listed}
    return json.dumps(manifest, indent=2, ensure_ascii=False).encode("utf-8", "surrogatepass") + b"\n"


def _exchange(new: Mapping[Path, Path], old: Sequence[Path], undo: ExitStack) -> list[Path]:
    """Puts the new files in their places and takes the old ones away; where what was there is kept meanwhile."""
    kept = []
    for path, passing in new.items():
        if os.path.lexists(path):
            kept.append(_kept(path, undo))
        else:
            undo.callback(path.unlink, missing_ok=True)
        os.replace(passing, path)
    for path in old:
        kept.append(_kept(path, undo))
        path.unlink()
    for folder in {path.parent for path in (*new, *old)}:
        with suppress(Unable):
            sync_folder(folder)
    return kept


def _kept(path: Path, undo: ExitStack) -> Path:
    """A second name for a file, or where the file system has none a copy, until all is done."""
    kept = temporary(path.parent)
    undo.callback(_put_back, path, kept)
    with _told_as(path):
        try:
            with naming(path, "this file system has no hard links"):
                os.link(path, kept, follow_symlinks=False)
        except Unable:
            # it has its name only when it is whole
            os.replace(_passing(kept, path.read_bytes(), undo), kept)
    return kept


def _put_back(path: Path, kept: Path) -> None:
    if not os.path.lexists(kept):
        return
    try:
        os.replace(kept, path)
    except OSError as error:
        fact = f"could not put {path} back as it was: {error.strerror}"
        raise StoreError(Problem(fact, f"it is kept as {kept.name} beside it")) from error
    # two names of one file stay two
    discard(kept)


def _clear(kept: Sequence[Path]) -> None:
    """Removes what was kept of the files before; they may hold addresses, so what stays is told."""
    left = []
    for path in kept:
        try:
            remove(path)
        except OSError as error:
            fact = f"the files were written, but {path} could not be removed: {error.strerror}"
            left.append(Problem(fact, "remove it: it holds what one of them held before"))
    if left:
        raise StoreError(left)


@contextmanager
def _plain_failure(places: Places) -> Iterator[None]:
    """A failing file operation becomes one sentence: where, and why."""
    try:
        yield
    except OSError as error:
        name = error.filename2 or error.filename
        place = f" {places.shown(Path(os.fsdecode(name)))}" if isinstance(name, str | bytes) else ""
        fact = f"could not write{place}: {error.strerror or error}; no file was changed"
        raise StoreError(Problem(fact, "make room, or name another place")) from error
