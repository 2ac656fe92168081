"""Chosen events and a column of theirs to one value for each user; exact, and the same in whatever order they come."""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import chain
from typing import Any

import numpy as np
from numpy.typing import NDArray

from segtool.engine.pieces import Chosen, Piece
from segtool.model.columns import BLOCK, Coded, Plain, pack, padded
from segtool.model.kinds import DATETIME, INTEGER, NUMBER, Column, Kind
from segtool.model.merging import HIGHEST, in_one_code, on_one_scale

Values = NDArray[Any]

EXACT = 2.0**53
"""Whole numbers below it are exact as floats, and so are their sums."""


def _plain(values: Values, valid: NDArray[np.bool_], kind: Kind, size: int, scale: int = 0) -> Plain:
    return Plain(Column("value", kind), values[:size], pack(valid[:size]), scale)


def counts(pieces: Iterable[Piece], size: int) -> Plain:
    """How many events each user has."""
    found = _counted(pieces, size)
    return _plain(found, np.ones(size, np.bool_), INTEGER, size)


def _counted(pieces: Iterable[Piece], size: int) -> NDArray[np.int32]:
    found = np.zeros(padded(size), np.int32)
    for piece in pieces:
        found[piece.block] += np.bincount(piece.rows, minlength=BLOCK)
    return found


def _all_pieces(chosen: Sequence[Chosen]) -> Iterator[Piece]:
    return chain.from_iterable(one.pieces for one in chosen)


def _numbers(chosen: Sequence[Chosen]) -> tuple[list[Values], int]:
    return on_one_scale([one.data for one in chosen if isinstance(one.data, Plain)])


def _are_exact(numbers: Sequence[Values]) -> bool:
    return all(values.dtype.kind == "i" for values in numbers)


def sums(chosen: Sequence[Chosen], kind: Kind, size: int) -> Plain:
    """The sum for each user who has a value."""
    numbers, scale = _numbers(chosen)
    valid = _counted(_all_pieces(chosen), size) > 0
    if not _are_exact(numbers):
        return _plain(_float_sums(chosen, numbers, size), valid, NUMBER, size)
    found = _exact_sums(chosen, numbers, size)
    if found.dtype == np.float64:
        return _plain(found / 10.0**scale, valid, NUMBER, size)
    return _plain(found, valid, NUMBER, size, scale)


def _exact_sums(chosen: Sequence[Chosen], numbers: Sequence[Values], size: int) -> Values:
    """Sums of whole numbers, as floats only where one of them is beyond 64 bits."""
    found, bound = np.zeros(padded(size), np.float64), 0.0
    for values, piece in _valued(chosen, numbers):
        found[piece.block] += np.bincount(piece.rows, weights=values, minlength=BLOCK)
        bound += max(abs(float(values.min())), abs(float(values.max()))) * len(values)
    if bound < EXACT:
        return found.astype(np.int64)
    high, low = _halves(chosen, numbers, size)
    fits = ((high >= -(2**31)) & (high < 2**31)).all()
    return (high << 32) + low if fits else high * 2.0**32 + low


def _halves(chosen: Sequence[Chosen], numbers: Sequence[Values], size: int) -> tuple[Values, Values]:
    """Sums of any size, exactly: multiples of 2^32, and what is left."""
    high, low = np.zeros(padded(size), np.int64), np.zeros(padded(size), np.int64)
    for values, piece in _valued(chosen, numbers):
        np.add.at(high[piece.block], piece.rows, values >> 32)
        np.add.at(low[piece.block], piece.rows, values & 0xFFFF_FFFF)
    return high + (low >> 32), low & 0xFFFF_FFFF


def _valued(chosen: Sequence[Chosen], numbers: Sequence[Values]) -> Iterator[tuple[Values, Piece]]:
    """The values of each piece, as 64 bits."""
    for one, values in zip(chosen, numbers, strict=True):
        yield from ((values[piece.at].astype(np.int64, copy=False), piece) for piece in one.pieces)


def _float_sums(chosen: Sequence[Chosen], numbers: Sequence[Values], size: int) -> Values:
    """Floats are added in the order of their values, so that neither rows nor threads change a sum."""
    found = np.zeros(padded(size), np.float64)
    for block, rows, values in _by_block(chosen, numbers):
        order = np.lexsort((values, rows))
        found[block] = np.bincount(rows[order], weights=values[order], minlength=BLOCK)
    return found


def _by_block(chosen: Sequence[Chosen], values: Sequence[Values]) -> Iterator[tuple[slice, Values, Values]]:
    """The chosen events of all tables, one block of users after the other: their users' rows, and their values."""
    blocks: dict[int, list[tuple[Piece, Values]]] = defaultdict(list)
    for one, held in zip(chosen, values, strict=True):
        for piece in one.pieces:
            blocks[piece.first].append((piece, held))
    for parts in blocks.values():
        rows = np.concatenate([piece.rows for piece, _ in parts])
        yield parts[0][0].block, rows, np.concatenate([held[piece.at] for piece, held in parts])


def averages(chosen: Sequence[Chosen], kind: Kind, size: int) -> Plain:
    """The sum over the number of values, as floats."""
    total, pieces = sums(chosen, kind, size), _all_pieces(chosen)
    number = np.maximum(_counted(pieces, size)[:size], 1).astype(np.int64)
    means = total.values / (number * 10.0**total.scale)
    inexact = np.flatnonzero(np.abs(total.values) >= EXACT) if total.values.dtype.kind == "i" else ()
    if len(inexact) and int(number.max()) * 10**total.scale <= HIGHEST:
        # a sum that is no exact float would be rounded before it is divided
        by = number[inexact] * 10**total.scale
        whole, rest = np.divmod(total.values[inexact], by)
        means[inexact] = whole + rest / by
    return Plain(total.column, means, total.valid)


def lowest(chosen: Sequence[Chosen], kind: Kind, size: int) -> Plain:
    return _extreme(np.minimum, HIGHEST, chosen, kind, size)


def highest(chosen: Sequence[Chosen], kind: Kind, size: int) -> Plain:
    return _extreme(np.maximum, -HIGHEST - 1, chosen, kind, size)


def _extreme(better: np.ufunc, worst: int, chosen: Sequence[Chosen], kind: Kind, size: int) -> Plain:
    """The best value of each user who has one; every value is as good as the worst, or better."""
    numbers, scale = _numbers(chosen)
    start = worst if _are_exact(numbers) else math.copysign(math.inf, worst)
    pairs = zip(chosen, numbers, strict=True)
    own = ((values[piece.at], piece) for one, values in pairs for piece in one.pieces)
    found, valid = _best(better, start, own, size)
    return _plain(found, valid, NUMBER if kind.is_number else kind, size, scale)


def _best(
    better: np.ufunc, start: float, own: Iterable[tuple[Values, Piece]], size: int
) -> tuple[Values, NDArray[np.bool_]]:
    """The best value of each user, and who has one."""
    found, valid = np.full(padded(size), start), np.zeros(padded(size), np.bool_)
    for values, piece in own:
        better.at(found[piece.block], piece.rows, values.astype(found.dtype, copy=False))
        # the worst value of all may be somebody's best
        valid[piece.block][piece.rows[values == start]] = True
    valid |= found != start
    # the worst is beyond every calendar, and nothing must be computed of it
    found[~valid] = 0
    return found, valid


def first_times(own: Iterable[tuple[Values, Piece]], size: int) -> Plain:
    """When each user's first event was, of the times (microseconds) of the chosen ones."""
    return _plain(*_best(np.minimum, HIGHEST, own, size), DATETIME, size)


def last_times(own: Iterable[tuple[Values, Piece]], size: int) -> Plain:
    return _plain(*_best(np.maximum, -HIGHEST - 1, own, size), DATETIME, size)


def different(chosen: Sequence[Chosen], kind: Kind, size: int) -> Plain:
    """How many different values each user has."""
    found = np.zeros(padded(size), np.int64)
    for block, rows, codes in _by_block(chosen, _comparable(chosen)):
        found[block] = _different(rows, codes.astype(np.int64, copy=False))
    return _plain(found, np.ones(size, np.bool_), INTEGER, size)


def _different(rows: NDArray[np.uint16], codes: NDArray[np.int64]) -> NDArray[np.int64]:
    """The number of different codes in each row of a block."""
    least = int(codes.min())
    if int(codes.max()) - least >= 2**46:
        codes, least = np.unique(codes, return_inverse=True)[1], 0
    pairs = np.sort(rows.astype(np.int64) << 46 | codes - least)
    first = np.append(True, pairs[1:] != pairs[:-1])
    return np.bincount(pairs[first] >> 46, minlength=BLOCK)


def _comparable(chosen: Sequence[Chosen]) -> list[Values]:
    """Whole numbers that are equal where the values are."""
    coded = [one.data for one in chosen if isinstance(one.data, Coded)]
    if coded:
        return in_one_code(coded)[0]
    numbers, _ = _numbers(chosen)
    return numbers if _are_exact(numbers) else [values.view(np.int64) for values in numbers]


COMPUTED: dict[str, Callable[[Sequence[Chosen], Kind, int], Plain]] = {
    "sum": sums,
    "avg": averages,
    "min": lowest,
    "max": highest,
    "distinct": different,
}
