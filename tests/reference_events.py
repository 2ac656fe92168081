"""The reference evaluator's behaviour: what one user did, read from that user's own events."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from fractions import Fraction
from typing import Any

from tests.reference_time import Clock, read_duration, start_of_day
from tests.reference_values import (
    NUMBERS,
    Kind,
    Row,
    Subject,
    as_list,
    as_mapping,
    as_number,
    as_text,
    as_texts,
    column,
    passes,
    row_passes,
)

Test = Callable[[object, Row], bool]
SELECTORS = ("event", "where")
NUMBERED = ("count", "days")
TIMED = ("first", "last")
VALUED = ("first_value", "last_value")
AGGREGATES = (*NUMBERED, *TIMED, *VALUED, "sum", "avg", "min", "max", "distinct")


@dataclass(frozen=True)
class Event:
    """One row of a user's events."""

    name: str
    at: datetime
    row: Row


@dataclass(frozen=True)
class Behaviour:
    """One user's events up to as-of, earliest first, and how to find every user's."""

    events: Sequence[Event]
    kinds: Mapping[str, Kind]
    clock: Clock
    holds_for_row: Test
    everyone: Callable[[], list["Behaviour"]]

    def selected(self, selector: Mapping[str, object]) -> "Behaviour":
        """The events that `event:`, `where:` and the date tests beside them choose."""
        chosen = [event for event in self.events if self.is_selected(event, selector)]
        return Behaviour(
            chosen,
            self.kinds,
            self.clock,
            self.holds_for_row,
            lambda: [other.selected(selector) for other in self.everyone()],
        )

    def is_selected(self, event: Event, selector: Mapping[str, object]) -> bool:
        date_tests = {word: test for word, test in selector.items() if word not in SELECTORS}
        return (
            any(is_named(event.name, pattern) for pattern in as_texts(selector["event"]))
            and ("where" not in selector or self.holds_for_row(selector["where"], event.row))
            and (not date_tests or passes(date_tests, Subject(event.at, "datetime"), self.clock))
        )

    def values(self, name: str) -> list[Any]:
        """A property's values, without the missing ones."""
        found = [column(event.row, self.kinds, name)[0] for event in self.events]
        return [value for value in found if value is not None]


def is_named(name: str, pattern: str) -> bool:
    return name.startswith(pattern[:-1]) if pattern.endswith("*") else name == pattern


def events_of(key: str, rows: Sequence[Row], key_column: str, clock: Clock) -> list[Event]:
    """The user's events that exist at as-of, earliest first."""
    own = [row for row in rows if row.get(key_column) == key]
    events = [Event(str(row["event"]), event_time(row["at"], clock), row) for row in own]
    return sorted((event for event in events if event.at <= clock.as_of), key=lambda event: event.at)


def event_time(at: object, clock: Clock) -> datetime:
    if isinstance(at, datetime):
        return at.astimezone(UTC)
    if isinstance(at, date):
        return start_of_day(at, clock)
    raise ValueError(f"an event has no time: {at!r}")


def did(tree: object, behaviour: Behaviour) -> bool:
    words = {"event": tree} if isinstance(tree, str) else as_mapping(tree)
    aggregates = {word: test for word, test in words.items() if word in AGGREGATES}
    selector = {word: test for word, test in words.items() if word not in AGGREGATES}
    chosen = behaviour.selected(selector)
    return all(aggregate_passes(word, test, chosen) for word, test in (aggregates or AT_LEAST_ONCE).items())


AT_LEAST_ONCE: dict[str, object] = {"count": {"gte": "1"}}


def aggregate_passes(word: str, tree: object, chosen: Behaviour) -> bool:
    if word in NUMBERED:
        return passes(tree, number_of(word, chosen), chosen.clock)
    if word in TIMED:
        return passes(tree, time_of(word, chosen), chosen.clock)
    if word in VALUED:
        return value_passes(word, tree, chosen)
    return all(passes(test, of_column(word, name, chosen), chosen.clock) for name, test in as_mapping(tree).items())


def subject(chosen: Behaviour, kind: Kind, measure: Callable[[Behaviour], Any]) -> Subject:
    return Subject(measure(chosen), kind, lambda: [measure(other) for other in chosen.everyone()])


def counted(chosen: Behaviour, measure: Callable[[Behaviour], int]) -> Subject:
    """A number for which nothing is 0, while 0 takes no part in a percentile."""
    everyone = subject(chosen, "integer", lambda user: measure(user) or None).everyone
    return Subject(measure(chosen), "integer", everyone)


def number_of(word: str, chosen: Behaviour) -> Subject:
    if word == "count":
        return counted(chosen, lambda user: len(user.events))
    return counted(chosen, lambda user: len({user.clock.day(event.at) for event in user.events}))


def time_of(word: str, chosen: Behaviour) -> Subject:
    place = 0 if word == "first" else -1
    return subject(chosen, "datetime", lambda user: user.events[place].at if user.events else None)


def of_column(word: str, name: str, chosen: Behaviour) -> Subject:
    _, kind = column({}, chosen.kinds, name)
    if word == "distinct":
        return counted(chosen, lambda user: len(distinct(user.values(name))))
    if word in ("sum", "avg") and kind not in NUMBERS:
        raise ValueError(f"no {word} of a {kind}")
    return subject(chosen, kind, lambda user: aggregated(word, user.values(name)))


def distinct(values: list[Any]) -> list[Any]:
    # Not a set: lists are values too.
    return [value for place, value in enumerate(values) if value not in values[:place]]


def aggregated(word: str, values: list[Any]) -> Any:
    if not values:
        return None
    if word == "avg":
        return sum(values, Fraction()) / len(values)
    if word == "sum":
        return sum(values)
    return min(values) if word == "min" else max(values)


def value_passes(word: str, tree: object, chosen: Behaviour) -> bool:
    """Whether one of the first (or last) events passes all; where there is none, its values are missing."""
    if not chosen.events:
        return row_passes(tree, {}, chosen.kinds, chosen.clock)
    time = chosen.events[0 if word == "first_value" else -1].at
    rows = [event.row for event in chosen.events if event.at == time]
    return any(row_passes(tree, row, chosen.kinds, chosen.clock) for row in rows)


def sequence(tree: object, behaviour: Behaviour) -> bool:
    """Every event that can end the steps so far is kept, for the earliest may be too early for the next."""
    words = as_mapping(tree)
    date_tests = {word: test for word, test in words.items() if word != "steps"}
    steps = [step_of(step) | date_tests for step in as_list(words["steps"])]
    reached = behaviour.selected(without_within(steps[0])).events
    for step in steps[1:]:
        found = behaviour.selected(without_within(step)).events
        reached = [event for event in found if follows_any(event, reached, step, behaviour.clock)]
    return bool(reached)


def step_of(tree: object) -> dict[str, object]:
    return {"event": tree} if isinstance(tree, str) else as_mapping(tree)


def without_within(step: Mapping[str, object]) -> dict[str, object]:
    return {word: test for word, test in step.items() if word != "within"}


def follows_any(event: Event, before: Sequence[Event], step: Mapping[str, object], clock: Clock) -> bool:
    return any(follows(event, earlier, step, clock) for earlier in before)


def follows(event: Event, earlier: Event, step: Mapping[str, object], clock: Clock) -> bool:
    if event.at <= earlier.at:
        return False
    return "within" not in step or event.at <= clock.later(earlier.at, read_duration(as_text(step["within"])))


def regularly(tree: object, behaviour: Behaviour) -> bool:
    words = as_mapping(tree)
    chosen = behaviour.selected({word: words[word] for word in SELECTORS if word in words})
    spans = range(1, int(as_number(words["of"])) + 1)
    kept = [k for k in spans if span_passes(k, words, chosen)]
    return len(kept) >= as_number(words["periods"])


def span_passes(k: int, words: Mapping[str, object], chosen: Behaviour) -> bool:
    """Whether the count holds in the k-th span back from as-of, each end one step from as-of."""
    every, clock = read_duration(as_text(words["every"])), chosen.clock
    after, until = clock.later(clock.as_of, every, -k), clock.later(clock.as_of, every, 1 - k)
    number = sum(after < event.at <= until for event in chosen.events)
    return passes(words.get("count", {"gte": "1"}), Subject(number, "integer"), clock)
