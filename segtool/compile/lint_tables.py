"""Clauses and figures of the tables come in; goes out: what is so of these clauses because of what the tables hold."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime

from segtool.compile.behaviour import InSequence, Regularly
from segtool.compile.clauses import Clause
from segtool.compile.lint_texts import shown
from segtool.compile.occurrences import OfEvents
from segtool.compile.scope import shortened
from segtool.compile.terms import Term, groups
from segtool.compile.times import InLast
from segtool.errors import Mark, Problem
from segtool.model.algebra import (
    EVENT_TIME,
    Column,
    Compare,
    Has,
    IsSet,
    Match,
    Not,
    OneOf,
    Part,
    Predicate,
    Rank,
    Value,
)
from segtool.model.nodes import Scalar
from segtool.model.time import Duration


@dataclass(frozen=True)
class Figures:
    """What is known of the tables: whether more than half of the users have no value of a column, and when the first
    event of some names was. False and None where it is not known."""

    is_mostly_missing: Callable[[str], bool] = lambda column: False
    first: Callable[[Iterable[str]], datetime | None] = lambda names: None


UNKNOWN = Figures()


def of_tables(whole: Clause, figures: Figures) -> Iterator[Problem]:
    """Negative tests that most users pass for want of a value, and windows that are longer than what was recorded."""
    for terms, every in groups(whole):
        settled = {(_needed if every else _missing_meant)(term.meaning) for term in terms}
        for term in terms:
            column = _negated(term.meaning) if term.clause.scope.of_users else None
            if column and column not in settled and figures.is_mostly_missing(column.name):
                yield _missing(term, column)
    for clause in whole.walk():
        for window in _windows(clause):
            yield from _unknown(clause, window, figures)


def _negated(meaning: Predicate) -> Column | None:
    """The column of which a term asks that its value is another one."""
    return _needed(meaning.of) if isinstance(meaning, Not) and not isinstance(meaning.of, IsSet) else None


def _missing_meant(meaning: Predicate) -> Column | None:
    """The column of which a term asks that it has no value."""
    return _needed(meaning.of) if isinstance(meaning, Not) and isinstance(meaning.of, IsSet) else None


def _needed(meaning: Predicate) -> Column | None:
    """The column without a value of which a term does not hold."""
    match meaning:
        case Compare(value=value) | OneOf(value=value) | Match(value=value) | Has(value=value) | IsSet(value=value):
            return _column(value)
        case _:
            return None


def _column(value: Value) -> Column | None:
    """What has to be there, so that there is a value: a list that is missing has a size."""
    while isinstance(value, Part | Rank):
        if isinstance(value, Part) and value.name == "size":
            return None
        value = value.of
    return value if isinstance(value, Column) else None


def _missing(term: Term, column: Column) -> Problem:
    fact = f"{shown(term)} holds for more than half of the users because they have no `{column.name}`"
    return Problem(fact, "if they are not meant, add `is_set: true`", term.clause.mark)


@dataclass(frozen=True)
class _Window:
    """A span that ends at as-of, as it is written, and the events that it is about."""

    written: str
    span: Duration
    events: tuple[Scalar, ...]
    mark: Mark


def _windows(clause: Clause) -> Iterator[_Window]:
    match clause.phrase:
        case InSequence(steps=steps):
            events = tuple(dict.fromkeys(event for step in steps for event in step.event))
        case OfEvents(event=events):
            pass
        case _:
            return
    if isinstance(clause.phrase, Regularly):
        every, of = clause.phrase.every, clause.phrase.of
        yield _Window(f"{of} times `every: {every}`", every * of, events, clause.mark)
    for test in clause.inner:
        if isinstance(test.phrase, InLast) and test.subject and test.subject.value == EVENT_TIME:
            yield _Window(f"`in_last: {test.phrase.span}`", test.phrase.span, events, test.mark)


def _unknown(clause: Clause, window: _Window, figures: Figures) -> Iterator[Problem]:
    """Whether a window starts before the first of the events that it is about."""
    scope = clause.scope
    first = figures.first({name for event in window.events for name in scope.events.matching(event.text)})
    if first and first > scope.clock.moved(window.span, -1):
        day = first.astimezone(scope.clock.zone).date()
        called = shortened(dict.fromkeys(event.text for event in window.events))
        fact = f"{window.written} is longer than what is known of `{called}`, from {day} on"
        yield Problem(fact, "take a shorter one, or bear it in mind", window.mark)
