"""What events there are: the names that tables give them, and the columns of their rows."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from segtool.model.kinds import INTEGER, NUMBER, Kind, Schema


@dataclass(frozen=True)
class RowColumns:
    """The kinds of columns; of those whose kinds do not go together, which these are; why a column is text; and the
    tables whose columns they are."""

    kinds: dict[str, Kind]
    clashes: dict[str, str]
    notes: dict[str, str]
    tables: tuple[str, ...]


@dataclass(frozen=True)
class EventNames:
    """The tables of events by their name, and of each event that was declared or read, the table that has it."""

    schemas: dict[str, Schema] = field(default_factory=dict)
    tables: dict[str, str] = field(default_factory=dict)

    def matching(self, pattern: str) -> list[str]:
        """The known events of a name; of all that start so where it ends in `*`."""
        if pattern.endswith("*"):
            return [name for name in self.tables if name.startswith(pattern[:-1])]
        return [pattern] if pattern in self.tables else []

    def tables_of(self, names: Iterable[str]) -> list[str]:
        """The tables that have these events; where none is known, those that might come to have one."""
        held = dict.fromkeys(self.tables[name] for name in names)
        logs = [table for table, schema in self.schemas.items() if schema.event]
        return list(held) or logs or list(self.schemas)

    def columns(self, tables: Sequence[str]) -> RowColumns:
        """The columns of the rows of some tables."""
        found: dict[str, dict[Kind, str]] = {}
        notes: dict[str, str] = {}
        for table in tables:
            for column in self.schemas[table].columns:
                found.setdefault(column.name, {}).setdefault(column.kind, table)
                notes.setdefault(column.name, column.note)
        kinds = {name: _common(list(held)) for name, held in found.items()}
        clashes = {
            name: " and ".join(f"{kind} in `{table}`" for kind, table in found[name].items())
            for name, kind in kinds.items()
            if kind is None
        }
        return RowColumns({name: kind for name, kind in kinds.items() if kind}, clashes, notes, tuple(tables))


def _common(kinds: list[Kind]) -> Kind | None:
    if len(kinds) == 1:
        return kinds[0]
    return NUMBER if set(kinds) == {INTEGER, NUMBER} else None
