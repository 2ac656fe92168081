"""Lists, or text with a separator, come in; go out: lists without empty elements, null where none is left."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import polars as pl

from segtool.read.converted import Converted, compared, evaluated, kept_where

EMPTY_ELEMENTS = "empty list elements left out"

_V = pl.col("v")


def split(text: pl.Series, separator: str) -> Converted:
    """Text as a list of text."""
    pieces = evaluated(text, kept_where(_V != "", _V.str.split(separator)))
    hole = _V.str.starts_with(separator) | _V.str.ends_with(separator)
    hole |= _V.str.contains(separator + separator, literal=True)
    if not evaluated(text, hole.any()).item():
        return compared(text, pieces)
    return without_empty(pieces)


def without_empty(lists: pl.Series) -> Converted:
    """A list of text without its empty and missing elements, which are counted; an empty list is missing."""
    kept = evaluated(lists, _V.list.eval(pl.element().filter(pl.element() != "")))
    dropped = _elements(lists) - _elements(kept)
    kept = evaluated(kept, kept_where(_V.list.len() > 0, _V))
    return Converted(kept, pl.Series([], dtype=pl.UInt32), {EMPTY_ELEMENTS: dropped} if dropped else {})


def _elements(lists: pl.Series) -> int:
    return int(lists.list.len().fill_null(0).to_numpy().sum())


def with_elements(lists: pl.Series, convert: Callable[[pl.Series], Converted]) -> Converted:
    """Each element converted; missing ones are left out and counted, and a row with a misfit is a misfit."""
    lengths = lists.list.len().fill_null(0).to_numpy()
    rows = np.repeat(np.arange(len(lists)), lengths)
    elements = lists.filter(lists.list.len() > 0).explode(empty_as_null=False)
    found = convert(elements)
    held = found.values.is_not_null().to_numpy()
    regrouped = _grouped(rows[held], found.values.filter(found.values.is_not_null()), len(lists))
    misfits = np.unique(rows[found.misfits.to_numpy()])
    dropped = len(rows) - int(held.sum()) - len(found.misfits)
    notes = dict(found.notes) | ({EMPTY_ELEMENTS: dropped} if dropped else {})
    mixed = (int(rows[found.mixed[0]]), int(rows[found.mixed[1]])) if found.mixed else None
    return Converted(regrouped.alias(lists.name), pl.Series(misfits, dtype=pl.UInt32), notes, mixed)


def _grouped(rows: np.ndarray[tuple[int], np.dtype[np.int64]], elements: pl.Series, height: int) -> pl.Series:
    """Lists of the elements by the ascending rows that they belong to."""
    frame = pl.DataFrame({"row": rows, "v": elements})
    lists = frame.group_by("row", maintain_order=True).agg("v")
    everyone = pl.DataFrame({"row": np.arange(height)})
    return everyone.join(lists, on="row", how="left", maintain_order="left").get_column("v")
