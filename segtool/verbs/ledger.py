"""What is kept to rows: the keys of members, and who entered and left with the reasons. Nothing is written."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import polars as pl
from numpy.typing import NDArray

from segtool.errors import Problem, UsageError
from segtool.model.columns import to_rows
from segtool.model.movement import Moved, Reasons
from segtool.model.run import CHANGE_COLUMNS, REASONS, Record
from segtool.read.project import read_project
from segtool.store.keys import ERASED
from segtool.store.snapshots import frozen_keys
from segtool.store.steady import steady
from segtool.store.store import Store
from segtool.verbs.selection import Known, chosen, is_one_name


@steady
def members(folder: Path, select: tuple[str, ...] = (), exclude: tuple[str, ...] = ()) -> pl.DataFrame:
    """The keys of members of the segments that words fit, or of all that are decided, sorted by bytes; each under the
    name of its segment, unless the words are one name."""
    project, store = read_project(folder, with_segments=False), Store(folder)
    names = chosen(select, exclude, _known(folder, store)) if select or exclude else sorted(store.state.segments)
    if select:
        _refuse_undecided(names, store)
    key = project.users.key
    if is_one_name(select) and names:
        return pl.DataFrame({key: _keys(store, names[0])}, schema={key: pl.String})
    decided = [name for name in names if name in store.state.segments]
    columns = {"segment": pl.String, key: pl.String}
    frames = [pl.DataFrame({"segment": name, key: _keys(store, name)}, columns) for name in decided]
    return pl.concat([pl.DataFrame(schema=columns), *frames])


def _known(folder: Path, store: Store, past: Iterable[str] = ()) -> Known:
    return Known(read_project(folder).segments, store.state.segments, frozenset(past))


def _refuse_undecided(names: Iterable[str], store: Store) -> None:
    waiting = [name for name in names if name not in store.state.segments]
    if waiting:
        raise UsageError([Problem(f"`{name}` has not been decided yet", "run `segtool evaluate`") for name in waiting])


def _keys(store: Store, name: str) -> pl.Series:
    state = store.state.segments[name]
    if state.frozen:
        return pl.Series(frozen_keys(store.object_bytes(state.frozen.csv)), dtype=pl.String).sort()
    users, bits = store.users(), store.members().of(name)
    assert users is not None and bits is not None
    return users.keys.gather(to_rows(bits)).sort()


@steady
def changes(folder: Path, select: tuple[str, ...] = (), exclude: tuple[str, ...] = (), since: int = 0) -> pl.DataFrame:
    """Who entered and who left in each run after `since`, with the reason; of frozen segments, their members."""
    project, store = read_project(folder, with_segments=False), Store(folder)
    if since:
        refuse_since(store, since)
    records = list(store.records(since))
    names = None
    if select or exclude:
        past = {name for record in records for name in record.sizes}
        names = frozenset(chosen(select, exclude, _known(folder, store, past)))
    keys = list[pl.Series]()
    return _lines(list(_sides(records, store, names, keys)), keys, project.users.key)


def refuse_since(store: Store, since: int) -> None:
    """UsageError where there is no such run, or what came after it is no longer known."""
    if since > (store.head.number if store.head else 0):
        raise UsageError(Problem(f"there is no run {since}", "see `segtool history`"))
    if since < store.state.first - 1:
        step = f"give --since {store.state.first - 1} or later"
        raise UsageError(Problem(f"the runs before {store.state.first} were pruned", step))


@dataclass(frozen=True)
class _Side:
    """Those who entered one segment in one run, or who left it: their places among the keys, and their reasons."""

    record: Record
    segment: str
    change: str
    places: NDArray[np.integer]
    reasons: Reasons


def _sides(
    records: Iterable[Record], store: Store, names: frozenset[str] | None, keys: list[pl.Series]
) -> Iterator[_Side]:
    """What each run moved of the named segments, or of all; the keys that their places count through are added."""
    users = store.users()
    keys.append(users.keys if users else pl.Series(dtype=pl.String))
    for record in records:
        wanted = sorted(record.sizes if names is None else names & record.sizes.keys())
        moves = store.changes(record) if wanted else {}
        for name in wanted:
            if name in record.frozen:
                yield _frozen(record, name, store, keys)
            if name in moves and users is not None:
                move = moves[name]
                yield _moved(record, name, "entered", move.entered)
                yield _moved(record, name, "left", move.left)
            if name in record.rewritten:
                yield _side(record, name, "left", "erased", [ERASED] * record.sizes[name].left, keys)


def _moved(record: Record, name: str, change: str, who: Moved) -> _Side:
    # copied, as each mapped object holds a file open, and a long log has more of them than a process may have
    return _Side(record, name, change, who.rows.copy(), who.reasons.copy())


def _frozen(record: Record, name: str, store: Store, keys: list[pl.Series]) -> _Side:
    state = store.state.segments[name]
    assert state.frozen
    held = frozen_keys(store.object_bytes(state.frozen.csv))
    # those who were erased since have no key
    nameless = [ERASED] * (record.sizes[name].entered - len(held))
    return _side(record, name, "entered", "initial", [*held, *nameless], keys)


def _side(record: Record, name: str, change: str, reason: str, who: Sequence[str], keys: list[pl.Series]) -> _Side:
    first = sum(map(len, keys))
    keys.append(pl.Series(who, dtype=pl.String))
    places = np.arange(first, first + len(who))
    return _Side(record, name, change, places, np.full(len(places), REASONS.index(reason), np.uint8))


def _lines(sides: Sequence[_Side], keys: Sequence[pl.Series], key: str) -> pl.DataFrame:
    """A line for each who moved, in the order of the sides, and of the keys in each of them."""
    places = np.concatenate([np.empty(0, np.int64), *(side.places for side in sides)])
    reasons = np.concatenate([np.empty(0, np.uint8), *(side.reasons for side in sides)])
    which = np.repeat(np.arange(len(sides)), [len(side.places) for side in sides])
    moved = pl.DataFrame({"side": which, "key": pl.concat(keys).gather(places)})
    moved = moved.with_columns(reason=pl.Series(REASONS).gather(reasons)).sort("side", "key")
    facts = [(side.segment, side.change, side.record.number, side.record.as_of) for side in sides]
    schema = {"segment": pl.String, "change": pl.String, "run": pl.Int64, "as_of": pl.String}
    told = pl.DataFrame(facts, schema, orient="row")[moved["side"]]
    lines = moved.hstack(told).select("key", *CHANGE_COLUMNS)
    return lines.rename({"key": key})
