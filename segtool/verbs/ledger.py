"""What is kept to rows: the keys of members, and who entered and left with the reasons. Nothing is written."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path

import polars as pl

from segtool.errors import Problem, UsageError
from segtool.model.columns import to_rows
from segtool.model.movement import Movement
from segtool.model.run import REASONS, Record
from segtool.read.project import read_project
from segtool.store.snapshots import frozen_keys
from segtool.store.store import Store
from segtool.verbs.reading import refuse_unknown


def members(folder: Path, names: tuple[str, ...], *, everything: bool = False) -> pl.DataFrame:
    """The keys of members, sorted by bytes; with several segments, each under its name."""
    project, store = read_project(folder, with_segments=False), Store(folder)
    if not everything:
        refuse_unknown(names, _known(folder, store))
        _refuse_undecided(names, store)
    chosen = sorted(store.state.segments) if everything else list(dict.fromkeys(names))
    key = project.users.key
    frames = [pl.DataFrame({key: _keys(store, name)}, schema={key: pl.String}) for name in chosen]
    if len(chosen) == 1 and not everything:
        return frames[0]
    named = [frame.select(pl.lit(name).alias("segment"), key) for name, frame in zip(chosen, frames, strict=True)]
    return pl.concat(named) if named else pl.DataFrame(schema={"segment": pl.String, key: pl.String})


def _known(folder: Path, store: Store) -> set[str]:
    return {*store.state.segments, *read_project(folder).segments}


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


def changes(folder: Path, names: tuple[str, ...] = (), since: int = 0) -> pl.DataFrame:
    """Who entered and who left in each run after `since`, with the reason; of frozen segments, their members."""
    project, store = read_project(folder, with_segments=False), Store(folder)
    if since > (store.head.number if store.head else 0):
        raise UsageError(Problem(f"there is no run {since}", "see `segtool history`"))
    if 0 < since < store.state.first - 1:
        step = f"give --since {store.state.first - 1} or later"
        raise UsageError(Problem(f"the runs before {store.state.first} were pruned", step))
    records = list(store.records(since))
    past = {name for record in records for name in record.sizes}
    refuse_unknown([name for name in names if name not in past], _known(folder, store) if names else set())
    key = project.users.key
    parts = [part for record in records for part in _changes_of(record, store, set(names))]
    columns = [key, "segment", "change", "reason", "run", "as_of"]
    empty = pl.DataFrame(schema={**dict.fromkeys(columns, pl.String), "run": pl.Int64})
    return pl.concat([empty, *(part.rename({"key": key}) for part in parts)])


def _changes_of(record: Record, store: Store, names: set[str]) -> Iterator[pl.DataFrame]:
    users, moves = store.users(), store.changes(record)
    for name in sorted(record.sizes):
        if names and name not in names:
            continue
        if name in record.frozen:
            state = store.state.segments[name]
            assert state.frozen
            keys = pl.Series(frozen_keys(store.object_bytes(state.frozen.csv)), dtype=pl.String)
            yield _lines(keys, name, "entered", pl.Series(["initial"] * len(keys), dtype=pl.String), record)
        if name in moves and users is not None:
            yield from _moved(moves[name], users.keys, name, record)


def _moved(move: Movement, keys: pl.Series, name: str, record: Record) -> Iterator[pl.DataFrame]:
    reasons = pl.Series(REASONS)
    for change, side in (("entered", move.entered), ("left", move.left)):
        yield _lines(keys.gather(side.rows), name, change, reasons.gather(side.reasons), record)


def _lines(keys: pl.Series, name: str, change: str, reasons: pl.Series, record: Record) -> pl.DataFrame:
    frame = pl.DataFrame({"key": keys, "reason": reasons}, schema={"key": pl.String, "reason": pl.String})
    facts = {"segment": name, "change": change, "run": record.number, "as_of": record.as_of}
    literals = [
        pl.lit(value, pl.Int64 if column == "run" else pl.String).alias(column) for column, value in facts.items()
    ]
    order = ["key", "segment", "change", "reason", "run", "as_of"]
    return frame.with_columns(literals).select(order).sort("key")
