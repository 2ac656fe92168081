"""Segments that guards hold up come in; goes out: what is told of each, and what of it moved most since a run."""

from __future__ import annotations

from segtool.compile.plan import digest
from segtool.errors import Mark, Problem
from segtool.model.figures import Cause, ClauseFigures, Figure, Held, Shift
from segtool.model.plan import Plan
from segtool.model.project import Segment
from segtool.model.run import Baseline, SegmentState
from segtool.store.store import Store
from segtool.verbs.figures import Ground, kept_ground
from segtool.verbs.segment_guards import SegmentGuards, Trip

STEP = "see whether that is right, then let it through with `--allow-movement`"


def held(guards: SegmentGuards, ground: Ground, plan: Plan) -> dict[str, Held]:
    """All that the guards of a run hold up. Only what is held up is looked at once more."""
    segments = [guards.project.segments[name] for name in guards.trips]
    if not segments:
        return {}
    baselines = _baselines(segments, guards)
    moved = [segment for segment in segments if segment.name in baselines and guards.trips[segment.name].broken]
    now = ground.figures(moved)
    causes = {segment.name: _cause(now[segment.name], baselines[segment.name]) for segment in moved}
    found = {}
    for segment in segments:
        name, trip, known = segment.name, guards.trips[segment.name], guards.kept.get(segment.name)
        redefined, cause = known is not None and known.closure != plan.closures[name], causes.get(name)
        mark = segment.guard_mark or guards.project.guard_mark
        problem = _problem(segment, trip, known, redefined, cause, mark)
        found[name] = Held(trip.broken, trip.size, trip.waits_for, redefined, cause, baselines.get(name), problem)
    return found


def _baselines(segments: list[Segment], guards: SegmentGuards) -> dict[str, Baseline]:
    """Where each stood when a guard began to hold it: as it was noted then, or at the newest run."""
    kept, head = guards.kept, guards.store.head
    noted = {one.name: state.held for one in segments if (state := kept.get(one.name)) and state.held}
    new = [one for one in segments if one.name in kept and one.name not in noted]
    # the store of a run knows the tables that the run adds, and this is of those before them
    then = kept_ground(guards.project, Store(guards.project.folder)) if new else None
    if head and then:
        for name, clauses in then.figures(new).items():
            figures = [(_key(one, figure), figure) for one in clauses for figure in (one.holds, *one.missing)]
            noted[name] = Baseline(head.number + 1, head.number, {key: (it.number, it.of) for key, it in figures})
    return noted


def _cause(now: tuple[ClauseFigures, ...], baseline: Baseline) -> Cause | None:
    """The clause whose number of users moved most, with what is missing of its columns where that moved."""
    before = baseline.figures
    known = [(one, Shift(one.holds, *before[_key(one, one.holds)])) for one in now if _key(one, one.holds) in before]
    if not known:
        return None
    most, shift = max(known, key=lambda pair: pair[1].distance)
    if not shift.distance:
        return None
    keys = ((figure, _key(most, figure)) for figure in most.missing)
    missing = (Shift(figure, *before[key]) for figure, key in keys if key in before)
    return Cause(most.clause, most.mark, baseline.since, (shift, *(one for one in missing if one.has_moved)))


def _problem(
    segment: Segment, trip: Trip, known: SegmentState | None, redefined: bool, cause: Cause | None, mark: Mark | None
) -> Problem:
    """`mark`: where the guard stands."""
    kept = f"keeps its {known.members:,} member{'s' * (known.members != 1)}" if known else "is not decided"
    if segment.definition.kind == "static":
        kept = "is not frozen"
    if trip.waits_for:
        named = ", ".join(f"`{name}`" for name in trip.waits_for)
        verb = "is" if len(trip.waits_for) == 1 else "are"
        return Problem(f"`{segment.name}` {kept}: it refers to {named}, which {verb} not decided", "", segment.mark)
    asked = " and ".join(f"`{bound.limit}` allows {bound.allowed}" for bound in trip.broken)
    facts = [f"`{segment.name}` {kept}: it would have {trip.size:,}, and {asked}"]
    facts += ["its definition is another one than in the last run"] if redefined else []
    facts += [_told(cause)] if cause else []
    return Problem("; ".join(facts), STEP, mark)


def _told(cause: Cause) -> str:
    shifts = ", and ".join(map(str, cause.shifts))
    return f"most moved since run {cause.since}: at {cause.mark}, {shifts}"


def _key(one: ClauseFigures, figure: Figure) -> str:
    """A clause may quote somebody's key, which is to stand nowhere once it was erased."""
    return digest([one.clause, figure.phrase, figure.things])
