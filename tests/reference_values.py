"""The reference evaluator's tests on one value: whether a value of a kind passes what YAML asks of it."""

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime
from decimal import Decimal
from fractions import Fraction
from typing import Any

from tests.reference_time import (
    Clock,
    age,
    anniversary_within,
    later_day,
    period,
    read_day,
    read_duration,
    read_time,
)

Kind = str | Mapping[str, "Kind"]
Row = Mapping[str, object]
NUMBERS = ("integer", "number")
TIMES = ("date", "datetime")
WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")


def nobody() -> list[object]:
    raise ValueError("percentile is not allowed here")


@dataclass(frozen=True)
class Subject:
    """One value, its kind, and the same value of every user, which only `percentile` looks at."""

    value: object
    kind: Kind
    everyone: Callable[[], list[object]] = nobody

    def turned(self, kind: Kind, function: Callable[[Any], object], missing: object = None) -> "Subject":
        """What the function makes of the value, here and for every user; `missing` where there is none."""

        def turn(value: object) -> object:
            return missing if value is None else function(value)

        return Subject(turn(self.value), kind, lambda: [turn(value) for value in self.everyone()])


def is_missing(value: object) -> bool:
    return value is None or value in ("", [], ()) or value != value


def clean(value: object, kind: Kind) -> object:
    """The value as it is compared: missing as None, numbers exact, instants in UTC."""
    if is_missing(value):
        return None
    if isinstance(kind, Mapping) and "list" in kind and isinstance(value, Iterable):
        return [clean(element, kind["list"]) for element in value]
    if kind in NUMBERS:
        return Fraction(str(value))
    if isinstance(value, datetime):
        return value.astimezone(UTC)
    return value


def family(kind: Kind) -> str:
    return kind if isinstance(kind, str) else next(iter(kind))


def element_kind(kind: Kind) -> Kind:
    return kind["list"] if isinstance(kind, Mapping) else kind


def column(row: Row, kinds: Mapping[str, Kind], name: str) -> tuple[object, Kind]:
    """A column's value and kind in a row; where no column has the whole name, its start names a struct."""
    if name in kinds:
        return clean(row.get(name), kinds[name]), kinds[name]
    parts = name.split(".")
    for cut in range(len(parts) - 1, 0, -1):
        outer = ".".join(parts[:cut])
        if family(kinds.get(outer, "text")) == "struct":
            return column(as_row(row.get(outer)), fields_of(kinds[outer]), ".".join(parts[cut:]))
    raise ValueError(f"no column {name!r}")


def as_row(value: object) -> Row:
    return value if isinstance(value, Mapping) else {}


def fields_of(kind: Kind) -> Mapping[str, Kind]:
    fields = kind.get("struct") if isinstance(kind, Mapping) else None
    if not isinstance(fields, Mapping):
        raise ValueError(f"not a struct: {kind!r}")
    return fields


def as_mapping(tree: object) -> dict[str, object]:
    if not isinstance(tree, dict) or not tree:
        raise ValueError(f"not a mapping: {tree!r}")
    return tree


def as_list(tree: object) -> list[object]:
    if not isinstance(tree, list) or not tree:
        raise ValueError(f"not a list, or an empty one: {tree!r}")
    return tree


def as_text(tree: object) -> str:
    if not isinstance(tree, str) or not tree:
        raise ValueError(f"not a value, or an empty one: {tree!r}")
    return tree


def as_texts(tree: object) -> list[str]:
    """One text, or a list of them."""
    return [as_text(item) for item in as_list(tree)] if isinstance(tree, list) else [as_text(tree)]


def as_flag(tree: object) -> bool:
    if tree not in ("true", "false"):
        raise ValueError(f"neither true nor false: {tree!r}")
    return tree == "true"


def as_number(tree: object) -> Fraction:
    text = as_text(tree)
    if not re.fullmatch(r"[+-]?([0-9]+(\.[0-9]*)?|\.[0-9]+)([eE][+-]?[0-9]+)?", text):
        raise ValueError(f"not a number: {text!r}")
    return Fraction(Decimal(text))


def literal(text: str, kind: Kind, clock: Clock) -> object:
    """A literal takes its type from the column."""
    if kind == "text":
        return text
    if kind in NUMBERS:
        return as_number(text)
    if kind == "boolean":
        return as_flag(text)
    if kind == "date":
        return read_day(text)
    if kind == "datetime":
        return read_time(text, clock)
    raise ValueError(f"nothing is written as a {kind!r}")


def tests_of(tree: object) -> dict[str, object]:
    """The tests of `COLUMN: tree`: a bare value is `is`, a list is `in`."""
    if isinstance(tree, str):
        return {"is": tree}
    return {"in": tree} if isinstance(tree, list) else as_mapping(tree)


def passes(tree: object, subject: Subject, clock: Clock) -> bool:
    """Whether the value passes every test of the mapping."""
    tests = tests_of(tree)
    ignore_case = as_flag(tests.get("ignore_case", "false"))
    words = [word for word in tests if word != "ignore_case"]
    if not words:
        raise ValueError(f"no test here: {tests!r}")
    return all(passes_test(word, tests[word], subject, clock, ignore_case) for word in words)


def passes_test(word: str, argument: object, subject: Subject, clock: Clock, ignore_case: bool) -> bool:
    if word in OPPOSITES:
        return not passes_test(OPPOSITES[word], argument, subject, clock, ignore_case)
    if family(subject.kind) == "list":
        word = ON_A_LIST.get(word, word)
    if word not in TESTS or family(subject.kind) not in TESTS[word][0]:
        raise ValueError(f"{word!r} is no test of a {family(subject.kind)}")
    if ignore_case and element_kind(subject.kind) != "text":
        raise ValueError(f"a {family(subject.kind)} has no case to ignore")
    if subject.value is None and word not in OF_ANY_VALUE:
        return False
    if ignore_case:
        subject, argument = subject.turned(subject.kind, lowered), lowered_literal(word, argument)
    return TESTS[word][1](subject, argument, clock)


def lowered(tree: object) -> object:
    if isinstance(tree, list):
        return [lowered(item) for item in tree]
    return tree.lower() if isinstance(tree, str) else tree


def lowered_literal(word: str, argument: object) -> object:
    # A pattern in lower case would be another pattern: \W is not \w.
    return f"(?i){argument}" if word == "matches" else lowered(argument)


def is_set(subject: Subject, argument: object, _clock: Clock) -> bool:
    return as_flag(argument) == (subject.value is not None)


def order(subject: Subject, argument: object, clock: Clock) -> int:
    """-1, 0 or 1 as the value is before, at or after the literal; a bare date stands for the whole day."""
    value: Any = subject.value
    other: Any = literal(as_text(argument), subject.kind, clock)
    if isinstance(value, datetime) and not isinstance(other, datetime):
        value = clock.day(value)
    return int(value > other) - int(value < other)


def equals(subject: Subject, argument: object, clock: Clock) -> bool:
    return order(subject, argument, clock) == 0


def equals_any(subject: Subject, argument: object, clock: Clock) -> bool:
    return any(equals(subject, item, clock) for item in as_list(argument))


def is_greater(subject: Subject, argument: object, clock: Clock) -> bool:
    return order(subject, argument, clock) > 0


def is_less(subject: Subject, argument: object, clock: Clock) -> bool:
    return order(subject, argument, clock) < 0


def is_at_least(subject: Subject, argument: object, clock: Clock) -> bool:
    return order(subject, argument, clock) >= 0


def is_at_most(subject: Subject, argument: object, clock: Clock) -> bool:
    return order(subject, argument, clock) <= 0


def is_between(subject: Subject, argument: object, clock: Clock) -> bool:
    low, high = as_texts(argument)
    return is_at_least(subject, low, clock) and is_at_most(subject, high, clock)


def contains(subject: Subject, argument: object, _clock: Clock) -> bool:
    return any(part in str(subject.value) for part in as_texts(argument))


def starts_with(subject: Subject, argument: object, _clock: Clock) -> bool:
    return any(str(subject.value).startswith(part) for part in as_texts(argument))


def ends_with(subject: Subject, argument: object, _clock: Clock) -> bool:
    return any(str(subject.value).endswith(part) for part in as_texts(argument))


def matches(subject: Subject, argument: object, _clock: Clock) -> bool:
    return re.search(as_text(argument), str(subject.value)) is not None


def elements(subject: Subject) -> list[object]:
    return subject.value if isinstance(subject.value, list) else []


def has(subject: Subject, argument: object, clock: Clock) -> bool:
    present = [value for value in elements(subject) if value is not None]
    return any(equals(Subject(value, element_kind(subject.kind)), argument, clock) for value in present)


def has_any(subject: Subject, argument: object, clock: Clock) -> bool:
    return any(has(subject, item, clock) for item in as_texts(argument))


def has_all(subject: Subject, argument: object, clock: Clock) -> bool:
    return all(has(subject, item, clock) for item in as_texts(argument))


def has_element(subject: Subject, argument: object, clock: Clock) -> bool:
    fields = fields_of(element_kind(subject.kind))
    return any(row_passes(argument, as_row(element), fields, clock) for element in elements(subject))


def row_passes(tree: object, row: Row, kinds: Mapping[str, Kind], clock: Clock) -> bool:
    """Whether a row passes `{COLUMN: tests, ...}`, where every word is a column's name."""
    return all(passes(tests, Subject(*column(row, kinds, name)), clock) for name, tests in as_mapping(tree).items())


def size(subject: Subject, argument: object, clock: Clock) -> bool:
    return passes(argument, subject.turned("integer", len, missing=0), clock)


def shifted(subject: Subject, argument: object, clock: Clock, times: int) -> Any:
    """The present, moved by a duration: a day for a date, an instant for a time."""
    duration = read_duration(as_text(argument))
    if subject.kind == "date":
        return later_day(clock.today(), duration, times)
    return clock.later(clock.as_of, duration, times)


def present(subject: Subject, clock: Clock) -> Any:
    return clock.today() if subject.kind == "date" else clock.as_of


def is_within(value: Any, after: Any, until: Any) -> bool:
    return bool(after < value <= until)


def in_last(subject: Subject, argument: object, clock: Clock) -> bool:
    return is_within(subject.value, shifted(subject, argument, clock, -1), present(subject, clock))


def more_than_ago(subject: Subject, argument: object, clock: Clock) -> bool:
    return bool(subject.value <= shifted(subject, argument, clock, -1))


def in_next(subject: Subject, argument: object, clock: Clock) -> bool:
    return is_within(subject.value, present(subject, clock), shifted(subject, argument, clock, 1))


def more_than_ahead(subject: Subject, argument: object, clock: Clock) -> bool:
    return bool(subject.value > shifted(subject, argument, clock, 1))


def day_of(value: Any, clock: Clock) -> date:
    day: date = clock.day(value) if isinstance(value, datetime) else value
    return day


def in_period(subject: Subject, argument: object, clock: Clock) -> bool:
    first, after = period(as_text(argument), clock.today())
    return first <= day_of(subject.value, clock) < after


def has_anniversary(subject: Subject, argument: object, clock: Clock) -> bool:
    windows = {"in_last": "1d"} if argument == "today" else as_mapping(argument)
    return all(anniversary_in(word, as_text(length), subject, clock) for word, length in windows.items())


def anniversary_in(word: str, length: str, subject: Subject, clock: Clock) -> bool:
    today, day = clock.today(), day_of(subject.value, clock)
    if word == "in_last":
        return anniversary_within(day, later_day(today, read_duration(length), -1), today)
    if word == "in_next":
        return anniversary_within(day, today, later_day(today, read_duration(length)))
    raise ValueError(f"an anniversary has no {word!r}")


def has_age(subject: Subject, argument: object, clock: Clock) -> bool:
    years = subject.turned("integer", lambda value: age(day_of(value, clock), clock.today()))
    return passes(argument, years, clock)


def weekday(subject: Subject, argument: object, clock: Clock) -> bool:
    number = subject.turned("integer", lambda value: day_of(value, clock).isoweekday())
    return passes(numbered(argument), number, clock)


def numbered(tree: object) -> object:
    """The same tests with ISO numbers in place of the names of weekdays."""
    if isinstance(tree, dict):
        return {word: numbered(argument) for word, argument in tree.items()}
    if isinstance(tree, list):
        return [numbered(item) for item in tree]
    return str(WEEKDAYS.index(tree) + 1) if tree in WEEKDAYS else tree


def month(subject: Subject, argument: object, clock: Clock) -> bool:
    return passes(argument, subject.turned("integer", lambda value: day_of(value, clock).month), clock)


def day_of_month(subject: Subject, argument: object, clock: Clock) -> bool:
    return passes(argument, subject.turned("integer", lambda value: day_of(value, clock).day), clock)


def hour(subject: Subject, argument: object, clock: Clock) -> bool:
    return passes(argument, subject.turned("integer", clock.hour), clock)


def percentile(subject: Subject, argument: object, clock: Clock) -> bool:
    held = [value for value in subject.everyone() if value is not None]
    return passes(argument, Subject(percentile_of(subject.value, held), "number"), clock)


def percentile_of(value: Any, held: list[Any]) -> Fraction | None:
    # An aggregate of 0 is left out of those held: the user has a number, but no place among them.
    if value not in held:
        return None
    return Fraction(100 * sum(other <= value for other in held), len(held))


SCALARS = ("text", *NUMBERS, "boolean", *TIMES)
OPPOSITES = {"is_not": "is", "not_in": "in", "not_contains": "contains", "has_none": "has_any"}
ON_A_LIST = {"is": "has", "in": "has_any"}
# Those that see a missing value: it has a size of 0, and what is computed from it is missing in its turn.
OF_ANY_VALUE = ("is_set", "size", "age", "weekday", "month", "day_of_month", "hour", "percentile")

TESTS: dict[str, tuple[tuple[str, ...], Callable[[Subject, object, Clock], bool]]] = {
    "is": (SCALARS, equals),
    "in": (SCALARS, equals_any),
    "is_set": ((*SCALARS, "list", "struct"), is_set),
    "gt": ((*NUMBERS, *TIMES), is_greater),
    "gte": ((*NUMBERS, *TIMES), is_at_least),
    "lt": ((*NUMBERS, *TIMES), is_less),
    "lte": ((*NUMBERS, *TIMES), is_at_most),
    "between": ((*NUMBERS, *TIMES), is_between),
    "contains": (("text",), contains),
    "starts_with": (("text",), starts_with),
    "ends_with": (("text",), ends_with),
    "matches": (("text",), matches),
    "has": (("list",), has),
    "has_any": (("list",), has_any),
    "has_all": (("list",), has_all),
    "size": (("list",), size),
    "has_element": (("list",), has_element),
    "before": (TIMES, is_less),
    "after": (TIMES, is_greater),
    "on": (TIMES, equals),
    "in_last": (TIMES, in_last),
    "more_than_ago": (TIMES, more_than_ago),
    "in_next": (TIMES, in_next),
    "more_than_ahead": (TIMES, more_than_ahead),
    "in_period": (TIMES, in_period),
    "anniversary": (TIMES, has_anniversary),
    "age": (TIMES, has_age),
    "weekday": (TIMES, weekday),
    "month": (TIMES, month),
    "day_of_month": (TIMES, day_of_month),
    "hour": (("datetime",), hour),
    "percentile": ((*NUMBERS, *TIMES), percentile),
}
