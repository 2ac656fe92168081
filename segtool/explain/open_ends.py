"""A change that makes a member comes in; goes out: beside which of its new numbers and times all beyond do as well."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace
from datetime import date, datetime, timedelta
from decimal import Decimal
from itertools import chain, combinations
from typing import Any

from segtool.explain.alone import Alone
from segtool.model.algebra import (
    EVENT_TIME,
    Aggregate,
    AtEdge,
    Bucket,
    Column,
    Compare,
    Events,
    IsSet,
    Leaf,
    Near,
    OneOf,
    Predicate,
    inside,
    leaves,
    root,
)
from segtool.model.algebra import Sequence as InSequence
from segtool.model.person import Change, Edit, Event, Person, SetValue, changed

FEW = 3
STEPS: dict[type, Any] = {datetime: timedelta(days=1), date: timedelta(days=1), int: 1, Decimal: Decimal(1)}


class NoBoundaries(Exception):
    """More is asked of a value than on which side of some others it lies."""


def open_ends(alone: Alone, asked: Predicate, name: str, change: Change) -> dict[int, str]:
    """` or more`, ` or earlier` and so on, by the place of the edit: of several, for all or for none.

    Where a value lies beyond all that it is compared with, one further away is as good as any other further away."""

    def is_member(others: dict[int, Edit]) -> bool:
        edits = tuple(others.get(at, edit) for at, edit in enumerate(change))
        return alone.members(changed(alone.person, edits))[name]

    further: dict[int, Edit] = {}
    for at, edit in enumerate(change):
        beyond = (one for one in _beyond(alone.person, edit, list(leaves(asked))) if is_member({at: one}))
        further.update((at, one) for one in list(beyond)[:1])
    several = chain.from_iterable(combinations(further, number) for number in range(2, len(further) + 1))
    if len(further) > FEW or not all(is_member({at: further[at] for at in some}) for some in several):
        return {}
    return {at: _word(change[at], one) for at, one in further.items()}


def _beyond(person: Person, edit: Edit, asked: list[Leaf]) -> Iterator[SetValue]:
    """The edit with a value further away than all that it is compared with, on the way from where it is now."""
    if not isinstance(edit, SetValue) or type(edit.value) not in STEPS:
        return
    event = person.events[edit.event] if edit.event is not None else None
    if event and edit.column not in ("", event.time):
        return
    before = event.when if event else person.cells.get(edit.column)
    try:
        compared = list(_times_of(event, asked) if event else _values_of(edit.column, asked))
    except NoBoundaries:
        return
    for sign in (1, -1):
        is_on_the_way = before is None or (edit.value > before) == (sign > 0)
        if is_on_the_way and all(one <= edit.value if sign > 0 else one >= edit.value for one in compared):
            yield replace(edit, value=edit.value + sign * STEPS[type(edit.value)])


def _values_of(column: str, asked: list[Leaf]) -> Iterator[Any]:
    """What leaves compare a column of users with."""
    for leaf in asked:
        match leaf:
            case AtEdge() | InSequence() | Bucket():
                continue
            case Near(latitude, longitude):
                if column in {one.name for one in (root(latitude), root(longitude)) if isinstance(one, Column)}:
                    raise NoBoundaries
            case _ if isinstance(source := root(leaf.value), Column) and source.name == column:
                yield from _literals(leaf, source)


def _times_of(event: Event, asked: list[Leaf]) -> Iterator[Any]:
    """What leaves compare the time of such an event with, and where their windows begin and end."""
    for leaf in asked:
        windows = [one for one in inside(leaf) if isinstance(one, Events) and event.name in one.names]
        if not windows:
            continue
        if isinstance(leaf, AtEdge | InSequence | Near | Bucket):
            raise NoBoundaries
        for window in windows:
            yield from [window.after, window.until] if window.after else [window.until]
            if _looks_at_time(window.where, event):
                raise NoBoundaries
        if isinstance(source := root(leaf.value), Aggregate) and _looks_at_time(source.of, event):
            if source.of != EVENT_TIME or source.function == "distinct":
                raise NoBoundaries
            yield from _literals(leaf, source)


def _looks_at_time(node: object, event: Event) -> bool:
    return any(isinstance(one, Column) and one.name in ("", event.time) for one in inside(node))


def _literals(leaf: Leaf, source: Column | Aggregate) -> Iterable[Any]:
    match leaf:
        case Compare(value, _, literal) if value == source:
            return [literal]
        case OneOf(value, literals) if value == source:
            return literals
        case IsSet(value) if value == source:
            return []
        case _:
            raise NoBoundaries


def _word(edit: Edit, further: Edit) -> str:
    assert isinstance(edit, SetValue) and isinstance(further, SetValue)
    words = ("earlier", "later") if isinstance(edit.value, date) else ("less", "more")
    return f" or {words[further.value > edit.value]}"
