"""A user and a project come in; goes out: why the user is in each segment or not, and what would change it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from functools import cached_property, partial
from pathlib import Path

import numpy as np

from segtool.compile.clauses import clauses_of
from segtool.engine.decide import Frozen
from segtool.errors import Problem, UsageError
from segtool.explain.alone import Alone, is_in
from segtool.explain.apart import apart, needs_everyone
from segtool.explain.findings import Findings
from segtool.explain.places import Place, place_of
from segtool.explain.told_lines import lines_of
from segtool.model.columns import Bits, Tables
from segtool.model.events import EventNames
from segtool.model.explanation import Explained, Explanation, Line, Standing
from segtool.model.guard import NO_GUARD
from segtool.model.plan import PlannedSegment, Ranking
from segtool.model.project import Project
from segtool.model.run import SegmentState
from segtool.model.time import Clock, utc_text
from segtool.read.project import read_project
from segtool.store.additions import Additions
from segtool.store.rehearsal import rehearsing
from segtool.store.steady import steady
from segtool.verbs.adoption import adopted
from segtool.verbs.evaluate import decided_outcome
from segtool.verbs.outcome import Outcome
from segtool.verbs.preparation import Prepared, frozen_sources, prepare
from segtool.verbs.reading import refuse_unknown
from segtool.verbs.run import Run

NOT_A_USER = -1


@steady
def explain(folder: Path, run: Run, key: str, name: str = "") -> Explained:
    """Why a user would be in one segment after a run now, or in which of all; nothing is kept.

    Only what is cut by rank or kept to a guard, and what asks for percentiles, is decided for all users."""
    project = read_project(folder, keep_problems=True)
    with rehearsing(folder) as store:
        asked = subjects(project, store, replace(run, select=(name,) if name else ()))
        subject = asked(key)
        explanations = tuple(subject.explanation(one, in_full=bool(name)) for one in subject.names)
        head = store.head.number if store.head else 0
        return Explained(key, utc_text(run.as_of), head, explanations, bool(name))


def subjects(project: Project, store: Additions, run: Run) -> Callable[[str], Subject]:
    """How users are asked about, all of them on the same tables: those of now, read and checked as a run would."""
    store.check_snapshots()
    kept = {**store.state.segments, **adopted(project, store, store.state.segments)}
    refuse_unknown(run.select, {*project.segments, *project.broken, *kept})
    before, run = store.users(), replace(run, allow_backdate=True)
    prepared = prepare(project, store, run, kept)
    crowd = any(needs_everyone(one) or project.guard_of(one.name) != NO_GUARD for one in prepared.chosen_plan.segments)
    outcome = decided_outcome(prepared, store, run, kept, before) if crowd else None
    return lambda key: Subject(key, _row_of(key, store, kept), prepared, store, kept, outcome, run.select)


def _row_of(key: str, store: Additions, kept: Mapping[str, SegmentState]) -> int:
    """The row of a user; UsageError where nobody has the key, neither as a user nor in a snapshot."""
    users = store.users()
    assert users
    found = np.flatnonzero((users.keys == key).to_numpy())
    rows = [int(row) for row in found if users.present[row >> 3] >> (row & 7) & 1]
    if rows:
        return rows[0]
    suppression = store.suppression()
    if suppression and not suppression.without({key}):
        raise UsageError(Problem(f"`{key}` was erased and stays out", "nothing is kept that could be explained"))
    if any(key in keys() for keys in frozen_sources(store, kept).values()):
        return NOT_A_USER
    hint = _near_key(key, users.keys.to_list()) if users.size <= 10_000 else ""
    raise UsageError(Problem(f"there is no user `{key}`", hint or "keys are compared letter by letter"))


def _near_key(key: str, keys: Iterable[str]) -> str:
    """`did you mean …`, where a key differs in case, blanks or leading zeros alone, or else in one letter."""
    others = list(keys)
    near = [one for one in others if _folded(one) == _folded(key)] or [one for one in others if _is_one_edit(one, key)]
    return f"did you mean `{near[0]}`?" if near else ""


def _folded(key: str) -> str:
    return "".join(key.split()).lower().lstrip("0")


def _is_one_edit(one: str, other: str) -> bool:
    """A letter is changed, added or left out."""
    pairs = enumerate(zip(one, other, strict=False))
    same = next((at for at, (a, b) in pairs if a != b), min(len(one), len(other)))
    rest, of_other = one[same:], other[same:]
    return rest[1:] == of_other[1:] or rest == of_other[1:] or rest[1:] == of_other


@dataclass(frozen=True)
class Subject:
    """The user that is asked about, in a project and its store; `outcome`: what is decided of all users, if it is."""

    key: str
    row: int
    prepared: Prepared
    store: Additions
    kept: Mapping[str, SegmentState]
    outcome: Outcome | None
    select: tuple[str, ...]

    @property
    def names(self) -> list[str]:
        """The segments that were asked for, or all that there are."""
        return list(self.select) or sorted({*self.prepared.names, *(one for one in self.kept if self.kept[one].frozen)})

    def explanation(self, name: str, *, in_full: bool) -> Explanation:
        state = self.kept.get(name)
        standing = self._standing(name) if in_full else None
        if state and state.frozen:
            return Explanation(name, "static", self.key in self.frozen[name](), _frozen_basis(state), standing=standing)
        kind = self.prepared.project.segments[name].definition.kind
        if self.row == NOT_A_USER:
            hindrances = (f"`{self.key}` is not in the table of users",)
            return Explanation(name, kind, False, "the definition", hindrances=hindrances, standing=standing)
        is_member = self.members.get(name, False)
        held = self.outcome.held.get(name) if self.outcome else None
        basis = held.problem.fact if held else "the definition"
        told = Explanation(name, kind, is_member, basis, standing=standing)
        return self._in_full(told, held is not None) if in_full else told

    def _in_full(self, told: Explanation, is_held: bool) -> Explanation:
        from segtool.explain.hindrances import hindrances
        from segtool.explain.smallest import smallest_change

        planned, definition = self.planned[told.segment], self.prepared.project.segments[told.segment].definition
        lines = tuple(self._lines(told.segment))
        if told.is_member or is_held:
            return replace(told, lines=lines)
        change = smallest_change(self.alone, planned.name, self.clock, self.findings)
        reasons = () if change else hindrances(self.alone, planned, definition, self.members)
        return replace(told, lines=lines, change=change, hindrances=reasons)

    # what is decided of the user

    @property
    def clock(self) -> Clock:
        return self.prepared.around.clock

    @property
    def events(self) -> EventNames:
        return self.prepared.around.events

    @cached_property
    def planned(self) -> Mapping[str, PlannedSegment]:
        return {one.name: one for one in self.prepared.chosen_plan.segments}

    @cached_property
    def frozen(self) -> Frozen:
        return frozen_sources(self.store, self.kept)

    @cached_property
    def tables(self) -> Tables:
        return self.store.tables(self.prepared.inputs.states)

    @cached_property
    def members(self) -> Mapping[str, bool]:
        """Whether the user is in each segment that is decided."""
        if self.outcome is None:
            return self.alone.members(self.alone.person)
        return {name: is_in(self._everybody().get(name), self.row) for name in self.planned}

    @cached_property
    def alone(self) -> Alone:
        everybody = self._everybody() if self.outcome else {}
        held = self.outcome.held if self.outcome else ()
        around, segments = self.prepared.around, self.prepared.chosen_plan.segments
        return apart(self.row, segments, self.tables, around, self.frozen, everybody, held)

    @cached_property
    def findings(self) -> Findings:
        return Findings(self.alone, self.tables, self.row, self.clock)

    # how it is told

    def _lines(self, name: str) -> Iterator[Line]:
        segment, planned = self.prepared.project.segments[name], self.planned[name]
        clauses = clauses_of(segment, self.prepared.project.segments, self.prepared.around)
        held = zip(clauses, self.alone.holding([one.meaning for one in clauses], self.members), strict=True)
        return lines_of(segment, planned, list(held), self.findings, partial(self._place, planned), self.key)

    def _place(self, planned: PlannedSegment, ranking: Ranking) -> Place:
        return place_of(planned, ranking, self.tables, self.frozen, self._everybody(), self.row)

    def _everybody(self) -> Mapping[str, Bits]:
        assert self.outcome
        return {name: one.members for name, one in self.outcome.decisions.items()}

    # what the last run left

    def _standing(self, name: str) -> Standing | None:
        """Since which run the user is in the segment, or out of it, as the newest run left it."""
        state = self.store.state.segments.get(name)
        if state is None:
            return None
        if state.frozen:
            return Standing(self.key in self.frozen[name](), state.run, state.frozen.as_of)
        is_member = is_in(self.store.members().of(name), self.row) if self.row != NOT_A_USER else False
        for record in reversed(list(self.store.records())):
            move = self.store.changes(record).get(name) if name in record.sizes else None
            if move and self.row in (move.entered if is_member else move.left).rows:
                return Standing(is_member, record.number, record.as_of)
        return Standing(is_member, 0, "")


def _frozen_basis(state: SegmentState) -> str:
    assert state.frozen
    return f"the snapshot of run {state.run}"
