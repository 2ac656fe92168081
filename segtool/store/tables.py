"""Users go in piece by piece, become a folder of mappable files, and come out as a table by row number."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from segtool.model.columns import Bits, ColumnData, Plain, Rows, byte_count, from_rows, resized, unpack
from segtool.model.kinds import Column, Schema
from segtool.model.tables import Piece
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

    @property
    def keys_ascend(self) -> bool:
        """Whether the keys stand in the order of their bytes."""
        return bool(self._folder.description["keys_ascend"])

    def column(self, name: str) -> ColumnData:
        """The values of one column by row; KeyError where the table has no such column."""
        column, entry = self.schema.by_name[name], self._columns[name]
        if entry["layout"] == "key":
            from segtool.store.layout import key_column

            return key_column(column, self.keys, unpack(self.present, self.size))
        return self._folder.column(column, entry, self.size)

    def fingerprint(self, columns: Iterable[str]) -> str:
        """The hashes of the files that hold the rows, those present, and these columns."""
        files = self._folder.description["files"]
        layouts = [self._columns[name] for name in sorted(columns)]
        parts = [layout["part"] for layout in layouts if layout["layout"] != "key"]
        scales = [layout.get("scale") for layout in layouts]
        held = [files[name] for part in parts for name in files if name.startswith(f"{part}.")]
        return repr((self.size, files["keys.arrow"], files["present.npy"], scales, held))


SPILL = 256 * 2**20
"""Bytes of columns that are held in memory before they go to files that live as long as the run."""


class UserPiece:
    """Some rows of the users, laid out: in memory, or in a folder of this run."""

    def __init__(self, columns: dict[str, ColumnData], size: int) -> None:
        self.columns, self.size = columns, size
        self.folder: Folder | None = None
        self.kinds = {name: data.column for name, data in columns.items()}

    @property
    def bytes(self) -> int:
        return sum(_bytes(data) for data in self.columns.values())

    def spill(self, root: Path) -> str:
        """Puts the columns into a folder; its id."""
        id = write_folder(root, self._fill, durable=False)
        self.folder, self.columns = Folder(root, id), {}
        return id

    def _fill(self, parts: Parts) -> dict[str, Any]:
        return {
            "columns": {name: parts.add_column(str(i), data) for i, (name, data) in enumerate(self.columns.items())}
        }

    def column(self, name: str) -> ColumnData | None:
        if self.folder is None or name not in self.kinds:
            return self.columns.get(name)
        return self.folder.column(self.kinds[name], self.folder.description["columns"][name], self.size)


def _bytes(data: ColumnData) -> int:
    if isinstance(data, Plain):
        return data.values.nbytes + data.valid.nbytes
    return int(data.domain.estimated_size()) + (0 if data.own else data.codes.nbytes)


class UserDraft:
    """A version of the users in the making, from pieces in the order of their files."""

    def __init__(self, root: Path, key: str, note: Callable[[str], None]) -> None:
        """`note` is told the folders that live no longer than the run."""
        self._root, self._key, self._note = root, key, note
        self.clear()

    def clear(self) -> None:
        """Begins anew."""
        self._keys: list[pl.Series] = []
        self._pieces: list[UserPiece] = []

    def add(self, piece: Piece) -> None:
        from segtool.store.layout import laid_out

        own = [column for column in piece.columns if column.name != self._key]
        columns = {column.name: laid_out(column, piece.frame[column.name]) for column in own}
        self._keys.append(piece.frame[self._key].alias("key"))
        self._pieces.append(UserPiece(columns, piece.frame.height))
        held = [one for one in self._pieces if one.folder is None]
        if sum(one.bytes for one in held) > SPILL:
            for one in held:
                self._note(one.spill(self._root))

    def write(self, schema: Schema, before: StoredTable | None, known: pl.Series) -> str:
        """Writes the version, and gives its id. Keys that are `known` keep their rows."""
        return write_folder(self._root, lambda parts: self._fill(parts, schema, before, known))

    def _fill(self, parts: Parts, schema: Schema, before: StoredTable | None, known: pl.Series) -> dict[str, Any]:
        import polars as pl

        from segtool.store.keys import numbered

        keys, rows = numbered(known.alias("key"), pl.concat([known.clear().alias("key"), *self._keys]))
        present = from_rows(rows, len(keys))
        seen = resized(before.seen, len(keys)) if before else np.zeros_like(present)
        parts.add_series("keys.arrow", keys)
        parts.add_array("present.npy", present)
        parts.add_array("seen.npy", seen | present)
        columns: dict[str, Any] = {}
        for position, column in enumerate(schema.columns):
            if column.name == schema.key:
                columns[column.name] = {"layout": "key"}
            else:
                columns[column.name] = parts.add_column(str(position), self._column(column, rows, len(keys)))
        facts = {"schema": schema_to_json(schema), "size": len(keys), "keys_ascend": keys.is_sorted()}
        return {**facts, "columns": columns}

    def _column(self, column: Column, rows: Rows, size: int) -> ColumnData:
        """A column of all pieces, by row."""
        from segtool.store.joining import exact, joined
        from segtool.store.layout import spread

        pieces = [one.column(column.name) for one in self._pieces]
        sizes = [one.size for one in self._pieces]
        data = joined(exact(column, pieces), list(zip(range(len(sizes)), pieces, sizes, strict=True)))
        in_order = len(rows) == size and bool((rows[1:] > rows[:-1]).all())
        return data if in_order else spread(data, rows, size)
