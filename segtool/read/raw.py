"""The files of a table come in as read; go out: one frame, where its rows stand, and what was noted."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field, replace

import polars as pl

from segtool.errors import Mark, Problem
from segtool.model.tables import SourceFile
from segtool.read.findings import Findings, Part, Places


@dataclass(frozen=True)
class RawFile:
    """The columns of one file before they are typed."""

    frame: pl.DataFrame
    part: Part
    source: SourceFile
    notes: dict[str, int] = field(default_factory=dict)
    is_loose: bool = False
    """Rows need not name all columns, so that a file may lack some that others have."""


@dataclass(frozen=True)
class RawTable:
    """The columns of all files of a table before they are typed."""

    frame: pl.DataFrame
    places: Places
    sources: tuple[SourceFile, ...]
    notes: Counter[str]


def joined(files: list[RawFile], findings: Findings) -> RawTable | None:
    """The rows of all files, one below the other, by the names of their columns; None where these differ."""
    files = _with_all_columns(files)
    first = files[0]
    for other in files[1:]:
        _check_columns(first, other, findings)
    if findings:
        return None
    names = first.frame.columns
    columns = [_stacked(name, files, findings) for name in names]
    if findings:
        return None
    notes: Counter[str] = Counter()
    for file in files:
        notes.update(file.notes)
    places = Places([file.part for file in files])
    return RawTable(pl.DataFrame(columns), places, tuple(file.source for file in files), notes)


def _with_all_columns(files: list[RawFile]) -> list[RawFile]:
    """Files that need not have all columns with those that others have."""
    if not all(file.is_loose for file in files):
        return files
    names = dict.fromkeys(name for file in files for name in file.frame.columns)
    empty = [[pl.lit(None).alias(name) for name in names if name not in file.frame.columns] for file in files]
    return [replace(file, frame=file.frame.with_columns(more)) for file, more in zip(files, empty, strict=True)]


def _check_columns(first: RawFile, other: RawFile, findings: Findings) -> None:
    mine, its = first.frame.columns, other.frame.columns
    mark, step = (
        Mark(other.part.file, 1 if other.part.unit == "line" else 0),
        "files of one table need the same columns",
    )
    for name in mine:
        if name not in its:
            findings.add("columns that differ", Problem(f"no column `{name}`, which {first.part.file} has", step, mark))
    for name in its:
        if name not in mine:
            fact = f"column `{name}`, which {first.part.file} lacks"
            findings.add("columns that differ", Problem(fact, step, mark))


def _stacked(name: str, files: list[RawFile], findings: Findings) -> pl.Series:
    parts = [file.frame.get_column(name) for file in files]
    if len({part.dtype for part in parts}) == 1:
        return pl.concat(parts, rechunk=False)
    if len({family(part.dtype) for part in parts} - {"Null"}) == 1:
        try:
            frames = [part.alias("v").to_frame() for part in parts]
            return pl.concat(frames, how="vertical_relaxed").get_column("v").alias(name)
        except (pl.exceptions.SchemaError, pl.exceptions.ComputeError, pl.exceptions.InvalidOperationError):
            pass  # lists or structs that differ inside, which is said next
    _add_different(name, files, findings)
    return parts[0]


def family(kind: pl.DataType) -> str:
    """Types that may stand in one column without a value becoming another."""
    if kind.is_numeric():
        return "numbers"
    return "text" if isinstance(kind, (pl.String, pl.Categorical, pl.Enum)) else str(kind.base_type())


def _add_different(name: str, files: list[RawFile], findings: Findings) -> None:
    first = files[0]
    kind = first.frame.get_column(name).dtype
    for other in files[1:]:
        its = other.frame.get_column(name).dtype
        if its != kind:
            fact = f"column `{name}` is {its} here and {kind} in {first.part.file}"
            findings.add("columns of another type", Problem(fact, "write both files alike", Mark(other.part.file)))
            return
