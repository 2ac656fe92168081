"""The kinds of values that a column holds, and the columns of a table."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import Any


@dataclass(frozen=True)
class Kind:
    """`text`, `integer`, `number`, `boolean`, `date`, `datetime`, `list` (of a kind) or `struct` (of fields)."""

    name: str
    of: Kind | None = None
    fields: tuple[tuple[str, Kind], ...] = ()

    def __str__(self) -> str:
        if self.of:
            return f"list of {self.of}"
        return self.name

    @property
    def is_number(self) -> bool:
        return self.name in ("integer", "number")

    @property
    def is_time(self) -> bool:
        return self.name in ("date", "datetime")

    @property
    def is_ordered(self) -> bool:
        return self.is_number or self.is_time

    def to_json(self) -> Any:
        if self.of:
            return {"list": self.of.to_json()}
        if self.name == "struct":
            return {"struct": {name: kind.to_json() for name, kind in self.fields}}
        return self.name


TEXT = Kind("text")
INTEGER = Kind("integer")
NUMBER = Kind("number")
BOOLEAN = Kind("boolean")
DATE = Kind("date")
DATETIME = Kind("datetime")
SCALARS = {kind.name: kind for kind in (TEXT, INTEGER, NUMBER, BOOLEAN, DATE, DATETIME)}


def list_of(kind: Kind) -> Kind:
    return Kind("list", of=kind)


def struct_of(fields: dict[str, Kind]) -> Kind:
    return Kind("struct", fields=tuple(fields.items()))


def kind_from_json(data: Any) -> Kind:
    """The kind whose `to_json` is `data`."""
    if isinstance(data, str):
        return SCALARS[data]
    if "list" in data:
        return list_of(kind_from_json(data["list"]))
    return struct_of({name: kind_from_json(kind) for name, kind in data["struct"].items()})


@dataclass(frozen=True)
class Column:
    """A column of a table. `blank`: every value seen so far was missing, so the kind is only a guess."""

    name: str
    kind: Kind
    separator: str = "|"
    blank: bool = False
    note: str = ""
    """Why the column is text and not the kind that most of its values have, such as `line 7: "1e5"`."""
    form: str = ""
    """How its values were written: as text, with or without an offset, as numbers; "" where there were none."""


@dataclass(frozen=True)
class Schema:
    """The columns of a table in the order of its file, and the name of its key column.

    `time` names the column of times, which only a table of events has; `event` the one that names each event, where
    the table itself does not name them all."""

    key: str
    columns: tuple[Column, ...]
    time: str = ""
    event: str = ""
    by_name: dict[str, Column] = field(init=False, compare=False, repr=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "by_name", {column.name: column for column in self.columns})

    def column(self, name: str) -> Column | None:
        return self.by_name.get(name)

    def without_values(self) -> Schema:
        """The schema with the places alone in the notes of its columns: what they quote is somebody's."""
        columns = (replace(column, note=column.note.partition(": ")[0]) for column in self.columns)
        return replace(self, columns=tuple(columns))
