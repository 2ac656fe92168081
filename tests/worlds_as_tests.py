"""A world of the reference as the rows of a test of a definition, and the result that segtool gives."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any, cast
from zoneinfo import ZoneInfo

from segtool.compile.rows import Known, rows_of
from segtool.errors import DefinitionError, Problem
from segtool.model.nodes import Fields, Items, Node, Scalar
from segtool.model.project import Project
from segtool.model.segment_tests import Case, SegmentTest
from segtool.model.tables import EventColumns, TableSource
from segtool.model.tested import CaseResult
from segtool.verbs.rows_of_tests import RowsOfTests
from segtool.verbs.suite import Suite
from segtool.verbs.tables_of_tests import laid_out
from segtool.verbs.test import Decision
from tests import engine
from tests.generated.literals import number_text
from tests.reference import World
from tests.reference_values import Row


def written(value: Any) -> Node:
    """A value as YAML has it; text is quoted, so that `null` is a word."""
    match value:
        case dict():
            return Fields({name: written(inner) for name, inner in value.items()})
        case list() | tuple():
            return Items([written(inner) for inner in value])
        case bool():
            return Scalar("true" if value else "false")
        case int() | float() | Decimal():
            return Scalar("" if math.isnan(value) else number_text(value))
        case datetime():
            return Scalar(value.astimezone(UTC).isoformat())
        case date():
            return Scalar(value.isoformat())
        case None:
            return Scalar("")
    return Scalar(str(value), quoted=True)


def exact(world: World) -> World:
    """The world with its floats as the decimals that a test writes for them, and events of its users alone."""
    known = {world.key_of(user) for user in world.users}
    events = [cast("Row", _exact(row)) for row in world.events if str(row[world.key]) in known]
    return replace(world, users=[cast("Row", _exact(row)) for row in world.users], events=events)


def _exact(value: Any) -> Any:
    match value:
        case dict():
            return {name: _exact(inner) for name, inner in value.items()}
        case list():
            return [_exact(inner) for inner in value]
        case float():
            return None if math.isnan(value) else Decimal(number_text(value))
    return value


def results(trees: Mapping[str, object], world: World, members: Mapping[str, Iterable[str]]) -> dict[str, CaseResult]:
    """What comes of a test of each of these segments with these members; DefinitionError where one cannot be."""
    log = engine.LOG
    sources = {
        "users": TableSource("users", "", world.key),
        log: TableSource(log, "", world.key, events=EventColumns("at", "event")),
    }
    segments = engine.written({name: tree for name, tree in trees.items() if name not in world.static})
    project = Project(Path(), ZoneInfo(world.zone), sources, segments)
    schemas = {"users": engine.schema_of(world), log: engine.event_schema(world)}
    names, problems = engine.event_names(world), list[Problem]()
    known = Known(sources, {name: frozenset(one.by_name) for name, one in schemas.items()}, names.tables)
    tests = [
        SegmentTest(case_of(name, world, keys), engine.written({name: trees[name]})[name].mark)
        for name, keys in members.items()
    ]
    rows = RowsOfTests(schemas, names, {at: rows_of(test, known, problems) for at, test in enumerate(tests)})
    ready = Suite(project, rows, {}).ready(tests, problems)
    if problems:
        raise DefinitionError(problems)
    return {one.test.segment: Decision(one, laid_out(one.rows, rows)).done().result for one in ready}


def case_of(name: str, world: World, members: Iterable[str]) -> Case:
    users = {world.key_of(user) for user in world.users}
    tree = {
        "segment": name,
        "as_of": world.as_of,
        "users": list(world.users),
        "events": list(world.events),
        "segments": {other: sorted(keys & users) for other, keys in world.static.items()},
        "members": sorted(members),
    }
    problems: list[Problem] = []
    case = Case.read(written(tree), problems)
    assert problems == []
    assert case
    return case
