"""A project and its tests come in; goes out: each test ready to be decided, and all that is wrong with any of them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime

from segtool.compile.plan import Surroundings, to_plan
from segtool.compile.rows import USERS
from segtool.errors import DefinitionError, Problem
from segtool.model.nodes import near_name
from segtool.model.plan import Plan
from segtool.model.project import Project, Segment
from segtool.model.run import SegmentState
from segtool.model.segment_tests import SegmentTest
from segtool.model.time import Clock
from segtool.read.segment_tests import read_tests
from segtool.verbs.inputs import Inputs
from segtool.verbs.rows_of_tests import ANY_TIME, RowsOfTests, TypedRow, rows_of_tests
from segtool.verbs.run import AN_AS_OF, parse_as_of
from segtool.verbs.selection import segments_named

OTHER_TIME = datetime(2038, 11, 30, 17, 45, tzinfo=UTC)
"""With this one and `ANY_TIME` a definition is the same only where no clock matters."""
Lists = Mapping[str, tuple[str, ...]]


def tests_of(project: Project, kept: Mapping[str, SegmentState], problems: list[Problem]) -> list[SegmentTest]:
    """The tests of a project, what is wrong with their form noted. `kept`: the segments that were decided before."""
    return read_tests(project, {name for name, state in kept.items() if state.frozen}, problems)


def problems_of_tests(project: Project, inputs: Inputs, kept: Mapping[str, SegmentState]) -> list[Problem]:
    """All for which the tests would be refused, those of segments that cannot be read among them."""
    problems: list[Problem] = []
    tests = tests_of(project, kept, problems)
    if tests:
        Suite(project, rows_of_tests(project, inputs, tests, problems)).ready(tests, problems)
    return problems


@dataclass(frozen=True)
class Ready:
    """A test that can be decided: its segment with those that it needs, their plan, and the rows."""

    test: SegmentTest
    needed: Mapping[str, Segment]
    around: Surroundings
    plan: Plan
    rows: list[TypedRow]


def needed_by(test: SegmentTest, project: Project) -> dict[str, Segment]:
    """The segment and those that it refers to, however far, but for those whose members the test gives."""
    found: dict[str, Segment] = {}
    todo = [test.segment]
    while todo:
        name = todo.pop()
        if name in project.segments and name not in found:
            found[name] = project.segments[name]
            todo.extend(refers_to(found[name]) - set(test.case.segments))
    return found


def refers_to(segment: Segment) -> set[str]:
    return set(segments_named(segment.definition.where))


class Suite:
    """What all tests share."""

    def __init__(self, project: Project, rows: RowsOfTests, lists: Lists | None = None) -> None:
        self.project, self.rows, self.lists = project, rows, lists

    def ready(self, tests: list[SegmentTest], problems: list[Problem]) -> list[Ready]:
        """The tests of which all holds; what is wrong with the others is noted."""
        return [one for at, test in enumerate(tests) if (one := self._ready(at, test, problems))]

    def _ready(self, at: int, test: SegmentTest, problems: list[Problem]) -> Ready | None:
        needed = needed_by(test, self.project)
        found = [*self._strangers(at, test), *self._undefined(test, needed)]
        clock = self._clock(test, needed, found)
        rows, around = self.rows.typed(at, clock, found), self._around(test, clock)
        plan = _planned(needed, around, found)
        problems.extend(found)
        return Ready(test, needed, around, plan, rows) if test.segment in needed and not found and plan else None

    def _around(self, test: SegmentTest, clock: Clock) -> Surroundings:
        given, schema = frozenset(test.case.segments), self.rows.schemas[USERS]
        return Surroundings(schema, clock, self.rows.events, given, self.lists, broken=self.project.broken)

    def _clock(self, test: SegmentTest, needed: Mapping[str, Segment], problems: list[Problem]) -> Clock:
        """The test's clock; any one where it gives none."""
        clocks = [Clock(moment, self.project.zone) for moment in (ANY_TIME, OTHER_TIME)]
        written = test.case.as_of
        if written:
            moment = parse_as_of(written.text, self.project.zone)
            if moment:
                return Clock(moment, self.project.zone)
            fact = f"`{written.text}` is no as-of"
            problems.append(Problem(fact, AN_AS_OF, written.mark))
        elif "as_of" not in test.unread and self._asks_for_time(test, needed, clocks):
            fact = f"`as_of` is missing, and what `{test.segment}` says depends on the time"
            problems.append(Problem(fact, "add for example `as_of: 2026-06-15T12:00:00Z`", test.mark))
        return clocks[0]

    def _asks_for_time(self, test: SegmentTest, needed: Mapping[str, Segment], clocks: list[Clock]) -> bool:
        one, other = (_planned(needed, self._around(test, clock), []) for clock in clocks)
        return bool(one and other and one.segments != other.segments)

    def _undefined(self, test: SegmentTest, needed: Mapping[str, Segment]) -> Iterator[Problem]:
        """Segments that are asked about, are frozen, and have no definition any more."""
        asked = {name for segment in needed.values() for name in refers_to(segment)}
        for name in sorted(asked - {*self.project.segments, *self.project.broken, *test.case.segments}):
            step = f"give its members here: `segments: {{{name}: [a, b]}}`"
            yield Problem(f"`{name}` has no definition to be decided by", step, test.mark)

    def _strangers(self, at: int, test: SegmentTest) -> Iterator[Problem]:
        """Keys of members that are no users of the test, where all of these can be read."""
        users = {row.key for row in self.rows.rows[at] if row.table == USERS}
        keys = [*test.case.members, *(key for keys in test.case.segments.values() for key in keys)]
        for key in keys if "users" not in test.unread else ():
            if key.text not in users:
                hint = near_name(key.text, users) or "add it under `users:`"
                yield Problem(f"there is no user `{key.text}` in this test", hint, key.mark)


def _planned(needed: Mapping[str, Segment], around: Surroundings, problems: list[Problem]) -> Plan | None:
    try:
        return to_plan(needed, around)
    except DefinitionError as error:
        problems.extend(error.problems)
        return None
