"""Segtool itself as an evaluator: the reference's segments and world go in, members come out, through a real store."""

from __future__ import annotations

import atexit
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal
from functools import cache
from pathlib import Path
from shutil import rmtree
from tempfile import mkdtemp
from typing import Any, cast
from zoneinfo import ZoneInfo

import polars as pl

from segtool.compile.plan import Surroundings, to_plan
from segtool.engine.decide import decide
from segtool.errors import DefinitionError, Problem
from segtool.model.columns import Bits, Tables, to_rows
from segtool.model.events import EventNames
from segtool.model.kinds import DATETIME, TEXT, Column, Kind, Schema, kind_from_json
from segtool.model.nodes import to_node
from segtool.model.plan import Plan
from segtool.model.project import Definition, Segment
from segtool.model.tables import ImportReport
from segtool.model.time import Clock
from segtool.store.writer import Writer, writing
from segtool.verbs.snapshots import strangers_of
from tests.reference import World
from tests.reference_events import event_time
from tests.reference_values import Kind as Written
from tests.reference_values import Row
from tests.tabled import ReadTable

LOG = "log"

PIECE = 4
"""Rows of a piece, so that even small tables are put together from several."""

DIGITS = 18
"""As many as a reader keeps exactly."""

DTYPES: dict[str, type[pl.DataType] | pl.DataType] = {
    "text": pl.String,
    "integer": pl.Int64,
    "boolean": pl.Boolean,
    "date": pl.Date,
    "datetime": pl.Datetime("us", "UTC"),
}


def members(segments: Mapping[str, object], world: World, leaves: dict[str, Bits] | None = None) -> dict[str, set[str]]:
    """The keys of every segment's members; DefinitionError where segtool refuses a definition.

    What is in `leaves` need not be decided, and gains what was."""
    dynamic = {name: tree for name, tree in segments.items() if name not in world.static}
    plan = planned(dynamic, world)
    tables = stored(read_table(world), read_events(world))
    kept = {name: set(keys) for name, keys in world.static.items() if name in segments}
    return kept | decided(plan, tables, world, dynamic, {} if leaves is None else leaves)


def holding(condition: object, world: World) -> set[str]:
    """The keys of the users for whom the condition holds."""
    return members({"s": {"where": condition}}, world)["s"]


def planned(trees: Mapping[str, object], world: World) -> Plan:
    clock = Clock(world.as_of.astimezone(UTC), ZoneInfo(world.zone))
    return to_plan(written(trees), Surroundings(schema_of(world), clock, event_names(world), frozenset(world.static)))


def event_names(world: World) -> EventNames:
    """One log that has held the names of all events."""
    names = sorted({str(row["event"]) for row in world.events})
    return EventNames({LOG: event_schema(world)}, dict.fromkeys(names, LOG))


def written(trees: Mapping[str, object]) -> dict[str, Segment]:
    """Segments as a file holds them; those that do not say are dynamic."""
    problems: list[Problem] = []
    found: dict[str, Segment] = {}
    for name, tree in trees.items():
        node = to_node({"kind": "dynamic", **cast("dict[str, object]", tree)})
        definition = Definition.read(node, problems)
        if definition:
            found[name] = Segment(name, definition, node, node.mark)
    if problems:
        raise DefinitionError(problems)
    return found


def decided(
    plan: Plan, tables: Tables, world: World, trees: Mapping[str, object], leaves: dict[str, Bits]
) -> dict[str, set[str]]:
    frozen = {name: lambda keys=keys: tuple(keys) for name, keys in world.static.items()}
    done, users = decide(plan, tables, frozen, leaves), tables.users
    leaves.update(done.leaves)
    static = {name for name, tree in trees.items() if cast("Row", tree).get("kind") == "static"}
    found: dict[str, set[str]] = {}
    for segment in plan.segments:
        strangers = strangers_of(segment, users, None) if segment.name in static else ()
        rows = to_rows(done.decisions[segment.name].members)
        found[segment.name] = {*users.keys.gather(rows).to_list(), *strangers}
    return found


# The world as a table that was read


def schema_of(world: World) -> Schema:
    kinds = flat_kinds(world.kinds)
    columns = [Column(name, kind) for name, kind in kinds.items()]
    return Schema(world.key, (Column(world.key, TEXT), *columns))


def event_schema(world: World) -> Schema:
    kinds = {"event": TEXT, "at": DATETIME, **flat_kinds(world.event_kinds)}
    columns = [Column(name, kind) for name, kind in kinds.items()]
    return Schema(world.key, (Column(world.key, TEXT), *columns), "at", "event")


def flat_kinds(kinds: Mapping[str, Written], prefix: str = "") -> dict[str, Kind]:
    """The kinds of columns, with each field of a struct as a column of its own."""
    flat: dict[str, Kind] = {}
    for name, kind in kinds.items():
        if isinstance(kind, Mapping) and "struct" in kind:
            flat |= flat_kinds(cast("Mapping[str, Written]", kind["struct"]), f"{prefix}{name}.")
        else:
            flat[prefix + name] = kind_from_json(kind)
    return flat


def read_table(world: World) -> ReadTable:
    schema = schema_of(world)
    rows = [flat_row(row, world.kinds) for row in world.users]
    keys = pl.Series(world.key, [world.key_of(user) for user in world.users], dtype=pl.String)
    others = [column for column in schema.columns if column.name != world.key]
    frame = pl.DataFrame([keys, *[series(column, [row.get(column.name) for row in rows]) for column in others]])
    return ReadTable(schema, frame, (), ImportReport("users", frame.height, frame.height), PIECE)


def read_events(world: World) -> ReadTable:
    """The events as a log that was read; a date as an event's time is that day's start."""
    schema = event_schema(world)
    kinds: dict[str, Written] = {world.key: "text", "event": "text", "at": "datetime", **world.event_kinds}
    rows = [flat_row({**row, "at": event_time(row["at"], world.clock)}, kinds) for row in world.events]
    frame = pl.DataFrame([series(column, [row.get(column.name) for row in rows]) for column in schema.columns])
    names = Counter(str(row["event"]) for row in world.events)
    return ReadTable(schema, frame, (), ImportReport(LOG, frame.height, frame.height, names=dict(names)), PIECE)


def flat_row(row: Row, kinds: Mapping[str, Written], prefix: str = "") -> dict[str, object]:
    flat: dict[str, object] = {}
    for name, value in row.items():
        kind = kinds.get(name)
        if isinstance(kind, Mapping) and "struct" in kind:
            fields = cast("Mapping[str, Written]", kind["struct"])
            flat |= flat_row(cast("Row", value or {}), fields, f"{prefix}{name}.")
        else:
            flat[prefix + name] = value
    return flat


def series(column: Column, values: Sequence[object]) -> pl.Series:
    """The values as a reader leaves them: what is missing is null, a list has no empty elements."""
    held = [cleaned(value, column.kind) for value in values]
    return pl.Series(column.name, held, dtype=dtype_of(column.kind, held))


def cleaned(value: Any, kind: Kind) -> Any:
    if value is None or value == "" or value != value:
        return None
    if kind.of:
        elements = [cleaned(element, kind.of) for element in value]
        return [element for element in elements if element is not None] or None
    if kind.name == "struct":
        return {name: cleaned(value.get(name), of) for name, of in kind.fields}
    return value.astimezone(UTC) if isinstance(value, datetime) else value


def dtype_of(kind: Kind, values: Iterable[Any]) -> pl.DataType | type[pl.DataType]:
    there = [value for value in values if value is not None]
    if kind.of:
        return pl.List(dtype_of(kind.of, [element for value in there for element in value]))
    if kind.name == "struct":
        fields = {name: dtype_of(of, [value[name] for value in there]) for name, of in kind.fields}
        return pl.Struct(fields)
    return number_dtype(there) if kind.name == "number" else DTYPES[kind.name]


def number_dtype(values: Sequence[Any]) -> pl.DataType | type[pl.DataType]:
    """Decimal where every value is one and all fit into so many digits, else floats."""
    if not values or not all(isinstance(value, Decimal) for value in values):
        return pl.Float64
    places = [value.as_tuple() for value in values]
    scale = max(-min(place.exponent, 0) for place in places)
    whole = max(len(place.digits) + place.exponent for place in places)
    return pl.Decimal(DIGITS, scale) if max(whole, 0) + scale <= DIGITS else pl.Float64


@cache
def _writer() -> Writer:
    """One store for all: what is added to it is never committed, and it goes with the process."""
    held, folder = ExitStack(), mkdtemp()
    held.callback(rmtree, folder)
    atexit.register(held.close)
    return held.enter_context(writing(Path(folder)))


_LAST: dict[str, Tables] = {}


def stored(users: ReadTable, events: ReadTable) -> Tables:
    """The tables as the store lays them out, written to files and mapped from them; not anew for the same as last."""
    content = repr([(read.schema, read.frame.schema, read.frame.rows()) for read in (users, events)])
    if content not in _LAST:
        writer = _writer()
        writer.add_users(users)
        in_parts(writer, events)
        _LAST.clear()
        _LAST[content] = writer.tables(["users", LOG])
    return _LAST[content]


def in_parts(writer: Writer, events: ReadTable) -> None:
    """The events in two imports, of which the second adds to the first."""
    state = None
    for frame in (events.frame[::2], events.frame[1::2]):
        names = dict(frame["event"].value_counts().iter_rows())
        report = ImportReport(LOG, frame.height, frame.height, names=names)
        state = writer.add_events(replace(events, frame=frame, report=report), state)
