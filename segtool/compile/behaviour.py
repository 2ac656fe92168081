"""The conditions on what a user did: events counted, summed and compared, in an order, or at regular times."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from itertools import pairwise
from typing import Annotated, Any, ClassVar

from pydantic import BeforeValidator, Field, WithJsonSchema

from segtool.compile.base import Condition, ConditionField, Test, Tests, to_tests, together
from segtool.compile.lists import in_one_line
from segtool.compile.occurrences import OfEvents, Selection, Timed, described_events, selected
from segtool.compile.scope import Scope, Subject
from segtool.compile.values import ORDERED, SCALAR
from segtool.model.algebra import (
    EVENT_TIME,
    NOBODY,
    Aggregate,
    AtEdge,
    AtLeast,
    Compare,
    Edge,
    Events,
    Function,
    Not,
    Part,
    Predicate,
    Sequence,
    Step,
    every,
)
from segtool.model.kinds import DATETIME, INTEGER, NUMBER
from segtool.model.nodes import Count, Faults, Fields, Scalar, Span, described, to_items, wrong

MOST_SPANS = 1_000
MOST_STEPS = 100
COUNTED = (0, None)
"""What a number that is counted may be compared with."""


@dataclass(frozen=True)
class Measure:
    """A column of events, and the tests that what is computed of its values must pass."""

    name: Scalar
    tests: tuple[Test, ...]


def to_measures(node: Any) -> tuple[Measure, ...]:
    if not isinstance(node, Fields) or not node:
        fact = (
            "there is no column here" if isinstance(node, Fields) else f"{described(node)} is not a mapping of columns"
        )
        raise wrong(fact, "write for example `{amount: {gte: 50}}`")
    faults, measures = Faults(), []
    for name, tests in node.items():
        with faults.kept(tests):
            measures.append(Measure(Scalar(name, tests.key_mark or tests.mark), to_tests(tests)))
    faults.raise_any()
    return tuple(measures)


Measures = Annotated[
    tuple[Measure, ...],
    BeforeValidator(to_measures),
    WithJsonSchema({"type": "object", "minProperties": 1, "additionalProperties": {"$comment": "Tests"}}),
]


class Did(OfEvents):
    """The user did this: there is such an event, or the events pass all tests of their number, sums, times and values.

    Tests of dates and times beside the other keys are of the event's time; all of them must hold for one event.
    """

    has_default: ClassVar[bool] = True
    word, example = "did", "{event: purchase, where: {amount: {gte: 50}}, in_last: 30d, count: {gte: 3}}"
    count: Tests | None = Field(None, description="how many such events there are; of none, 0")
    days: Tests | None = Field(None, description="on how many days of the project's zone; of none, 0")
    sum: Measures = Field((), description="the sum of a column's values; of none, missing")
    avg: Measures = Field((), description="their average; of none, missing")
    min: Measures = Field((), description="the lowest of them; of none, missing")
    max: Measures = Field((), description="the highest of them; of none, missing")
    distinct: Measures = Field((), description="how many different values a column has; of none, 0")
    first: Tests | None = Field(None, description="the time of the first such event; of none, missing")
    last: Tests | None = Field(None, description="the time of the last such event; of none, missing")
    first_value: ConditionField | None = Field(
        None,
        description="conditions on the row of the first one; of several at that time, one that fulfils all will do",
    )
    last_value: ConditionField | None = Field(None, description="the same of the last one; of no event, all is missing")

    def sentence(self) -> str:
        measured = ", ".join(self._sentences())
        return f"did {described_events(self)}" + (f": {measured}" if measured else "")

    def _sentences(self) -> list[str]:
        said = [("number of times", self.count), ("number of days", self.days)]
        for function in MEASURED:
            said += [(f"{NAMES[function]} {one.name.text}", one.tests) for one in getattr(self, function)]
        said += [("the first time", self.first), ("the last time", self.last)]
        sentences = [f"{name} {together(tests)}" for name, tests in said if tests]
        edges = (("first", self.first_value), ("last", self.last_value))
        return sentences + [f"of the {edge} one, {in_one_line(condition)}" for edge, condition in edges if condition]

    def lower(self, scope: Scope) -> Predicate:
        if self.is_misplaced(scope):
            return NOBODY
        chosen = self.selection(scope)
        found = [*self._counted(chosen, scope), *self._measured(chosen, scope), *self._at_edges(chosen)]
        return every(found) if found else Compare(Aggregate(chosen.events, "count"), "gte", Decimal(1))

    def _counted(self, chosen: Selection, scope: Scope) -> list[Predicate]:
        """The tests of what needs no column but the time."""
        events, day = chosen.events, Part(EVENT_TIME, "day", scope.clock.zone.key)
        subjects = (
            (self.count, Subject(Aggregate(events, "count"), INTEGER, "count", bounds=COUNTED)),
            (self.days, Subject(Aggregate(events, "distinct", day), INTEGER, "days", bounds=COUNTED)),
            (self.first, Subject(Aggregate(events, "min", EVENT_TIME), DATETIME, "first")),
            (self.last, Subject(Aggregate(events, "max", EVENT_TIME), DATETIME, "last")),
        )
        return [test.put_to(subject, scope) for tests, subject in subjects for test in tests or ()]

    def _measured(self, chosen: Selection, scope: Scope) -> list[Predicate]:
        return [
            predicate
            for function in MEASURED
            for measure in getattr(self, function)
            for predicate in measured(function, measure, chosen, scope)
        ]

    def _at_edges(self, chosen: Selection) -> list[Predicate]:
        edges: tuple[tuple[Edge, Condition | None], ...] = (("first", self.first_value), ("last", self.last_value))
        return [AtEdge(chosen.events, edge, chosen.inside.lowered(condition)) for edge, condition in edges if condition]


MEASURED: tuple[Function, ...] = ("sum", "avg", "min", "max", "distinct")
NAMES = {
    "sum": "sum of",
    "avg": "average of",
    "min": "lowest",
    "max": "highest",
    "distinct": "number of different values of",
}
TAKES = {"sum": {"integer", "number"}, "avg": {"integer", "number"}, "min": ORDERED, "max": ORDERED}


def measured(function: Function, measure: Measure, chosen: Selection, scope: Scope) -> list[Predicate]:
    """What the tests ask of a function of a column's values."""
    of = chosen.inside.subject(measure.name.text, measure.name.mark)
    if of is None:
        return []
    takes = TAKES.get(function, SCALAR)
    if (of.kind.of or of.kind).name not in takes or (of.kind.of and function != "distinct"):
        because = f" because of {of.note}" if of.note else ""
        fact = f"`{function}` does not go with `{of.name}`, which is {of.kind}{because}"
        return [scope.problem(measure.name.mark, fact, f"it takes {', '.join(sorted(takes))}")]
    kind = {"distinct": INTEGER, "avg": NUMBER}.get(function, of.kind)
    value, bounds = Aggregate(chosen.events, function, of.value), COUNTED if function == "distinct" else None
    subject = Subject(value, kind, f"{function} of {of.name}", bounds=bounds)
    return [test.put_to(subject, scope) for test in measure.tests]


class DidNot(Did):
    """The user did not do this: exactly those for whom `did` with the same words does not hold."""

    word, example = "did_not", "{event: purchase, in_last: 90d}"

    def sentence(self) -> str:
        return f"not true: {super().sentence()}" if self._sentences() else f"did not do {described_events(self)}"

    def lower(self, scope: Scope) -> Predicate:
        return Not(super().lower(scope))


class SequenceStep(OfEvents):
    """One step: an event, what its row must be like, and how soon after the step before it comes."""

    within: Span | None = Field(None, description="at most so long after the step before")

    def sentence(self) -> str:
        soon = f" within {self.within.words}" if self.within else ""
        return f"{described_events(self)}{soon}"


def to_steps(node: Any) -> Any:
    faults, steps = Faults(), []
    for step in to_items(node):
        with faults.kept(step):
            steps.append(SequenceStep.parse(step))
    faults.raise_any()
    return tuple(steps)


class InSequence(Timed):
    """The user did these steps, each strictly after the one before it.

    Tests of dates and times beside `steps` are of the time of every step.
    """

    word = "sequence"
    example = "{steps: [{event: view}, {event: purchase, where: {amount: {gte: 50}}, within: 1d}], in_last: 30d}"
    steps: Annotated[
        tuple[SequenceStep, ...],
        BeforeValidator(to_steps),
        WithJsonSchema({"type": "array", "minItems": 1, "items": {"$comment": "SequenceStep"}}),
    ] = Field(
        description="an event's name, or its `event`, `where`, tests of its time, and `within`: how soon it follows"
    )

    def sentence(self) -> str:
        steps = ", then ".join(step.sentence() for step in self.steps)
        times = f"; each time {together(self.when)}" if self.when else ""
        return f"did in this order: {steps}{times}"

    def lower(self, scope: Scope) -> Predicate:
        if self.is_misplaced(scope):
            return NOBODY
        if self.steps[0].within:
            return scope.problem(self.steps[0].mark, "the first step comes after none, so it has no `within`")
        if len(self.steps) > MOST_STEPS:
            return scope.problem(self.mark, f"a sequence has at most {MOST_STEPS} steps", "split it")
        chosen = [selected(step.event, step.where, (*step.when, *self.when), scope).events for step in self.steps]
        steps = [Step(events, step.within) for events, step in zip(chosen, self.steps, strict=True)]
        return Sequence(tuple(steps), scope.clock.zone.key)


class Regularly(OfEvents):
    """The user did this again and again: in so many of the last spans of time, of which the newest ends at as-of."""

    word, example = "regularly", "{event: visit, every: 7d, periods: 3, of: 4, count: {gte: 1}}"
    timed: ClassVar[bool] = False
    short: ClassVar[str] = ""
    has_default: ClassVar[bool] = True
    every: Span = Field(
        description="how long a span is; the third one begins three times that before as-of, in one step"
    )
    periods: Count = Field(description="in how many spans at least `count` must hold")
    of: Count = Field(description="how many spans are looked at")
    count: Tests | None = Field(
        None, description="how many such events a span has; at least one, where it is not given"
    )

    def sentence(self) -> str:
        counted = f"number of times {together(self.count)}, " if self.count else ""
        spans = f"in {self.periods} or more of the last {self.of} spans of {self.every.words}"
        return f"did {described_events(self)}: {counted}{spans}"

    def lower(self, scope: Scope) -> Predicate:
        if self.is_misplaced(scope):
            return NOBODY
        if not self.every.number:
            return scope.problem(self.mark, f"`every: {self.every}` is no span", "write for example 7d")
        if not 1 <= self.periods <= self.of <= MOST_SPANS:
            fact = f"{self.periods} of {self.of} spans cannot be asked for"
            return scope.problem(self.mark, fact, f"`periods` is from 1 to `of`, and `of` at most {MOST_SPANS:,}")
        events = self.selection(scope).events
        try:
            ends = [scope.clock.moved(self.every * back, -1) for back in range(self.of + 1)]
        except (ValueError, OverflowError):
            return scope.problem(self.mark, f"{self.of} times `{self.every}` reaches beyond the calendar", "write less")
        spans = [Events(events.names, after, until, events.where) for until, after in pairwise(ends)]
        return AtLeast(self.periods, tuple(self._counted(span, scope) for span in spans))

    def _counted(self, span: Events, scope: Scope) -> Predicate:
        count = Subject(Aggregate(span, "count"), INTEGER, "count", bounds=COUNTED)
        inside = scope.inside(())
        found = [test.put_to(count, inside) for test in self.count or ()]
        return every(found) if found else Compare(count.value, "gte", Decimal(1))
