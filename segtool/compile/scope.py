"""Where a condition stands and what its lowering may ask: the columns in reach, the clock, the kinds of literals."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from decimal import Decimal
from typing import Any, Protocol

from segtool.errors import Mark, Problem
from segtool.model.algebra import NOBODY, Column, Literal, Predicate, Value
from segtool.model.events import EventNames, RowColumns
from segtool.model.kinds import Kind
from segtool.model.nodes import Scalar, near_name
from segtool.model.plan import Use
from segtool.model.time import Clock, Duration, parse_date, parse_instant

ACCEPTED = {
    "text": "any text",
    "integer": "a number such as 18",
    "number": "a number such as 12.50",
    "boolean": "true or false",
    "date": "a date such as 2026-08-01",
    "datetime": "a date, or a date and time such as 2026-08-01T09:30:00Z",
}


@dataclass(frozen=True)
class Subject:
    """What a test is put to: a value, its kind, its name as people know it, and what else its literals may be."""

    value: Value
    kind: Kind
    name: str
    note: str = ""
    names: tuple[str, ...] = ()
    """Words for 1, 2, … that literals may use, such as mon, tue."""
    bounds: tuple[int, int | None] | None = None


class Lowering(Protocol):
    """A condition, as far as scopes know one."""

    def lower(self, scope: Scope) -> Predicate: ...


class Putting(Protocol):
    """A test, as far as scopes know one."""

    def lower(self, subject: Subject, scope: Scope) -> Predicate: ...


@dataclass
class Scope:
    """Where a condition stands: the columns in reach, the clock, the segment; gathers what is wrong, and is used."""

    columns: dict[str, Column]
    clock: Clock
    segment: str
    segments: frozenset[str]
    problems: list[Problem]
    events: EventNames = field(default_factory=EventNames)
    warnings: list[Problem] = field(default_factory=list)
    notes: dict[str, str] = field(default_factory=dict)
    clashes: dict[str, str] = field(default_factory=dict)
    """Columns of events that are of several kinds in several tables."""
    of_users: bool = True
    tables: tuple[str, ...] = ("users",)
    """The tables whose columns are in reach."""
    uses: list[Use] = field(default_factory=list)

    def inside(self, fields: Iterable[tuple[str, Kind]]) -> Scope:
        """The scope of one element of a list, whose fields are the columns in reach."""
        known = {name: Column(name, kind) for name, kind in fields}
        return replace(self, columns=known, segments=frozenset(), notes={}, of_users=False, tables=())

    def of_event(self, columns: RowColumns) -> Scope:
        """The scope of the row of one event."""
        inside = self.inside(columns.kinds.items())
        return replace(inside, notes=columns.notes, clashes=columns.clashes, tables=columns.tables)

    def lowered(self, condition: Lowering) -> Predicate:
        """What a condition that stands here means."""
        return condition.lower(self)

    def tested(self, test: Putting, subject: Subject) -> Predicate:
        """What a test that is put to a subject here means."""
        return test.lower(subject, self)

    def problem(self, mark: Mark, fact: str, next: str = "") -> Predicate:
        """Notes what is wrong; the predicate stands in for the one that cannot be."""
        self.problems.append(Problem(fact, next, mark))
        return NOBODY

    def subject(self, name: str, mark: Mark, words: Iterable[str] = (), hint: str = "") -> Subject | None:
        """A column by its name, or None with the problem noted, and a hint; `words` may have been meant as well."""
        column = self.columns.get(name)
        if name in self.clashes:
            self.problem(mark, f"`{name}` is {self.clashes[name]}", "write a condition for each of them")
            return None
        if column:
            self.uses.extend(Use(self.segment, table, name, mark) for table in self.tables)
            return Subject(column, column.kind, name, self.notes.get(name, ""))
        inner = [known for known in self.columns if known.startswith(f"{name}.")]
        hint = hint or ("name one of its fields: " + ", ".join(inner) if inner else "")
        hint = hint or near_name(name, [*self.columns, *words]) or "columns: " + shortened(self.columns)
        self.problem(mark, f"there is no column `{name}`" if not inner else f"`{name}` holds fields", hint)
        return None

    def literal(self, scalar: Scalar, subject: Subject) -> Literal | None:
        """What the scalar means for the subject's kind, or None with the problem noted."""
        read = to_value(scalar.text, subject, self.clock)
        if read is not None:
            return read
        accepted = ", ".join(subject.names) or ACCEPTED[subject.kind.name]
        if subject.kind.is_time and Duration.parse(scalar.text):
            accepted = f"`{{in_last: {scalar.text}}}`, or {accepted}"
        if subject.bounds and not subject.names:
            low, high = subject.bounds
            accepted = f"a number of {low} or more" if high is None else f"a number from {low} to {high}"
        kind = f"`{subject.name}` is {subject.kind}"
        self.problem(scalar.mark, f"`{scalar.text}` does not fit: {kind}", f"write {accepted}")
        return None


def shortened(names: Any, most: int = 8) -> str:
    """The first few names, and how many more there are."""
    listed = list(names)
    more = f" and {len(listed) - most} more" if len(listed) > most else ""
    return ", ".join(listed[:most]) + more


def to_value(text: str, subject: Subject, clock: Clock) -> Literal | None:
    if text.lower() in subject.names:
        return subject.names.index(text.lower()) + 1
    number = _to_number(text) if subject.kind.is_number else None
    if number is not None and subject.bounds:
        low, high = subject.bounds
        return number if low <= number and (high is None or number <= high) else None
    match subject.kind.name:
        case "text":
            return text
        case "integer" | "number":
            return number
        case "boolean":
            return {"true": True, "false": False}.get(text)
        case "date":
            return parse_date(text)
        case "datetime":
            return parse_date(text) or parse_instant(text, clock.zone)
        case _:
            return None


def _to_number(text: str) -> Decimal | None:
    return Decimal(text) if re.fullmatch(r"-?[0-9]{1,40}(\.[0-9]{1,40})?", text) else None


def is_day(literal: Literal) -> bool:
    """A date, not an instant."""
    return isinstance(literal, date) and not isinstance(literal, datetime)
