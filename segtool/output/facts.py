"""The types of what answers hold: a problem, a table as it was read, a segment, a test of one; rows of `-o csv` too."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import WithJsonSchema
from typing_extensions import TypedDict

from segtool.model.run import CHANGE_COLUMNS, REASONS

Version = Literal[1]
Instant = Annotated[str, WithJsonSchema({"type": "string", "format": "date-time"})]
SegmentKind = Annotated[str, WithJsonSchema({"enum": ["dynamic", "static"]})]
Status = Annotated[str, WithJsonSchema({"enum": ["decided", "frozen", "held", "kept", "removed"]})]
_TEXT, _COUNT = {"type": "string"}, {"type": "integer"}
_CHANGE = {
    "segment": _TEXT,
    "change": {"enum": ["entered", "left"]},
    "reason": {"enum": list(REASONS)},
    "run": _COUNT,
    "as_of": _TEXT,
}
MemberRow = Annotated[dict[str, Any], WithJsonSchema({"type": "object", "additionalProperties": _TEXT})]
ChangeRow = Annotated[
    dict[str, Any],
    WithJsonSchema(
        {
            "type": "object",
            "properties": _CHANGE,
            "required": list(CHANGE_COLUMNS),
            "additionalProperties": {"type": ["string", "null"]},
        }
    ),
]
ColumnKind = Annotated[
    Any, WithJsonSchema({"type": ["string", "object"], "description": "a name, {list: KIND} or {struct: {NAME: KIND}}"})
]


class PlaceFacts(TypedDict):
    """A place in a file, counted from 1, as far as there is one."""

    file: str | None
    line: int | None
    column: int | None


class ProblemRow(PlaceFacts):
    """One thing that is wrong: its place, as far as it has one, the fact, and what to do next."""

    fact: str
    next: str


class TableColumn(TypedDict):
    """A column of a table, and the kind that it was read as."""

    name: str
    kind: ColumnKind


class TableRow(TypedDict):
    """One table as it was read: `read` is `kept` and what was `dropped`, by reason; `notes` count what was coerced,
    `names` the events of each name. `added`: rows that came to those before; null where all were read anew."""

    name: str
    changed: bool
    added: int | None
    rejected: int
    rejects_file: str | None
    table: str
    read: int
    kept: int
    dropped: dict[str, int]
    notes: dict[str, int]
    names: dict[str, int]
    columns: list[TableColumn]


class SizeFacts(TypedDict):
    """A segment's members before and after a run, and who entered and left in it."""

    before: int
    entered: int
    left: int
    after: int


class FigureFacts(TypedDict):
    """For how many `of` so many users (or what `things` tells) a phrase holds."""

    phrase: str
    number: int
    of: int
    things: str


class ShareFacts(TypedDict):
    """So many of so many."""

    number: int
    of: int


class ShiftFacts(FigureFacts):
    """A figure of now, and what it was."""

    before: ShareFacts


class CauseFacts(PlaceFacts):
    """The clause that moved most since a run, its place, and what of it moved."""

    clause: str
    since: int
    moved: list[ShiftFacts]


class HeldFacts(TypedDict):
    """Why a guard keeps a segment as it was: the limits, the members that it would have, the run since which it is
    kept, the segments that it waits for, whether its definition is another one since, and what moved most."""

    limits: list[str]
    would_be: int | None
    since: int | None
    waits_for: list[str]
    redefined: bool
    cause: CauseFacts | None


class MovedRow(TypedDict):
    """One segment in a run: its members before and after, who entered and left; `strangers` are keys that the table
    of users does not hold; `held` is why a guard kept it; `reached` how many of the members each channel reaches."""

    name: str
    kind: SegmentKind
    status: Status
    before: int
    entered: int
    left: int
    after: int
    strangers: int
    held: HeldFacts | None
    reached: dict[str, int]


class GuardFacts(TypedDict):
    """The limits of a segment's guard; `max_shrink` and `max_growth` are percentages, and null is no limit."""

    min_size: int | None
    max_size: int | None
    max_shrink: float | None
    max_growth: float | None


class ClauseRow(TypedDict):
    """For how many of the users a clause holds, and for how many what it looks at is missing."""

    clause: str
    holds: int
    users: int
    missing: list[FigureFacts]


class Snapshot(TypedDict):
    """A frozen segment's file: its rows, and its SHA-256 (hex)."""

    rows: int
    sha256: str


class SegmentRow(TypedDict):
    """One segment: `members`, `run` and `as_of` are null until it has been decided; `run` is the last that moved it,
    `reached` how many of the members each channel reaches."""

    name: str
    kind: SegmentKind
    members: int | None
    run: int | None
    as_of: Instant | None
    frozen: Snapshot | None
    description: str
    tags: list[str]
    owner: str
    reached: dict[str, int]


class SizeRow(TypedDict):
    """A segment's size in a run that moved it."""

    run: int
    as_of: Instant
    before: int
    entered: int
    left: int
    after: int


class FindingRow(TypedDict):
    """One thing that the doctor looked at, and the exit code that a command would end with because of it."""

    about: str
    name: str
    state: Literal["fine", "noted", "wrong"]
    fact: str
    exit_code: int


class EditFacts(TypedDict):
    """One edit of the smallest change: `set` a value of the user, `add`, `remove` or `move` an event, or `change` a
    value of one. `name` is the column or the event, `at` when the event is, `values` the new ones as text (null:
    missing)."""

    action: Annotated[str, WithJsonSchema({"enum": ["set", "add", "remove", "move", "change"]})]
    text: str
    name: str
    at: Instant | None
    values: dict[str, str | list[str] | None]


class LineFacts(TypedDict):
    """One line of a definition, whether it holds for the user, what was found, and where its windows lie."""

    words: str
    depth: int
    holds: bool
    found: list[str]
    boundaries: list[str]


class WrongFacts(TypedDict):
    """A user who is a member and should not be, or the other way round, with the lines of the definition and, where
    one was found, the smallest change that makes a member."""

    key: str
    is_member: bool
    lines: list[LineFacts]
    change: list[EditFacts]


class TestRow(TypedDict):
    """One test: its segment and place, the members that it expects, and the actual ones."""

    segment: str
    file: str | None
    line: int | None
    column: int | None
    passed: bool
    expected: list[str]
    actual: list[str]
    missing: list[str]
    unexpected: list[str]
    why: list[WrongFacts]


class GapFacts(PlaceFacts):
    """A clause that was never true, or never false, of any user in any test of its segment."""

    words: str
    never: bool


class CoverageRow(TypedDict):
    """How many tests and how many clauses a segment has, and which clauses were not tried both ways."""

    segment: str
    tests: int
    clauses: int
    gaps: list[GapFacts]


class PointRow(TypedDict):
    """A segment at one as-of, and who entered and left since the one before; null at the first."""

    as_of: Instant
    members: int
    entered: int | None
    left: int | None
