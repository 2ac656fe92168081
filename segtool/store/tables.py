"""Users as they were read go in, become a folder of mappable files, and come out as a table by row number."""

from __future__ import annotations

import secrets
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from segtool.model.columns import Bits, Coded, ColumnData, Plain, byte_count, from_rows, resized, unpack
from segtool.model.tables import ReadTable
from segtool.store.encoding import schema_from_json, schema_to_json
from segtool.store.parts import Folder, Parts, write_folder

if TYPE_CHECKING:
    import polars as pl


class StoredTable:
    """One imported version of the users, opened where it is touched; see `model.columns.UserTable`."""

    def __init__(self, root: Path, id: str) -> None:
        self._folder = Folder(root, id)
        description = self._folder.description
        self.schema = schema_from_json(description["schema"])
        self.size: int = description["size"]
        self._columns: dict[str, dict[str, Any]] = description["columns"]

    @cached_property
    def present(self) -> Bits:
        return self._folder.array("present.npy", "|u1", byte_count(self.size))

    @cached_property
    def seen(self) -> Bits:
        return self._folder.array("seen.npy", "|u1", byte_count(self.size))

    @cached_property
    def keys(self) -> pl.Series:
        return self._folder.series("keys.arrow")

    def column(self, name: str) -> ColumnData:
        """The values of one column by row; KeyError where the table has no such column."""
        column, layout = self.schema.by_name[name], self._columns[name]
        if layout["layout"] == "key":
            from segtool.store.layout import key_column

            return key_column(column, self.keys, unpack(self.present, self.size))
        part, dtype = layout["part"], layout["dtype"]
        if layout["layout"] == "coded":
            codes = self._folder.array(f"{part}.codes.npy", dtype, self.size)
            return Coded(column, codes, self._folder.series(f"{part}.domain.arrow"))
        values = self._folder.array(f"{part}.values.npy", dtype, self.size)
        valid = self._folder.array(f"{part}.valid.npy", "|u1", byte_count(self.size))
        return Plain(column, values, valid, layout["scale"])


def write_table(root: Path, read: ReadTable, before: StoredTable | None, known: pl.Series) -> str:
    """Writes a version of the users, and gives its id. Keys that are `known` keep their rows."""
    return write_folder(root, lambda parts: _write_parts(parts, read, before, known))


def _write_parts(parts: Parts, read: ReadTable, before: StoredTable | None, known: pl.Series) -> dict[str, Any]:
    from segtool.store.layout import laid_out, numbered

    keys, rows = numbered(known.alias("key"), read.frame[read.schema.key].alias("key"))
    size = len(keys)
    present = from_rows(rows, size)
    seen = resized(before.seen, size) if before else np.zeros_like(present)
    parts.add_series("keys.arrow", keys)
    parts.add_array("present.npy", present)
    parts.add_array("seen.npy", seen | present)
    columns = {}
    for position, column in enumerate(read.schema.columns):
        if column.name == read.schema.key:
            columns[column.name] = {"layout": "key"}
        else:
            data = laid_out(column, read.frame[column.name], rows, size)
            columns[column.name] = parts.add_column(str(position), data)
    schema = schema_to_json(read.schema)
    return {"schema": schema, "size": size, "columns": columns, "salt": secrets.token_hex(16)}
