"""What all users decide together and one row come in; goes out: the same as a test of that row's own value.

All others are taken as they are: a percentile or a cut then holds for some values of this user, and not for others."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import numpy as np
from numpy.typing import NDArray

from segtool.engine.decide import ranked
from segtool.engine.features import last_of_each
from segtool.engine.rows import of_percents, runs
from segtool.engine.trees import is_counted
from segtool.model.algebra import NOBODY, Compare, IsSet, Leaf, Literal, Predicate, Rank, Value, every, some
from segtool.model.cells import values_at
from segtool.model.columns import Bits, Plain, Tables, UserTable, unpack
from segtool.model.plan import Ranking

Rows = NDArray[np.intp]


def of_percentile(leaf: Leaf, rank: Rank, tables: Tables, row: int) -> Predicate:
    """For which values of this row the leaf is true, which asks for a percentile among all users."""
    data = ranked(rank.of, tables)
    others = _others(data.valid, tables.users, row)
    others = others[np.argsort(data.values[others])]
    steps = last_of_each(data.values[others])
    # below all others there is one place, and after each of their values one more
    places = np.append(1, steps + 2)
    [flags] = of_percents([leaf], 100.0 * places / (len(others) + 1))
    ranges = [_between(rank.of, data, others[steps], *run) for run in runs(flags).tolist()]
    return some(ranges) if ranges else NOBODY


def _between(value: Value, data: Plain, edges: Rows, first: int, end: int) -> Predicate:
    """From one of the others' values, or from none, to below another one."""
    low, high = edges[max(first - 1, 0) : first], edges[end - 1 : end]
    above: list[Predicate] = [Compare(value, "gte", _literal(data, at)) for at in low.tolist()]
    below = [Compare(value, "lt", _literal(data, at)) for at in high.tolist()]
    return every([*(above or [_has_place(value)]), *below])


def _has_place(value: Value) -> Predicate:
    """There is a value that has a place among all."""
    return Compare(value, "gt", 0) if is_counted(value) else IsSet(value)


def of_cut(chosen: Bits, ranking: Ranking, users: UserTable, row: int) -> Predicate:
    """For which values of this row, once it is among the `chosen`, the cut keeps it."""
    by, data = ranking.by, users.column(ranking.by.name)
    assert isinstance(data, Plain)
    others = _others(chosen & data.valid, users, row)
    kept = ranking.cut.kept_of(len(others) + 1)
    if kept in (0, len(others) + 1):
        return IsSet(by) if kept else NOBODY
    values = data.values[others]
    place = len(others) - kept if ranking.highest else kept - 1
    last = np.partition(values, place)[place]
    better = int((values > last if ranking.highest else values < last).sum())
    before = int((users.keys.gather(others[values == last]) < str(users.keys[row])).sum())
    is_kept_at_last = better + before < kept
    literal = _literal(data, int(others[np.argmax(values == last)]))
    if ranking.highest:
        return Compare(by, "gte" if is_kept_at_last else "gt", literal)
    return Compare(by, "lte" if is_kept_at_last else "lt", literal)


def _others(bits: Bits, users: UserTable, row: int) -> Rows:
    flags = unpack(bits & users.present, users.size)
    flags[row] = False
    return np.flatnonzero(flags)


def _literal(data: Plain, at: int) -> Literal:
    value: Any = values_at(data, np.array([at]))[0]
    return Decimal(repr(value)) if isinstance(value, float) else value
