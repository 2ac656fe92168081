"""The rows of a test come in as they are written; go out: rows of tables, each value under the table's own name."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from segtool.errors import Mark, Problem
from segtool.model.nodes import Fields, Node, Scalar, near_name
from segtool.model.segment_tests import SegmentTest
from segtool.model.tables import TableSource

USERS = "users"
TIME, NAME = "at", "event"
"""What the time and the name of an event are called in every test, whatever its table calls them."""


@dataclass(frozen=True)
class Row:
    """One row of a test: its table, whose it is, and the values as they are written. Of an event, the table's column
    of times is among them, and `event` is its name."""

    table: str
    key: str
    mark: Mark
    cells: dict[str, Node]
    event: str = ""


@dataclass(frozen=True)
class Known:
    """What is known of the tables before any test is read: their declarations, the columns of those that were read,
    and the table of each event that was read."""

    sources: Mapping[str, TableSource]
    columns: Mapping[str, frozenset[str]]
    events: Mapping[str, str]

    @property
    def key(self) -> str:
        return self.sources[USERS].key

    @property
    def logs(self) -> dict[str, str]:
        """The tables that name their events, and the column that does."""
        return {name: one.events.event for name, one in self.sources.items() if one.events and one.events.event}

    def own_columns(self, table: str) -> set[str]:
        """The columns that are known to be properties of a table's rows."""
        source = self.sources[table]
        assert source.events
        declared = {*source.columns, *source.events.unique, *self.columns.get(table, ())}
        return declared - {source.key, source.events.time, source.events.event}

    def table_of(self, event: str, columns: Mapping[str, object]) -> str:
        """The table of an event; where none is known to have it, the log that has these columns, or the first one. An
        empty text where no table can have it."""
        if event in self.events:
            return self.events[event]
        if event in self.sources and event != USERS and event not in self.logs:
            return event
        fitting = (log for log in self.logs if set(columns) <= self.columns.get(log, frozenset()))
        return next(fitting, next(iter(self.logs), ""))


def rows_of(test: SegmentTest, known: Known, problems: list[Problem]) -> list[Row]:
    """The users of a test and their events; those at fault too, to look on at their values."""
    rows = [_user(fields, known, problems) for fields in test.case.users]
    users: dict[str, Row] = {}
    for row in rows:
        if row.key and users.setdefault(row.key, row) is not row:
            line = users[row.key].mark.line
            problems.append(Problem(f"the user `{row.key}` stands twice; first on line {line}", "keep one", row.mark))
    whose = None if "users" in test.unread else users
    events = [_Event(fields, known, whose, problems).row() for fields in test.case.events]
    return [*rows, *filter(None, events)]


def cells_of(fields: Fields, problems: list[Problem], prefix: str = "") -> dict[str, Node]:
    """The values of a row by column; those of a mapping under `column.field`."""
    found: dict[str, Node] = {}
    for name, node in _flat(fields, prefix):
        if name in found:
            problems.append(Problem(f"`{name}` stands twice", "keep one of them", node.key_mark))
        found[name] = node
    return found


def _flat(fields: Fields, prefix: str) -> Iterator[tuple[str, Node]]:
    for name, node in fields.items():
        if isinstance(node, Fields):
            yield from _flat(node, f"{prefix}{name}.")
        else:
            yield prefix + name, node


def _user(fields: Fields, known: Known, problems: list[Problem]) -> Row:
    cells = cells_of(fields, problems)
    key = _text(cells.pop(known.key, None))
    if not key:
        problems.append(Problem(f"`{known.key}` is missing", "give every user a key", fields.mark))
    return Row(USERS, key, fields.mark, cells)


def _text(node: Node | None) -> str:
    return node.text if isinstance(node, Scalar) and not node.is_null else ""


class _Event:
    """An event as it is written, and what its table makes of it. `users` are None where not all of them can be read."""

    def __init__(self, fields: Fields, known: Known, users: Mapping[str, Row] | None, problems: list[Problem]) -> None:
        self.fields, self.known, self.users, self.problems = fields, known, users, problems
        self.cells = cells_of(fields, problems)

    def row(self) -> Row | None:
        """The row, with what is wrong noted; None where no table has it."""
        table = self._table()
        if not table:
            return None
        source = self.known.sources[table]
        assert source.events
        event = self._taken(table, source.events.event or NAME, NAME, "which event it is")
        key = self._taken(table, source.key, self.known.key, "whose event it is")
        time = self._taken(table, source.events.time, TIME, "when it was")
        user = _text(key)
        if key and self.users is not None and user not in self.users:
            hint = near_name(user, self.users) or "an event of a test is of one of its users"
            self._problem(f"there is no user `{user}` in this test", hint, key)
        cells = {**self.cells, **({source.events.time: time} if time else {})}
        return Row(table, user, self.fields.mark, cells, _text(event))

    def _table(self) -> str:
        """The table that has the event, which `event` or the own column of a log names."""
        named = [name for name in (NAME, *self.known.logs.values()) if _text(self.cells.get(name))]
        if not named:
            self._problem(f"`{NAME}` is missing", "say which event it is")
            return ""
        node = self.cells[named[0]]
        event, roles = _text(node), {NAME, TIME, self.known.key, *named}
        table = self.known.table_of(event, {name: 1 for name in self.cells if name not in roles})
        if not table:
            hint = near_name(event, self.known.sources) or "declare its table under `events:` in segtool.yaml"
            self._problem(f"no table has the event `{event}`", hint, node)
        return table

    def _taken(self, table: str, own: str, common: str, says: str) -> Node | None:
        """Takes out what a column holds that each event has, by the table's name for it or the one of all tests."""
        is_other = common != own and common in self.known.own_columns(table)
        given = [name for name in dict.fromkeys((own, common)) if name in self.cells and not (is_other and name != own)]
        taken = [self.cells.pop(name) for name in given]
        if len(given) > 1:
            self._problem(f"`{given[0]}` and `{given[1]}` say both {says}", "keep one", taken[1])
        elif taken and _text(taken[0]):
            return taken[0]
        elif is_other and common in self.cells:
            fact = f"`{common}` is a column of `{table}`, and does not say {says}"
            self._problem(fact, f"add `{own}`", self.cells[common])
        else:
            self._problem(f"`{own if is_other else common}` is missing", f"it says {says}")
        return None

    def _problem(self, fact: str, next: str, node: Node | None = None) -> None:
        mark = (node.key_mark or node.mark) if node is not None else self.fields.mark
        self.problems.append(Problem(fact, next, mark))
