"""A snapshot now: of a static segment, of a dynamic one under a new name, or of a list of keys."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

from segtool.engine.decide import decide
from segtool.errors import GuardError, Problem, UsageError
from segtool.model.figures import Held
from segtool.model.nodes import Fields, Scalar, near_name
from segtool.model.project import Definition, Project, Segment, name_fault
from segtool.model.results import Evaluation, SegmentResult
from segtool.model.run import Size
from segtool.model.time import utc_text
from segtool.read.project import read_project
from segtool.store.store import Store
from segtool.store.writer import Writer, writing
from segtool.verbs.causes import held
from segtool.verbs.departed import kept_tree, told
from segtool.verbs.figures import Ground
from segtool.verbs.guards import MOVEMENT, noted
from segtool.verbs.preparation import Prepared, frozen_sources, prepare, refuse_backdate
from segtool.verbs.run import Run
from segtool.verbs.segment_guards import SegmentGuards
from segtool.verbs.snapshots import Moment, frozen_segment


def freeze(folder: Path, run: Run, name: str, new_name: str = "") -> Evaluation:
    """Takes a snapshot of a segment, under its own name or a new one; UsageError where that name is taken."""
    project = read_project(folder)
    _refuse_name(project, Store(folder), name, new_name)
    return _frozen(project, run, name, new_name or name)


def freeze_list(folder: Path, run: Run, name: str, file: str) -> Evaluation:
    """Makes a static segment of the keys in a file."""
    project = read_project(folder)
    if name in project.segments or name in Store(folder).state.segments:
        raise UsageError(Problem(f"there is a segment `{name}` already", "give another name"))
    _refuse_fault(name, project, Store(folder))
    node = Fields({"kind": Scalar("static"), "list": Scalar(file)})
    segment = Segment(name, Definition.model_validate(node), node, node.mark)
    return _frozen(replace(project, segments={**project.segments, name: segment}), run, name, name)


def _refuse_fault(name: str, project: Project, store: Store) -> None:
    if fault := name_fault(name):
        raise UsageError(Problem(f"`{name}` cannot name a segment", fault))
    for other in {*project.segments, *store.state.segments} - {name}:
        if other.lower() == name.lower():
            fact = f"`{name}` differs from the segment `{other}` by case alone, and some disks hold both as one file"
            raise UsageError(Problem(fact, "give another name"))


def _refuse_name(project: Project, store: Store, name: str, new_name: str) -> None:
    state = store.state.segments.get(new_name or name)
    if name not in project.segments and name in store.state.segments:
        raise UsageError(Problem(f"`{name}` is frozen and has no definition", "copy snapshots/" + name + ".csv"))
    if name not in project.segments:
        raise UsageError(Problem(f"there is no segment `{name}`", near_name(name, project.segments)))
    if state and state.frozen:
        fact = f"`{new_name or name}` is frozen already, as of {state.frozen.as_of}"
        raise UsageError(Problem(fact, f"give a new name: `segtool freeze {name} --as NAME`"))
    if new_name and (new_name in project.segments or state):
        raise UsageError(Problem(f"there is a segment `{new_name}` already", "give another name"))
    if not new_name and project.segments[name].definition.kind == "dynamic":
        fact = f"`{name}` is dynamic, and a snapshot needs a name of its own"
        raise UsageError(Problem(fact, f"write `segtool freeze {name} --as NAME`"))
    _refuse_fault(new_name or name, project, store)


def _frozen(project: Project, run: Run, name: str, target: str) -> Evaluation:
    run = replace(run, select=(name,), exclude=())
    with writing(project.folder, run.wait) as store:
        store.check_snapshots()
        refuse_backdate(store, run)
        prepared = _prepared(project, store, run, name)
        return _committed(prepared, store, run, name, target)


def _prepared(project: Project, store: Store, run: Run, name: str) -> Prepared:
    kept = {other: state for other, state in store.state.segments.items() if other != name}
    return prepare(project, store, run, kept)


def _committed(prepared: Prepared, store: Writer, run: Run, name: str, target: str) -> Evaluation:
    stored = prepared.inputs.states
    tables = store.tables(stored)
    sources = frozen_sources(store, store.state.segments)
    plan = prepared.chosen_plan
    guards = SegmentGuards(prepared.project, store, store.state.segments, tables.users, MOVEMENT in run.allowed)
    decisions = decide(plan, tables, sources, settle=guards.settle).decisions
    now = Ground(prepared.around, tables, sources, {other: one.members for other, one in decisions.items()})
    stopped = held(guards, now, prepared.plan)
    _refuse_held(name, stopped)
    decision = decisions[name]
    planned = next(one for one in plan.segments if one.name == name)
    segment = prepared.project.segments[name]
    moment = Moment(utc_text(run.as_of), utc_text(run.at), prepared.project.zone.key, stored)
    state = frozen_segment(target, segment, planned, decision, tables.users, moment, store)
    suppression = store.suppression()
    tree = kept_tree(segment, prepared.project.users.key, suppression)
    definitions = {**store.definitions(), target: tree}
    record = store.commit(
        kind="freeze",
        as_of=moment.as_of,
        at=moment.at,
        state=replace(
            store.state,
            tables=stored,
            segments={**store.state.segments, target: state},
            definitions=store.add_definitions(definitions),
        ),
        sizes={target: Size(0, state.members, 0, state.members)},
        frozen=(target,),
        details={**prepared.inputs.details, **noted([*prepared.allowed, *guards.noted])},
    )
    strangers = state.frozen.strangers if state.frozen else 0
    result = SegmentResult(target, "static", "frozen", record.sizes[target], strangers)
    warnings = [str(one.problem) for one in stopped.values()]
    warnings += map(str, told(prepared.project, prepared.around.keys or {}, suppression)) if suppression else []
    return Evaluation(moment.as_of, record.number, True, prepared.inputs.results, (result,), tuple(warnings))


def _refuse_held(name: str, stopped: Mapping[str, Held]) -> None:
    """A snapshot stays for ever, so none is taken of what a guard holds up."""
    if name in stopped:
        raise GuardError([one.problem for one in stopped.values()])
