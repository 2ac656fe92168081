"""A segment that is cut by rank and a user come in; goes out: the user's place, and the value at the cut."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from segtool.engine.decide import Frozen, holding
from segtool.engine.features import cut_down, rows_of
from segtool.explain.findings import shown
from segtool.model.cells import values_at
from segtool.model.columns import Bits, Plain, Tables, count, to_rows, unpack
from segtool.model.plan import PlannedSegment, Ranking


@dataclass(frozen=True)
class Place:
    """Whether the cut keeps a user, and what tells why."""

    is_kept: bool
    found: tuple[str, ...]


def place_of(
    planned: PlannedSegment, ranking: Ranking, tables: Tables, frozen: Frozen, members: Mapping[str, Bits], row: int
) -> Place:
    """The place of a row among those whom the condition and the lists leave, by the value that the cut looks at."""
    users, chosen = tables.users, left_to_cut(planned, tables, frozen, members)
    data = users.column(ranking.by.name)
    assert isinstance(data, Plain)
    kept, own = cut_down(chosen, ranking, data, users), values_at(data, np.array([row]))[0]
    is_kept = bool(unpack(kept, users.size)[row])
    return Place(is_kept, tuple(_told(ranking, data, (chosen & data.valid, kept), row, own)))


def left_to_cut(planned: PlannedSegment, tables: Tables, frozen: Frozen, members: Mapping[str, Bits]) -> Bits:
    """Whom the condition and the lists leave."""
    chosen = holding([planned.where], tables, frozen, members)[0]
    if planned.listed is not None:
        chosen = rows_of(planned.listed, tables.users)
    return chosen & ~rows_of(planned.exclude, tables.users)


def _told(ranking: Ranking, data: Plain, sets: tuple[Bits, Bits], row: int, own: Any) -> list[str]:
    ranked, kept = sets
    name = ranking.by.name
    told = [f"{name}: {shown(own)}"]
    values = data.values[to_rows(ranked)]
    if own is not None:
        better = values > data.values[row] if ranking.highest else values < data.values[row]
        is_ranked = bool(unpack(ranked, len(data.values))[row])
        told.append(f"{'place' if is_ranked else 'would be place'} {int(better.sum()) + 1:,} of {count(ranked):,}")
    rows = to_rows(kept)
    if len(rows):
        at = rows[data.values[rows].argmin() if ranking.highest else data.values[rows].argmax()]
        told.append(f"the last of {len(rows):,} who are kept has {shown(values_at(data, np.array([at]))[0])}")
    return told
