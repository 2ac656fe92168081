"""What an evaluate would do now, before it does: a run is tried on the store, and nothing of it is kept."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from functools import partial
from pathlib import Path

import numpy as np

from segtool.compile.plan import digest
from segtool.compile.scope import shortened
from segtool.engine.steps import first_keys, step
from segtool.errors import Problem
from segtool.model.columns import Bits, resized
from segtool.model.preview import Preview, SegmentPreview, Step
from segtool.model.results import SegmentResult, TableResult
from segtool.model.run import SegmentState
from segtool.read.project import read_project
from segtool.store.rehearsal import rehearsing
from segtool.store.snapshots import frozen_keys
from segtool.store.steady import steady
from segtool.verbs.evaluate import outcome_of
from segtool.verbs.outcome import Outcome, View
from segtool.verbs.run import Run


@steady
def plan(folder: Path, run: Run, keys: int = 0) -> Preview:
    """Who would enter and leave, told apart by whether the data or a definition is the cause; nothing is written.
    `keys`: so many of them are named, of each kind."""
    project = read_project(folder, keep_problems=True)
    with rehearsing(folder) as store:
        outcome = outcome_of(project, store, run)
        number = store.head.number if store.head else 0
        told = outcome.evaluation(number, committed=False)
        causes = _Causes(outcome, store.state.segments, keys)
        segments, warnings = tuple(map(causes.of, told.segments)), (*told.warnings, *_unknown(outcome.view, number))
        return Preview(told.as_of, number, None, keys, unwritten(told.tables), segments, warnings)


def _unknown(view: View, number: int) -> Iterator[str]:
    """Why all that changes counts as the definition's doing, where that is so."""
    unknown = sorted(view.changed - view.would_be.keys())
    names = shortened([f"`{name}`" for name in unknown])
    for problem in (view.problems or [Problem("it is not kept as a whole")]) if unknown else ():
        fact = f"a definition of run {number} cannot be decided on today's tables: {replace(problem, mark=None)}"
        yield f"{fact}; whatever changes in {names} is told as the definition's doing"


def unwritten(tables: tuple[TableResult, ...]) -> tuple[TableResult, ...]:
    """What was made of the tables, where no file of rejected rows is written."""
    return tuple(replace(table, rejects_file="") for table in tables)


class _Causes:
    """Whether it is the data or a definition that moves users in what a run comes to."""

    def __init__(self, outcome: Outcome, known: Mapping[str, SegmentState], keys: int) -> None:
        self.outcome, self.known, self.keys = outcome, known, keys
        self.committed = outcome.store.members()
        self.first = partial(first_keys, outcome.users, keys)

    def of(self, result: SegmentResult) -> SegmentPreview:
        data, definition = self._steps(result)
        return SegmentPreview(
            result.name,
            result.kind,
            self._status(result),
            result.size,
            data,
            definition,
            result.strangers,
            result.held,
        )

    def _status(self, result: SegmentResult) -> str:
        if result.status != "decided":
            return result.status
        state, tree = self.known.get(result.name), self.outcome.prepared.project.segments[result.name].tree
        if state is None:
            return "added"
        if result.size.entered or result.size.left:
            return "changed"
        return "unchanged" if digest(tree) == state.definition else "redefined"

    def _steps(self, result: SegmentResult) -> tuple[Step, Step]:
        """What the data come to, and what the definition does; a segment that comes or goes does so by definition."""
        name, nobody = result.name, np.zeros_like(self.outcome.users.present)
        bits = self.committed.of(name)
        before = nobody if bits is None else resized(bits, self.outcome.users.size)
        match result.status:
            case "decided":
                now = self.outcome.decisions[name].members
                then = self._by_data(name, before, now, is_new=bits is None)
                return step(before, then, self.first), step(then, now, self.first)
            case "removed":
                return Step(), step(before, nobody, self.first)
            case "frozen":
                size = result.size
                return Step(), Step(size.entered, size.left, self._in_snapshot(name), self.first(before))
            case _:
                return Step(), Step()

    def _by_data(self, name: str, before: Bits, now: Bits, *, is_new: bool) -> Bits:
        """Whom the committed definition holds on today's data; where it cannot be asked, whom it held."""
        view = self.outcome.view
        if is_new or name in view.changed:
            return view.would_be[name].members if name in view.would_be and not is_new else before
        return now

    def _in_snapshot(self, name: str) -> tuple[str, ...]:
        frozen = self.outcome.states[name].frozen
        assert frozen
        return frozen_keys(self.outcome.store.object_bytes(frozen.csv))[: self.keys]
