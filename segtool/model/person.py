"""One user with values and events, and changes of these: what they would be, not what they are."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

Cells = Mapping[str, Any]


@dataclass(frozen=True)
class Event:
    """An event of a user, and the values of its row; `time` is the name of the column that holds when it was."""

    name: str
    cells: Cells
    time: str

    @property
    def when(self) -> Any:
        return self.cells[self.time]

    def with_value(self, column: str, value: Any) -> Event:
        """The same but for one value; the column of times goes by the empty name too."""
        return replace(self, cells={**self.cells, column or self.time: value})


@dataclass(frozen=True)
class Person:
    """A user's own values, and events by a number that no change gives to another one."""

    key: str
    cells: Cells
    events: Mapping[int, Event] = field(default_factory=dict)

    def of_names(self, names: Iterable[str]) -> dict[int, Event]:
        """The events of these names, by time."""
        wanted = set(names)
        found = [(number, one) for number, one in self.events.items() if one.name in wanted]
        return dict(sorted(found, key=lambda pair: pair[1].when))


@dataclass(frozen=True)
class SetValue:
    """Another value in a column of the user, or of one of the user's events."""

    column: str
    value: Any
    event: int | None = None


@dataclass(frozen=True)
class AddEvent:
    """One more event."""

    event: Event


@dataclass(frozen=True)
class RemoveEvent:
    """One event less."""

    event: int


Edit = SetValue | AddEvent | RemoveEvent
Change = tuple[Edit, ...]


def changed(person: Person, change: Change) -> Person:
    """The user after the change, edit by edit."""
    for edit in change:
        person = _edited(person, edit)
    return person


def _edited(person: Person, edit: Edit) -> Person:
    events = dict(person.events)
    match edit:
        case SetValue(column, value, None):
            return replace(person, cells={**person.cells, column: value})
        case SetValue(column, value, int() as number):
            if number in events:
                events[number] = events[number].with_value(column, value)
        case AddEvent(event):
            events[max(events, default=-1) + 1] = event
        case RemoveEvent(number):
            events.pop(number, None)
    return replace(person, events=events)


def difference(before: Person, after: Person) -> Change:
    """The edits that lead from one to the other, each cell once."""
    own = [SetValue(*cell) for cell in _cells(before.cells, after.cells)]
    both = [number for number in before.events if number in after.events]
    inner = [
        SetValue(name, value, number)
        for number in both
        for name, value in _cells(before.events[number].cells, after.events[number].cells)
    ]
    gone = [RemoveEvent(number) for number in before.events if number not in after.events]
    new = [AddEvent(event) for number, event in after.events.items() if number not in before.events]
    return (*own, *inner, *gone, *new)


def _cells(before: Cells, after: Cells) -> list[tuple[str, Any]]:
    return [(name, value) for name, value in after.items() if value != before.get(name)]
