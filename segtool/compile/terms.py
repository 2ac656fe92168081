"""The clauses of a condition to its terms, each a clause or its opposite; and which of them must hold together."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from segtool.compile.base import Condition
from segtool.compile.clauses import Clause
from segtool.model.algebra import And, Not, Or, Predicate


@dataclass(frozen=True)
class Term:
    """A clause, or its opposite, of which several must hold together, or one."""

    clause: Clause
    holds: bool

    @property
    def meaning(self) -> Predicate:
        return self.clause.meaning if self.holds else opposite(self.clause.meaning)

    def terms(self, every: bool) -> list[Term]:
        """The terms that must all hold for this one, or (not `every`) of which one must; else itself."""
        parts, meaning, holds = self.clause.parts, self.clause.meaning, self.holds
        while parts:
            alone = any(part.meaning == meaning for part in parts)
            if alone or isinstance(meaning, And if every == holds else Or):
                return [term for part in parts for term in Term(part, holds).terms(every)]
            if not isinstance(meaning, Not):
                break
            meaning, holds = meaning.of, not holds
        return [self]


def opposite(meaning: Predicate) -> Predicate:
    return meaning.of if isinstance(meaning, Not) else Not(meaning)


def groups(clause: Clause) -> Iterator[tuple[list[Term], bool]]:
    """The terms that must hold together (true), or of which one must (false), wherever in the clause."""
    yield from _groups([Term(clause, True)], every=True)
    for one in clause.walk():
        parts = set(one.parts)
        yield from _groups_of_rows(clause for clause in one.inner if clause not in parts)


def _groups_of_rows(clauses: Iterable[Clause]) -> Iterator[tuple[list[Term], bool]]:
    """What is asked of other rows than the clause around it: tests of one of them hold together."""
    tests: dict[int, list[Term]] = {}
    # a test may be put to one row after the other, such as to each step of a sequence
    for clause in {id(clause.phrase): clause for clause in clauses}.values():
        if isinstance(clause.phrase, Condition):
            yield from _groups([Term(clause, True)], every=True)
        else:
            tests.setdefault(id(clause.scope), []).append(Term(clause, True))
    for terms in tests.values():
        yield from _groups(terms, every=True)


def _groups(terms: list[Term], *, every: bool) -> Iterator[tuple[list[Term], bool]]:
    flat = [one for term in terms for one in term.terms(every)]
    yield flat, every
    for term in flat:
        if term.terms(not every) != [term]:
            yield from _groups([term], every=not every)
