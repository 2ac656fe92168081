"""Number tests on what is computed from a value: age and other parts of a date, and the percentile among users."""

from __future__ import annotations

from typing import ClassVar

from segtool.compile.base import Test, Tests, together
from segtool.compile.scope import Scope, Subject
from segtool.compile.times import TIME, zone_of
from segtool.compile.values import ORDERED
from segtool.model.algebra import Part, PartName, Predicate, Rank, every
from segtool.model.kinds import INTEGER, NUMBER

WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")


class PartTest(Test):
    """Number tests on something computed from the date or time."""

    kinds, whole = TIME, "tests"
    part: ClassVar[PartName]
    names: ClassVar[tuple[str, ...]] = ()
    bounds: ClassVar[tuple[int, int] | None] = None
    tests: Tests

    def sentence(self) -> str:
        article = "an" if self.word in ("age", "hour") else "a"
        return f"has {article} {self.label} that {together(self.tests)}"

    @property
    def label(self) -> str:
        return self.word.replace("_", " ")

    def lower(self, subject: Subject, scope: Scope) -> Predicate:
        on = scope.clock.today if self.part == "age" else None
        value = Part(subject.value, self.part, zone_of(subject, scope), on)
        name = f"{self.label} of {subject.name}"
        number = Subject(value, INTEGER, name, names=self.names, bounds=self.bounds)
        return every([test.put_to(number, scope) for test in self.tests])


class Age(PartTest):
    """Completed years at as-of; who was born on 29 February has the birthday on the 28th in other years."""

    word, example = "age", "{gte: 18}"
    part = "age"


class Weekday(PartTest):
    """The day of the week in the project's zone: mon to sun, or 1 (Monday) to 7."""

    word, example = "weekday", "[sat, sun]"
    part, names, bounds = "weekday", WEEKDAYS, (1, 7)


class Month(PartTest):
    """The month in the project's zone, 1 to 12."""

    word, example = "month", "[1, 12]"
    part, bounds = "month", (1, 12)


class DayOfMonth(PartTest):
    """The day of the month in the project's zone, 1 to 31."""

    word, example = "day_of_month", "{lte: 7}"
    part, bounds = "day_of_month", (1, 31)


class Hour(PartTest):
    """The hour of the day in the project's zone, 0 to 23."""

    word, example = "hour", "{gte: 9, lt: 18}"
    kinds = frozenset({"datetime"})
    part, bounds = "hour", (0, 24)


class Percentile(Test):
    """How many percent of all users with a value have at most this one: above 0, and up to 100.

    Of `count`, `days` and `distinct`, a 0 is no value.
    """

    word, example = "percentile", "{gte: 90}"
    kinds, whole = ORDERED, "tests"
    tests: Tests

    def sentence(self) -> str:
        return f"has a percentile among all users that {together(self.tests)}"

    def lower(self, subject: Subject, scope: Scope) -> Predicate:
        if not scope.of_users or isinstance(subject.value, Rank):
            return scope.problem(self.mark, "`percentile` is among users, so it cannot stand here")
        rank = Subject(Rank(subject.value), NUMBER, f"percentile of {subject.name}", bounds=(0, 100))
        return every([test.put_to(rank, scope) for test in self.tests])
