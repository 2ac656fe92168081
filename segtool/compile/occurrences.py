"""Which events a condition is about: their names, their rows, and the window of time that they fall into."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Annotated, Any, ClassVar, Self

from pydantic import BeforeValidator, Field, PrivateAttr
from pydantic_core import PydanticCustomError

from segtool.compile.base import TESTS, Condition, ConditionField, Test, to_tests, together
from segtool.compile.lists import in_one_line
from segtool.compile.scope import Scope, Subject, shortened
from segtool.compile.times import InLast, MoreThanAgo
from segtool.errors import Problem
from segtool.model.algebra import EVENT_TIME, EVERYONE, And, Compare, Events, Predicate, every
from segtool.model.kinds import DATETIME
from segtool.model.nodes import Faults, Fields, Scalar, near_name, to_items, wrong

NOBODY_DID = ": nobody did it, and `did_not` holds for everyone"
TICK = timedelta(microseconds=1)
EARLIEST = datetime.min.replace(tzinfo=UTC)


@dataclass(frozen=True)
class Selection:
    """The events that were chosen, and the scope of the rows that they are."""

    events: Events
    inside: Scope


class Timed(Condition):
    """Beside its own keys, takes tests of an event's time where it is `timed`."""

    timed: ClassVar[bool] = True
    _when: tuple[Test, ...] = PrivateAttr(default=())

    @property
    def when(self) -> tuple[Test, ...]:
        """The tests of an event's time."""
        return self._when

    @classmethod
    def tests_beside(cls) -> dict[str, type[Test]]:
        return {word: test for word, test in TESTS.items() if "datetime" in test.kinds} if cls.timed else {}

    @classmethod
    def parse(cls, node: Any) -> Self:
        if not isinstance(node, Fields):
            return super().parse(node)
        beside = cls.tests_beside()
        own = Fields({word: node[word] for word in node if word not in beside}, node.mark, node.key_mark)
        when = Fields({word: node[word] for word in node if word in beside}, node.mark)
        faults, tests = Faults(), tuple[Test, ...]()
        with faults.kept(node):
            condition = super().parse(own)
        with faults.kept(node):
            tests = to_tests(when) if when else ()
        faults.raise_any()
        condition._when = tests
        return condition

    @classmethod
    def _unknown(cls, key: str, value: Any) -> PydanticCustomError:
        times = " and tests of the time" if cls.timed else ""
        near = near_name(key, [*cls.known_keys(), *cls.tests_beside()])
        hint = near or f"known keys: {', '.join(cls.known_keys())}{times}"
        return wrong(f"unknown key `{key}`", hint, value.key_mark)


def to_names(node: Any) -> Any:
    if isinstance(node, Scalar) and node.is_null:
        raise wrong("an event's name is missing here", "write for example `purchase`")
    return to_items(node)


Names = Annotated[tuple[Scalar, ...], BeforeValidator(to_names)]


class OfEvents(Timed):
    """Chooses events by their name, their row, and their time."""

    short: ClassVar[str] = "event"
    event: Names = Field(description="the event's name; several mean any of them, and `*` at the end any more letters")
    where: ConditionField | None = Field(None, description="conditions on the columns of the event's row")

    def selection(self, scope: Scope) -> Selection:
        return selected(self.event, self.where, self.when, scope)


def selected(names: tuple[Scalar, ...], where: Condition | None, when: tuple[Test, ...], scope: Scope) -> Selection:
    """The events of these names (a `*` at the end stands for any more) whose row and time pass the tests."""
    found = sorted({name for pattern in names for name in _named(pattern, scope)})
    inside = scope.of_event(scope.events.columns(scope.events.tables_of(found)))
    time = Subject(EVENT_TIME, DATETIME, "the event's time")
    tests = [test.put_to(time, inside) for test in when]
    _refuse_empty(when, tests, inside)
    rows = inside.lowered(where) if where else EVERYONE
    return Selection(in_window(tuple(found), [*tests, rows], scope.clock.as_of), inside)


def _refuse_empty(when: Iterable[Test], tests: Iterable[Predicate], scope: Scope) -> None:
    """Spans before as-of that leave no time between them never will."""
    spans = [
        (test, lowered) for test, lowered in zip(when, tests, strict=True) if isinstance(test, InLast | MoreThanAgo)
    ]
    window = in_window((), [lowered for _, lowered in spans], scope.clock.as_of)
    if window.after and window.after >= window.until and len(spans) > 1:
        said = " and ".join(f"`{test.word}: {test.span}`" for test, _ in spans)
        scope.problem(spans[0][0].mark, f"{said} leave no time between them", "swap their lengths")


def _named(pattern: Scalar, scope: Scope) -> list[str]:
    found = scope.events.matching(pattern.text)
    if not found and "*" in pattern.text[:-1]:
        scope.problem(pattern.mark, f"`{pattern.text}`: `*` stands at the end of a name only", "list the names instead")
    elif not found:
        hint = _hint(pattern.text, scope)
        scope.warnings.append(Problem(f"no event is named `{pattern.text}`{NOBODY_DID}", hint, pattern.mark))
    return found


def _hint(name: str, scope: Scope) -> str:
    """What may have been meant by a name that no event has."""
    schema = scope.events.schemas.get(name)
    if schema and schema.event:
        named = shortened(sorted(event for event, table in scope.events.tables.items() if table == name))
        return f"this table is a log, whose events are named {named}" if named else "this table is a log without events"
    return near_name(name, scope.events.tables)


def in_window(names: tuple[str, ...], tests: Iterable[Predicate], as_of: datetime) -> Events:
    """The events up to as-of that pass all tests. What the tests say of a time's order is the window; all else stays
    in `where`, in an order of its own, so that the same events are equal however they are written."""
    after, until, rest = list[datetime](), [as_of], set[Predicate]()
    for test in _flat(tests):
        match test:
            case Compare(value, "gt", datetime() as edge) if value == EVENT_TIME:
                after.append(edge)
            case Compare(value, "gte", datetime() as edge) if value == EVENT_TIME:
                after += [edge - TICK] if edge > EARLIEST else []
            case Compare(value, "lte", datetime() as edge) if value == EVENT_TIME:
                until.append(edge)
            case Compare(value, "lt", datetime() as edge) if value == EVENT_TIME and edge > EARLIEST:
                until.append(edge - TICK)
            case _:
                rest.add(test)
    ordered = sorted(rest - {EVERYONE}, key=repr)
    where = every(ordered) if ordered else EVERYONE
    return Events(names, max(after, default=None), min(until), where)


def _flat(tests: Iterable[Predicate]) -> Iterator[Predicate]:
    for test in tests:
        if isinstance(test, And):
            yield from _flat(test.of)
        else:
            yield test


def described_events(chosen: OfEvents) -> str:
    """The names, and in brackets what is asked of each event."""
    names = " or ".join(_described(name.text) for name in chosen.event)
    asked = [f"time {together(chosen.when)}"] if chosen.when else []
    asked += [in_one_line(chosen.where)] if chosen.where else []
    return f"{names} ({'; '.join(asked)})" if asked else names


def _described(name: str) -> str:
    if not name.endswith("*"):
        return name
    return f"any event that starts with {name[:-1]}" if name != "*" else "any event"
