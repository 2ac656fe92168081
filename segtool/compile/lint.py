"""Segments that can be decided come in; goes out: what in their conditions says nothing, or cannot be meant.

What is told holds at any as-of: what hangs on the clock is told where it is found under each of several. Where that is
not sure, nothing is told.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import datetime, timedelta

from segtool.compile.base import Condition, Phrase, to_condition
from segtool.compile.clauses import Clause, clause_of
from segtool.compile.lint_groups import of_groups
from segtool.compile.lint_tables import UNKNOWN, Figures, of_tables
from segtool.compile.lint_texts import plain_text
from segtool.compile.moments import moments
from segtool.compile.plan import Surroundings, scope_of
from segtool.compile.scope import Scope
from segtool.compile.texts import Matches
from segtool.errors import Problem
from segtool.model.project import Segment
from segtool.model.time import Clock

LATER = timedelta(days=1_257, hours=7, minutes=13, seconds=11)
"""To a clock by which all that moves with it stands elsewhere."""


def findings(segments: Mapping[str, Segment], around: Surroundings, figures: Figures = UNKNOWN) -> list[Problem]:
    """What is worth a warning in the conditions of all segments that are not frozen, in the order of their places."""
    found: dict[Problem, None] = {}
    scope = scope_of(segments, around, [], [])
    for name, segment in segments.items():
        where = segment.definition.where
        if where is not None and name not in around.frozen:
            found |= dict.fromkeys(_of_condition(to_condition(where), replace(scope, segment=name), figures))
    return sorted(found, key=lambda problem: problem.mark)  # type: ignore[arg-type, return-value]


def _of_condition(condition: Condition, scope: Scope, figures: Figures) -> Iterator[Problem]:
    as_of = scope.clock.as_of
    now, later = (_heard(condition, scope, moment) for moment in (as_of, as_of + LATER))
    if now is None or later is None:
        return
    elsewhere = _Elsewhere(now, scope)
    for found in of_groups(now, later, as_of):
        if not found.may_change(elsewhere.line) or all(
            found.is_told_at(moment, elsewhere.clause) for moment in moments(scope.clock.zone)
        ):
            yield found.problem
    yield from _of_clauses(now)
    yield from of_tables(now, figures)


def _heard(condition: Phrase, scope: Scope, as_of: datetime) -> Clause | None:
    """The condition as it is meant at an as-of; None where its windows leave the calendar or each other then."""
    problems: list[Problem] = []
    clause = clause_of(condition, replace(scope, clock=Clock(as_of, scope.clock.zone), problems=problems))
    return None if problems else clause


class _Elsewhere:
    """What clauses of a condition are at other as-ofs: only the lines in which they stand are looked at again."""

    def __init__(self, whole: Clause, scope: Scope) -> None:
        self._scope = scope
        self._places: dict[Clause, tuple[Clause, int]] = {}
        self._heard: dict[tuple[Clause, datetime], list[Clause]] = {}
        for line in whole.lines():
            # a line in another one is looked at alone
            self._places |= {one: (line, place) for place, one in enumerate(line.walk())}

    def line(self, clause: Clause) -> Clause:
        return self._places[clause][0]

    def clause(self, clause: Clause, as_of: datetime) -> Clause | None:
        line, place = self._places[clause]
        if (line, as_of) not in self._heard:
            heard = _heard(line.phrase, self._scope, as_of)
            self._heard[line, as_of] = list(heard.walk()) if heard else []
        return next(iter(self._heard[line, as_of][place : place + 1]), None)


def _of_clauses(whole: Clause) -> Iterator[Problem]:
    """What there is to say of one test alone."""
    for clause in whole.walk():
        if isinstance(clause.phrase, Matches) and not clause.phrase.ignore_case:
            pattern = clause.phrase.value
            if plain := plain_text(pattern.text):
                fact = f"`{pattern.text}` is a regular expression for a plain text"
                yield Problem(fact, f"write `{plain[0]}: {quoted_yaml(plain[1])}`", pattern.mark)


def quoted_yaml(text: str) -> str:
    """A text as a value of YAML that is nothing else."""
    return "'" + text.replace("'", "''") + "'"
