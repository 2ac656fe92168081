"""A project and its store to everything a run needs, read and checked before anything is written."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial

from segtool.compile.plan import Surroundings, to_plan
from segtool.errors import DefinitionError, Problem, UsageError
from segtool.model.plan import Plan
from segtool.model.project import Project
from segtool.model.run import SegmentState
from segtool.model.time import Clock, utc_text
from segtool.store.snapshots import frozen_keys
from segtool.store.store import Store
from segtool.verbs.channel_checks import channel_problems
from segtool.verbs.guards import blank_columns, let_through, tripped_by_columns, tripped_by_tables
from segtool.verbs.inputs import Inputs, inputs_of, keys_in_lists
from segtool.verbs.run import Run
from segtool.verbs.selection import Known, selected


@dataclass(frozen=True)
class Prepared:
    """Everything read and checked, before anything is written."""

    project: Project
    inputs: Inputs
    plan: Plan
    around: Surroundings
    chosen: frozenset[str] | None
    allowed: tuple[str, ...]
    """The guards of tables that would have stopped the run, and were allowed not to."""

    @property
    def names(self) -> list[str]:
        names = [planned.name for planned in self.plan.segments]
        return names if self.chosen is None else [name for name in names if name in self.chosen]

    @property
    def chosen_plan(self) -> Plan:
        return self.plan.of(self.names)


def prepare(
    project: Project,
    store: Store,
    run: Run,
    kept: Mapping[str, SegmentState] | None = None,
    inputs: Inputs | None = None,
) -> Prepared:
    """Reads the tables, unless they were, and the lists, and plans; every problem of the definitions or of the data is
    raised here."""
    kept = store.state.segments if kept is None else kept
    frozen = frozenset(name for name, state in kept.items() if state.frozen)
    inputs = inputs or inputs_for(project, store, run)
    open_segments = [segment for name, segment in project.segments.items() if name not in frozen]
    keys = keys_in_lists(open_segments, project.folder, project.users.key)
    clock, events = Clock(run.as_of, project.zone), inputs.events()
    problems = (*project.problems, *channel_problems(project, inputs))
    around = Surroundings(inputs.users.schema, clock, events, frozen, keys, problems, project.broken)
    tripped = tripped_by_tables(inputs.tables.values(), store.state.tables, project, run.at)
    try:
        plan = to_plan(project.segments, around, project.channels)
    except DefinitionError:
        # what is wrong with a table may be why definitions do not fit it
        let_through(tripped, run.allowed)
        raise
    refers_to = {planned.name: planned.refers_to for planned in plan.segments}
    standing = {name: state for name, state in kept.items() if state.frozen or name in project.segments}
    chosen = selected(run.select, run.exclude, Known(project.segments, standing), refers_to)
    uses = [use for use in plan.uses if chosen is None or not use.segment or use.segment in chosen]
    blank = blank_columns(uses, inputs.tables)
    allowed = let_through([*tripped, *tripped_by_columns(blank, inputs.tables)], run.allowed)
    return Prepared(project, inputs.accepting(blank), plan, around, chosen, allowed)


def inputs_for(project: Project, store: Store, run: Run) -> Inputs:
    """All tables, as their files are now."""
    run.progress("reading tables", 0, 0)
    return inputs_of(project, store, run.as_of, progress=run.progress, max_errors=run.max_errors)


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
