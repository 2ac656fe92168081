"""Runs that are too old to be asked about go; who is a member, and every snapshot, stays."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from segtool.errors import Problem, UsageError
from segtool.model.results import Pruned
from segtool.model.run import Base, Record
from segtool.model.time import Clock, Duration, utc_text
from segtool.read.project import read_project
from segtool.store.debris import pruned
from segtool.store.log import parent_hash
from segtool.store.replay import Replay
from segtool.store.writer import Writer, writing
from segtool.verbs.run import Run

KIND = "prune"


def prune(folder: Path, run: Run, *, keep_last: int | None = None, keep_within: str = "") -> Pruned:
    """Drops the runs that neither rule keeps; the newest one always stays.

    `keep_last`: so many of the newest; `keep_within`: those written so long ago at most, such as 90d.
    """
    project = read_project(folder, with_segments=False)
    within = _duration(keep_within)
    if keep_last is None and within is None:
        raise UsageError(Problem("nothing says which runs to keep", "give --keep-last 100, or --keep-within 90d"))
    oldest = _moment_before(within, Clock(run.at, project.zone)) if within else None
    with writing(folder, run.wait) as store:
        last = store.head.number if store.head else 0
        first = _first_kept(store, keep_last or 1, oldest)
        if first <= store.state.first:
            return Pruned(last, 0, store.state.first, committed=False)
        dropped = first - store.state.first
        record = _committed(store, run, first)
        return Pruned(record.number, dropped, first, committed=True)


def _duration(text: str) -> Duration | None:
    if not text:
        return None
    found = Duration.parse(text)
    if found is None:
        raise UsageError(Problem(f"`{text}` is no duration", "write 90d, 12w, 6mo or 1y"))
    return found


def _moment_before(within: Duration, clock: Clock) -> str:
    try:
        return utc_text(clock.moved(within, -1))
    except (ValueError, OverflowError):
        raise UsageError(Problem(f"`{within}` reaches beyond the calendar", "write less")) from None


def _first_kept(store: Writer, keep_last: int, oldest: str | None) -> int:
    """The oldest run that a rule keeps: runs are in the order of time, so all after it stay as well. Prunes themselves
    do not count, so that one right after another drops nothing."""
    runs = [(record.number, record.at) for record in store.records() if record.kind != KIND]
    within = [number for number, at in runs if oldest and at >= oldest]
    return min([number for number, _ in runs[-keep_last:]] + within, default=0)


def _committed(store: Writer, run: Run, first: int) -> Record:
    replay = Replay(store.base_members(), store.size())
    for record in store.records():
        if record.number == first:
            break
        run.progress("adding up runs", record.number, first, unit="runs")
        for _ in replay.add(record, store.changes(record)):
            pass
    members = store.add_members(replay.bits(), store.size())
    base = Base(first - 1, parent_hash(store.root, first - 1), members)
    return store.commit(
        kind=KIND,
        as_of=store.head.as_of if store.head else "",
        at=utc_text(run.at),
        state=replace(store.state, base=base),
        removes=pruned(store, first),
        details={"first": first},
    )
