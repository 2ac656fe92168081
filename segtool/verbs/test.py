"""A project comes in; goes out: what came of the tests of its definitions, each decided on its own rows."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from segtool.compile.clauses import Clause, clauses_of
from segtool.engine.decide import decide
from segtool.errors import DefinitionError, InputError, Mark, Problem
from segtool.explain.apart import apart
from segtool.explain.findings import Findings
from segtool.explain.places import Place, place_of
from segtool.explain.smallest import smallest_change
from segtool.explain.told_lines import lines_of
from segtool.model.columns import Bits, Tables, to_rows
from segtool.model.plan import PlannedSegment, Ranking
from segtool.model.project import Project
from segtool.model.segment_tests import SegmentTest
from segtool.model.tested import CaseResult, Coverage, Gap, Tested, Wrong
from segtool.read.project import read_project
from segtool.store.steady import steady
from segtool.store.store import Store
from segtool.verbs.adoption import published
from segtool.verbs.inputs import keys_in_lists
from segtool.verbs.rows_of_tests import inputs_of_tests, rows_of_tests
from segtool.verbs.run import Run
from segtool.verbs.selection import Known, selected
from segtool.verbs.suite import Lists, Ready, Suite, needed_by, tests_of
from segtool.verbs.tables_of_tests import laid_out


@dataclass(frozen=True)
class Done:
    """A test and its result, and of every clause whether it was true, and false, of one of its users."""

    result: CaseResult
    seen: Mapping[Clause, frozenset[bool]]


@steady
def run_tests(folder: Path, run: Run) -> Tested:
    """Decides the segment of every test on the test's rows alone; DefinitionError with all that is wrong in all tests
    and in the definitions, InputError with lists that cannot be read."""
    project = read_project(folder, keep_problems=True)
    store, problems = Store(folder), list(project.problems)
    kept = {**published(project, store.state.segments), **store.state.segments}
    tests = tests_of(project, kept, problems)
    rows = rows_of_tests(project, inputs_of_tests(project, store, run), tests, problems)
    lists, unread = _lists(project, tests)
    ready = Suite(project, rows, lists).ready(tests, problems)
    if problems:
        raise DefinitionError(sorted([*problems, *unread], key=lambda problem: problem.mark or Mark("")))
    if unread:
        raise InputError(unread)
    chosen = _chosen(project, store, run)
    done = [Decision(one, laid_out(one.rows, rows)).done() for one in ready if one.test.segment in chosen]
    coverage = tuple(_coverage(name, done) for name in chosen)
    return Tested(tuple(one.result for one in done), coverage, bool(run.select or run.exclude))


def _chosen(project: Project, store: Store, run: Run) -> list[str]:
    known = Known(project.segments, store.state.segments)
    names = selected(run.select, run.exclude, known, known.refers_to)
    return [name for name in project.segments if names is None or name in names]


def _lists(project: Project, tests: Iterable[SegmentTest]) -> tuple[Lists | None, list[Problem]]:
    """The keys in the list files that the tested segments need, or what is wrong with these."""
    needed = {name: one for test in tests for name, one in needed_by(test, project).items()}
    try:
        return keys_in_lists(needed.values(), project.folder, project.users.key), []
    except InputError as error:
        return None, error.problems


class Decision:
    """One test that can be decided."""

    def __init__(self, ready: Ready, tables: Tables) -> None:
        self.test, self.around, self.tables = ready.test, ready.around, tables
        self.segment, self.segments = ready.needed[ready.test.segment], ready.plan.segments
        self.clauses = clauses_of(self.segment, ready.needed, ready.around)
        asked = tuple(PlannedSegment(_line(at), one.meaning) for at, one in enumerate(self.clauses))
        self.given = {name: _keys(keys) for name, keys in _texts(ready.test).items()}
        self.decided = decide(replace(ready.plan, segments=(*self.segments, *asked)), tables, self.given)

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
