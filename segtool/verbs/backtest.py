"""A definition, as it is now, to the size it would have had at past as-ofs, on the tables as they are now."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from itertools import count as counting
from pathlib import Path
from zoneinfo import ZoneInfo

from segtool.compile.plan import to_plan
from segtool.engine.decide import Decided, Frozen, decide
from segtool.errors import Problem, UsageError
from segtool.model.backtest import Backtest, Point
from segtool.model.columns import Bits, Tables, count
from segtool.model.plan import Plan
from segtool.model.project import Project
from segtool.model.run import SegmentState
from segtool.model.time import Clock, Duration, utc_text
from segtool.read.project import read_project
from segtool.store.additions import Additions
from segtool.store.rehearsal import rehearsing
from segtool.store.steady import steady
from segtool.verbs.adoption import adopted
from segtool.verbs.preparation import Prepared, frozen_sources, prepare
from segtool.verbs.reading import refuse_unknown
from segtool.verbs.run import Run, written_instant
from segtool.verbs.snapshots import strangers_of

MOST_POINTS = 1_000


@steady
def backtest(folder: Path, run: Run, name: str, *, since: str, until: str = "", every: str = "7d") -> Backtest:
    """Size, entries and exits of a segment at as-ofs that end with `until`, or else with the run's; nothing is kept.

    Events after each as-of do not exist. Attributes, lists and frozen segments are as they are now at all of them, and
    the users are those of the table now."""
    project = read_project(folder, keep_problems=True)
    moments = as_ofs(project.zone, run.as_of, since, until, every)
    with rehearsing(folder) as store:
        store.check_snapshots()
        kept = {**store.state.segments, **adopted(project, store, store.state.segments)}
        _refuse_name(name, project, kept)
        prepared = prepare(project, store, replace(run, as_of=moments[-1], select=(name,)), kept)
        past = _Past(prepared, store.tables(prepared.inputs.states), frozen_sources(store, kept))
        points = tuple(_points(name, past, store, run, moments))
        return Backtest(name, every, points, tuple(map(str, past.plan(moments[-1]).warnings)))


def as_ofs(zone: ZoneInfo, as_of: datetime, since: str, until: str, every: str) -> list[datetime]:
    """The last as-of and those before it, oldest first; UsageError where they cannot be told from what was written."""
    first = written_instant(since, zone, "--since ")
    last = written_instant(until, zone, "--until ") if until else as_of
    if last > as_of:
        fact = f"`--until {until}` is after as-of, {utc_text(as_of)}"
        raise UsageError(Problem(fact, "write an earlier one, or give a later --as-of"))
    if first > last:
        fact = f"`--since {since}` is after the last as-of, {utc_text(last)}"
        raise UsageError(Problem(fact, "write an earlier one"))
    step = Duration.parse(every)
    if step is None or not step.number:
        raise UsageError(Problem(f"`--every {every}` is no duration to step by", "write for example 7d or 1mo"))
    found = stepped(Clock(last, zone), step, first)
    if len(found) > MOST_POINTS:
        fact = f"there are more than {MOST_POINTS:,} as-ofs from {utc_text(first)} to {utc_text(last)}"
        raise UsageError(Problem(f"{fact}, one every {step}", "write a longer --every, or a later --since"))
    return found[::-1]


def stepped(last: Clock, step: Duration, first: datetime) -> list[datetime]:
    """From the last as-of back to the first, and one more than there may be at most. So many times the duration is one
    step of the calendar: a month before 28 February, the last day of two months before it is the 31st."""
    found: list[datetime] = []
    for back in counting():
        try:
            moment = last.moved(step * back, -1)
        except (ValueError, OverflowError):
            # the calendar starts after it, and so does what was asked for
            return found
        if moment < first or len(found) > MOST_POINTS:
            return found
        found.append(moment)
    raise AssertionError("time has no beginning")


def _refuse_name(name: str, project: Project, kept: Mapping[str, SegmentState]) -> None:
    refuse_unknown([name], {*project.segments, *project.broken, *kept})
    state = kept.get(name)
    if state and state.frozen:
        fact = f"`{name}` is frozen, so it has the same members at every as-of"
        raise UsageError(Problem(fact, "give its definition another name to see what it would come to"))


@dataclass(frozen=True)
class _Past:
    """What is decided again and again: the segments, the tables, and the keys of frozen segments."""

    prepared: Prepared
    tables: Tables
    frozen: Frozen

    def plan(self, as_of: datetime) -> Plan:
        """The plan of the segment and of those that it refers to."""
        project = self.prepared.project
        segments = {name: project.segments[name] for name in self.prepared.names}
        return to_plan(segments, replace(self.prepared.around, clock=Clock(as_of, project.zone)))


def _points(name: str, past: _Past, store: Additions, run: Run, moments: list[datetime]) -> Iterator[Point]:
    strangers = _strangers(name, past, store)
    before: Bits | None = None
    found = decided_at(moments, past.plan, past.tables, past.frozen, store.leaves())
    for number, moment in enumerate(moments):
        run.progress("deciding", number, len(moments), "as-ofs")
        members = next(found).decisions[name].members
        moved = () if before is None else (count(members & ~before), count(before & ~members))
        yield Point(utc_text(moment), count(members) + strangers, *moved)
        before = members


def decided_at(
    moments: Iterable[datetime],
    plan: Callable[[datetime], Plan],
    tables: Tables,
    frozen: Frozen,
    leaves: Mapping[str, Bits],
) -> Iterator[Decided]:
    """The decisions at one as-of after the other; of each, those leaves are known to the next that no clock moves."""
    for moment in moments:
        decided = decide(plan(moment), tables, frozen, leaves)
        leaves = decided.leaves
        yield decided


def _strangers(name: str, past: _Past, store: Additions) -> int:
    """How many members of a static segment are not among the users; those come of lists, which no as-of changes."""
    if past.prepared.project.segments[name].definition.kind != "static":
        return 0
    (planned,) = (one for one in past.prepared.plan.segments if one.name == name)
    return len(strangers_of(planned, past.tables.users, store.suppression()))
