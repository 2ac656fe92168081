"""Tests on dates and times: windows, periods of the calendar, and anniversaries."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Annotated, Any, ClassVar

from pydantic import BeforeValidator, WithJsonSchema

from segtool.compile.base import Test
from segtool.compile.scope import Scope, Subject
from segtool.compile.values import compared
from segtool.model.algebra import NOBODY, Compare, IsSet, Part, Predicate, every, one_of
from segtool.model.nodes import Scalar, Shape, Span, near_name, to_word, wrong
from segtool.model.time import Clock, Duration, add_months

TIME = frozenset({"date", "datetime"})
SPANS = ("week", "month", "quarter", "year")
PERIODS = (
    *("today", "yesterday", "tomorrow"),
    *(f"{which}_{span}" for which in ("this", "last", "next") for span in SPANS),
)


class Window(Test):
    """A span of time that starts or ends at as-of."""

    kinds, whole = TIME, "span"
    sign: ClassVar[int]
    phrase: ClassVar[str]
    span: Span

    def sentence(self) -> str:
        return self.phrase.format(self.span.words)

    def lower(self, subject: Subject, scope: Scope) -> Predicate:
        on_days = subject.kind.name == "date"
        if on_days and self.span.is_exact:
            fact = f"`{self.span}` is shorter than a day, and `{subject.name}` is a date"
            return scope.problem(self.mark, fact, "write whole days such as 1d")
        try:
            edge: Any = self._edge(scope.clock, on_days)
        except (ValueError, OverflowError):
            return scope.problem(self.mark, f"`{self.span}` reaches beyond the calendar", "write less")
        now: Any = scope.clock.today if on_days else scope.clock.as_of
        return every(self.bounds(subject.value, now, edge))

    def _edge(self, clock: Clock, on_days: bool) -> Any:
        return self.span.from_date(clock.today, self.sign) if on_days else clock.moved(self.span, self.sign)

    def bounds(self, value: Any, now: Any, edge: Any) -> list[Predicate]:
        raise AssertionError(self.word)


class InLast(Window):
    """After as-of less this span, up to as-of. On dates, the days that end today."""

    word, example = "in_last", "30d"
    sign, phrase = -1, "is in the last {}"

    def bounds(self, value: Any, now: Any, edge: Any) -> list[Predicate]:
        return [Compare(value, "gt", edge), Compare(value, "lte", now)]


class MoreThanAgo(Window):
    """At or before as-of less this span: what `in_last` leaves of the past."""

    word, example = "more_than_ago", "90d"
    sign, phrase = -1, "is more than {} ago"

    def bounds(self, value: Any, now: Any, edge: Any) -> list[Predicate]:
        return [Compare(value, "lte", edge)]


class InNext(Window):
    """After as-of, up to as-of and this span."""

    word, example = "in_next", "7d"
    sign, phrase = 1, "is in the next {}"

    def bounds(self, value: Any, now: Any, edge: Any) -> list[Predicate]:
        return [Compare(value, "gt", now), Compare(value, "lte", edge)]


class MoreThanAhead(Window):
    """Later than as-of and this span: what `in_next` leaves of the future."""

    word, example = "more_than_ahead", "7d"
    sign, phrase = 1, "is more than {} ahead"

    def bounds(self, value: Any, now: Any, edge: Any) -> list[Predicate]:
        return [Compare(value, "gt", edge)]


class On(Test):
    """On this day, in the project's zone."""

    word, example = "on", "2026-08-24"
    kinds, whole = TIME, "value"
    value: Scalar

    def sentence(self) -> str:
        return f"is on {self.value.text}"

    def lower(self, subject: Subject, scope: Scope) -> Predicate:
        literal = scope.literal(self.value, subject)
        if literal is None:
            return NOBODY
        if hasattr(literal, "hour"):
            return scope.problem(self.value.mark, f"`{self.value.text}` is not a day", "write 2026-08-24")
        return compared(subject, "eq", literal, scope)


def to_period(node: Any) -> str:
    name = to_word(node)
    if name not in PERIODS:
        raise wrong(f"`{name}` is not a period", near_name(name, PERIODS) or "periods: " + ", ".join(PERIODS))
    return name


def period_days(name: str, today: date) -> tuple[date, date]:
    """The first day of a period of the calendar, and the first after it; weeks start on Monday."""
    near = {"yesterday": -1, "today": 0, "tomorrow": 1}
    if name in near:
        start = today + timedelta(days=near[name])
        return start, start + timedelta(days=1)
    which, span = name.split("_")
    shift = {"last": -1, "this": 0, "next": 1}[which]
    if span == "week":
        start = today - timedelta(days=today.weekday()) + timedelta(days=7 * shift)
        return start, start + timedelta(days=7)
    months = {"month": 1, "quarter": 3, "year": 12}[span]
    start = add_months(date(today.year, (today.month - 1) // months * months + 1, 1), months * shift)
    return start, add_months(start, months)


class InPeriod(Test):
    """Within a day, week, month, quarter or year of the calendar, counted from today."""

    word, example = "in_period", "last_month"
    kinds, whole = TIME, "period"
    period: Annotated[str, BeforeValidator(to_period), WithJsonSchema({"enum": list(PERIODS)})]

    def sentence(self) -> str:
        return f"is {'' if '_' not in self.period else 'in '}{self.period.replace('_', ' ')}"

    def lower(self, subject: Subject, scope: Scope) -> Predicate:
        start, end = period_days(self.period, scope.clock.today)
        return every([compared(subject, "gte", start, scope), compared(subject, "lt", end, scope)])


class AnniversaryWindow(Shape):
    """The days around today on which an anniversary counts."""

    in_next: Span | None = None
    in_last: Span | None = None

    @property
    def spans(self) -> list[tuple[Duration, int]]:
        """The spans that are asked for, each with its sign; all must hold."""
        return [(span, sign) for span, sign in ((self.in_next, 1), (self.in_last, -1)) if span]


def to_anniversary(node: Any) -> AnniversaryWindow:
    if isinstance(node, Scalar) and node.text == "today":
        return AnniversaryWindow.model_construct(in_last=Duration(1, "d"))
    window = AnniversaryWindow.model_validate(node)
    if not window.spans:
        raise wrong("an anniversary is asked for as `today`, `{in_next: 7d}` or `{in_last: 3d}`")
    if any(span.is_exact for span, _ in window.spans):
        raise wrong("an anniversary is a day", "write whole days such as 7d")
    return window


class Anniversary(Test):
    """The day and month come round: 29 February counts as 28 February in other years. May cross New Year."""

    word, example = "anniversary", "{in_next: 7d}"
    kinds, whole = TIME, "window"
    window: Annotated[
        AnniversaryWindow,
        BeforeValidator(to_anniversary),
        WithJsonSchema({"anyOf": [{"const": "today"}, {"$comment": "AnniversaryWindow"}]}),
    ]

    def sentence(self) -> str:
        return " and ".join(anniversary_phrase(span, sign) for span, sign in self.window.spans)

    def lower(self, subject: Subject, scope: Scope) -> Predicate:
        today = scope.clock.today
        try:
            days = set.intersection(*(anniversary_days(span, sign, today) for span, sign in self.window.spans))
        except (ValueError, OverflowError):
            return scope.problem(self.mark, "the anniversary's window reaches beyond the calendar", "write less")
        if len(days) == 366:
            return IsSet(subject.value)
        part = Part(subject.value, "month_day", zone_of(subject, scope))
        return one_of(part, list(days)) if days else NOBODY


def anniversary_phrase(span: Duration, sign: int) -> str:
    if sign > 0:
        return f"has its anniversary in the next {span.words}"
    return "has its anniversary today" if str(span) == "1d" else f"had its anniversary in the last {span.words}"


def anniversary_days(span: Duration, sign: int, today: date) -> set[int]:
    """The days in the window as 100 × month + day, with 29 February where 28 February stands for it."""
    if sign > 0:
        first, last = today + timedelta(days=1), span.from_date(today, 1)
    else:
        first, last = span.from_date(today, -1) + timedelta(days=1), today
    length = min((last - first).days + 1, 366 * 4)
    days = [first + timedelta(days=step) for step in range(length)]
    found = {100 * day.month + day.day for day in days}
    stands_in = any(day.month == 2 and day.day == 28 and (day + timedelta(days=1)).month == 3 for day in days)
    return found | {229} if stands_in else found


def zone_of(subject: Subject, scope: Scope) -> str:
    """The zone in which a part of an instant is taken; none for a date."""
    return scope.clock.zone.key if subject.kind.name == "datetime" else ""
