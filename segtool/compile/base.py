"""What conditions and tests are made of: their classes' bases, how YAML becomes one, and what lowering may ask."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from typing import Annotated, Any, ClassVar, Self

from pydantic import BeforeValidator, PrivateAttr, WithJsonSchema

from segtool.errors import Mark, Problem
from segtool.model.algebra import NOBODY, Column, Literal, Predicate, Value
from segtool.model.kinds import Kind, Schema
from segtool.model.nodes import NOWHERE, Faults, Fields, Items, Scalar, Shape, near_name, to_flag, wrong
from segtool.model.time import Clock, parse_date, parse_instant

CONDITIONS: dict[str, type[Condition]] = {}
TESTS: dict[str, type[Test]] = {}
LATER = frozenset({"did", "did_not", "sequence", "regularly"})
"""Conditions of the language that this version does not know yet."""

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
    bounds: tuple[int, int] | None = None


@dataclass
class Scope:
    """Where a condition stands: the columns in reach, the clock, the segment; gathers what is wrong."""

    columns: dict[str, Column]
    clock: Clock
    segment: str
    segments: frozenset[str]
    problems: list[Problem]
    notes: dict[str, str] = field(default_factory=dict)
    allows_percentile: bool = True

    @classmethod
    def of_users(
        cls, schema: Schema, clock: Clock, segment: str, segments: frozenset[str], problems: list[Problem]
    ) -> Scope:
        columns = {column.name: Column(column.name, column.kind) for column in schema.columns}
        notes = {column.name: column.note for column in schema.columns}
        return cls(columns, clock, segment, segments, problems, notes)

    def inside(self, fields: tuple[tuple[str, Kind], ...]) -> Scope:
        """The scope of one element of a list, whose fields are the columns in reach."""
        columns = {name: Column(name, kind) for name, kind in fields}
        return Scope(columns, self.clock, self.segment, frozenset(), self.problems, {}, False)

    def problem(self, mark: Mark, fact: str, next: str = "") -> Predicate:
        """Notes what is wrong; the predicate stands in for the one that cannot be."""
        self.problems.append(Problem(fact, next, mark))
        return NOBODY

    def subject(self, name: str, mark: Mark) -> Subject | None:
        column = self.columns.get(name)
        if column:
            return Subject(column, column.kind, name, self.notes.get(name, ""))
        inner = [known for known in self.columns if known.startswith(f"{name}.")]
        hint = "name one of its fields: " + ", ".join(inner) if inner else ""
        hint = hint or near_name(name, [*self.columns, *CONDITIONS]) or "columns: " + shortened(self.columns)
        self.problem(mark, f"there is no column `{name}`" if not inner else f"`{name}` holds fields", hint)
        return None

    def literal(self, scalar: Scalar, subject: Subject) -> Literal | None:
        """What the scalar means for the subject's kind, or None with the problem noted."""
        read = to_value(scalar.text, subject, self.clock)
        if read is not None:
            return read
        accepted = ", ".join(subject.names) or ACCEPTED[subject.kind.name]
        if subject.bounds and not subject.names:
            accepted = f"a number from {subject.bounds[0]} to {subject.bounds[1]}"
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
        return number if low <= number <= high else None
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


class Phrase(Shape):
    """A condition or a test: a word of YAML with its meaning."""

    word: ClassVar[str] = ""
    example: ClassVar[str] = ""
    """What YAML may say after the word."""
    _mark: Mark = PrivateAttr(default=NOWHERE)

    @classmethod
    def parse(cls, node: Any) -> Self:
        """What `node`, the value after the word, says."""
        phrase = cls.model_validate(node)
        phrase._mark = node.key_mark or node.mark
        return phrase

    @property
    def mark(self) -> Mark:
        return self._mark

    def sentence(self) -> str:
        """What it says, in the marketer's words."""
        raise AssertionError(self.word)


class Condition(Phrase):
    """True or false of every user."""

    def __init_subclass__(cls, **options: Any) -> None:
        super().__init_subclass__(**options)
        if "word" in cls.__dict__:
            CONDITIONS[cls.word] = cls

    def parts(self) -> tuple[Condition, ...]:
        """The conditions that it is made of; its sentence is then their heading."""
        return ()

    def lower(self, scope: Scope) -> Predicate:
        """Its meaning in the algebra; problems go to the scope."""
        raise AssertionError(self.word)


class Broken(Condition):
    """Stands where a condition could not be read, so that the rest is still checked; tells why when lowered."""

    problems: tuple[Problem, ...]

    def sentence(self) -> str:
        return "(not readable)"

    def lower(self, scope: Scope) -> Predicate:
        scope.problems.extend(self.problems)
        return NOBODY


class Test(Phrase):
    """Put to one value. `kinds` are those it can be put to; `folds`: it may ignore case."""

    __test__: ClassVar[bool] = False
    kinds: ClassVar[frozenset[str]] = frozenset()
    folds: ClassVar[bool] = False
    _ignore_case: bool = PrivateAttr(default=False)

    def __init_subclass__(cls, **options: Any) -> None:
        super().__init_subclass__(**options)
        if "word" in cls.__dict__:
            TESTS[cls.word] = cls

    @property
    def ignore_case(self) -> bool:
        return self._ignore_case

    def lower(self, subject: Subject, scope: Scope) -> Predicate:
        """Its meaning for a subject of one of its kinds."""
        raise AssertionError(self.word)

    def put_to(self, subject: Subject, scope: Scope) -> Predicate:
        """Its meaning for any subject; a kind that it is not for is a problem."""
        if subject.kind.name not in self.kinds:
            note = f" because of {subject.note}" if subject.note else ""
            fact = f"`{self.word}` does not go with `{subject.name}`, which is {subject.kind}{note}"
            return scope.problem(self.mark, fact, f"it takes {', '.join(sorted(self.kinds))}")
        if self.ignore_case and (subject.kind.of or subject.kind).name != "text":
            return scope.problem(self.mark, f"`ignore_case` is for text; `{subject.name}` is {subject.kind}")
        return self.lower(subject, scope)


def to_condition(node: Any) -> Condition:
    """What a node of YAML says as a condition: a mapping, whose keys must all hold, or a list of such."""
    if isinstance(node, Condition):
        return node
    if isinstance(node, Scalar) or not node:
        shown = f"`{node.text}` is" if isinstance(node, Scalar) else "an empty group is"
        raise wrong(f"{shown} not a condition", "write `COLUMN: value`, or `everyone: true`")
    parts = list(node.items()) if isinstance(node, Fields) else [("", item) for item in node]
    found = [_clause_or_broken(word, value) for word, value in parts]
    return found[0] if len(found) == 1 else CONDITIONS["all"].model_validate(Items(found))


def _clause_or_broken(word: str, node: Any) -> Condition:
    faults = Faults()
    with faults.kept(node):
        return _to_clause(word, node) if word else to_condition(node)
    return Broken.model_construct(problems=tuple(faults.problems()))


def _to_clause(word: str, node: Any) -> Condition:
    if word in LATER:
        raise wrong(
            f"`{word}` is not supported by this version yet",
            f"for a column of that name write `attribute: {{name: {word}, …}}`",
            node.key_mark,
        )
    if word in CONDITIONS:
        return CONDITIONS[word].parse(node)
    if isinstance(node, Items) and not all(isinstance(item, Scalar) for item in node):
        hint = near_name(word, CONDITIONS) or "conditions: " + ", ".join(CONDITIONS)
        raise wrong(f"there is no condition `{word}`", hint, node.key_mark)
    name = Scalar(word, node.key_mark or node.mark)
    attribute: Any = CONDITIONS["attribute"]
    clause: Condition = attribute.of_column(name, node)
    return clause


def to_tests(node: Any) -> tuple[Test, ...]:
    """The tests that a column's value, list or mapping asks for; all must hold."""
    if isinstance(node, tuple):
        return node
    if not isinstance(node, Fields):
        return (TESTS["in" if isinstance(node, Items) else "is"].parse(node),)
    faults, found = Faults(), []
    folds = False
    with faults.kept(node):
        folds = to_flag(node["ignore_case"]) if "ignore_case" in node else False
    for word, value in node.items():
        with faults.kept(value):
            if word != "ignore_case":
                found.append(_to_test(word, value, folds))
    faults.raise_any()
    if not found:
        raise wrong("a test is missing here", "write for example `{is: value}`")
    return tuple(found)


def _to_test(word: str, node: Any, folds: bool) -> Test:
    if word not in TESTS:
        raise wrong(f"unknown test `{word}`", near_name(word, TESTS) or "see the reference", node.key_mark)
    test = TESTS[word].parse(node)
    if folds and not test.folds:
        raise wrong(f"`ignore_case` does not go with `{word}`", "it is for text tests", node.key_mark)
    test._ignore_case = folds
    return test


ConditionField = Annotated[Condition, BeforeValidator(to_condition), WithJsonSchema({"$comment": "Condition"})]
Tests = Annotated[tuple[Test, ...], BeforeValidator(to_tests), WithJsonSchema({"$comment": "Tests"})]


def together(tests: tuple[Test, ...]) -> str:
    """The sentences of several tests of one value."""
    return " and ".join(test.sentence() for test in tests)


def is_day(literal: Literal) -> bool:
    """A date, not an instant."""
    return isinstance(literal, date) and not isinstance(literal, datetime)
