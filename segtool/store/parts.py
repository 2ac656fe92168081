"""Arrays, columns and series go into a folder of files that is never changed, and come out mapped and checked."""

from __future__ import annotations

import hashlib
import io
import json
import os
from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from segtool.errors import BusyError, Problem
from segtool.model.columns import Coded, ColumnData
from segtool.store.encoding import OTHER_BYTES, damage, json_bytes, well_formed
from segtool.store.files import Chunks, discard, make_folder, plain_failure, sync_folder, temporary, write_new

if TYPE_CHECKING:
    import polars as pl

DESCRIPTION = "schema.json"


class Folder:
    """One imported version of a table, or a part of it; its id is the hash of the description, which holds the hashes
    of all other files."""

    def __init__(self, root: Path, id: str) -> None:
        self._root, self._path = root, root / "tables" / id
        content = self._read(DESCRIPTION)
        if hashlib.sha256(content).hexdigest() != id:
            raise damage(root, self._path / DESCRIPTION, OTHER_BYTES)
        self.description: dict[str, Any] = json.loads(content)

    def array(self, name: str, dtype: str, length: int) -> NDArray[Any]:
        """A mapped array; DamageError where it has another shape."""
        path = self._path / name
        with plain_failure(self._root.parent), well_formed(self._root, path):
            try:
                array = np.asarray(np.load(path, mmap_mode="r" if length else None))
            except FileNotFoundError:
                raise self._missing(path) from None
        if (array.dtype.str, array.shape) != (dtype, (length,)):
            raise damage(self._root, path, "is damaged: it has another shape than the one that was written")
        return array

    def series(self, name: str) -> pl.Series:
        """Hashed before it is parsed: a damaged Arrow file may end the process rather than raise."""
        import polars as pl

        content = self._read(name)
        if hashlib.sha256(content).hexdigest() != self.description["files"].get(name):
            raise damage(self._root, self._path / name, OTHER_BYTES)
        return pl.read_ipc(io.BytesIO(content)).to_series()

    def _read(self, name: str) -> bytes:
        path = self._path / name
        with plain_failure(self._root.parent):
            try:
                return path.read_bytes()
            except FileNotFoundError:
                raise self._missing(path) from None

    def _missing(self, path: Path) -> Exception:
        if (self._path / DESCRIPTION).exists() or path.name == DESCRIPTION:
            return damage(self._root, path, "is missing")
        return BusyError(Problem("another run replaced the table while it was being read", "run it again"))


class Parts:
    """The files of a folder that is being written, with their hashes."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self.hashes: dict[str, str] = {}

    def add(self, name: str, chunks: Chunks) -> None:
        digest = hashlib.sha256()
        for chunk in chunks:
            digest.update(chunk)
        write_new(self._folder / name, chunks)
        self.hashes[name] = digest.hexdigest()

    def add_array(self, name: str, array: NDArray[Any]) -> None:
        header = io.BytesIO()
        np.lib.format.write_array_header_1_0(header, np.lib.format.header_data_from_array_1_0(array))
        self.add(name, [header.getvalue(), np.ascontiguousarray(array).data])

    def add_series(self, name: str, series: pl.Series) -> None:
        self.add(name, [to_arrow(series)])

    def add_column(self, part: str, data: ColumnData) -> dict[str, Any]:
        """Writes a column; its entry in the description."""
        if isinstance(data, Coded):
            self.add_array(f"{part}.codes.npy", data.codes)
            self.add_series(f"{part}.domain.arrow", data.domain)
            return {"layout": "coded", "part": part, "dtype": data.codes.dtype.str}
        self.add_array(f"{part}.values.npy", data.values)
        self.add_array(f"{part}.valid.npy", data.valid)
        return {"layout": "plain", "part": part, "dtype": data.values.dtype.str, "scale": data.scale}


def to_arrow(series: pl.Series) -> memoryview:
    """A series as the bytes of an Arrow file."""
    import polars as pl

    file = io.BytesIO()
    series.to_frame().write_ipc(file, compat_level=pl.CompatLevel.oldest())
    return file.getbuffer()


def write_folder(root: Path, fill: Callable[[Parts], dict[str, Any]]) -> str:
    """Writes a folder whose files `fill` adds and then describes; its id."""
    with ExitStack() as undo:
        folder = temporary(root / "tables")
        undo.callback(discard, folder)
        make_folder(folder)
        parts = Parts(folder)
        description = json_bytes({**fill(parts), "files": parts.hashes})
        write_new(folder / DESCRIPTION, [description])
        sync_folder(folder)
        id = hashlib.sha256(description).hexdigest()
        os.rename(folder, root / "tables" / id)
        undo.pop_all()
    sync_folder(root / "tables")
    return id
