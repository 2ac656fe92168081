"""A table as it is declared, as its files are, and as it was read."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from segtool.errors import Mark
from segtool.model.kinds import Kind, Schema

if TYPE_CHECKING:
    import polars as pl


@dataclass(frozen=True)
class DeclaredColumn:
    """What `columns:` says of one column: its kind, a list's separator, a date's format (strftime)."""

    kind: Kind
    separator: str = "|"
    format: str = ""


@dataclass(frozen=True)
class TableSource:
    """A table as `segtool.yaml` declares it. `path` is as written, relative to the project's folder."""

    name: str
    path: str
    key: str
    columns: dict[str, DeclaredColumn] = field(default_factory=dict)
    separator: str = ""
    mark: Mark | None = None


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
    """What became of each row and column: `read` = `kept` + the sum of `dropped`; `notes` count what was coerced."""

    table: str
    read: int
    kept: int
    dropped: dict[str, int] = field(default_factory=dict)
    notes: dict[str, int] = field(default_factory=dict)


@dataclass(frozen=True)
class ReadTable:
    """A table read and typed; the frame has one column per schema column.

    Polars dtypes by kind: text String, integer Int64, number Float64 or Decimal, boolean Boolean, date Date,
    datetime Datetime("us", "UTC"), list List of these, list of struct List(Struct). The key is String without nulls.
    """

    schema: Schema
    frame: pl.DataFrame
    files: tuple[SourceFile, ...]
    report: ImportReport
