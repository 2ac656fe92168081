"""Tests on lists."""

from __future__ import annotations

from typing import ClassVar

from segtool.compile.base import ConditionField, Test, Tests, together
from segtool.compile.scope import Scope, Subject
from segtool.compile.values import has, quoted
from segtool.model.algebra import AnyElement, Not, Part, Predicate, every
from segtool.model.kinds import INTEGER
from segtool.model.nodes import Literals

LIST = frozenset({"list"})


class HasAny(Test):
    """The list holds at least one of these."""

    word, example = "has_any", "[fashion, shoes]"
    kinds, folds, whole = LIST, True, "values"
    every_one: ClassVar[bool] = False
    phrase: ClassVar[str] = "has"
    joint: ClassVar[str] = "or"
    values: Literals

    def sentence(self) -> str:
        return f"{self.phrase} {quoted(self.values, self.joint)}"

    def lower(self, subject: Subject, scope: Scope) -> Predicate:
        return has(self, self.values, subject, scope, every_one=self.every_one)


class HasOne(HasAny):
    """The list holds this one."""

    word, example = "has", "fashion"

    def lower(self, subject: Subject, scope: Scope) -> Predicate:
        if len(self.values) > 1:
            return scope.problem(self.mark, "`has` takes one value", "write `has_any` or `has_all`")
        return super().lower(subject, scope)


class HasAll(HasAny):
    """The list holds every one of these."""

    word, example = "has_all", "[fashion, shoes]"
    every_one, joint = True, "and"


class HasNone(HasAny):
    """The list holds none of these, or is missing."""

    word, example = "has_none", "[fashion, shoes]"
    phrase = "does not have"

    def lower(self, subject: Subject, scope: Scope) -> Predicate:
        return Not(super().lower(subject, scope))


class Size(Test):
    """How many elements the list has; a missing list has 0."""

    word, example = "size", "{gte: 2}"
    kinds, whole = LIST, "tests"
    tests: Tests

    def sentence(self) -> str:
        return f"has a number of elements that {together(self.tests)}"

    def lower(self, subject: Subject, scope: Scope) -> Predicate:
        size = Subject(Part(subject.value, "size"), INTEGER, f"size of {subject.name}")
        return every([test.put_to(size, scope) for test in self.tests])


class HasElement(Test):
    """One element of a list of structs passes every test."""

    word, example = "has_element", "{key: cars, value: {gt: 45}}"
    kinds, whole = LIST, "condition"
    condition: ConditionField

    def sentence(self) -> str:
        return f"has an element for which {in_one_line(self.condition)}"

    def lower(self, subject: Subject, scope: Scope) -> Predicate:
        element = subject.kind.of
        assert element
        if element.name != "struct":
            fact = f"`{subject.name}` is a {subject.kind}, whose elements have no fields"
            return scope.problem(self.mark, fact, "write `has_any: [...]`")
        return AnyElement(subject.value, scope.inside(element.fields).lowered(self.condition))


def in_one_line(condition: ConditionField) -> str:
    """A condition with its parts, for a place where a tree does not fit."""
    parts = [in_one_line(part) for part in condition.parts()]
    if condition.joint:
        return f" {condition.joint} ".join(f"({part})" if " or " in part else part for part in parts)
    return f"{condition.sentence()} ({'; '.join(parts)})" if parts else condition.sentence()
