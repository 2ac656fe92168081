"""Events as they were read come in; go out: the files of a part, in which they stand by name, block and time."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import Any

import numpy as np
import polars as pl
from numpy.typing import NDArray

from segtool.model.columns import BLOCK, ColumnData, Plain, Rows, unpack
from segtool.model.kinds import Schema
from segtool.model.tables import Piece
from segtool.store.event_files import Contents, Events, tick_of
from segtool.store.events import GROUP
from segtool.store.joining import Joint, joint
from segtool.store.layout import laid_out, taken
from segtool.store.parts import Parts


@dataclass(frozen=True)
class Batch:
    """Events of one piece, as they came: of each, its user's row, its time (microseconds in UTC) and the place of its
    name among `names`; and what is known of them besides."""

    schema: Schema
    names: tuple[str, ...]
    rows: Rows
    times: NDArray[np.int64]
    codes: NDArray[np.uint16]
    columns: Mapping[str, ColumnData]

    def fill(self, parts: Parts) -> dict[str, Any]:
        """Writes the events as a part; its description."""
        numbers = np.bincount(self.codes, minlength=len(self.names)).tolist()
        columns = {name: (joint(data.column, [data]), self._held(data)) for name, data in self.columns.items()}
        sizes = dict(zip(self.names, numbers, strict=True))
        return Contents(self.schema, sizes, columns, tick_of(self.times)).fill(parts, self._sorted(columns))

    def _held(self, data: ColumnData) -> list[str]:
        """The names whose events have values."""
        held = np.zeros(len(self.names), np.bool_)
        held[self.codes[_valid(data)]] = True
        return [name for name, one in zip(self.names, held.tolist(), strict=True) if one]

    def _sorted(self, columns: Mapping[str, tuple[Joint, Sequence[str]]]) -> Iterator[Events]:
        groups = int(self.rows.max(initial=0)) // (BLOCK * GROUP) + 1
        blocks = self.rows // BLOCK
        order = _by_time_within(blocks + self.codes.astype(np.int64) * groups * GROUP, self.times)
        places = (self.codes.astype(np.int64) * groups + blocks // GROUP)[order]
        starts = [0, *(np.flatnonzero(places[1:] != places[:-1]) + 1).tolist(), len(places)]
        for start, end in pairwise(starts):
            at = order[start:end]
            if len(at):
                name = self.names[self.codes[at[0]]]
                own = {one: taken(self.columns[one], at) for one, (_, held) in columns.items() if name in held}
                yield Events(name, blocks[at].astype(np.int64), _in_block(self.rows[at]), self.times[at], own)


def _by_time_within(places: NDArray[np.int64], times: NDArray[np.int64]) -> NDArray[np.intp]:
    """The order by place, and by time within each; two stable sorts, of which the second is one of small numbers, beat
    one by both."""
    order = np.argsort(times, kind="stable")
    small = places.astype(np.min_scalar_type(int(places.max(initial=0))))
    return order[np.argsort(small[order], kind="stable")]


def _in_block(rows: Rows) -> NDArray[np.uint16]:
    return (rows % BLOCK).astype(np.uint16)


def _valid(data: ColumnData) -> NDArray[np.bool_]:
    if isinstance(data, Plain):
        return unpack(data.valid, len(data.values))
    return data.domain[1:].is_not_null().to_numpy() if data.own else data.codes > 0


def batch_of(piece: Piece, schema: Schema, table: str, rows: Rows) -> Batch:
    """The events of a piece, of users at these rows. `schema` tells what its columns are."""
    frame, names, codes = piece.frame, (table,), np.zeros(piece.frame.height, np.uint16)
    if schema.event:
        names = tuple(frame[schema.event].unique().sort().to_list())
        codes = frame[schema.event].cast(pl.Enum(names)).to_physical().to_numpy().astype(np.uint16)
    own = {schema.key, schema.time, schema.event}
    columns = {one.name: laid_out(one, frame[one.name]) for one in piece.columns if one.name not in own}
    times = frame[schema.time].to_physical().to_numpy()
    return Batch(replace(schema, columns=piece.columns), names, rows, times, codes, columns)
