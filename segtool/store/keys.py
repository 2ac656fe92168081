"""Keys of users come in; go out: the row of each, and new rows for keys that had none."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import polars as pl
from numpy.typing import NDArray

from segtool.model.columns import Rows

if TYPE_CHECKING:
    from segtool.store.suppression import Suppression

Hashes = NDArray[np.uint64]
Found = NDArray[np.int64]
"""Rows; -1 where there is none."""

FEW = 8
"""Where so many times fewer keys are asked for than there are, to look for them among all beats an index of all."""


def numbered(known: pl.Series, keys: pl.Series) -> tuple[pl.Series, Rows]:
    """All keys by row, those new at the end in the order of the file; and the row of each of `keys`."""
    if not len(known) or known.equals(keys):
        return keys, np.arange(len(keys), dtype=np.uint32)
    table = KeyRows(known)
    rows = table.rows(keys).astype(np.uint32)
    return pl.concat([known, table.added], rechunk=True), rows


ERASED = ""
"""Stands in the row of somebody who was erased; no key is empty."""


def without(keys: pl.Series, rows: Rows) -> pl.Series:
    """The keys by row, those of these rows erased."""
    return keys.clone().scatter(pl.Series(rows), ERASED) if len(rows) else keys


class KeyRows:
    """The rows of keys: of those that are known, and of those that come to be so."""

    def __init__(self, known: pl.Series, suppression: Suppression | None = None) -> None:
        """With a `suppression`, those who stay out get no row."""
        self._keys = known.alias("key")
        self._known = len(known)
        self._suppression = suppression
        self._index: _Index | None = None

    @property
    def added(self) -> pl.Series:
        """The keys that were not known, in the order of the rows that they got."""
        return self._keys[self._known :]

    def rows(self, keys: pl.Series) -> Found:
        """The row of each of these keys, which may be repeated. One that has none gets the next row; -1 for those who
        stay out."""
        rows = self.found(keys)
        strange = np.flatnonzero(rows < 0)
        if len(strange):
            new = keys.gather(strange).unique(maintain_order=True).alias("key")
            self._add(new.filter(~self._suppression.of(new)) if self._suppression else new)
            rows[strange] = self.found(keys.gather(strange))
        return rows

    def _add(self, new: pl.Series) -> None:
        if self._index:
            self._index.add(new)
        self._keys = pl.concat([self._keys, new], rechunk=False)

    def found(self, keys: pl.Series) -> Found:
        """The row of each of these keys that has one."""
        if not len(self._keys):
            return np.full(len(keys), -1, np.int64)
        if self._index is None and len(keys) * FEW < len(self._keys):
            return self._among_all(keys)
        if self._index is None:
            self._index = _Index(self._keys)
        return self._index.rows(keys)

    def _among_all(self, keys: pl.Series) -> Found:
        wanted = keys.unique().implode()
        at = self._keys.is_in(wanted).arg_true()
        table = pl.DataFrame([self._keys.gather(at), at.cast(pl.Int64).alias("row")])
        found = keys.alias("key").to_frame().join(table, on="key", how="left", maintain_order="left")["row"]
        return found.fill_null(-1).to_numpy().copy()


class _Index:
    """Slots in which keys are looked for by one hash and known by another, both of 64 bits; a slot holds a row.

    The hashes live no longer than the index, so it does not matter that another version may hash otherwise."""

    def __init__(self, keys: pl.Series) -> None:
        self._places = self._marks = np.empty(0, np.uint64)
        self._slots = np.empty(0, np.int32)
        (self._erased,) = _marks(pl.Series([ERASED]))
        self.add(keys)

    def add(self, keys: pl.Series) -> None:
        """Keys that are not there yet, whose rows follow those of all before them."""
        first = len(self._marks)
        self._places = np.concatenate([self._places, _places(keys)])
        self._marks = np.concatenate([self._marks, _marks(keys)])
        if len(self._slots) < 2 * len(self._marks):
            self._slots = np.full(2 * 2 ** len(self._marks).bit_length(), -1, np.int32)
            first = 0
        rows = np.arange(first, len(self._marks), dtype=np.int32)
        # nobody asks for those who were erased, and as equals they would crowd each other out
        self._fill(rows[self._marks[rows] != self._erased])

    def _fill(self, rows: NDArray[np.int32]) -> None:
        """Puts each row into its slot, or into the next free one."""
        last = len(self._slots) - 1
        at = (self._places[rows] & np.uint64(last)).astype(np.int64)
        while len(rows):
            free = self._slots[at] < 0
            self._slots[at[free]] = rows[free]
            # of rows that wanted the same slot, one is in
            out = self._slots[at] != rows
            rows, at = rows[out], (at[out] + 1) & last

    def rows(self, keys: pl.Series) -> Found:
        last, marks = len(self._slots) - 1, _marks(keys)
        found, sought = np.full(len(keys), -1, np.int64), np.arange(len(keys))
        at = (_places(keys) & np.uint64(last)).astype(np.int64)
        while len(sought):
            held = self._slots[at]
            here = (held >= 0) & (self._marks[held] == marks[sought])
            found[sought[here]] = held[here]
            elsewhere = (held >= 0) & ~here
            sought, at = sought[elsewhere], (at[elsewhere] + 1) & last
        return found


def _places(keys: pl.Series) -> Hashes:
    return keys.hash(1).to_numpy()


def _marks(keys: pl.Series) -> Hashes:
    return keys.hash(2).to_numpy()
