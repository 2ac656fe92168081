"""A user whom no change of values makes a member comes in; goes out: what stands in the way."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from segtool.explain.alone import Alone, rank_of
from segtool.model.algebra import And, AtLeast, Bucket, Leaf, Member, Not, Or, Predicate, is_true, leaves
from segtool.model.plan import PlannedSegment
from segtool.model.project import Definition, KeyFile

SOUGHT = "no change of values or events was found that would do"


def hindrances(
    alone: Alone, planned: PlannedSegment, definition: Definition, members: Mapping[str, bool]
) -> tuple[str, ...]:
    """Lists first, then the cut, then what in the condition no change of values gets over."""
    key = alone.person.key
    if key in planned.exclude:
        by = f" by {definition.exclude.list}" if isinstance(definition.exclude, KeyFile) else ""
        return (f"excluded{by}",)
    if planned.listed is not None and key not in planned.listed:
        return (f"not in {definition.list}",)
    asked: list[Leaf | Member] = [*dict.fromkeys(leaves(planned.where)), *map(Member, sorted(planned.refers_to))]
    known = dict(zip(asked, alone.holding(asked, members), strict=True))
    if planned.listed is not None or is_true(planned.where, known):
        return (_of_cut(planned, alone),)
    blamed = tuple(dict.fromkeys(_told(part, known) for part in _blamed(planned.where, known, wanted=True)))
    found = tuple(text for text in blamed if text)
    cut = ("the cut comes after the condition, and others decide it too",) if planned.ranking else ()
    return (*found, *cut) or (SOUGHT,)


def _of_cut(planned: PlannedSegment, alone: Alone) -> str:
    assert planned.ranking
    by = planned.ranking.by.name
    if alone.person.cells.get(by) is None:
        return f"`{by}` is missing, and the cut keeps nobody without it"
    return f"{'below the top' if planned.ranking.highest else 'above the bottom'}, which others decide too"


def _blamed(predicate: Predicate, known: Mapping[Leaf | Member, bool], *, wanted: bool) -> Iterator[Leaf | Member]:
    """The leaves that keep a tree from being as wanted."""
    if is_true(predicate, known) == wanted:
        return
    match predicate:
        case And(parts) | Or(parts) | AtLeast(of=parts):
            for part in parts:
                yield from _blamed(part, known, wanted=wanted)
        case Not(part):
            yield from _blamed(part, known, wanted=not wanted)
        case _:
            if predicate in known:
                yield predicate  # type: ignore[misc]  # what is known of are leaves


def _told(part: Leaf | Member, known: Mapping[Leaf | Member, bool]) -> str:
    match part:
        case Bucket(salt):
            return f"{'in' if known[part] else 'not in'} the sample (salt {salt})"
        case Member(name):
            return f"{'a' if known[part] else 'no'} member of `{name}`"
        case _:
            return "a percentile, which all users decide together" if rank_of(part) else ""
