"""Definitions and the columns of the users to a plan, with every problem at its place."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from types import MappingProxyType
from typing import Any

from segtool.compile import vocabulary
from segtool.compile.base import lowered
from segtool.compile.channels import check_exports, planned_channels
from segtool.compile.scope import Scope, Subject
from segtool.errors import DefinitionError, Mark, Problem
from segtool.model.algebra import NOBODY, And, AtLeast, Column, Member, Not, Or, Predicate
from segtool.model.channels import Channel
from segtool.model.events import EventNames
from segtool.model.kinds import Schema
from segtool.model.plan import Plan, PlannedSegment, Ranking
from segtool.model.project import Cut, KeyFile, Segment
from segtool.model.time import Clock

assert vocabulary.FAMILIES
References = Mapping[str, frozenset[str]]
"""The names that each segment refers to."""
NOTHING: Mapping[str, str] = MappingProxyType({})
NO_CHANNELS: Mapping[str, Channel] = MappingProxyType({})


@dataclass(frozen=True)
class Surroundings:
    """What definitions are read against: the users' columns, the events, the clock, frozen segments, files of keys."""

    schema: Schema
    clock: Clock
    events: EventNames = field(default_factory=EventNames)
    frozen: frozenset[str] = frozenset()
    keys: Mapping[str, tuple[str, ...]] | None = None
    """The keys in each list file; None where only the definitions are checked."""
    problems: tuple[Problem, ...] = ()
    """What is wrong already, in segments that could not be read."""
    broken: frozenset[str] = frozenset()
    """The names of these, which may be referred to."""


def to_plan(
    segments: Mapping[str, Segment], around: Surroundings, channels: Mapping[str, Channel] = NO_CHANNELS
) -> Plan:
    """The plan of all segments that are not frozen, and of channels; DefinitionError with every problem."""
    problems, warnings = list(around.problems), list[Problem]()
    scope = scope_of(segments, around, problems, warnings)
    planned = {
        name: _planned(segment, replace(scope, segment=name), around)
        for name, segment in segments.items()
        if name not in around.frozen
    }
    by = planned_channels(channels, scope)
    check_exports(segments.values() if channels is not NO_CHANNELS else (), channels, scope)
    refers_to = {name: one.refers_to for name, one in planned.items()}
    order = _in_order(refers_to, segments, problems)
    if problems:
        raise DefinitionError(sorted(problems, key=lambda problem: problem.mark or Mark("")))
    told = tuple(dict.fromkeys(warnings))
    ordered = tuple(planned[name] for name in order)
    return Plan(ordered, closures_of(segments, refers_to), told, tuple(scope.uses), by)


def scope_of(segments: Iterable[str], around: Surroundings, problems: list[Problem], warnings: list[Problem]) -> Scope:
    """Where the conditions of all segments stand, but for the segment itself."""
    columns = {column.name: Column(column.name, column.kind) for column in around.schema.columns}
    notes = {column.name: column.note for column in around.schema.columns}
    known = frozenset(segments) | around.frozen | around.broken
    return Scope(columns, around.clock, "", known, problems, around.events, warnings, notes)


def _planned(segment: Segment, scope: Scope, around: Surroundings) -> PlannedSegment:
    definition = segment.definition
    where = NOBODY if definition.where is None else lowered(definition.where, scope)
    _check_columns(definition.columns, segment, scope)
    return PlannedSegment(
        segment.name,
        where,
        _keys_of(KeyFile.model_construct(list=definition.list), around) if definition.list else None,
        _keys_of(definition.exclude, around),
        _keys_of(definition.include, around),
        _ranking(definition.cut, highest=definition.top is not None, scope=scope),
        frozenset(references(where)),
    )


def _keys_of(keys: KeyFile | tuple[str, ...], around: Surroundings) -> tuple[str, ...]:
    if isinstance(keys, KeyFile):
        return around.keys[keys.list] if around.keys is not None else ()
    return keys


def _check_columns(columns: Iterable[str], segment: Segment, scope: Scope) -> None:
    mark = segment.node["columns"].mark if columns else segment.mark  # type: ignore[index, call-overload]
    for name in columns:
        scope.subject(name, mark)


def _ranking(cut: Cut | None, *, highest: bool, scope: Scope) -> Ranking | None:
    subject: Subject | None = scope.subject(cut.by.text, cut.by.mark) if cut else None
    if cut is None or subject is None or not isinstance(subject.value, Column):
        return None
    if not subject.kind.is_ordered:
        fact = f"`{subject.name}` is {subject.kind} and has no order to cut by"
        scope.problem(cut.by.mark, fact, "name a column of numbers, dates or datetimes")
        return None
    return Ranking(subject.value, highest, cut)


def references(predicate: Predicate) -> Iterable[str]:
    """The segments that a predicate asks about."""
    match predicate:
        case Member(name):
            yield name
        case And(parts) | Or(parts) | AtLeast(of=parts):
            for part in parts:
                yield from references(part)
        case Not(part):
            yield from references(part)
        case _:
            return


def _in_order(refers_to: References, segments: Mapping[str, Segment], problems: list[Problem]) -> list[str]:
    """Names with every one after those it refers to; a circle is a problem that prints its path."""
    order: dict[str, None] = {}
    for start in refers_to:
        path: list[str] = []
        todo: list[tuple[str, bool]] = [(start, False)]
        while todo:
            name, leaving = todo.pop()
            if leaving:
                order[path.pop()] = None
            elif name in path:
                problems.append(_circle([*path[path.index(name) :], name], segments))
                return list(order)
            elif name in refers_to and name not in order:
                path.append(name)
                todo.append((name, True))
                todo.extend((other, False) for other in sorted(refers_to[name], reverse=True))
    return list(order)


def _circle(path: list[str], segments: Mapping[str, Segment]) -> Problem:
    shown = " → ".join(path)
    return Problem(f"segments refer to each other in a circle: {shown}", "take one out", segments[path[0]].mark)


def digest(tree: Any) -> str:
    """SHA-256 (hex) of plain data, whatever the order of its keys."""
    text = json.dumps(tree, sort_keys=True, ensure_ascii=False, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()


def closures_of(
    segments: Mapping[str, Segment], refers_to: References, standing: Mapping[str, str] = NOTHING
) -> dict[str, str]:
    """The hash of each segment's definition with those of all that it refers to, of those `standing` the one given; of
    a circle, none."""
    closures: dict[str, str] = {}
    for name in _in_order(refers_to, segments, []):
        referred = [closures.get(other, other) for other in sorted(refers_to[name])]
        closures[name] = standing.get(name) or digest([segments[name].tree, referred])
    return closures
