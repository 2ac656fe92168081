"""The clauses of a condition to its terms, each a clause or its opposite; and which of them must hold together."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

from segtool.compile.base import Condition
from segtool.compile.clauses import Clause
from segtool.model.algebra import And, AtEdge, AtLeast, Not, Or, Predicate


@dataclass(frozen=True)
class Term:
    """A clause, or its opposite, of which several must hold together, or one. `whole`: what has to go with it where it
    is taken out, because what stands around it would ask for something else without it."""

    clause: Clause
    holds: bool
    whole: Term | None = None

    @property
    def meaning(self) -> Predicate:
        return self.clause.meaning if self.holds else opposite(self.clause.meaning)

    def terms(self, every: bool) -> list[Term]:
        """The terms that must all hold for this one, or (not `every`) of which one must; else itself."""
        parts, meaning, holds = self.clause.parts, self.clause.meaning, self.holds
        while parts:
            alone = any(part.meaning == meaning for part in parts)
            if alone or isinstance(meaning, And if every == holds else Or):
                whole = self._whole if alone else None
                return [term for part in parts for term in Term(part, holds, whole).terms(every)]
            if not isinstance(meaning, Not):
                break
            meaning, holds = meaning.of, not holds
        return [self]

    @property
    def outer(self) -> Term:
        """What is taken out where it is: itself, or the whole that it decides."""
        return self.whole or self

    def again(self, clause_at: Callable[[Clause], Clause | None]) -> Term | None:
        """The same of what the clauses are elsewhere; None where one of them is not."""
        clause, whole = clause_at(self.clause), self.whole and self.whole.again(clause_at)
        return Term(clause, self.holds, whole) if clause and bool(whole) == bool(self.whole) else None

    @property
    def _whole(self) -> Term | None:
        return self if self.clause.phrase.has_default else self.whole


def opposite(meaning: Predicate) -> Predicate:
    return meaning.of if isinstance(meaning, Not) else Not(meaning)


def groups(clause: Clause) -> Iterator[tuple[list[Term], bool]]:
    """The terms that must hold together (true), or of which one must (false), wherever in the clause."""
    yield from _groups([Term(clause, True)], every=True)
    for one in clause.walk():
        parts, alone = set(one.parts), _deciding(one.meaning)
        whole = Term(one, not isinstance(one.meaning, Not))
        yield from _groups_of_rows(
            Term(clause, True, whole if clause.meaning in alone else None)
            for clause in one.inner
            if clause not in parts
        )


def _deciding(meaning: Predicate) -> set[Predicate]:
    """What is asked of other rows, and alone decides whether a condition that has a default holds."""
    match meaning:
        case Not(part):
            return _deciding(part)
        case AtEdge(condition=condition):
            return {condition}
        case AtLeast(of=parts):
            return set(parts)
        case _:
            return set()


def _groups_of_rows(found: Iterable[Term]) -> Iterator[tuple[list[Term], bool]]:
    """What is asked of other rows than the clause around it: tests of one of them hold together."""
    tests: dict[int, list[Term]] = {}
    # a test may be put to one row after the other, such as to each step of a sequence
    for term in {id(term.clause.phrase): term for term in found}.values():
        if isinstance(term.clause.phrase, Condition):
            yield from _groups([term], every=True)
        else:
            tests.setdefault(id(term.clause.scope), []).append(term)
    for terms in tests.values():
        yield from _groups(terms, every=True)


def _groups(terms: list[Term], *, every: bool) -> Iterator[tuple[list[Term], bool]]:
    flat = [one for term in terms for one in term.terms(every)]
    yield flat, every
    for term in flat:
        if term.terms(not every) != [term]:
            yield from _groups([term], every=not every)
