"""A segment comes in; go out: the lines of its condition, each with its place, its words and its meaning."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace

from segtool.compile.base import Condition, to_condition
from segtool.compile.plan import Surroundings, scope_of
from segtool.compile.scope import Scope
from segtool.errors import Mark
from segtool.model.algebra import Predicate
from segtool.model.project import Segment


@dataclass(frozen=True)
class Clause:
    """One line of a condition: a group, or (`is_whole`) a condition that has no parts."""

    words: str
    mark: Mark
    depth: int
    holds: Predicate
    is_whole: bool


def clauses_of(segment: Segment, segments: Mapping[str, Segment], around: Surroundings) -> list[Clause]:
    """The lines of a definition that can be planned, from top to bottom; none of one that is a list of keys."""
    if segment.definition.where is None:
        return []
    scope = replace(scope_of(segments, around, [], []), segment=segment.name)
    return list(_lines(to_condition(segment.definition.where), scope, 0))


def _lines(condition: Condition, scope: Scope, depth: int) -> Iterator[Clause]:
    parts = condition.parts()
    yield Clause(condition.sentence(), condition.mark, depth, condition.lower(scope), not parts)
    for part in parts:
        yield from _lines(part, scope, depth + 1)
