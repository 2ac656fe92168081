"""What the linter found in a condition comes in; goes out: who the members are once its clause is taken at its word."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, fields, replace
from datetime import UTC
from decimal import Decimal
from itertools import count
from typing import Any
from zoneinfo import ZoneInfo

from segtool.compile.base import Condition, to_condition, to_tests
from segtool.compile.lint import findings
from segtool.compile.lint_texts import plain_text
from segtool.compile.lists import in_one_line
from segtool.compile.plan import Surroundings, scope_of
from segtool.compile.scope import Scope, Subject
from segtool.compile.texts import Matches
from segtool.errors import Mark, Problem
from segtool.model.algebra import EVERYONE, NOBODY, Aggregate, Compare, IsSet, Predicate, root
from segtool.model.nodes import Fields, Items, Node, Scalar, to_node
from segtool.model.plan import Plan, PlannedSegment
from segtool.model.project import Definition, Segment
from segtool.model.time import Clock
from tests import engine
from tests.generated.arguments import Tree
from tests.reference import World

TERM = "(?P<opposite>the opposite of )?`(?P<said>[^`]*)`"
SORTS: Mapping[str, tuple[bool, ...]] = {
    "^TERM never holds(:|$)": (False,),
    "^TERM always holds(:|$)": (True,),
    "^TERM and .* never hold together$": (False,),
    " and TERM never hold together$": (False,),
    "^TERM or .* always holds$": (True,),
    " or TERM always holds$": (True,),
    "^TERM is said twice": (True, False),
    "^TERM says nothing beside ": (True,),
    "^TERM adds nothing to ": (False,),
    "^TERM holds for every value": (),
    "^TERM is a regular expression for a plain text": (),
}
"""What is said of a clause, and by what it can then be replaced: what holds for all (true) or for nobody, one of both
where that hangs on its neighbours; and where nothing stands here, what the linter says to write."""


@dataclass(frozen=True)
class Finding:
    problem: Problem
    sort: str
    said: str
    verdicts: tuple[bool | None, ...]


def finding_of(problem: Problem) -> Finding:
    for sort, verdicts in SORTS.items():
        found = re.search(sort.replace("TERM", TERM), problem.fact, re.S)
        if found:
            turned = tuple(verdict != bool(found["opposite"]) for verdict in verdicts)
            return Finding(problem, sort, found["said"], turned or (None,))
    raise AssertionError(problem.fact)


@dataclass
class Instead(Scope):
    """A scope in which the clause of a finding means something else."""

    finding: Finding | None = None
    verdict: bool | None = None

    def lowered(self, condition: Any) -> Predicate:
        if self.verdict is None or not self._is_meant(_place(condition), in_one_line(condition)):
            return super().lowered(condition)
        return EVERYONE if self.verdict else NOBODY

    def tested(self, test: Any, subject: Subject) -> Predicate:
        if isinstance(test, Matches) and self._is_meant(test.value.mark, test.value.text):
            return self._plainly(test, subject)
        if not self._is_meant(test.mark, f"{subject.name} {test.sentence()}"):
            return super().tested(test, subject)
        return _any_value(subject) if self.verdict is None else EVERYONE if self.verdict else NOBODY

    def _is_meant(self, mark: Mark, said: str) -> bool:
        assert self.finding
        return (mark, said) == (self.finding.problem.mark, self.finding.said)

    def _plainly(self, test: Matches, subject: Subject) -> Predicate:
        found = plain_text(test.value.text)
        assert found
        (other,) = to_tests(to_node({found[0]: found[1]}))
        return other.lower(subject, self)


def _any_value(subject: Subject) -> Predicate:
    of = root(subject.value)
    counts = isinstance(of, Aggregate) and of.function in ("count", "distinct")
    return Compare(of, "gt", Decimal(0)) if counts else IsSet(of)


def _place(condition: Condition) -> Mark:
    """Its place; that of its first part where it is a list without a word."""
    mark = condition.mark
    return mark if mark.file or not condition.parts() else _place(condition.parts()[0])


def taken_out(node: Node, mark: Mark | None) -> Node | None:
    """What is left without that which stands at a mark, and what holds nothing else."""
    if node.mark == mark:
        return None
    if isinstance(node, Scalar):
        return node
    if isinstance(node, Fields):
        fields = {key: left for key, value in node.items() if (left := taken_out(value, mark)) is not None}
        return Fields(fields, node.mark, node.key_mark) if fields else None
    items = [left for item in node if (left := taken_out(item, mark)) is not None]
    return Items(items, node.mark, node.key_mark) if items else None


def can_go(finding: Finding) -> bool:
    """Whether it is told of what stands at one place that it can go, not of several that stand together."""
    return finding.problem.next in ("take it out", "take one out") and " and " not in finding.said


def written(where: Tree) -> Segment:
    """A segment each part of whose condition stands in a line of its own."""
    lines = count(1)

    def placed(tree: Any) -> Any:
        mark = Mark("f", next(lines), 1)
        if isinstance(tree, dict):
            return Fields({key: placed(value) for key, value in tree.items()}, mark, mark)
        if isinstance(tree, list):
            return Items([placed(item) for item in tree], mark, mark)
        return Scalar(tree, mark, mark)

    node = Fields({"kind": to_node("dynamic"), "where": placed(where)})
    return Segment("s", Definition.model_validate(node), node, node.mark)


def surroundings(world: World) -> Surroundings:
    clock = Clock(world.as_of.astimezone(UTC), ZoneInfo(world.zone))
    return Surroundings(engine.schema_of(world), clock, engine.event_names(world), frozenset(world.static))


def found_in(segment: Segment, world: World) -> list[Finding]:
    return [finding_of(problem) for problem in findings({"s": segment}, surroundings(world))]


def members_instead(segment: Segment, found: list[Finding], world: World) -> list[set[str]] | None:
    """The members; those with each of the findings taken at its word, one set for each verdict; and those without what
    can go. None where the condition cannot be asked at this as-of."""
    problems: list[Problem] = []
    scope = replace(scope_of({"s": segment}, surroundings(world), problems, []), segment="s")
    known = {one.name: getattr(scope, one.name) for one in fields(scope)}
    condition = to_condition(segment.definition.where)
    meanings = [scope.lowered(condition)]
    meanings += [
        Instead(**known, finding=one, verdict=verdict).lowered(condition) for one in found for verdict in one.verdicts
    ]
    for one in filter(can_go, found):
        left = taken_out(segment.definition.where, one.problem.mark)
        assert left is not None
        meanings.append(scope.lowered(to_condition(left)))
    if problems:
        return None
    names = [f"s{number}" for number in range(len(meanings))]
    plan = Plan(tuple(map(PlannedSegment, names, meanings)), {})
    tables = engine.stored(engine.read_table(world), engine.read_events(world))
    decided = engine.decided(plan, tables, world, {}, {})
    return [decided[name] for name in names]
