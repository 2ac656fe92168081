"""A project comes in; goes out: what came of the tests of its definitions, each decided on its own rows."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path

from segtool.compile.clauses import Clause, clauses_of
from segtool.compile.plan import Surroundings, to_plan
from segtool.compile.rows import USERS
from segtool.engine.decide import decide
from segtool.errors import DefinitionError, Mark, Problem
from segtool.explain.apart import apart
from segtool.explain.findings import Findings
from segtool.explain.places import Place, place_of
from segtool.explain.smallest import smallest_change
from segtool.explain.told_lines import lines_of
from segtool.model.columns import Bits, Tables, to_rows
from segtool.model.nodes import near_name
from segtool.model.plan import Plan, PlannedSegment, Ranking
from segtool.model.project import Project, Segment
from segtool.model.segment_tests import SegmentTest
from segtool.model.tested import CaseResult, Coverage, Gap, Tested, Wrong
from segtool.model.time import Clock
from segtool.read.project import read_project
from segtool.read.segment_tests import read_tests
from segtool.store.steady import steady
from segtool.store.store import Store
from segtool.verbs.inputs import keys_in_lists
from segtool.verbs.run import Run, parse_as_of
from segtool.verbs.selection import Known, segments_named, selected
from segtool.verbs.tables_of_tests import ANY_TIME, TablesOfTests, tables_of_tests

OTHER_TIME = datetime(2038, 11, 30, 17, 45, tzinfo=UTC)
"""With this one and `ANY_TIME` a definition is the same only where no clock matters."""


@dataclass(frozen=True)
class Done:
    """A test and its result, and of every clause whether it was true, and false, of one of its users."""

    result: CaseResult
    seen: Mapping[Clause, frozenset[bool]]


@steady
def run_tests(folder: Path, run: Run) -> Tested:
    """Decides the segment of every test on the test's rows alone; DefinitionError with all that is wrong in tests and
    definitions."""
    project, problems = read_project(folder), list[Problem]()
    store = Store(folder)
    frozen = {name for name, state in store.state.segments.items() if state.frozen}
    tests = read_tests(project, frozen, problems)
    tables = tables_of_tests(project, store, run, tests, problems)
    chosen = _chosen(project, store, run)
    suite = Suite(project, tables, _lists(project, tests))
    done = [suite.done(at, test, problems) for at, test in enumerate(tests) if test.segment in chosen]
    if problems:
        raise DefinitionError(sorted(problems, key=lambda problem: problem.mark or Mark("")))
    finished = [one for one in done if one]
    return Tested(tuple(one.result for one in finished), tuple(_coverage(name, finished) for name in chosen))


def _chosen(project: Project, store: Store, run: Run) -> list[str]:
    known = Known(project.segments, store.state.segments)
    names = selected(run.select, run.exclude, known, known.refers_to)
    return [name for name in project.segments if names is None or name in names]


def _refers_to(segment: Segment) -> set[str]:
    return set(segments_named(segment.definition.where))


def _lists(project: Project, tests: Iterable[SegmentTest]) -> Mapping[str, tuple[str, ...]]:
    """The keys in the list files that the tested segments need."""
    needed = {name: one for test in tests for name, one in _needed(test, project).items()}
    return keys_in_lists(needed.values(), project.folder, project.users.key)


def _needed(test: SegmentTest, project: Project) -> dict[str, Segment]:
    """The segment and those that it refers to, however far, but for those whose members the test gives."""
    found: dict[str, Segment] = {}
    todo = [test.segment]
    while todo:
        name = todo.pop()
        if name in project.segments and name not in found:
            found[name] = project.segments[name]
            todo.extend(_refers_to(found[name]) - set(test.case.segments))
    return found


class Suite:
    """What all tests share."""

    def __init__(self, project: Project, tables: TablesOfTests, lists: Mapping[str, tuple[str, ...]]) -> None:
        self.project, self.tables, self.lists = project, tables, lists

    def done(self, at: int, test: SegmentTest, problems: list[Problem]) -> Done | None:
        """One test; None with what is wrong with it noted."""
        found = [*self._strangers(at, test), *self._undefined(test)]
        clock = self._clock(test, found)
        if test.segment not in self.project.segments or clock is None:
            problems.extend(found)
            return None
        table = self.tables.laid_out(at, clock, found)
        try:
            around, (plan, clauses) = self._around(test, clock), self._planned(test, clock)
        except DefinitionError as error:
            found.extend(error.problems)
        problems.extend(found)
        return (
            None if found else _Decision(test, self.project.segments[test.segment], table, plan, clauses, around).done()
        )

    def _planned(self, test: SegmentTest, clock: Clock) -> tuple[Plan, list[Clause]]:
        needed = _needed(test, self.project)
        around = self._around(test, clock)
        return to_plan(needed, around), clauses_of(needed[test.segment], needed, around)

    def _around(self, test: SegmentTest, clock: Clock) -> Surroundings:
        given, schema = frozenset(test.case.segments), self.tables.schemas[USERS]
        return Surroundings(schema, clock, self.tables.events, given, self.lists)

    def _clock(self, test: SegmentTest, problems: list[Problem]) -> Clock | None:
        """The test's clock; any one where it gives none and none matters."""
        zone = self.project.zone
        written = test.case.as_of
        if written is None:
            clocks = [Clock(moment, zone) for moment in (ANY_TIME, OTHER_TIME)]
            if self._asks_for_time(test, clocks):
                fact = f"`as_of` is missing, and what `{test.segment}` says depends on the time"
                problems.append(Problem(fact, "add for example `as_of: 2026-06-15T12:00:00Z`", test.mark))
            return clocks[0]
        moment = parse_as_of(written.text, zone)
        if moment is None:
            fact = f"`{written.text}` is no as-of"
            problems.append(Problem(fact, "write 2026-06-15T12:00:00Z, or a date", written.mark))
            return None
        return Clock(moment, zone)

    def _asks_for_time(self, test: SegmentTest, clocks: list[Clock]) -> bool:
        try:
            one, other = (to_plan(_needed(test, self.project), self._around(test, clock)) for clock in clocks)
        except DefinitionError:
            return False
        return one.segments != other.segments

    def _undefined(self, test: SegmentTest) -> Iterator[Problem]:
        """Segments that are asked about, are frozen, and have no definition any more."""
        needed = _needed(test, self.project)
        asked = {name for segment in needed.values() for name in _refers_to(segment)}
        for name in sorted(asked - {*self.project.segments, *test.case.segments}):
            step = f"give its members here: `segments: {{{name}: [a, b]}}`"
            yield Problem(f"`{name}` has no definition to be decided by", step, test.mark)

    def _strangers(self, at: int, test: SegmentTest) -> Iterator[Problem]:
        """Keys of members that are no users of the test."""
        users = {row.key for row in self.tables.rows[at] if not row.event}
        for key in (*test.case.members, *(key for keys in test.case.segments.values() for key in keys)):
            if key.text not in users:
                hint = near_name(key.text, users) or "add it under `users:`"
                yield Problem(f"there is no user `{key.text}` in this test", hint, key.mark)


class _Decision:
    """One test that can be decided."""

    def __init__(
        self,
        test: SegmentTest,
        segment: Segment,
        tables: Tables,
        plan: Plan,
        clauses: list[Clause],
        around: Surroundings,
    ) -> None:
        self.test, self.segment, self.clauses, self.tables, self.around = test, segment, clauses, tables, around
        self.segments = plan.segments
        asked = tuple(PlannedSegment(_line(at), one.meaning) for at, one in enumerate(clauses))
        self.given = {name: _keys(keys) for name, keys in _texts(test).items()}
        self.decided = decide(replace(plan, segments=(*plan.segments, *asked)), tables, self.given)

    def done(self) -> Done:
        expected, actual = set(self.test.expected), self._keys(self.test.segment)
        wrong = [self._wrong(key, key in actual) for key in sorted(expected ^ actual)]
        result = CaseResult(self.test.segment, self.test.mark, self.test.expected, tuple(sorted(actual)), tuple(wrong))
        return Done(result, dict(self._seen()))

    def _keys(self, name: str) -> set[str]:
        return self._of(self.decided.decisions[name].members)

    def _of(self, bits: Bits) -> set[str]:
        return {*self.tables.users.keys.gather(to_rows(bits)).to_list()}

    def _seen(self) -> Iterator[tuple[Clause, frozenset[bool]]]:
        everyone = self._of(self.tables.users.present)
        for at, clause in enumerate(self.clauses):
            if clause.is_whole:
                true = self._keys(_line(at))
                yield clause, frozenset(held for held, who in ((True, true), (False, everyone - true)) if who)

    def _wrong(self, key: str, is_member: bool) -> Wrong:
        """Why one user is in or not, and what would make a member of one who is not."""
        row = self.tables.users.keys.to_list().index(key)
        everybody = {one.name: self.decided.decisions[one.name].members for one in self.segments}
        alone = apart(row, self.segments, self.tables, self.around, self.given, everybody)
        findings = Findings(alone, self.tables, row, self.around.clock)
        planned = next(one for one in self.segments if one.name == self.test.segment)
        held = [(clause, key in self._keys(_line(at))) for at, clause in enumerate(self.clauses)]

        def place(ranking: Ranking) -> Place:
            return place_of(planned, ranking, self.tables, self.given, everybody, row)

        lines = lines_of(self.segment, planned, held, findings, place, key)
        change = () if is_member else smallest_change(alone, planned.name, self.around.clock, findings)
        return Wrong(key, is_member, tuple(lines), change)


def _line(at: int) -> str:
    """The name under which a clause is decided; no segment has a blank in its name."""
    return f" {at}"


def _texts(test: SegmentTest) -> dict[str, tuple[str, ...]]:
    return {name: tuple(key.text for key in keys) for name, keys in test.case.segments.items()}


def _keys(keys: tuple[str, ...]) -> Callable[[], tuple[str, ...]]:
    return lambda: keys


def _coverage(name: str, done: Iterable[Done]) -> Coverage:
    """What the tests of a segment have tried of its clauses."""
    own = [one for one in done if one.result.segment == name]
    places: dict[tuple[Mark, str], set[bool]] = {}
    for one in own:
        for clause, seen in one.seen.items():
            places.setdefault((clause.mark, clause.words), set()).update(seen)
    gaps = [
        Gap(words, mark, never)
        for (mark, words), seen in places.items()
        for never in (True, False)
        if never not in seen
    ]
    return Coverage(name, len(own), len(places), tuple(gaps))
