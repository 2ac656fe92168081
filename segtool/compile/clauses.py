"""A segment comes in; go out: the lines of its condition, each with its place, its words and its meaning."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace

from pydantic import ValidationError

from segtool.compile.base import Condition, to_condition
from segtool.compile.plan import Surroundings, scope_of
from segtool.compile.scope import Scope
from segtool.errors import Mark, Problem
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


def clauses_of(segment: Segment, known: Iterable[str], around: Surroundings) -> list[Clause]:
    """The lines of `where` from top to bottom, less those that cannot be asked of these tables; none of a list of keys.
    `known`: the segments that may be referred to."""
    if segment.definition.where is None:
        return []
    try:
        condition = to_condition(segment.definition.where)
    except ValidationError:
        return []
    return list(_lines(condition, replace(scope_of(known, around, [], []), segment=segment.name), 0))


def _lines(condition: Condition, scope: Scope, depth: int) -> Iterator[Clause]:
    parts, problems = condition.parts(), list[Problem]()
    holds = condition.lower(replace(scope, problems=problems))
    if not problems:
        yield Clause(condition.sentence(), condition.mark, depth, holds, not parts)
    for part in parts:
        yield from _lines(part, scope, depth + 1)
