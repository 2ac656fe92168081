"""A condition to the tree of its clauses: what each of them says and means."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field, fields, replace
from functools import cached_property
from typing import Any

from pydantic import ValidationError

from segtool.compile.base import Condition, Phrase, to_condition
from segtool.compile.lists import in_one_line
from segtool.compile.plan import Surroundings, scope_of
from segtool.compile.scope import Scope, Subject
from segtool.errors import Mark
from segtool.model.algebra import And, Not, Or, Predicate
from segtool.model.project import Segment


@dataclass(frozen=True, eq=False)
class Clause:
    """A condition, or a test with its subject; what it means; and the clauses in it. Those of one row, such as an
    event's, have one scope. `depth`: in how many it stands; `is_sound`: it can be asked of these tables."""

    phrase: Phrase
    subject: Subject | None
    meaning: Predicate
    inner: tuple[Clause, ...]
    scope: Scope
    depth: int
    is_sound: bool

    @property
    def mark(self) -> Mark:
        """Its place; that of its first part where it is a list without a word."""
        return self.phrase.mark if self.phrase.mark.file or not self.inner else self.inner[0].mark

    @property
    def said(self) -> str:
        if self.subject:
            return f"{self.subject.name} {self.phrase.sentence()}"
        return in_one_line(self.phrase) if isinstance(self.phrase, Condition) else self.phrase.sentence()

    @property
    def words(self) -> str:
        return self.phrase.sentence()

    @property
    def is_whole(self) -> bool:
        """A condition that has no parts."""
        return isinstance(self.phrase, Condition) and not self.phrase.parts()

    @cached_property
    def parts(self) -> tuple[Clause, ...]:
        """The clauses in it that decide it alone: all of them together, or one of them, or its opposite does."""
        meaning = self.meaning
        while True:
            parts = meaning.of if isinstance(meaning, And | Or) else ()
            for wanted in ({meaning}, set(parts)):
                found = tuple(clause for clause in self.inner if clause.meaning in wanted)
                if wanted and {clause.meaning for clause in found} == wanted:
                    return found
            if not isinstance(meaning, Not):
                return ()
            meaning = meaning.of

    def walk(self) -> Iterator[Clause]:
        yield self
        for clause in self.inner:
            yield from clause.walk()

    def lines(self) -> Iterator[Clause]:
        """The conditions in it that are asked of users."""
        return (clause for clause in self.walk() if isinstance(clause.phrase, Condition) and clause.scope.of_users)


@dataclass
class Listening(Scope):
    """A scope that keeps every clause that is lowered in it, each with those in it."""

    heard: list[list[Clause]] = field(default_factory=lambda: [[]])

    def lowered(self, condition: Any) -> Predicate:
        return self._heard(condition, None, lambda: Scope.lowered(self, condition))

    def tested(self, test: Any, subject: Subject) -> Predicate:
        return self._heard(test, subject, lambda: Scope.tested(self, test, subject))

    def _heard(self, phrase: Phrase, subject: Subject | None, lower: Callable[[], Predicate]) -> Predicate:
        depth, faults = len(self.heard) - 1, len(self.problems)
        self.heard.append([])
        meaning = lower()
        inner = tuple(self.heard.pop())
        clause = Clause(phrase, subject, meaning, inner, self, depth, len(self.problems) == faults)
        self.heard[-1].append(clause)
        return meaning


def clauses_of(segment: Segment, known: Iterable[str], around: Surroundings) -> list[Clause]:
    """The lines of `where` from top to bottom, less those that cannot be asked of these tables; none of a list of keys.
    `known`: the segments that may be referred to."""
    if segment.definition.where is None:
        return []
    try:
        condition = to_condition(segment.definition.where)
    except ValidationError:
        return []
    whole = clause_of(condition, replace(scope_of(known, around, [], []), segment=segment.name))
    return [clause for clause in whole.lines() if clause.is_sound]


def clause_of(condition: Phrase, scope: Scope) -> Clause:
    """The condition with all clauses in it, as they are meant in the scope."""
    listening = Listening(**{one.name: getattr(scope, one.name) for one in fields(scope)})
    listening.lowered(condition)
    return listening.heard[0][0]
