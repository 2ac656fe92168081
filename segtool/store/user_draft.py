"""Users go in piece by piece; goes out: a version of their table, laid out as a folder of mappable files."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from segtool.model.columns import Coded, ColumnData, Plain, Rows, from_rows, resized
from segtool.model.kinds import Column, Schema
from segtool.model.tables import Piece
from segtool.store.encoding import schema_to_json
from segtool.store.parts import Folder, Parts, write_folder
from segtool.store.tables import HASHES, StoredTable

if TYPE_CHECKING:
    import polars as pl

    from segtool.store.joining import Some
    from segtool.store.keys import Hashes
    from segtool.store.suppression import Suppression


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


@dataclass(frozen=True)
class Numbering:
    """The rows of a version: how many there are, those that stay as they are in the version `before`, and those of the
    pieces."""

    size: int
    same: Rows
    rows: Rows
    before: StoredTable | None

    @property
    def present(self) -> Rows:
        return np.concatenate([self.same, self.rows])

    @cached_property
    def keeps_all(self) -> bool:
        """Whether the users are those of the version before."""
        before = self.before
        return bool(
            before
            and len(self.same)
            and before.size == self.size
            and np.array_equal(from_rows(self.present, self.size), before.present)
        )


class UserDraft:
    """A version of the users in the making, from pieces in the order of their files."""

    def __init__(
        self, root: Path, key: str, note: Callable[[str], None], suppression: Suppression | None = None
    ) -> None:
        """`note` is told the folders that live no longer than the run. With a `suppression`, those who stay out are
        left out, and counted."""
        self._root, self._key, self._note, self._suppression = root, key, note, suppression
        self.erased = np.empty(0, np.uint32)
        """The rows whose keys go."""
        self.clear()

    def clear(self) -> None:
        """Begins anew."""
        self.left_out = 0
        self._keys: list[pl.Series] = []
        self._hashes: list[Hashes] = []
        self._same: list[Rows] = []
        self._pieces: list[UserPiece] = []

    def add(self, piece: Piece) -> None:
        from segtool.store.layout import laid_out

        piece = self._admitted(piece)
        own = [column for column in piece.columns if column.name != self._key]
        columns = {column.name: laid_out(column, piece.frame[column.name]) for column in own}
        height = piece.frame.height
        self._keys.append(piece.frame[self._key].alias("key"))
        self._hashes += [] if piece.hashes is None else [piece.hashes.to_numpy()]
        self._same += [] if piece.same is None else [piece.same]
        self._pieces.append(UserPiece(columns, height))
        held = [one for one in self._pieces if one.folder is None]
        if sum(one.bytes for one in held) > SPILL:
            for one in held:
                self._note(one.spill(self._root))

    def _admitted(self, piece: Piece) -> Piece:
        if self._suppression is None:
            return piece
        out = self._suppression.of(piece.frame[self._key])
        self.left_out += int(out.sum())
        hashes = None if piece.hashes is None else piece.hashes.filter(~out)
        return replace(piece, frame=piece.frame.filter(~out), hashes=hashes)

    def write(self, schema: Schema, before: StoredTable | None, known: pl.Series) -> str:
        """Writes the version, and gives its id. Keys that are `known` keep their rows."""
        return write_folder(self._root, lambda parts: self._fill(parts, schema, before, known))

    def _fill(self, parts: Parts, schema: Schema, before: StoredTable | None, known: pl.Series) -> dict[str, Any]:
        import polars as pl

        from segtool.store.keys import numbered, without

        known = without(known.alias("key"), self.erased)
        keys, rows = numbered(known, pl.concat([known.clear().alias("key"), *self._keys]))
        numbering = Numbering(len(keys), np.concatenate([np.empty(0, np.uint32), *self._same]), rows, before)
        if before and numbering.keeps_all and not len(self.erased):
            parts.link("keys.arrow", before.folder, "keys.arrow")
        else:
            parts.add_series("keys.arrow", keys)
        present = from_rows(numbering.present, len(keys))
        seen = resized(before.seen, len(keys)) if before else np.zeros_like(present)
        parts.add_array("present.npy", present)
        parts.add_array("seen.npy", seen | present)
        if self._hashes:
            parts.add_array(HASHES, self._all_hashes(numbering))
        columns = {
            column.name: {"layout": "key"}
            if column.name == schema.key
            else self._add_column(parts, str(position), column, numbering)
            for position, column in enumerate(schema.columns)
        }
        facts = {"schema": schema_to_json(schema.without_values()), "size": len(keys), "keys_ascend": keys.is_sorted()}
        return {**facts, "columns": columns}

    def _all_hashes(self, numbering: Numbering) -> Hashes:
        found = np.zeros(numbering.size, np.uint64)
        if numbering.before and len(numbering.same):
            found[numbering.same] = numbering.before.hashes[numbering.same]
        found[numbering.rows] = np.concatenate(self._hashes)
        return found

    def _add_column(self, parts: Parts, part: str, column: Column, numbering: Numbering) -> dict[str, Any]:
        """Adds a column of all rows; one that is as it was before is taken from there."""
        before = numbering.before if len(numbering.same) else None
        pieces = [one.column(column.name) for one in self._pieces]
        if before is None:
            return parts.add_column(part, self._by_row(column, pieces, numbering))
        stood = before.column(column.name)
        pieces = [_as(stood, data) for data in pieces]
        if numbering.keeps_all and self._stands(column, stood, pieces, numbering.rows):
            return parts.link_column(part, before.folder, before.entries[column.name])
        return parts.add_column(part, self._by_row(column, pieces, numbering, stood))

    def _stands(self, column: Column, stood: ColumnData, pieces: Sequence[ColumnData | None], rows: Rows) -> bool:
        """Whether the pieces hold what stood there in these rows."""
        from segtool.store.joining import are_equal, joined, joint
        from segtool.store.layout import taken

        before = taken(stood, rows)
        both = joint(column, [before, *pieces])
        return are_equal(joined(both, [(0, before, len(rows))]), joined(both, self._some(1, pieces)))

    def _by_row(
        self, column: Column, pieces: Sequence[ColumnData | None], numbering: Numbering, stood: ColumnData | None = None
    ) -> ColumnData:
        """A column of all pieces, and of the rows that stay as they `stood`."""
        from segtool.store.joining import exact, joined, without_unused
        from segtool.store.layout import relaid, spread, taken

        if stood is None:
            data = joined(exact(column, pieces), self._some(0, pieces))
        else:
            kept = taken(stood, numbering.same)
            some = [(0, kept, len(numbering.same)), *self._some(1, pieces)]
            data = without_unused(relaid(joined(exact(column, [kept, *pieces]), some)))
        rows = numbering.present
        in_order = len(rows) == numbering.size and bool((rows[1:] > rows[:-1]).all())
        return data if in_order else spread(data, rows, numbering.size)

    def _some(self, first: int, pieces: Sequence[ColumnData | None]) -> list[Some]:
        """All rows of the pieces, the first of which is a part of that number."""
        return [(first + at, data, one.size) for at, (data, one) in enumerate(zip(pieces, self._pieces, strict=True))]


def _as(stood: ColumnData, data: ColumnData | None) -> ColumnData | None:
    """A piece as the column stood: the few rows that changed do not tell whether its values vary."""
    from segtool.store.layout import by_codes

    return by_codes(data) if isinstance(stood, Coded) and isinstance(data, Coded) and not stood.own else data
