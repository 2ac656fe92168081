"""A project's folder: `segtool.yaml` and the segments files to a `Project`, with every problem at its place."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Any, ClassVar, Literal
from zoneinfo import ZoneInfo

from pydantic import BeforeValidator, WithJsonSchema, model_validator

from segtool.errors import DefinitionError, Mark, Problem, UsageError
from segtool.model.channels import Channels
from segtool.model.guard import NO_GUARD, Guard
from segtool.model.kinds import SCALARS, list_of
from segtool.model.nodes import (
    Faults,
    Fields,
    Node,
    Percent,
    Scalar,
    Shape,
    Word,
    Words,
    described,
    near_name,
    one_word_of,
    to_duration,
    to_word,
    wrong,
)
from segtool.model.project import Definition, Limits, Project, Segment, guard_problems, name_fault
from segtool.model.run import CHANGE_COLUMNS
from segtool.model.tables import DeclaredColumn, EventColumns, TableSource
from segtool.model.time import Clock, Duration
from segtool.read.files import definition_files
from segtool.read.yaml import read_yaml
from segtool.read.zone import to_zone

FILE = "segtool.yaml"
MOST_SEGMENTS = 10_000
LONG_AGO = datetime(1970, 1, 1, tzinfo=UTC)
"""Before every run: a span that can be taken off it can be taken off their times."""


class ListColumn(Shape):
    """A column of lists, written in one text with a separator."""

    list: Word
    separator: Word = "|"


class FormattedColumn(Shape):
    """A column of dates or times in a format of its own (strftime's letters)."""

    date: Word | None = None
    datetime: Word | None = None


def to_kind(name: str) -> Any:
    if name not in SCALARS:
        kinds = ", ".join([*SCALARS, "{list: text}"])
        raise wrong(f"`{name}` is not a kind of column", near_name(name, SCALARS) or f"kinds: {kinds}")
    return SCALARS[name]


def to_column(node: Any) -> DeclaredColumn:
    if isinstance(node, Scalar):
        if node.text == "list":
            raise wrong("`list` needs a kind of element", 'write {list: text, separator: "|"}')
        return DeclaredColumn(to_kind(to_word(node)))
    if isinstance(node, Fields) and "list" in node:
        column = ListColumn.model_validate(node)
        return DeclaredColumn(list_of(to_kind(column.list)), column.separator)
    formatted = FormattedColumn.model_validate(node)
    if (formatted.date is None) == (formatted.datetime is None):
        raise wrong("a column is a kind, a list, or a date or datetime with its format")
    name = "date" if formatted.date else "datetime"
    return DeclaredColumn(SCALARS[name], format=formatted.date or formatted.datetime or "")


def to_columns(node: Any) -> dict[str, DeclaredColumn]:
    if not isinstance(node, Fields):
        raise wrong(f"{described(node)} is not a mapping of columns", "write `COLUMN: KIND`")
    faults, columns = Faults(), {}
    for name, value in node.items():
        with faults.kept(value):
            columns[name] = to_column(value)
    faults.raise_any()
    return columns


def to_separator(node: Any) -> str:
    text = to_word(node)
    if len(text) != 1 or not text.isascii() or text in '"\r\n':
        raise wrong(f"`{text}` is not a separator", 'write one character, such as `,` or `;`, or a tab as `"\\t"`')
    return text


Separator = Annotated[str, BeforeValidator(to_separator)]
Columns = Annotated[
    dict[str, DeclaredColumn],
    BeforeValidator(to_columns),
    WithJsonSchema({"type": "object", "additionalProperties": {"$comment": "Column"}}),
]


def to_key(node: Any) -> str:
    name = to_word(node)
    if name in CHANGE_COLUMNS:
        raise wrong(f"the key cannot be named `{name}`: the changes have such a column", "rename it in the file")
    return name


class UsersShape(Shape):
    """The user table: its file, its key, and the kinds of columns that are not to be inferred."""

    path: Word = ""
    key: Annotated[str, BeforeValidator(to_key)]
    separator: Separator = ""
    columns: Columns = {}  # noqa: RUF012  # pydantic copies defaults

    def source(self) -> TableSource:
        return TableSource("users", self.path, self.key, self.columns, self.separator, Mark(FILE))


class EventsShape(Shape):
    """A table of events: its files, the columns of their users and times, and of their names where it is a log."""

    path: Word
    user: Word
    time: Word
    name: Word = ""
    unique: Words = ()
    separator: Separator = ""
    columns: Columns = {}  # noqa: RUF012

    @model_validator(mode="after")
    def _of_own_columns(self) -> EventsShape:
        roles = [self.user, self.time, *([self.name] if self.name else [])]
        if len(set(roles)) < len(roles):
            raise wrong("`user`, `time` and `name` are columns of their own", "name another one")
        return self

    def source(self, name: str, mark: Mark) -> TableSource:
        events = EventColumns(self.time, self.name, self.unique)
        return TableSource(name, self.path, self.user, self.columns, self.separator, mark, events)


def to_events(node: Any) -> dict[str, TableSource]:
    if not isinstance(node, Fields):
        raise wrong(f"{described(node)} is not a mapping of tables", "write `NAME: {path: …, user: …, time: …}`")
    faults, tables = Faults(), {}
    for name, value in node.items():
        with faults.kept(value):
            if not name or name == "users" or name.endswith("*") or len(name) > 100 or not name.isprintable():
                raise wrong(f"`{name}` cannot name a table of events", "give it another name", value.key_mark)
            tables[name] = EventsShape.model_validate(value).source(name, value.key_mark or value.mark)
    faults.raise_any()
    return tables


def to_age(node: Any) -> Duration:
    age = to_duration(node)
    if not age.number:
        raise wrong(f"`{age}` is no age", "write for example 36h")
    try:
        Clock(LONG_AGO, ZoneInfo("UTC")).moved(age, -1)
    except (ValueError, OverflowError):
        raise wrong(f"`{age}` reaches beyond the calendar", "write less") from None
    return age


class InputsShape(Shape):
    """How far tables may be from what they were."""

    max_shrink: Percent | None = None
    max_age: Annotated[Duration, BeforeValidator(to_age), WithJsonSchema({"type": "string"})] | None = None

    def limits(self, node: Node) -> Limits:
        marks = {name: node[name].key_mark for name in self.model_fields_set} if isinstance(node, Fields) else {}
        return Limits(self.max_shrink, self.max_age, {name: mark for name, mark in marks.items() if mark})


class ProjectShape(Shape):
    """What `segtool.yaml` may say."""

    later: ClassVar[frozenset[str]] = frozenset({"engine", "members"})
    version: Annotated[Literal["1"], one_word_of("1"), WithJsonSchema({"enum": [1, "1"]})]
    timezone: Annotated[str, BeforeValidator(to_zone)] = "UTC"
    users: UsersShape
    events: Annotated[
        dict[str, TableSource],
        BeforeValidator(to_events),
        WithJsonSchema({"type": "object", "additionalProperties": {"$comment": "Events"}}),
    ] = {}  # noqa: RUF012
    segments: Words = ("segments/*.yaml",)
    inputs: InputsShape | None = None
    guard: Guard = NO_GUARD
    channels: Channels = {}  # noqa: RUF012
    suppress: Words = ()


def find_project(start: Path) -> Path:
    """The nearest folder, from `start` upwards, that holds `segtool.yaml`; UsageError if there is none."""
    start = start.absolute()
    for folder in (start, *start.parents):
        if (folder / FILE).is_file():
            return folder
    fact = f"there is no {FILE} in {start} or above it"
    raise UsageError(Problem(fact, "make a project with `segtool init`, or name one with `--project DIR`"))


def read_project(folder: Path, *, with_segments: bool = True, keep_problems: bool = False) -> Project:
    """Everything that people wrote, or the settings alone; DefinitionError with all that is wrong in it.

    `keep_problems` gives the project with what is wrong in its segments, for those who go on to check the rest.
    """
    problems: list[Problem] = []
    node = read_yaml(folder, FILE, problems)
    if node is None and not problems:
        problems.append(Problem("the file is empty", "see `segtool init` for an example", Mark(FILE)))
    shape = ProjectShape.read(node, problems) if node is not None else None
    segments: dict[str, Segment] = {}
    broken: set[str] = set()
    tests: list[Node] = []
    patterns = shape.segments if shape else ProjectShape.model_fields["segments"].default
    for path in _segment_files(folder, patterns, problems) if with_segments else []:
        broken |= _read_segments(folder, path.relative_to(folder).as_posix(), segments, tests, problems)
    if shape:
        problems += guard_problems(segments, shape.guard)
    if shape is None or (problems and not keep_problems):
        raise DefinitionError(problems)
    tables = {"users": shape.users.source(), **shape.events}
    limits = shape.inputs.limits(node["inputs"]) if shape.inputs and isinstance(node, Fields) else Limits()
    guard_mark = node["guard"].key_mark if isinstance(node, Fields) and "guard" in node else None
    found = (tuple(problems), frozenset(broken), limits, shape.guard, tuple(tests), shape.channels, shape.suppress)
    return Project(folder, ZoneInfo(shape.timezone), tables, segments, *found, guard_mark)


def _segment_files(folder: Path, patterns: tuple[str, ...], problems: list[Problem]) -> list[Path]:
    found: set[Path] = set()
    for pattern in patterns:
        if Path(pattern).is_absolute() or ".." in Path(pattern).parts:
            problems.append(Problem(f"`{pattern}` leaves the project", "name a path inside it", Mark(FILE)))
            continue
        try:
            matches = set(definition_files(pattern, folder))
        except ValueError as error:
            fact = f"`{pattern}` names no files: {error}"
            problems.append(Problem(fact, "write for example segments/*.yaml", Mark(FILE)))
            continue
        if not matches and "*" not in pattern:
            problems.append(Problem(f"there is no file `{pattern}`", "", Mark(FILE)))
        found |= matches
    return sorted(found)


def _read_segments(
    folder: Path, shown: str, segments: dict[str, Segment], tests: list[Node], problems: list[Problem]
) -> set[str]:
    """Adds the segments and the tests of one file; the names of segments that cannot be read."""
    node = read_yaml(folder, shown, problems)
    if node is None:
        return set()
    if not isinstance(node, Fields):
        problems.append(Problem("a segments file is a mapping of names", "write `NAME: {kind: …}`", node.mark))
        return set()
    twins = {name.lower(): segment for name, segment in segments.items()}
    tests.extend(value for name, value in node.items() if name == "tests")
    for name, value in ((name, value) for name, value in node.items() if name != "tests"):
        mark = value.key_mark or value.mark
        if len(segments) >= MOST_SEGMENTS:
            problems.append(Problem(f"there are more than {MOST_SEGMENTS:,} segments", "split the project", mark))
            break
        problem = _name_problem(name, mark, twins)
        if problem:
            problems.append(problem)
        definition = Definition.read(value, problems)
        if definition and not problem:
            segments[name] = twins[name.lower()] = Segment(name, definition, value, mark)
    return set(node) - {"tests"} - set(segments)


def _name_problem(name: str, mark: Mark, twins: Mapping[str, Segment]) -> Problem | None:
    """Why a segment cannot have this name; `twins` holds those before it by their names in lower case."""
    fault = name_fault(name)
    if fault:
        return Problem(f"`{name}` cannot name a segment", fault, mark)
    twin = twins.get(name.lower())
    if twin:
        return Problem(f"there is a segment `{twin.name}` already", f"at {twin.mark}; rename one", mark)
    return None
