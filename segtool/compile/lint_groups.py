"""Terms of which all must hold, or one, under two clocks, come in; goes out: what is to be told of them.

What is fixed in time is never held against what moves with the clock.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property, reduce
from itertools import combinations
from typing import Any

from segtool.compile.behaviour import Regularly
from segtool.compile.claims import Claim, Claims, are_apart, claim_of, follows, topics
from segtool.compile.clauses import Clause
from segtool.compile.facts import Fact, fact_of
from segtool.compile.lint_texts import (
    apart_problem,
    follows_problem,
    only_set_problem,
    same_problem,
    together_problem,
    verdict_problem,
)
from segtool.compile.regions import ANYTHING, SET, Region
from segtool.compile.terms import Term, groups, opposite
from segtool.compile.times import Window
from segtool.compile.values import IsSetTest
from segtool.errors import Problem
from segtool.model.algebra import Bucket, Constant, Not, Predicate, Sequence, Value
from segtool.model.time import DAYS

MOST_OF_ONE_TOPIC, MOST_PAIRS = 50, 10_000
"""Terms of one topic in a group that each other is held against, and how often that is done in a group."""


@dataclass(frozen=True)
class Said:
    """A term of a group under two clocks. Where one of the terms must hold, it is their opposites that are looked at,
    which must not all hold."""

    term: Term
    later: Term
    every: bool
    as_of: datetime

    @property
    def meanings(self) -> tuple[Predicate, Predicate]:
        meanings = self.term.meaning, self.later.meaning
        return meanings if self.every else (opposite(meanings[0]), opposite(meanings[1]))

    @property
    def opposites(self) -> tuple[Predicate, Predicate]:
        return opposite(self.meanings[0]), opposite(self.meanings[1])

    @property
    def moves(self) -> bool:
        """Whether it means something else by another clock."""
        return self.term.meaning != self.later.meaning

    @cached_property
    def fact(self) -> Fact | None:
        """What it tells, if it is of one value."""
        return fact_of(self.meanings, self.as_of)

    @cached_property
    def claim(self) -> Claim | Claims:
        return claim_of(self.meanings, self.as_of)

    @cached_property
    def topics(self) -> set[Any]:
        return set(topics(self.meanings[0]))

    @property
    def word(self) -> str:
        return self.term.clause.phrase.word

    @property
    def has_parts(self) -> bool:
        return self.term.terms(not self.every) != [self.term]

    @property
    def asks_for_any_value(self) -> bool:
        """Every value passes, in more words than need be."""
        if self.fact is None or self.has_parts or self.word == "is_set":
            return False
        passing = self.fact.passing if self.term.holds == self.every else ~self.fact.passing
        return not passing.missing and (~passing & self.fact.domain & SET).is_empty

    @cached_property
    def verdict(self) -> bool | None:
        """Whether it holds for every row, or for none; None where that differs, or may."""
        if self.fact is None:
            return _constant(self.meanings[0])
        if (self.fact.passing & self.fact.domain).is_empty:
            return False
        return True if (~self.fact.passing & self.fact.domain).is_empty else None


def _constant(meaning: Predicate) -> bool | None:
    match meaning:
        case Constant(holds):
            return holds
        case Bucket(below=below) if below in (0, 2**32):
            return below > 0
        case Sequence(steps) if any(step.within and not step.within.number for step in steps):
            return False
        case Not(part):
            turned = _constant(part)
            return None if turned is None else not turned
        case _:
            return None


@dataclass(frozen=True)
class Finding:
    """What is told of some terms, and what tells it of them, or of the same ones by another clock."""

    problem: Problem
    said: tuple[Said, ...]
    tell: Callable[..., Problem | None]

    def may_change(self, line: Callable[[Clause], Clause]) -> bool:
        """Whether it may be otherwise by another clock: spans of one sort, in the lines in which what is told of
        stands, keep their order by every clock."""
        sorts = {sort_of(clause) for one in self.said for clause in line(one.term.clause).walk()} - {""}
        return any(one.moves for one in self.said) and (len(sorts) > 1 or "other" in sorts)

    def is_told_at(self, as_of: datetime, again: Callable[[Clause, datetime], Clause | None]) -> bool:
        """Whether it is told at another as-of too. `again` is what a clause is then."""
        terms = [one.term.again(lambda clause: again(clause, as_of)) for one in self.said]
        said = [Said(term, one.later, one.every, as_of) for term, one in zip(terms, self.said, strict=True) if term]
        return len(said) == len(self.said) and self.tell(*said) == self.problem


def sort_of(clause: Clause) -> str:
    """The sort of spans from or to as-of that a clause asks for, `other` if it asks for something else of a time."""
    match clause.phrase:
        case Window(span=span) | Regularly(every=span):
            return "exact" if span.is_exact else "days" if span.unit in DAYS else "months"
        case IsSetTest():
            return ""
        case _:
            return "other" if clause.subject and clause.subject.kind.is_time else ""


def of_groups(now: Clause, later: Clause, as_of: datetime) -> Iterator[Finding]:
    """What is told of a condition, which is meant so at as-of, and so at a later one."""
    for (terms, every), (others, _) in zip(groups(now), groups(later), strict=False):
        pairs = list(zip(terms, others, strict=False))
        # two that are equal by one clock alone are put together there, and nothing is told of them
        if len(terms) == len(others) and all(one.clause.phrase is other.clause.phrase for one, other in pairs):
            yield from _of_group([Said(one, other, every, as_of) for one, other in pairs])


def _of_group(said: list[Said]) -> Iterator[Finding]:
    """What is the same for everybody; and of the others, which say the same, exclude each other, or follow."""
    if len(said) == 1 and said[0].word == "everyone" and said[0].verdict:
        return
    most = min(MOST_OF_ONE_TOPIC, MOST_PAIRS // max(len(said), 1))
    known: dict[tuple[Predicate, Predicate], Said] = {}
    about: dict[Any, list[Said]] = {}
    of_value: dict[tuple[Value, Value], list[Said]] = {}
    for one in said:
        if one.verdict is not None:
            if not one.has_parts:  # else these tell why
                yield from _found(_verdict, one)
            continue
        yield from _found(_any_value, one)
        other = known.get(one.meanings) or known.get(one.opposites)
        if other:
            yield from _found(_same, one, other)
            continue
        before = dict.fromkeys(other for topic in one.topics for other in about.get(topic, ()))
        yield from next(filter(None, (list(_found(_of_two, one, other)) for other in [*before][:most])), [])
        known[one.meanings] = one
        groups_of_one = [about.setdefault(topic, []) for topic in one.topics]
        for group in (*groups_of_one, *([of_value.setdefault(one.fact.values, [])] if one.fact else [])):
            group += [one] if len(group) < most else []
    for group in of_value.values():
        for motion in ("fixed", "moving"):
            yield from _found(_of_several, *(one for one in group if one.fact and one.fact.motion in (motion, "")))


def _found(tell: Callable[..., Problem | None], *said: Said) -> Iterator[Finding]:
    problem = tell(*said)
    if problem:
        yield Finding(problem, said, tell)


def _verdict(one: Said) -> Problem | None:
    return None if one.verdict is None else verdict_problem(one.term, one.verdict == one.every)


def _any_value(one: Said) -> Problem | None:
    return only_set_problem(one.term) if one.asks_for_any_value else None


def _same(one: Said, before: Said) -> Problem | None:
    """Two that mean the same, or one the opposite of the other."""
    if one.meanings == before.meanings:
        return same_problem(one.term, before.term)
    return apart_problem(one.term, before.term, one.every) if one.meanings == before.opposites else None


def _of_two(one: Said, before: Said) -> Problem | None:
    """What there is to say of two terms that are about the same."""
    if are_apart(one.claim, before.claim):
        return apart_problem(one.term, before.term, one.every)
    if not one.every and "is_set" in (one.word, before.word):
        return None  # it says that those without a value are meant
    if follows(one.claim, before.claim):
        return follows_problem(one.term, before.term, one.every)
    return follows_problem(before.term, one.term, one.every) if follows(before.claim, one.claim) else None


def _of_several(*terms: Said) -> Problem | None:
    """Whether terms of one value, any two of which go together, leave no value when all are taken."""
    facts = [one.fact for one in terms if one.fact]
    if len(facts) < len(terms) or len({fact.values for fact in facts}) != 1:
        return None
    limits = next((fact.domain for fact in facts if fact.motion), ANYTHING)
    pairs = [one.passing & other.passing & limits for one, other in combinations(facts, 2)]
    left = reduce(Region.__and__, (fact.passing for fact in facts), limits)
    if left.is_empty and pairs and not any(pair.is_empty for pair in pairs):
        return together_problem([one.term for one in terms], terms[0].every)
    return None
