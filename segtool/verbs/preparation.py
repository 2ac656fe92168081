"""A project and its store to everything a run needs, read and checked before anything is written."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from functools import partial
from pathlib import Path

from segtool.compile.plan import Surroundings, to_plan
from segtool.errors import Problem, UsageError
from segtool.model.plan import Plan
from segtool.model.project import Project
from segtool.model.run import SegmentState
from segtool.model.time import Clock, day_start, parse_date, parse_instant, utc_text
from segtool.read.project import FILE, find_project, read_project
from segtool.store.snapshots import frozen_keys
from segtool.store.store import Store
from segtool.verbs.inputs import Inputs, inputs_of, keys_in_lists
from segtool.verbs.selection import selected

FIRST_YEAR, LAST_YEAR = 1900, 2999
"""As-ofs outside these are mistakes of typing, and windows around them would leave the calendar."""

Progress = Callable[[str, int, int], None]


@dataclass(frozen=True)
class Run:
    """What a run was asked: its clock, the time of writing, the segments, and what it may pass over."""

    as_of: datetime
    at: datetime
    select: tuple[str, ...] = ()
    exclude: tuple[str, ...] = ()
    wait: float = 0
    allow_backdate: bool = False
    progress: Progress = field(default=lambda step, done, of: None)


@dataclass(frozen=True)
class Prepared:
    """Everything read and checked, before anything is written."""

    project: Project
    inputs: Inputs
    plan: Plan
    around: Surroundings
    chosen: frozenset[str] | None

    @property
    def names(self) -> list[str]:
        names = [planned.name for planned in self.plan.segments]
        return names if self.chosen is None else [name for name in names if name in self.chosen]

    @property
    def chosen_plan(self) -> Plan:
        wanted = set(self.names)
        return replace(self.plan, segments=tuple(one for one in self.plan.segments if one.name in wanted))


def prepare(project: Project, store: Store, run: Run, kept: Mapping[str, SegmentState] | None = None) -> Prepared:
    """Reads the tables and the lists, and plans; every problem of the definitions or of the data is raised here."""
    kept = store.state.segments if kept is None else kept
    frozen = frozenset(name for name, state in kept.items() if state.frozen)
    run.progress("reading tables", 0, 0)
    inputs = inputs_of(project, store, run.as_of)
    open_segments = [segment for name, segment in project.segments.items() if name not in frozen]
    keys = keys_in_lists(open_segments, project.folder, project.users.key)
    clock, events = Clock(run.as_of, project.zone), inputs.events()
    around = Surroundings(inputs.users.schema, clock, events, frozen, keys, project.problems, project.broken)
    plan = to_plan(project.segments, around)
    refers_to = {planned.name: planned.refers_to for planned in plan.segments}
    chosen = selected(run.select, run.exclude, project.segments, refers_to)
    return Prepared(project, inputs, plan, around, chosen)


def refuse_backdate(store: Store, run: Run) -> None:
    last = store.head.as_of if store.head else ""
    if last and not run.allow_backdate and utc_text(run.as_of) < last:
        fact = f"as-of {utc_text(run.as_of)} is before the last run's, {last}"
        raise UsageError(Problem(fact, "give a later --as-of, or --allow-backdate"))


def frozen_sources(store: Store, kept: Mapping[str, SegmentState]) -> dict[str, Callable[[], tuple[str, ...]]]:
    """How the keys of each frozen segment are found, for those that ask about them."""
    return {name: partial(_keys, store, state.frozen.csv) for name, state in kept.items() if state.frozen}


def _keys(store: Store, csv: str) -> tuple[str, ...]:
    return frozen_keys(store.object_bytes(csv))


def to_instant(folder: Path, text: str, now: datetime) -> datetime:
    """The as-of that a person wrote (in the project's zone where it has no offset), or `now` to the second."""
    if not text:
        return now.astimezone(UTC).replace(microsecond=0)
    zone = read_project(folder, with_segments=False).zone
    day = parse_date(text)
    moment = day_start(day, zone) if day else parse_instant(text, zone)
    if moment is None or not FIRST_YEAR <= moment.year <= LAST_YEAR:
        raise UsageError(Problem(f"`{text}` is no as-of", "write 2026-06-15T12:00:00Z, or a date"))
    return moment


def project_folder(given: Path | None) -> Path:
    """The project's folder: the one given, else this one or the nearest parent; UsageError where it is none."""
    if given is None:
        return find_project(Path())
    if not (given / FILE).is_file():
        raise UsageError(Problem(f"there is no {FILE} in {given}", "make a project with `segtool init`"))
    return given.absolute()
