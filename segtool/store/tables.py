"""A folder of mappable files comes in; goes out: the users as a table by row number."""

from __future__ import annotations

from collections.abc import Iterable
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from segtool.model.columns import Bits, ColumnData, Rows, byte_count, count, has_value, resized, to_rows, unpack
from segtool.model.tables import Piece
from segtool.store.encoding import schema_from_json
from segtool.store.parts import Folder

if TYPE_CHECKING:
    import polars as pl

    from segtool.store.keys import Found, Hashes, KeyRows

HASHES = "hashes.npy"


class StoredTable:
    """One imported version of the users, opened where it is touched; see `model.columns.UserTable`."""

    def __init__(self, root: Path, id: str) -> None:
        self.folder = Folder(root, id)
        description = self.folder.description
        self.schema = schema_from_json(description["schema"])
        self.size: int = description["size"]
        self.entries: dict[str, dict[str, Any]] = description["columns"]

    @cached_property
    def present(self) -> Bits:
        return self.folder.array("present.npy", "|u1", byte_count(self.size))

    @cached_property
    def seen(self) -> Bits:
        return self.folder.array("seen.npy", "|u1", byte_count(self.size))

    @cached_property
    def keys(self) -> pl.Series:
        return self.folder.series("keys.arrow")

    @cached_property
    def hashes(self) -> Hashes:
        """The hash of each user's row as its file had it; 0 where none is known."""
        if HASHES not in self.folder.description["files"]:
            return np.zeros(self.size, np.uint64)
        return self.folder.array(HASHES, "<u8", self.size)

    @property
    def keys_ascend(self) -> bool:
        """Whether the keys stand in the order of their bytes."""
        return bool(self.folder.description["keys_ascend"])

    def forget(self) -> None:
        """Gives back the memory of what was looked at; it is read again where it is touched again."""
        self.folder.forget()

    def column(self, name: str) -> ColumnData:
        """The values of one column by row; KeyError where the table has no such column."""
        column, entry = self.schema.by_name[name], self.entries[name]
        if entry["layout"] == "key":
            from segtool.store.layout import key_column

            return key_column(column, self.keys, unpack(self.present, self.size))
        return self.folder.column(column, entry, self.size)

    def fingerprint(self, columns: Iterable[str]) -> str:
        """The hashes of the files that hold the rows, those present, and these columns."""
        files = self.folder.description["files"]
        layouts = [self.entries[name] for name in sorted(columns)]
        parts = [layout["part"] for layout in layouts if layout["layout"] != "key"]
        scales = [layout.get("scale") for layout in layouts]
        held = [files[name] for part in parts for name in self.folder.files_of(part)]
        return repr((self.size, files["keys.arrow"], files["present.npy"], scales, held))


class Standing:
    """Which users stand in a version as they are in files now, asked piece by piece in the order of the files."""

    def __init__(self, table: StoredTable) -> None:
        self._table, self._rows, self._hashes = table, to_rows(table.present), table.hashes
        self._keys = table.keys.gather(self._rows)
        self._asked = 0

    def rows(self, keys: pl.Series, hashes: pl.Series) -> Found:
        """The rows of those users that are present with the same hash; -1 for others."""
        rows, wanted = self.rows_of(keys), hashes.to_numpy()
        rows[(self._hashes[rows] != wanted) | (wanted == 0)] = -1
        return rows

    def holds(self, column: str, rows: Rows) -> bool:
        """Whether one of these rows has a value of the column."""
        return has_value(self._table.column(column), rows)

    def rows_of(self, keys: pl.Series) -> Found:
        """The rows of those users that are present; -1 for others."""
        # most often they stand in the order in which they came
        at, self._asked = self._asked, self._asked + len(keys)
        if self._keys[at : self._asked].equals(keys):
            return self._rows[at : self._asked].astype(np.int64)
        found = self._index.found(keys)
        return np.where(found < 0, found, self._rows[found])

    @cached_property
    def _index(self) -> KeyRows:
        from segtool.store.keys import KeyRows

        return KeyRows(self._keys)


def departed(before: StoredTable, now: StoredTable) -> int:
    """How many users of a version are not in the later one."""
    return count(resized(before.present, now.size) & ~now.present)


class Departing:
    """How many users of a version are not among the pieces of a later one, of which nothing is kept."""

    def __init__(self, before: StoredTable, key: str) -> None:
        self._before, self._key = before, key
        self.clear()

    @property
    def number(self) -> int:
        return count(self._before.present) - int(np.count_nonzero(self._stay))

    def clear(self) -> None:
        """Begins anew."""
        self._standing, self._stay = Standing(self._before), np.zeros(self._before.size, np.bool_)

    def add(self, piece: Piece) -> None:
        rows = self._standing.rows_of(piece.frame[self._key])
        self._stay[rows[rows >= 0]] = True
        if piece.same is not None:
            self._stay[piece.same] = True
