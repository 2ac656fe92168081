"""Tests on any value, and the order of numbers and times."""

from __future__ import annotations

from datetime import date
from typing import Any, ClassVar, cast
from zoneinfo import ZoneInfo

from segtool.compile.base import Test
from segtool.compile.scope import Scope, Subject, is_day
from segtool.model.algebra import (
    NOBODY,
    Compare,
    Has,
    IsSet,
    Literal,
    Not,
    Operator,
    Part,
    Predicate,
    Value,
    every,
    one_of,
    some,
)
from segtool.model.nodes import Flag, Literals, Scalar
from segtool.model.time import parse_date, parse_instant

ANY_KIND = frozenset({"text", "integer", "number", "boolean", "date", "datetime", "list"})
SCALAR = ANY_KIND - {"list"}
ORDERED = frozenset({"integer", "number", "date", "datetime"})


def folded(test: Test, subject: Subject) -> Value:
    """The value that a text test looks at: in lower case where it ignores case."""
    return Part(subject.value, "lower") if test.ignore_case else subject.value


def compared(subject: Subject, operator: Operator, literal: Literal, scope: Scope) -> Predicate:
    """Value and literal compared; a bare date against a datetime stands for the whole day in the project's zone."""
    if not (is_day(literal) and subject.kind.name == "datetime"):
        return Compare(subject.value, operator, literal)
    day = cast(date, literal)
    start, end = scope.clock.day_start(day), scope.clock.day_end(day)
    match operator:
        case "gt":
            return Compare(subject.value, "gte", end)
        case "gte":
            return Compare(subject.value, "gte", start)
        case "lt":
            return Compare(subject.value, "lt", start)
        case "lte":
            return Compare(subject.value, "lt", end)
        case "eq":
            return every([Compare(subject.value, "gte", start), Compare(subject.value, "lt", end)])


def equal_to_any(test: Test, scalars: tuple[Scalar, ...], subject: Subject, scope: Scope) -> Predicate:
    """The value is one of the literals; on a list, an element is."""
    if subject.kind.of:
        return has(test, scalars, subject, scope, every_one=False)
    literals = [scope.literal(scalar, subject) for scalar in scalars]
    if None in literals:
        return NOBODY
    if test.ignore_case:
        literals = [str(literal).lower() for literal in literals]
    known = cast("list[Literal]", literals)
    if subject.kind.name == "datetime" and any(is_day(literal) for literal in known):
        return some([compared(subject, "eq", literal, scope) for literal in known])
    return one_of(folded(test, subject), known)


def has(test: Test, scalars: tuple[Scalar, ...], subject: Subject, scope: Scope, *, every_one: bool) -> Predicate:
    """The list holds any, or every one, of the literals."""
    assert subject.kind.of
    if subject.kind.of.name not in SCALAR:
        fact = f"`{test.word}` does not go with `{subject.name}`, which is a {subject.kind}"
        return scope.problem(test.mark, fact, "write `has_element: {FIELD: …}`")
    element = Subject(subject.value, subject.kind.of, subject.name)
    literals = [scope.literal(scalar, element) for scalar in scalars]
    if None in literals:
        return NOBODY
    if test.ignore_case:
        literals = [str(literal).lower() for literal in literals]
    if element.kind.name == "datetime" and any(is_day(cast("Literal", literal)) for literal in literals):
        return scope.problem(scalars[0].mark, "a date does not fit: the list holds datetimes")
    items = tuple(sorted(set(cast("list[str]", literals))))
    return Has(folded(test, subject), items, every_one)


def quoted(scalars: tuple[Scalar, ...], joint: str = "or") -> str:
    """The literals as a sentence lists them."""
    texts = [scalar.text for scalar in scalars]
    return texts[0] if len(texts) == 1 else f"{', '.join(texts[:-1])} {joint} {texts[-1]}"


class Is(Test):
    """The value is this one; text is compared exactly. On a list: it has this element."""

    word, example = "is", "UA"
    kinds, folds, whole = ANY_KIND, True, "value"
    value: Scalar

    def sentence(self) -> str:
        return f"is {self.value.text}"

    def lower(self, subject: Subject, scope: Scope) -> Predicate:
        return equal_to_any(self, (self.value,), subject, scope)


class IsNot(Is):
    """The value is another one, or missing."""

    word, example = "is_not", "UA"

    def sentence(self) -> str:
        return f"is not {self.value.text}"

    def lower(self, subject: Subject, scope: Scope) -> Predicate:
        return Not(super().lower(subject, scope))


class In(Test):
    """The value is one of these. On a list: it has any of them."""

    word, example = "in", "[UA, PL]"
    kinds, folds, whole = ANY_KIND, True, "values"
    values: Literals

    def sentence(self) -> str:
        return f"is {quoted(self.values)}"

    def lower(self, subject: Subject, scope: Scope) -> Predicate:
        return equal_to_any(self, self.values, subject, scope)


class NotIn(In):
    """The value is none of these, or missing."""

    word, example = "not_in", "[UA, PL]"

    def sentence(self) -> str:
        return f"is not {quoted(self.values)}"

    def lower(self, subject: Subject, scope: Scope) -> Predicate:
        return Not(super().lower(subject, scope))


class IsSetTest(Test):
    """There is a value (`true`), or it is missing (`false`)."""

    word, example = "is_set", "true"
    kinds, whole = ANY_KIND, "value"
    value: Flag

    def sentence(self) -> str:
        return "is set" if self.value else "is missing"

    def lower(self, subject: Subject, scope: Scope) -> Predicate:
        return IsSet(subject.value) if self.value else Not(IsSet(subject.value))


OF_TIMES: dict[Operator, str] = {
    "gt": "is after",
    "gte": "is on or after",
    "lt": "is before",
    "lte": "is on or before",
}
"""How dates and times are compared, in words."""


class Ordered(Test):
    """Compares with one number, date or datetime."""

    kinds, whole = ORDERED, "value"
    operator: ClassVar[Operator]
    phrase: ClassVar[str]
    value: Scalar

    def sentence(self) -> str:
        text = self.value.text
        # no other column takes a literal that reads as a date or a time
        is_time = parse_date(text) or parse_instant(text, ZoneInfo("UTC"))
        return f"{OF_TIMES[self.operator] if is_time else self.phrase} {text}"

    def lower(self, subject: Subject, scope: Scope) -> Predicate:
        literal = scope.literal(self.value, subject)
        return NOBODY if literal is None else compared(subject, self.operator, literal, scope)


class Gt(Ordered):
    """Greater, or later; after the whole day where a datetime meets a date."""

    word, example = "gt", "18"
    operator, phrase = "gt", "is more than"


class Gte(Ordered):
    """Greater or equal, later or at that time."""

    word, example = "gte", "18"
    operator, phrase = "gte", "is at least"


class Lt(Ordered):
    """Less, or earlier."""

    word, example = "lt", "65"
    operator, phrase = "lt", "is less than"


class Lte(Ordered):
    """Less or equal; the whole day included where a datetime meets a date."""

    word, example = "lte", "65"
    operator, phrase = "lte", "is at most"


class Before(Ordered):
    """Earlier than this date or time."""

    word, example = "before", "2026-08-01"
    kinds = frozenset({"date", "datetime"})
    operator, phrase = "lt", "is before"


class After(Ordered):
    """Later than this date (the whole day) or time."""

    word, example = "after", "2026-08-01"
    kinds = frozenset({"date", "datetime"})
    operator, phrase = "gt", "is after"


class Between(Test):
    """From the first to the second, both included."""

    word, example = "between", "[18, 35]"
    kinds, whole = ORDERED, "values"
    values: Literals

    def sentence(self) -> str:
        return f"is from {quoted(self.values, 'to')}"

    def lower(self, subject: Subject, scope: Scope) -> Predicate:
        if len(self.values) != 2:
            return scope.problem(self.mark, f"`between` takes two values, not {len(self.values)}")
        low, high = (scope.literal(scalar, subject) for scalar in self.values)
        if low is None or high is None:
            return NOBODY
        if _starts(low, scope) > _starts(high, scope):
            shown = f"[{self.values[0].text}, {self.values[1].text}]"
            return scope.problem(self.mark, f"the ends of `between: {shown}` are reversed", "swap them")
        return every([compared(subject, "gte", low, scope), compared(subject, "lte", high, scope)])


def _starts(literal: Literal, scope: Scope) -> Any:
    return scope.clock.day_start(cast(date, literal)) if is_day(literal) else literal
