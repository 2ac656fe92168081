"""The definitions of a git revision and today's, on the same data: who enters and who leaves by the edit alone."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path

import numpy as np

from segtool.compile.plan import digest, to_plan
from segtool.engine.decide import Decision, decide
from segtool.engine.steps import first_keys, step
from segtool.errors import DefinitionError, InputError, Mark, Problem
from segtool.model.columns import Bits, count
from segtool.model.plan import Plan
from segtool.model.preview import Preview, SegmentPreview, Step
from segtool.model.project import Project, Segment
from segtool.model.run import SegmentState, Size
from segtool.model.time import utc_text
from segtool.read.project import read_project
from segtool.read.revision import Revision, read_revision
from segtool.store.additions import Additions
from segtool.store.rehearsal import rehearsing
from segtool.store.steady import steady
from segtool.verbs.adoption import adopted
from segtool.verbs.inputs import keys_in_lists
from segtool.verbs.plan import unwritten
from segtool.verbs.preparation import Prepared, frozen_sources, prepare
from segtool.verbs.run import Run
from segtool.verbs.selection import Known, selected
from segtool.verbs.snapshots import strangers_of
from segtool.verbs.warnings import warnings_of


@steady
def plan_against(folder: Path, run: Run, ref: str, keys: int = 0) -> Preview:
    """Whom the definitions of a git revision hold, and whom today's do, as of now; nothing is written, and no store is
    needed. `keys`: so many of those who enter or leave are named."""
    project = read_project(folder, keep_problems=True)
    with rehearsing(folder) as store:
        revision = read_revision(folder, ref, store.aside / "revision")
        store.check_snapshots()
        kept = {**store.state.segments, **adopted(project, store, store.state.segments)}
        # what is chosen may be a segment that the revision alone has
        prepared = prepare(project, store, replace(run, select=(), exclude=()), kept)
        plan, misfits = _fitting(revision, prepared)
        then, now = _Side(revision.segments, plan), _Side(project.segments, prepared.plan)
        edit = _Edit(then, now, prepared, store, kept)
        segments = edit.segments(run, keys)
        found = map(str, warnings_of(prepared, kept, store.suppression()))
        warnings = (*found, *_differences(revision, project), *misfits)
        number, tables = store.head.number if store.head else 0, unwritten(prepared.inputs.results)
        return Preview(utc_text(run.as_of), number, ref, keys, tables, segments, warnings)


def _fitting(revision: Revision, prepared: Prepared) -> tuple[Plan, list[str]]:
    """The plan of those of a revision's segments that can be decided on today's tables; and what is told of others."""
    around, told = replace(prepared.around, problems=(), broken=frozenset()), list[str]()
    segments = {name: one for name, one in revision.segments.items() if name not in around.frozen}
    folder, key = prepared.project.folder, prepared.project.users.key
    lists = dict.fromkeys(revision.lists, revision.folder)
    while True:
        try:
            keys = keys_in_lists(segments.values(), folder, key, lists)
            return to_plan(segments, replace(around, keys=keys)), told
        except (DefinitionError, InputError) as error:
            for name, problem in _at_fault(error.problems, segments).items():
                del segments[name]
                told.append(f"`{name}` at {revision.ref} cannot be decided on today's tables: {problem}")


def _at_fault(problems: Iterable[Problem], segments: Mapping[str, Segment]) -> dict[str, Problem]:
    """The segments that problems are about, each with its first; all of them, where that cannot be told."""
    found: dict[str, Problem] = {}
    for problem in problems:
        for name in _about(problem.mark, segments):
            found.setdefault(name, problem)
    return found or dict.fromkeys(segments, next(iter(problems)))


def _about(mark: Mark | None, segments: Mapping[str, Segment]) -> Iterator[str]:
    """Those who name a list, or the one in whose definition a place is: the last to begin before it."""
    if mark is None:
        return
    yield from (name for name, one in segments.items() if mark.file in one.definition.files())
    before = [one for one in segments.values() if one.mark.file == mark.file and one.mark <= mark]
    if before:
        yield max(before, key=lambda one: one.mark).name


def _differences(revision: Revision, project: Project) -> Iterator[str]:
    """What of a revision is not compared: what is wrong with it, and settings that were others."""
    for problem in revision.problems:
        yield f"at {revision.ref}: {problem}"
    if revision.project is None:
        yield f"nothing of {revision.ref} can be compared, so that every segment is told as added"
        return
    if revision.project.zone != project.zone:
        yield f"the time zone at {revision.ref} is {revision.project.zone}; both are decided in {project.zone}"
    then, now = (
        {name: replace(one, mark=None) for name, one in each.tables.items()} for each in (revision.project, project)
    )
    if others := [name for name in {**then, **now} if then.get(name) != now.get(name)]:
        yield f"{revision.ref} declares {', '.join(others)} otherwise; both are decided on the tables of today"


class _Side:
    """The definitions of the revision, or those of today, and whom they hold."""

    def __init__(self, segments: Mapping[str, Segment], plan: Plan) -> None:
        self.segments, self.plan = segments, plan
        self.planned = {one.name: one for one in plan.segments}
        self.decisions: Mapping[str, Decision] = {}

    def refers_to(self, name: str) -> frozenset[str]:
        return self.planned[name].refers_to if name in self.planned else frozenset()


@dataclass(frozen=True)
class _Held:
    """Who is in a segment by one of two definitions: users, and the keys that a static one holds beside them."""

    users: Bits
    strangers: frozenset[str] = frozenset()

    @property
    def size(self) -> int:
        return count(self.users) + len(self.strangers)


class _Edit:
    """What an edit of the definitions comes to, on the tables of today."""

    def __init__(
        self, then: _Side, now: _Side, prepared: Prepared, store: Additions, kept: Mapping[str, SegmentState]
    ) -> None:
        self.then, self.now, self.suppression = then, now, store.suppression()
        self.frozen = {name: state for name, state in kept.items() if state.frozen}
        self.tables, self.sources = store.tables(prepared.inputs.states), frozen_sources(store, kept)
        self.known = store.leaves()

    def segments(self, run: Run, keys: int) -> tuple[SegmentPreview, ...]:
        """Every segment of either side that was asked for, by name."""
        names, same = self._chosen(run), self._same()
        advance = partial(run.progress, "deciding", unit="leaves")
        now = decide(self.now.plan.of(names), self.tables, self.sources, self.known, advance)
        then = decide(self.then.plan.of(names - same), self.tables, self.sources, now.leaves, advance)
        self.now.decisions, self.then.decisions = now.decisions, {**now.decisions, **then.decisions}
        return tuple(self._kept(name) if name in self.frozen else self._moved(name, keys) for name in sorted(names))

    def _chosen(self, run: Run) -> set[str]:
        defined = {**self.then.segments, **self.now.segments}
        refers_to = {name: self.then.refers_to(name) | self.now.refers_to(name) for name in defined}
        chosen = selected(run.select, run.exclude, Known(defined, self._states()), refers_to)
        there = {*self.then.planned, *self.now.planned, *(self.frozen.keys() & defined)}
        return there if chosen is None else there & chosen

    def _states(self) -> Mapping[str, SegmentState]:
        """The segments as if the revision had been committed: `state:changed` are those that it has otherwise."""
        then, closures = self.then, self.then.plan.closures
        states = {
            name: SegmentState(one.definition.kind, digest(one.tree), closures[name], 0, 0, "")
            for name, one in then.segments.items()
            if name in then.planned
        }
        return {**states, **self.frozen}

    def _same(self) -> set[str]:
        """The segments that both sides decide by the same, with all that they refer to."""
        found = {*self.frozen}
        for planned in self.then.plan.segments:
            if planned == self.now.planned.get(planned.name) and planned.refers_to <= found:
                found.add(planned.name)
        return found

    def _kept(self, name: str) -> SegmentPreview:
        state = self.frozen[name]
        strangers = state.frozen.strangers if state.frozen else 0
        return SegmentPreview(name, "static", "kept", Size(state.members, 0, 0, state.members), strangers=strangers)

    def _moved(self, name: str, keys: int) -> SegmentPreview:
        before, after = self._held(name, self.then), self._held(name, self.now)
        move = self._step(before, after, keys)
        size = Size(before.size, move.entered, move.left, after.size)
        segment = self.now.segments.get(name) or self.then.segments[name]
        strangers, status = len(after.strangers), self._status(name, move)
        return SegmentPreview(name, segment.definition.kind, status, size, definition=move, strangers=strangers)

    def _status(self, name: str, move: Step) -> str:
        if name not in self.then.planned:
            return "added"
        if name not in self.now.planned:
            return "removed"
        if move.entered or move.left:
            return "changed"
        return "unchanged" if self.then.segments[name].tree == self.now.segments[name].tree else "redefined"

    def _held(self, name: str, side: _Side) -> _Held:
        if name not in side.planned:
            return _Held(np.zeros_like(self.tables.users.present))
        planned, users = side.planned[name], side.decisions[name].members
        if side.segments[name].definition.kind == "dynamic":
            return _Held(users)
        return _Held(users, frozenset(strangers_of(planned, self.tables.users, self.suppression)))

    def _step(self, before: _Held, after: _Held, keys: int) -> Step:
        move = step(before.users, after.users, partial(first_keys, self.tables.users, keys))
        entered, left = after.strangers - before.strangers, before.strangers - after.strangers
        return Step(
            move.entered + len(entered),
            move.left + len(left),
            tuple(sorted({*move.first_entered, *entered})[:keys]),
            tuple(sorted({*move.first_left, *left})[:keys]),
        )
