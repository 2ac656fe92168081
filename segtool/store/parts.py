"""Arrays, columns and series go into a folder of files that is never changed, and come out mapped and checked."""

from __future__ import annotations

import hashlib
import io
import json
import mmap
import os
import secrets
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO

import numpy as np
from numpy.typing import NDArray

from segtool.errors import BusyError, Problem
from segtool.model.columns import Coded, ColumnData, Masks, Plain, byte_count
from segtool.model.files import discard, new_file, sync_folder, temporary
from segtool.model.kinds import Column
from segtool.store.encoding import OTHER_BYTES, damage, json_bytes, well_formed
from segtool.store.files import make_folder, open_file, plain_failure, read_file

if TYPE_CHECKING:
    import polars as pl

DESCRIPTION = "schema.json"


class Folder:
    """One imported version of a table, or a part of it; its id is the hash of the description, which holds the hashes
    of all other files."""

    def __init__(self, root: Path, id: str) -> None:
        self._root, self.path = root, root / "tables" / id
        self._arrays: dict[str, NDArray[Any]] = {}
        content = self._read(DESCRIPTION)
        if hashlib.sha256(content).hexdigest() != id:
            raise damage(root, self.path / DESCRIPTION, OTHER_BYTES)
        self.description: dict[str, Any] = json.loads(content)

    def array(self, name: str, dtype: str, length: int) -> NDArray[Any]:
        """A mapped array; DamageError where it has another shape. It is mapped once, however often it is asked for."""
        if name not in self._arrays:
            self._arrays[name] = self._mapped(name, dtype, length)
        return np.asarray(self._arrays[name])

    def _mapped(self, name: str, dtype: str, length: int) -> NDArray[Any]:
        path = self.path / name
        with plain_failure(self._root.parent), well_formed(self._root, path):
            try:
                open_file(path).close()
                array: NDArray[Any] = np.load(path, mmap_mode="r" if length else None)
            except FileNotFoundError:
                raise self._missing(path) from None
        if (array.dtype.str, array.shape) != (dtype, (length,)):
            raise damage(self._root, path, "is damaged: it has another shape than the one that was written")
        return array

    def files_of(self, part: str) -> list[str]:
        """The names of the files that hold a part."""
        return [name for name in self.description["files"] if name.startswith(f"{part}.")]

    def forget(self) -> None:
        """Gives back the memory of what was looked at; it is read again where it is touched again."""
        for array in self._arrays.values():
            if isinstance(array, np.memmap):
                array._mmap.madvise(mmap.MADV_DONTNEED)  # type: ignore[attr-defined]

    def series(self, name: str) -> pl.Series:
        """Hashed before it is parsed: a damaged Arrow file may end the process rather than raise."""
        import polars as pl

        path = self.path / name
        with plain_failure(self._root.parent):
            try:
                file = open_file(path)
            except FileNotFoundError:
                raise self._missing(path) from None
            with file:
                if hashlib.file_digest(file, "sha256").hexdigest() != self.description["files"].get(name):
                    raise damage(self._root, path, OTHER_BYTES)
                file.seek(0)
                return pl.read_ipc(file).to_series()

    def column(self, column: Column, entry: dict[str, Any], size: int) -> ColumnData:
        """A column of so many rows, by its entry in the description."""
        part, dtype = entry["part"], entry["dtype"]
        match entry["layout"]:
            case "own":
                from segtool.store.layout import own

                return replace(own(column, self.series(f"{part}.values.arrow")), masks=self._masks(entry, size))
            case "coded":
                codes = self.array(f"{part}.codes.npy", dtype, size)
                return Coded(column, codes, self.series(f"{part}.domain.arrow"))
            case _:
                values = self.array(f"{part}.values.npy", dtype, size)
                return Plain(column, values, self.array(f"{part}.valid.npy", "|u1", byte_count(size)), entry["scale"])

    def _masks(self, entry: dict[str, Any], size: int) -> Masks | None:
        if "masks" not in entry:
            return None
        bits = self.array(f"{entry['part']}.masks.npy", entry["masks"], size)
        return Masks(self.series(f"{entry['part']}.items.arrow"), bits)

    def _read(self, name: str) -> bytes:
        path = self.path / name
        with plain_failure(self._root.parent):
            try:
                return read_file(path)
            except FileNotFoundError:
                raise self._missing(path) from None

    def _missing(self, path: Path) -> Exception:
        if (self.path / DESCRIPTION).exists() or path.name == DESCRIPTION:
            return damage(self._root, path, "is missing")
        return BusyError(Problem("another run replaced the table while it was being read", "run it again"))


class PartFile:
    """One file of a folder that is being written, hashed on the way."""

    def __init__(self, file: BinaryIO) -> None:
        self._file, self.digest = file, hashlib.sha256()

    def write(self, chunk: bytes | memoryview) -> None:
        self.digest.update(chunk)
        self._file.write(chunk)

    def write_array(self, array: NDArray[Any]) -> None:
        if len(array):
            self.write(np.ascontiguousarray(array).data)


class Parts:
    """The files of a folder that is being written, with their hashes. `durable`: they are on the disk when each is
    done."""

    def __init__(self, folder: Path, durable: bool) -> None:
        self._folder, self._durable = folder, durable
        self.hashes: dict[str, str] = {}

    @contextmanager
    def file(self, name: str) -> Iterator[PartFile]:
        with new_file(self._folder / name, self._durable) as stream:
            part = PartFile(stream)
            yield part
            self.hashes[name] = part.digest.hexdigest()

    @contextmanager
    def array(self, name: str, dtype: np.dtype[Any], length: int) -> Iterator[PartFile]:
        """The file of an array of that length, whose values are to be written one after the other."""
        with self.file(name) as part:
            header = io.BytesIO()
            shape = {"descr": dtype.str, "fortran_order": False, "shape": (length,)}
            np.lib.format.write_array_header_1_0(header, shape)
            part.write(header.getvalue())
            yield part

    def add_array(self, name: str, array: NDArray[Any]) -> None:
        with self.array(name, array.dtype, len(array)) as part:
            part.write_array(array)

    def add_series(self, name: str, series: pl.Series) -> None:
        with self.file(name) as part:
            part.write(to_arrow(series))

    def link(self, name: str, folder: Folder, other: str) -> None:
        """Takes a file as it is in another folder, whose files are never changed either."""
        os.link(folder.path / other, self._folder / name)
        self.hashes[name] = folder.description["files"][other]

    def link_column(self, part: str, folder: Folder, entry: dict[str, Any]) -> dict[str, Any]:
        """Takes a column as it is in another folder; its entry in the description."""
        for other in folder.files_of(entry["part"]):
            self.link(part + other.removeprefix(entry["part"]), folder, other)
        return {**entry, "part": part}

    def add_column(self, part: str, data: ColumnData) -> dict[str, Any]:
        """Writes a column; its entry in the description."""
        if isinstance(data, Plain):
            self.add_array(f"{part}.values.npy", data.values)
            self.add_array(f"{part}.valid.npy", data.valid)
            return {"layout": "plain", "part": part, "dtype": data.values.dtype.str, "scale": data.scale}
        if data.own:
            self.add_series(f"{part}.values.arrow", data.domain[1:])
            return {"layout": "own", "part": part, "dtype": "", **self._add_masks(part, data)}
        self.add_array(f"{part}.codes.npy", data.codes)
        self.add_series(f"{part}.domain.arrow", data.domain)
        return {"layout": "coded", "part": part, "dtype": data.codes.dtype.str}

    def _add_masks(self, part: str, data: Coded) -> dict[str, Any]:
        from segtool.store.masks import masks_of

        masks = masks_of(data.domain[1:])
        if masks is None:
            return {}
        self.add_series(f"{part}.items.arrow", masks.items)
        self.add_array(f"{part}.masks.npy", masks.bits)
        return {"masks": masks.bits.dtype.str}


def to_arrow(series: pl.Series) -> memoryview:
    """A series as the bytes of an Arrow file."""
    import polars as pl

    file = io.BytesIO()
    series.to_frame().write_ipc(file, compat_level=pl.CompatLevel.oldest())
    return file.getbuffer()


def write_folder(root: Path, fill: Callable[[Parts], dict[str, Any]], durable: bool = True) -> str:
    """Writes a folder whose files `fill` adds and then describes; its id. One that is not `durable` is for this run
    alone."""
    with ExitStack() as undo:
        folder = temporary(root / "tables")
        undo.callback(discard, folder)
        make_folder(folder)
        parts = Parts(folder, durable)
        description = json_bytes({**fill(parts), "files": parts.hashes, "salt": secrets.token_hex(16)})
        with new_file(folder / DESCRIPTION, durable) as file:
            file.write(description)
        id = hashlib.sha256(description).hexdigest()
        if durable:
            sync_folder(folder)
        undo.callback(discard, root / "tables" / id)
        os.rename(folder, root / "tables" / id)
        if durable:
            sync_folder(root / "tables")
        undo.pop_all()
    return id
