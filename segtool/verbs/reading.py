"""What is kept to answers: the list of segments, one segment, the runs. No file of data is read, and none written."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path

from segtool.errors import Problem, UsageError
from segtool.model.figures import ClauseFigures
from segtool.model.guard import NO_GUARD
from segtool.model.nodes import near_name
from segtool.model.project import Project, Segment
from segtool.model.results import History, Listed, Listing, PastRun, Shown
from segtool.model.run import Record, SegmentState, Size
from segtool.read.project import read_project
from segtool.store.steady import steady
from segtool.store.store import Store
from segtool.verbs.selection import Known, chosen


@steady
def list_segments(folder: Path, select: tuple[str, ...] = (), exclude: tuple[str, ...] = ()) -> Listing:
    """The segments of the files and of the store that words fit, or all, by name."""
    project, store = read_project(folder), Store(folder)
    names = sorted(chosen(select, exclude, Known(project.segments, store.state.segments)))
    segments = (_listed(name, project.segments.get(name), store.state.segments.get(name)) for name in names)
    head = store.head
    return Listing(head.number if head else 0, head.as_of if head else "", tuple(segments))


def _listed(name: str, segment: Segment | None, state: SegmentState | None) -> Listed:
    definition = segment.definition if segment else None
    kind = state.kind if state else definition.kind if definition else ""
    listed = Listed(name, kind, None, None, "")
    if state:
        listed = Listed(name, kind, state.members, state.run, state.as_of, state.frozen, reached=state.reached)
    if definition is None:
        return listed
    return replace(listed, description=definition.description, tags=definition.tags, owner=definition.owner)


@steady
def show(folder: Path, name: str) -> Shown:
    """One segment in words, with what it refers to and its size in each run that moved it."""
    # the vocabulary is large, and the other answers need none of it
    from segtool.compile.words import to_words

    project, store = read_project(folder), Store(folder)
    refuse_unknown([name], {*project.segments, *store.state.segments})
    segment, state = project.segments.get(name), store.state.segments.get(name)
    refers = Known(project.segments, store.state.segments).refers_to
    sizes, unchanged = _sizes(name, store)
    clauses = _clauses(segment, project, store) if segment and segment.definition.where is not None else ()
    newest = store.head if clauses else None
    return Shown(
        _listed(name, segment, state),
        tuple(to_words(segment)) if segment else ("taken out of the definitions; its snapshot stays",),
        tuple(sorted(refers.get(name, ()))),
        tuple(sorted(other for other, named in refers.items() if name in named)),
        tuple(sizes),
        project.guard_of(name) if segment else NO_GUARD,
        unchanged,
        state.held.run if state and state.held else None,
        newest.as_of if newest else "",
        newest.number if newest else None,
        clauses,
    )


def _sizes(name: str, store: Store) -> tuple[list[tuple[int, str, Size]], int]:
    """The runs that moved a segment, and how many since the last of them decided it and moved nobody."""
    sizes, unchanged = [], 0
    for record in store.records():
        if name in record.sizes:
            sizes.append((record.number, record.as_of, record.sizes[name]))
            unchanged = 0
        elif record.kind == "evaluate" and name in record.details.get("selected", (name,)):
            unchanged += 1
    return sizes, unchanged


def _clauses(segment: Segment, project: Project, store: Store) -> tuple[ClauseFigures, ...]:
    """The figures of each clause in the tables of the newest run."""
    # these load what reads arrays, of which a project that has not been run has none
    if not store.state.tables:
        return ()
    from segtool.verbs.figures import kept_ground

    ground = kept_ground(project, store)
    return ground.figures([segment])[segment.name] if ground else ()


def refuse_unknown(names: Iterable[str], known: set[str]) -> None:
    problems = [
        Problem(f"there is no segment `{name}`", near_name(name, known) or "see `segtool list`")
        for name in names
        if name not in known
    ]
    if problems:
        raise UsageError(problems)


@steady
def history(folder: Path) -> History:
    """The runs, oldest first."""
    read_project(folder, with_segments=False)
    return History(tuple(map(_past, Store(folder).records())))


def _past(record: Record) -> PastRun:
    sizes = record.sizes.values()
    entered, left = sum(size.entered for size in sizes), sum(size.left for size in sizes)
    facts = (record.number, record.kind, record.as_of, record.at, len(sizes), entered, left)
    allowed, exports = (tuple(record.details.get(key, ())) for key in ("allowed", "exports"))
    return PastRun(*facts, record.frozen, record.tool, allowed, exports)
