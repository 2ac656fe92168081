"""Predicates and the tables to how many users, or events, lack what it looks at."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from segtool.engine.decide import holding
from segtool.engine.trees import TrueRows
from segtool.model.algebra import (
    EVENT_TIME,
    Aggregate,
    AtEdge,
    Bucket,
    Column,
    Events,
    IsSet,
    Leaf,
    Near,
    Predicate,
    Value,
    leaves,
    root,
)
from segtool.model.algebra import Sequence as InSequence
from segtool.model.columns import Tables, count
from segtool.model.figures import Figure

NAMES = {"sum": "the sum of", "avg": "the average of", "min": "the lowest", "max": "the highest"}
TIMES = {"min": "the first", "max": "the last"}


@dataclass(frozen=True)
class EventColumn:
    """A column of the events of these names."""

    names: tuple[str, ...]
    column: Column


LookedAt = Column | Aggregate | EventColumn


def missing_of(predicates: Sequence[Predicate], tables: Tables) -> list[tuple[Figure, ...]]:
    """Of each predicate, the values of users that it looks at, and the columns of events, and for how many each is
    missing. What is counted is never missing: of nothing, it is 0."""
    asked = [dict.fromkeys(value for leaf in leaves(one) for value in _looked_at(leaf)) for one in predicates]
    found = _figures(list(dict.fromkeys(value for values in asked for value in values)), tables)
    return [tuple(found[value] for value in values) for values in asked]


def _figures(values: list[LookedAt], tables: Tables) -> dict[LookedAt, Figure]:
    """How many have none of each."""
    users = count(tables.users.present)
    of_users = [value for value in values if not isinstance(value, EventColumn)]
    filled = holding([IsSet(value) for value in of_users], tables, {}, {})
    found: dict[LookedAt, Figure] = {
        value: Figure(f"{_name(value)} is missing", users - count(bits), users)
        for value, bits in zip(of_users, filled, strict=True)
    }
    return found | {value: _missing_in(value, tables) for value in values if isinstance(value, EventColumn)}


def _looked_at(leaf: Leaf) -> Iterator[LookedAt]:
    yield from (value for value in _values(leaf) if isinstance(value, Column) or value.function in NAMES)
    yield from _event_columns(leaf)


def _values(leaf: Leaf) -> Iterator[Column | Aggregate]:
    match leaf:
        case AtEdge() | InSequence() | Bucket():
            return
        case Near(latitude, longitude):
            yield from (root(latitude), root(longitude))
        case _:
            yield root(leaf.value)


def _name(value: Column | Aggregate) -> str:
    if isinstance(value, Column):
        return f"`{value.name}`"
    events = " or ".join(f"`{name}`" for name in value.events.names)
    of = root(value.of) if value.of else EVENT_TIME
    if of == EVENT_TIME:
        return f"{TIMES[value.function]} {events}"
    assert isinstance(of, Column)
    return f"{NAMES[value.function]} `{of.name}` of {events}"


def _event_columns(leaf: Leaf) -> Iterator[EventColumn]:
    match leaf:
        case AtEdge(events, _, condition):
            yield from _columns_of(events, leaves(condition))
        case InSequence(steps):
            for step in steps:
                yield from _columns_of(step.events, ())
        case _:
            for value in _values(leaf):
                if isinstance(value, Aggregate):
                    yield from _columns_of(value.events, (), value.of)


def _columns_of(events: Events, more: Iterable[Leaf], of: Value | None = None) -> Iterator[EventColumn]:
    asked = [value for leaf in (*leaves(events.where), *more) for value in _values(leaf)]
    for value in (*asked, *([root(of)] if of else [])):
        if isinstance(value, Column) and value != EVENT_TIME:
            yield EventColumn(events.names, value)


def _missing_in(value: EventColumn, tables: Tables) -> Figure:
    held = [table for name in value.names for table in tables.events(name)]
    filled = sum(count(TrueRows(table).of(IsSet(value.column))) for table in held)
    rows = sum(table.size for table in held)
    events = " or ".join(f"`{name}`" for name in value.names)
    return Figure(
        f"`{value.column.name}` is missing", rows - filled, rows, f"events of {events}" if events else "events"
    )
