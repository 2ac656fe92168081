"""Tables of which nothing was read come in, with the tests' rows; go out: columns that rows and definitions fit."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace

from segtool.compile.behaviour import MEASURED
from segtool.compile.cells import UNSEEN, guesses
from segtool.compile.plan import Surroundings, to_plan
from segtool.compile.rows import USERS, Row
from segtool.compile.vocabulary import CONDITIONS
from segtool.errors import DefinitionError
from segtool.model.events import EventNames
from segtool.model.kinds import DATETIME, TEXT, Column, Kind, Schema
from segtool.model.nodes import Node, Scalar
from segtool.model.project import Definition, Project, Segment
from segtool.model.tables import TableSource
from segtool.model.time import Clock

Place = tuple[str, str]
"""A column of a table."""
GROUPS = {"all", "any", "none", "not"}
NAMING, INNER = {"name", "lat", "lon"}, {"where", "first_value", "last_value"}
"""Keys of conditions after which columns stand, and conditions."""


def guessed(project: Project, read: Mapping[str, Schema], rows: Iterable[Row], clock: Clock) -> dict[str, Schema]:
    """The columns of every table: of those that were `read`, as they were; of others those that are declared, stand
    in rows or are named by definitions. Such a column has the narrowest kind that its values fit and that definitions
    ask nothing impossible of."""
    return _Guess(project, read, list(rows), clock).schemas()


class _Guess:
    def __init__(self, project: Project, read: Mapping[str, Schema], rows: list[Row], clock: Clock) -> None:
        self.project, self.read, self.clock = project, read, clock
        self.named = {name: set(named_columns(one.definition)) for name, one in project.segments.items()}
        self.events = dict.fromkeys(row.event for row in rows if row.event)
        self.table_of = {row.event: row.table for row in rows if row.event}
        self.seen = _values(row for row in rows if row.table not in read)
        self.possible = dict(self._possible())
        self.kinds = {place: kinds[0] for place, kinds in self.possible.items()}

    def schemas(self) -> dict[str, Schema]:
        for place, kinds in self.possible.items():
            own = {name: one for name, one in self.project.segments.items() if place[1] in self.named[name]}
            if len(kinds) > 1 and own and self._faults(own):
                self.kinds[place] = min(kinds, key=lambda kind: self._faults(own, {place: kind}))
        return self._schemas(self.kinds)

    def _possible(self) -> Iterator[tuple[Place, tuple[Kind, ...]]]:
        """What each column may be that is neither read nor declared."""
        everywhere: set[str] = set().union(*self.named.values())
        values = {name: nodes for (_, name), nodes in self.seen.items()}
        for table, source in self.project.tables.items():
            known = {*source.columns, *_roles(source)}
            own = {name for held, name in self.seen if held == table}
            own |= {*source.events.unique} if source.events else set()
            for name in sorted({*own, *everywhere} - known) if table not in self.read else ():
                nodes = self.seen.get((table, name)) or values.get(name)
                yield (table, name), guesses(nodes, self.clock) if nodes else UNSEEN

    def _faults(self, segments: Mapping[str, Segment], others: Mapping[Place, Kind] | None = None) -> int:
        """How much is wrong with some segments where these columns are of other kinds."""
        schemas = self._schemas({**self.kinds, **(others or {})})
        tables = {name: one for name, one in schemas.items() if name != USERS}
        names = {event: self.table_of[event] for event in self.events}
        names |= {name: name for name, one in tables.items() if not one.event}
        known = frozenset(self.project.segments)
        around = Surroundings(schemas[USERS], self.clock, EventNames(tables, names), broken=known)
        try:
            to_plan(segments, around)
        except DefinitionError as error:
            return len(error.problems)
        return 0

    def _schemas(self, kinds: Mapping[Place, Kind]) -> dict[str, Schema]:
        made: dict[str, Schema] = {}
        for table, source in self.project.tables.items():
            own = {name: kind for (held, name), kind in kinds.items() if held == table}
            made[table] = self.read.get(table) or _schema(source, own)
        return made


def _values(rows: Iterable[Row]) -> dict[Place, list[Node]]:
    found: dict[Place, list[Node]] = {}
    for row in rows:
        for name, node in row.cells.items():
            found.setdefault((row.table, name), []).append(node)
    return found


def _roles(source: TableSource) -> dict[str, Kind]:
    """The columns that a table has whatever else it has."""
    events = source.events
    of_events = {events.time: DATETIME, **({events.event: TEXT} if events.event else {})} if events else {}
    return {source.key: TEXT, **of_events}


def _schema(source: TableSource, kinds: Mapping[str, Kind]) -> Schema:
    declared = {name: one.kind for name, one in source.columns.items()}
    columns = {**kinds, **declared, **_roles(source)}
    events = source.events
    names = (events.time, events.event) if events else ("", "")
    return Schema(source.key, tuple(Column(name, kind) for name, kind in columns.items()), *names)


def as_declared(schema: Schema, source: TableSource) -> Schema:
    """A table that was read, with the kinds that `columns:` declares now."""
    own = {name: one.kind for name, one in source.columns.items() if name not in _roles(source)}
    columns = [replace(one, kind=own.pop(one.name, one.kind)) for one in schema.columns]
    added = [Column(name, kind) for name, kind in own.items()]
    return replace(schema, columns=(*columns, *added))


def named_columns(definition: Definition) -> Iterator[str]:
    """The columns that a definition names, of users or of events."""
    yield from _in_conditions(definition.where)
    yield from definition.columns
    if definition.cut:
        yield definition.cut.by.text


def _in_conditions(node: object) -> Iterator[str]:
    """The columns that conditions name; what is no condition's word is a column."""
    if isinstance(node, list):
        for item in node:
            yield from _in_conditions(item)
    for word, value in node.items() if isinstance(node, dict) else ():
        if word in GROUPS:
            yield from _in_conditions(value)
        elif word not in CONDITIONS:
            yield word
        elif isinstance(value, dict):
            yield from _in_condition(value)


def _in_condition(fields: Mapping[str, object]) -> Iterator[str]:
    """The columns that the keys of one condition, or of a step of it, name."""
    for key, value in fields.items():
        if key in NAMING and isinstance(value, Scalar):
            yield value.text
        elif key in MEASURED and isinstance(value, dict):
            yield from value
        elif key in INNER:
            yield from _in_conditions(value)
        for step in value if key == "steps" and isinstance(value, list) else ():
            yield from _in_condition(step) if isinstance(step, dict) else ()
