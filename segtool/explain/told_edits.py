"""A change of a user's values and events comes in; goes out: its edits in words, and as they stand in the data."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from segtool.explain.findings import Findings, shown
from segtool.model.explanation import NewValue, ToldEdit
from segtool.model.person import AddEvent, Change, Edit, Event, Person, RemoveEvent, SetValue
from segtool.model.time import utc_text


def told_change(change: Change, person: Person, findings: Findings, ends: Mapping[int, str]) -> tuple[ToldEdit, ...]:
    """`ends`: beside which edits, by their place, it says that what lies beyond the new value does as well."""
    return tuple(_told(edit, person, findings, ends.get(at, "")) for at, edit in enumerate(change))


def _told(edit: Edit, person: Person, findings: Findings, end: str) -> ToldEdit:
    """An edit in words, and as it stands in the data."""
    match edit:
        case AddEvent(event):
            others = {
                name: value
                for name, value in event.cells.items()
                if name != event.time and value is not None and value != event.name
            }
            beside = ", ".join(f"{name}: {shown(value)}" for name, value in others.items())
            text = f"one more {event.name} at {findings.shown(event.when)}" + (f" with {beside}" if beside else "")
            return ToldEdit("add", text, event.name, at=utc_text(event.when), values=_written(others))
        case RemoveEvent(number):
            event = person.events[number]
            text = f"without the {event.name} of {findings.shown(event.when)}"
            return ToldEdit("remove", text, event.name, at=utc_text(event.when))
        case SetValue(column, value, None):
            before = person.cells.get(column)
            text = f"{column}: {findings.shown(before)}; in {_at(findings.shown(value))}{end}"
            return ToldEdit("set", text, column, values={column: _plain(value)})
        case SetValue(column, value, int() as number):
            return _told_of_event(person.events[number], column, value, findings, end)
    raise AssertionError(edit)


def _told_of_event(event: Event, column: str, value: Any, findings: Findings, end: str) -> ToldEdit:
    at = utc_text(event.when)
    if column in ("", event.time):
        now, new = (f"{findings.distance(when)} ({utc_text(when)})" for when in (event.when, value))
        return ToldEdit(
            "move", f"{event.name} {now}; in at {new}{end}", event.name, at=at, values={event.time: _plain(value)}
        )
    before = findings.shown(event.cells.get(column))
    text = f"{column} of the {event.name} of {findings.shown(event.when)}: {before}; in {_at(findings.shown(value))}"
    return ToldEdit("change", text, event.name, at=at, values={column: _plain(value)})


def _at(text: str) -> str:
    return "when missing" if text == "missing" else f"at {text}"


def _plain(value: Any) -> NewValue:
    if isinstance(value, list):
        return [shown(one) for one in value]
    return None if value is None else shown(value)


def _written(cells: Mapping[str, Any]) -> dict[str, NewValue]:
    return {name: _plain(value) for name, value in cells.items()}
