"""Values that are computed from the whole table: percentiles, shares by hash, the order that a cut walks."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import Any

import numpy as np
import polars as pl
from numpy.typing import NDArray

from segtool.model.columns import BLOCK, Bits, Plain, Rows, UserTable, from_rows, pack, to_rows
from segtool.model.plan import Ranking


@dataclass(frozen=True)
class Percentiles:
    """The distinct values of all rows that have one, ascending, and of each: 100 × (rows with a value up to it) / (rows
    with a value)."""

    values: NDArray[Any]
    percents: NDArray[np.float64]


def percentiles(values: NDArray[Any]) -> Percentiles:
    ordered = np.sort(values)
    last = last_of_each(ordered)
    return Percentiles(ordered[last], 100.0 * (last + 1) / max(len(ordered), 1))


def last_of_each(ordered: NDArray[Any]) -> NDArray[np.intp]:
    """Where each distinct value of an ordered array stands for the last time."""
    if not len(ordered):
        return np.empty(0, np.intp)
    return np.flatnonzero(np.append(ordered[1:] != ordered[:-1], True))


def shares(salt: str, users: UserTable) -> NDArray[np.uint32]:
    """The first 32 bits (big-endian) of SHA-256 of `salt:key` for the key of each row."""
    found = np.empty(users.size, np.uint32)
    for start in range(0, users.size, BLOCK):
        texts = (f"{salt}:" + users.keys[start : start + BLOCK]).cast(pl.Binary).to_list()
        digests = b"".join([hashlib.sha256(text).digest() for text in texts])
        found[start : start + BLOCK] = np.frombuffer(digests, ">u4")[::8]
    return found


def cut_down(bits: Bits, ranking: Ranking, data: Plain, users: UserTable) -> Bits:
    """Of the rows in `bits`, those that the ranking keeps; ties go to the smaller key, by bytes."""
    rows = to_rows(bits & data.valid)
    kept = ranking.cut.kept_of(len(rows))
    if kept in (0, len(rows)):
        return from_rows(rows[:kept], users.size)
    values = data.values[rows]
    place = len(rows) - kept if ranking.highest else kept - 1
    last = np.partition(values, place)[place]
    better = rows[values > last if ranking.highest else values < last]
    tied = rows[values == last]
    return from_rows(np.append(better, _first_by_key(tied, kept - len(better), users)), users.size)


def _first_by_key(rows: Rows, number: int, users: UserTable) -> Rows:
    if number == len(rows) or users.keys_ascend:
        return rows[:number]
    order = users.keys.gather(rows).arg_sort().to_numpy()
    first: Rows = rows[order[:number]]
    return first


def rows_of(keys: tuple[str, ...], users: UserTable) -> Bits:
    """The present rows that have one of the keys."""
    if not keys:
        return np.zeros_like(users.present)
    found: NDArray[np.bool_] = users.keys.is_in(pl.Series(list(keys), dtype=pl.String).implode()).to_numpy()
    return pack(found) & users.present
