"""What each command answers under `-o json`, as types: the code is checked against them, and the published JSON
Schemas, the columns of `-o csv` and of `-o github` are made of them.

A new command gets a `TypedDict` for its answer, one for its rows where none of these fits, a function in `data` that is
declared to return it, and a line in `ANSWERS`. Then `python -m tests.output.test_schemas` writes its schema to
docs/json, and a line in `tests/cli/test_json.py` has its answers validated. Tests fail until all of this is there.
"""

from __future__ import annotations

from typing import Any

from typing_extensions import TypedDict

from segtool.output.export_facts import ExportAnswer
from segtool.output.facts import (
    ChangeRow,
    ClauseRow,
    CoverageRow,
    FindingRow,
    GuardFacts,
    Instant,
    MemberRow,
    MovedRow,
    PointRow,
    ProblemRow,
    SegmentRow,
    SizeRow,
    TableRow,
    TestRow,
    Version,
)
from segtool.output.preview_facts import PreviewRow
from segtool.output.run_facts import RunRow
from segtool.output.why import ExplanationRow


class Failure(TypedDict):
    """What every command answers where it ends with a mistake."""

    version: Version
    exit_code: int
    problems: list[ProblemRow]


class ImportAnswer(TypedDict):
    """The tables that were read, or found as they were."""

    version: Version
    tables: list[TableRow]


class EvaluationAnswer(TypedDict):
    """What a run came to. `run` is its number, or that of the newest run where nothing has changed since;
    `problems` are the segments that guards keep as they were, `exports` what `--export` wrote."""

    version: Version
    run: int
    as_of: Instant
    committed: bool
    tables: list[TableRow]
    segments: list[MovedRow]
    warnings: list[str]
    problems: list[ProblemRow]
    exports: list[ExportAnswer]


class CheckAnswer(TypedDict):
    """Definitions and tables that hold: how many segments, and what is worth a warning."""

    version: Version
    segments: int
    warnings: list[ProblemRow]
    problems: list[ProblemRow]


class InitAnswer(TypedDict):
    """The files that were written in the `folder`, what its disk does not promise, and what to type `next`."""

    version: Version
    folder: str
    files: list[str]
    warnings: list[str]
    next: str


class ListAnswer(TypedDict):
    """The segments by name, as of the newest run; `run` is 0 before the first."""

    version: Version
    run: int
    as_of: Instant | None
    segments: list[SegmentRow]


class ShowAnswer(SegmentRow):
    """One segment in words, what it refers to and is referred to by, and its size in each run that moved it.

    `held_since` is the run since which its guard keeps it, `unchanged_runs` have left it as it is since it last moved;
    `members` are those of `run`, the last that moved it; its clauses are looked at in the tables of `looked_at_run`,
    the newest one, as of `looked_at`."""

    version: Version
    words: list[str]
    refers_to: list[str]
    referred_by: list[str]
    guard: GuardFacts
    held_since: int | None
    unchanged_runs: int
    looked_at: Instant | None
    looked_at_run: int | None
    clauses: list[ClauseRow]
    sizes: list[SizeRow]


class HistoryAnswer(TypedDict):
    """The runs, oldest first."""

    version: Version
    runs: list[RunRow]


class MembersAnswer(TypedDict):
    """Keys under the name of the key column, each beside its `segment` unless one name was asked for."""

    version: Version
    rows: list[MemberRow]


class ChangesAnswer(TypedDict):
    """Who entered and left, run by run; keys under the name of the key column, null of those who were erased."""

    version: Version
    rows: list[ChangeRow]


class VerifyAnswer(TypedDict):
    """What was looked at and is as it was written; `restored` snapshots, and `strays` that no run needs."""

    version: Version
    runs: int
    files: int
    bytes: int
    quick: bool
    restored: list[str]
    strays: list[str]


class BacktestAnswer(TypedDict):
    """A segment at as-ofs that are `every` so long, the oldest first; `attributes` and `users` tell as of when these
    were taken."""

    version: Version
    segment: str
    every: str
    attributes: str
    users: str
    warnings: list[str]
    points: list[PointRow]


class ExplainAnswer(TypedDict):
    """A user and segments, decided as of now on the tables of now; `run` is the newest one, 0 before the first."""

    version: Version
    user: str
    as_of: Instant
    run: int
    segments: list[ExplanationRow]


class TestAnswer(TypedDict):
    """How many tests passed and failed, the segments without one, and what the tests have tried of each."""

    version: Version
    passed: int
    failed: int
    untested: list[str]
    tests: list[TestRow]
    coverage: list[CoverageRow]


class PlanAnswer(TypedDict):
    """What would become of every segment. `run` is the newest one, 0 before the first; `against` is the git revision
    whose definitions are compared with today's, null where those of the run are; `problems` are the segments that
    guards would keep as they are."""

    version: Version
    as_of: Instant
    run: int
    against: str | None
    segments: list[PreviewRow]
    tables: list[TableRow]
    warnings: list[str]
    problems: list[ProblemRow]


class PruneAnswer(TypedDict):
    """How many runs were dropped, and the first that is kept."""

    version: Version
    run: int
    dropped: int
    first: int
    committed: bool


class EraseAnswer(TypedDict):
    """How many people were asked for, known and suppressed, the places that still name somebody, and how many
    files of rejected rows were removed."""

    version: Version
    run: int
    committed: bool
    asked: int
    known: int
    suppressed: int
    unknown: list[str]
    left: int
    snapshots: list[str]
    rejects: int
    unreached: list[str]
    unread: list[str]


class DoctorAnswer(TypedDict):
    """All that was looked at; the exit code is that of the gravest finding."""

    version: Version
    exit_code: int
    findings: list[FindingRow]


ANSWERS: dict[str, tuple[Any, ...]] = {
    "backtest": (BacktestAnswer,),
    "changes": (ChangesAnswer,),
    "check": (CheckAnswer,),
    "doctor": (DoctorAnswer,),
    "erase": (EraseAnswer,),
    "evaluate": (EvaluationAnswer,),
    "explain": (ExplainAnswer,),
    "export": (ExportAnswer,),
    "freeze": (EvaluationAnswer,),
    "history": (HistoryAnswer,),
    # with --list it makes a segment
    "import": (ImportAnswer, EvaluationAnswer),
    "init": (InitAnswer,),
    "list": (ListAnswer,),
    "members": (MembersAnswer,),
    "plan": (PlanAnswer,),
    "prune": (PruneAnswer,),
    # a JSON Schema, which tells itself by which standard
    "schema": (dict[str, Any],),
    "show": (ShowAnswer,),
    "test": (TestAnswer,),
    "verify": (VerifyAnswer,),
}
"""What each command that has `-o` may answer; beside it, each may fail."""


def columns_of(row: Any) -> tuple[str, ...]:
    """The columns of a table whose rows are of a type, in the order in which it names them."""
    return tuple(row.__annotations__)
