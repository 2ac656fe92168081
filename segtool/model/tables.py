"""A table as it is declared, as its files are, and as it was read."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Protocol

from segtool.errors import Mark
from segtool.model.kinds import Column, Kind, Schema

if TYPE_CHECKING:
    import polars as pl

    from segtool.model.columns import Rows


@dataclass(frozen=True)
class DeclaredColumn:
    """What `columns:` says of one column: its kind, a list's separator, a date's format (strftime)."""

    kind: Kind
    separator: str = "|"
    format: str = ""


@dataclass(frozen=True)
class EventColumns:
    """What makes rows events: the column of their times, the one that names each (none: the table's name is that of
    all), and those that are equal where one event stands in several rows."""

    time: str
    event: str = ""
    unique: tuple[str, ...] = ()


@dataclass(frozen=True)
class TableSource:
    """A table as `segtool.yaml` declares it. `path` is as written, relative to the project's folder; `key` is the
    column of users' keys."""

    name: str
    path: str
    key: str
    columns: dict[str, DeclaredColumn] = field(default_factory=dict)
    separator: str = ""
    mark: Mark | None = None
    events: EventColumns | None = None

    @property
    def verbatim(self) -> set[str]:
        """The columns that are kept as text, byte for byte, whatever they look like."""
        return {self.key, self.events.event} - {""} if self.events else {self.key}

    @property
    def roles(self) -> dict[str, str]:
        """What the columns are that the table must have."""
        declared = dict.fromkeys(self.columns, "declared under `columns:`")
        if self.events is None:
            return {self.key: "the key of this table", **declared}
        unique = dict.fromkeys(self.events.unique, "named under `unique:`")
        own = {self.key: "the user of each event", self.events.time: "the time of each event"}
        named = {self.events.event: "the name of each event"} if self.events.event else {}
        return {**declared, **unique, **named, **own}


@dataclass(frozen=True)
class SourceFile:
    """One file of a table as it was when it was read: its path as shown, its identity and SHA-256 (hex)."""

    path: str
    size: int
    mtime_ns: int
    ctime_ns: int
    inode: int
    sha256: str


@dataclass(frozen=True)
class ImportReport:
    """What became of each row and column: `read` = `kept` + the sum of `dropped`; `notes` count what was coerced, and
    `names` how many events of each name were kept."""

    table: str
    read: int
    kept: int
    dropped: dict[str, int] = field(default_factory=dict)
    notes: dict[str, int] = field(default_factory=dict)
    names: dict[str, int] = field(default_factory=dict)

    def noting(self, notes: Mapping[str, int]) -> ImportReport:
        """The report with these notes as well; what is counted 0 is none."""
        counted = {note: number for note, number in sorted({**self.notes, **notes}.items()) if number}
        return replace(self, notes=counted)

    def leaving_out(self, reason: str, rows: int, names: Mapping[str, int] | None = None) -> ImportReport:
        """The report where so many rows of those kept, and so many events of each of these names, are not kept."""
        if not rows:
            return self
        dropped = {**self.dropped, reason: self.dropped.get(reason, 0) + rows}
        fewer = {name: number - (names or {}).get(name, 0) for name, number in self.names.items()}
        kept = {name: number for name, number in fewer.items() if number}
        return replace(self, kept=self.kept - rows, dropped=dropped, names=kept)


@dataclass(frozen=True)
class Reject:
    """A row that is not kept for what is wrong with it: the sort of that and all that was said of it, and the row as
    its file has it (of Parquet and Excel, as JSON)."""

    file: str
    line: int
    sort: str
    reason: str
    row: str


@dataclass(frozen=True)
class Piece:
    """Some rows of a table, typed: the frame has one column for each of `columns`.

    Polars dtypes by kind: text String, integer Int64, number Float64 or Decimal, boolean Boolean, date Date,
    datetime Datetime("us", "UTC"), list List of these, list of struct List(Struct). The key is String without nulls.

    Of users, `hashes` has a hash of each row as its file has it. `same`: the rows of the version before whose users
    stand beside these in the file, as they stood then.
    """

    columns: tuple[Column, ...]
    frame: pl.DataFrame
    hashes: pl.Series | None = None
    same: Rows | None = None


class Reading(Protocol):
    """A table that is read piece by piece, so that no more than a few pieces are ever in memory.

    The schema, the files, the report and the rejected rows are those of all pieces, once these were taken; `roles` is a
    schema without columns, which tells from the start what the columns of keys, times and names are called."""

    @property
    def table(self) -> str: ...

    @property
    def roles(self) -> Schema: ...

    @property
    def schema(self) -> Schema: ...

    @property
    def files(self) -> tuple[SourceFile, ...]: ...

    @property
    def report(self) -> ImportReport: ...

    @property
    def rejects(self) -> tuple[Reject, ...]: ...

    def passes(self) -> Iterator[Iterator[Piece]]:
        """The pieces, all of which must be taken; InputError with all that is wrong comes after the last one. Another
        pass follows where the pieces show only together what they are, or rows are to be left out; then those of the
        one before count for nothing."""
