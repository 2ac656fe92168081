"""A table as it was read goes in, becomes a folder of mappable files, and comes out as a table of users."""

from __future__ import annotations

import hashlib
import io
import json
import os
import secrets
from contextlib import ExitStack
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from segtool.errors import BusyError, Problem
from segtool.model.columns import Bits, Coded, ColumnData, Plain, byte_count, from_rows, unpack
from segtool.model.tables import ReadTable
from segtool.store.encoding import (
    OTHER_BYTES,
    damage,
    json_bytes,
    schema_from_json,
    schema_to_json,
    well_formed,
)
from segtool.store.files import Chunks, discard, make_folder, plain_failure, sync_folder, temporary, write_new

if TYPE_CHECKING:
    import polars as pl

DESCRIPTION = "schema.json"


class StoredTable:
    """One imported version of the users, opened where it is touched; see `model.columns.UserTable`."""

    def __init__(self, root: Path, id: str) -> None:
        self._root, self._folder = root, root / "tables" / id
        content = self._read(DESCRIPTION)
        if hashlib.sha256(content).hexdigest() != id:
            raise damage(root, self._folder / DESCRIPTION, OTHER_BYTES)
        description = json.loads(content)
        self.schema = schema_from_json(description["schema"])
        self.size: int = description["size"]
        self._files: dict[str, str] = description["files"]
        self._columns: dict[str, dict[str, Any]] = description["columns"]

    @cached_property
    def present(self) -> Bits:
        return self._array("present.npy", "|u1", byte_count(self.size))

    @cached_property
    def keys(self) -> pl.Series:
        return self._series("keys.arrow")

    def column(self, name: str) -> ColumnData:
        """The values of one column by row; KeyError where the table has no such column."""
        column, layout = self.schema.by_name[name], self._columns[name]
        if layout["layout"] == "key":
            from segtool.store.layout import key_column

            return key_column(column, self.keys, unpack(self.present, self.size))
        part, dtype = layout["part"], layout["dtype"]
        if layout["layout"] == "coded":
            codes = self._array(f"{part}.codes.npy", dtype, self.size)
            return Coded(column, codes, self._series(f"{part}.domain.arrow"))
        values = self._array(f"{part}.values.npy", dtype, self.size)
        valid = self._array(f"{part}.valid.npy", "|u1", byte_count(self.size))
        return Plain(column, values, valid, layout["scale"])

    def _array(self, name: str, dtype: str, length: int) -> NDArray[Any]:
        path = self._folder / name
        with plain_failure(self._root.parent), well_formed(self._root, path):
            try:
                array = np.asarray(np.load(path, mmap_mode="r"))
            except FileNotFoundError:
                raise self._missing(path) from None
        if (array.dtype.str, array.shape) != (dtype, (length,)):
            raise damage(self._root, path, "is damaged: it has another shape than the one that was written")
        return array

    def _series(self, name: str) -> pl.Series:
        """Hashed before it is parsed: a damaged Arrow file may end the process rather than raise."""
        import polars as pl

        content = self._read(name)
        if hashlib.sha256(content).hexdigest() != self._files.get(name):
            raise damage(self._root, self._folder / name, OTHER_BYTES)
        return pl.read_ipc(io.BytesIO(content)).to_series()

    def _read(self, name: str) -> bytes:
        path = self._folder / name
        with plain_failure(self._root.parent):
            try:
                return path.read_bytes()
            except FileNotFoundError:
                raise self._missing(path) from None

    def _missing(self, path: Path) -> Exception:
        if (self._folder / DESCRIPTION).exists() or path.name == DESCRIPTION:
            return damage(self._root, path, "is missing")
        return BusyError(Problem("another run replaced the table while it was being read", "run it again"))


class _Parts:
    """The files of a table that is being written, with their hashes."""

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
        self.add(name, [header.getvalue(), array.data])

    def add_series(self, name: str, series: pl.Series) -> None:
        import polars as pl

        file = io.BytesIO()
        series.to_frame().write_ipc(file, compat_level=pl.CompatLevel.oldest())
        self.add(name, [file.getbuffer()])

    def add_column(self, part: str, data: ColumnData) -> dict[str, Any]:
        """Writes a column; its entry in the description."""
        if isinstance(data, Coded):
            self.add_array(f"{part}.codes.npy", data.codes)
            self.add_series(f"{part}.domain.arrow", data.domain)
            return {"layout": "coded", "part": part, "dtype": data.codes.dtype.str}
        self.add_array(f"{part}.values.npy", data.values)
        self.add_array(f"{part}.valid.npy", data.valid)
        return {"layout": "plain", "part": part, "dtype": data.values.dtype.str, "scale": data.scale}


def write_table(root: Path, read: ReadTable, before: StoredTable | None) -> str:
    """Writes a version of a table; its id is the hash of the file that holds the hashes of the others."""
    with ExitStack() as undo:
        folder = temporary(root / "tables")
        undo.callback(discard, folder)
        make_folder(folder)
        description = json_bytes(_write_parts(_Parts(folder), read, before))
        write_new(folder / DESCRIPTION, [description])
        sync_folder(folder)
        id = hashlib.sha256(description).hexdigest()
        os.rename(folder, root / "tables" / id)
        undo.pop_all()
    sync_folder(root / "tables")
    return id


def _write_parts(parts: _Parts, read: ReadTable, before: StoredTable | None) -> dict[str, Any]:
    import polars as pl

    from segtool.store.layout import laid_out, numbered

    known = before.keys if before else pl.Series("key", [], dtype=pl.String)
    keys, rows = numbered(known.alias("key"), read.frame[read.schema.key].alias("key"))
    size = len(keys)
    parts.add_series("keys.arrow", keys)
    parts.add_array("present.npy", from_rows(rows, size))
    columns = {}
    for position, column in enumerate(read.schema.columns):
        if column.name == read.schema.key:
            columns[column.name] = {"layout": "key"}
        else:
            data = laid_out(column, read.frame[column.name], rows, size)
            columns[column.name] = parts.add_column(str(position), data)
    schema = schema_to_json(read.schema)
    salt = secrets.token_hex(16)
    return {"schema": schema, "size": size, "columns": columns, "files": parts.hashes, "salt": salt}
