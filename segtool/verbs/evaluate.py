"""The main story: read what changed, decide every segment, compare with the last run, commit all in one step."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from functools import partial
from pathlib import Path

from segtool.compile.plan import to_plan
from segtool.engine.decide import Decided, Decision, decide
from segtool.errors import DefinitionError, InputError
from segtool.model.columns import UserTable
from segtool.model.nodes import to_node
from segtool.model.plan import Plan
from segtool.model.project import Definition, Project, Segment
from segtool.model.results import Evaluation
from segtool.model.run import SegmentState
from segtool.model.time import utc_text
from segtool.read.project import read_project
from segtool.store.additions import Additions
from segtool.store.store import Store
from segtool.store.writer import writing
from segtool.verbs.adoption import adopted
from segtool.verbs.causes import held
from segtool.verbs.figures import Ground, held_members
from segtool.verbs.guards import MOVEMENT
from segtool.verbs.inputs import keys_in_lists
from segtool.verbs.outcome import Outcome, View, is_as_committed
from segtool.verbs.preparation import Prepared, frozen_sources, prepare, refuse_backdate
from segtool.verbs.reach import Reaching, asked_about, suppressed_by
from segtool.verbs.run import Run
from segtool.verbs.segment_guards import SegmentGuards
from segtool.verbs.selection import Known, closed
from segtool.verbs.snapshots import Moment


def evaluate(folder: Path, run: Run) -> Evaluation:
    """Decide who is in every segment at as-of, freeze static ones that have no snapshot, and record who moved."""
    project = read_project(folder, keep_problems=True)
    with writing(folder, run.wait) as store:
        outcome = outcome_of(project, store, run)
        run.progress("committing", 0, 0)
        return outcome.commit(store)


def outcome_of(project: Project, store: Additions, run: Run) -> Outcome:
    """What a run comes to, all of it read, checked, decided and compared with the last one, and nothing committed."""
    store.check_snapshots()
    refuse_backdate(store, run)
    kept = {**store.state.segments, **adopted(project, store, store.state.segments)}
    before = store.users()
    return decided_outcome(prepare(project, store, run, kept), store, run, kept, before)


def decided_outcome(
    prepared: Prepared, store: Additions, run: Run, kept: Mapping[str, SegmentState], before: UserTable | None
) -> Outcome:
    stored = prepared.inputs.states
    tables = store.tables(stored)
    snapshots = frozen_sources(store, kept)
    moment = Moment(utc_text(run.as_of), utc_text(run.at), prepared.project.zone.key, stored)
    guards = SegmentGuards(prepared.project, store, kept, tables.users, MOVEMENT in run.allowed)
    if is_as_committed(prepared, store, moment, kept):
        decided = _committed(prepared.names, store)
    else:
        advance = partial(run.progress, "deciding", unit="leaves")
        decided = decide(prepared.chosen_plan, tables, snapshots, store.leaves(), advance, guards.settle)
    run.progress("comparing", 0, 0)
    now = Ground(prepared.around, tables, snapshots, {name: one.members for name, one in decided.decisions.items()})
    stopped, closures = held(guards, now, prepared.plan), guards.closures(prepared.plan)
    channels = prepared.plan.channels
    others = held_members(store, tables.users, asked_about(channels) - now.members.keys())
    standing = replace(now, members={**others, **now.members})
    reaching = Reaching(channels, standing, suppressed_by(prepared.project), store.leaves())
    outcome = Outcome(
        prepared, store, tables.users, before, decided, moment, dict(kept), closures, stopped, guards.noted, reaching
    )
    outcome.freeze()
    view = partial(decide, tables=tables, frozen=snapshots, known=decided.leaves, settle=guards.standing)
    outcome.compare(_committed_view(prepared, store, view, kept, closures))
    outcome.reach()
    return outcome


def _committed(names: Iterable[str], store: Store) -> Decided:
    """The newest run's decisions, where they are those of this run too."""
    members, decisions = store.members(), dict[str, Decision]()
    for name in names:
        bits = members.of(name)
        assert bits is not None
        decisions[name] = Decision(bits, members.of(name, "include"), members.of(name, "exclude"))
    return Decided(decisions, store.leaves())


def _committed_view(
    prepared: Prepared,
    store: Store,
    decided_now: Callable[[Plan], Decided],
    kept: Mapping[str, SegmentState],
    closures: Mapping[str, str],
) -> View:
    changed = frozenset(name for name in prepared.names if name in kept and kept[name].closure != closures[name])
    if not changed:
        return View(changed, {})
    trees = store.definitions()
    nodes = {name: to_node(tree) for name, tree in trees.items()}
    committed = {
        name: Segment(name, definition, node, node.mark)
        for name, node in nodes.items()
        if (definition := Definition.read(node, [])) is not None
    }
    # what the others asked for may be gone with them
    needed = closed(changed & committed.keys(), Known(committed, {}).refers_to) & committed.keys()
    committed = {name: committed[name] for name in needed}
    try:
        keys = keys_in_lists(committed.values(), prepared.project.folder, prepared.project.users.key)
        plan = to_plan(committed, replace(prepared.around, keys=keys))
    except (DefinitionError, InputError) as error:
        # what the committed definitions asked for is gone
        return View(changed, {}, tuple(error.problems))
    return View(changed, decided_now(plan).decisions)
