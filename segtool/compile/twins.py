"""Planned segments come in; goes out: which of them hold the same users as another, at whatever as-of, for no one."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any

from segtool.compile.base import to_condition
from segtool.compile.moments import moments
from segtool.compile.plan import Surroundings, scope_of
from segtool.errors import Problem
from segtool.model.algebra import And, AtLeast, Not, Or, Predicate
from segtool.model.plan import Plan, PlannedSegment
from segtool.model.project import Segment
from segtool.model.time import Clock


def twins(segments: Mapping[str, Segment], plan: Plan, around: Surroundings) -> Iterator[Problem]:
    """Segments that nobody refers to and that are the same as one before them."""
    referred = {name for planned in plan.segments for name in planned.refers_to}
    alike: dict[Any, list[str]] = {}
    places = {name: place for place, name in enumerate(segments)}
    for planned in sorted(plan.segments, key=lambda planned: places[planned.name]):
        alike.setdefault(_asked(planned, segments[planned.name]), []).append(planned.name)
    for names in alike.values():
        first, *others = sorted(names, key=lambda name: (name not in referred, places[name]))
        for other in others if len(names) > 1 else ():
            if other not in referred and _always(first, segments, around) == _always(other, segments, around):
                mark = segments[first].mark
                fact = f"`{other}` asks for the same users as `{first}` ({mark}), and no segment refers to it"
                yield Problem(fact, "take one of them out", segments[other].mark)


def _asked(planned: PlannedSegment, segment: Segment) -> Any:
    """What decides who is in a segment, equal where that is the same."""
    definition, ranking, listed = segment.definition, planned.ranking, planned.listed
    cut = ranking and (ranking.by, ranking.highest, ranking.cut.count, ranking.cut.percent)
    keys = [frozenset(keys) for keys in (listed or (), planned.exclude, planned.include)]
    static = (definition.list, definition.columns) if definition.kind == "static" else None
    return definition.kind, static, definition.guard, _ordered(planned.where), cut, *keys


def _always(name: str, segments: Mapping[str, Segment], around: Surroundings) -> list[Any]:
    """What a segment's condition means, whenever it is asked."""
    where = segments[name].definition.where
    if where is None:
        return []
    condition, scope = to_condition(where), replace(scope_of(segments, around, [], []), segment=name)
    clocks = [Clock(as_of, around.clock.zone) for as_of in moments(around.clock.zone)]
    return [_ordered(condition.lower(replace(scope, clock=clock))) for clock in clocks]


def _ordered(predicate: Predicate) -> Any:
    """The predicate, equal to another where only the order of what is put together differs."""
    match predicate:
        case And(parts) | Or(parts):
            return type(predicate), frozenset(map(_ordered, parts))
        case Not(part):
            return Not, _ordered(part)
        case AtLeast(number, parts):
            return AtLeast, number, frozenset(map(_ordered, parts))
        case _:
            return predicate
