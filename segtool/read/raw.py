"""The pieces that the files of a table are read in, and whether all of them are columns of one table."""

from __future__ import annotations

import json
from dataclasses import dataclass, field, replace

import polars as pl
from polars.datatypes import DataTypeClass

from segtool.errors import Mark, Problem
from segtool.read.findings import Findings, Part
from segtool.read.rejects import Rejects


@dataclass(frozen=True)
class RawPiece:
    """Some rows of one file before they are typed."""

    frame: pl.DataFrame
    part: Part
    notes: dict[str, int] = field(default_factory=dict)
    seen: int = 0
    """Bytes of all files that were read so far."""
    is_loose: bool = False
    """Rows need not name all columns, so that a piece may lack some that others have."""


def without_rejected(piece: RawPiece, rejects: Rejects) -> RawPiece:
    """A piece of rows that are no lines of text, less those that are rejected."""
    part = piece.part
    gone = [row for line in rejects.lines(part.file) if (row := part.row(line)) is not None]
    if not gone:
        return piece
    for row in gone:
        text = json.dumps(piece.frame.row(row, named=True), ensure_ascii=False, default=str)
        rejects.note(Mark(part.file, part.line(row)), text)
    stay = ~pl.int_range(piece.frame.height, eager=True).is_in(gone)
    return replace(piece, frame=piece.frame.filter(stay), part=part.without(gone))


class Alike:
    """Holds every piece against those before it: they need the same columns, of types that go together."""

    def __init__(self, findings: Findings) -> None:
        self._findings = findings
        self._first: RawPiece | None = None
        self._types: dict[str, tuple[pl.DataType, Part]] = {}
        self._told: set[tuple[str, str]] = set()

    def check(self, piece: RawPiece) -> None:
        if self._first is None:
            self._first = piece
        elif not piece.is_loose:
            self._check_names(self._first, piece)
        for name, dtype in piece.frame.schema.items():
            before, part = self._types.setdefault(name, (dtype, piece.part))
            if not go_together(before, dtype):
                self._add_different(name, piece, before, part)
            elif isinstance(before, pl.Null):
                self._types[name] = (dtype, piece.part)

    def _check_names(self, first: RawPiece, other: RawPiece) -> None:
        mine, its = first.frame.columns, other.frame.columns
        mark = Mark(other.part.file, 1 if other.part.unit == "line" else 0)
        step = "files of one table need the same columns"
        for name in mine:
            if name not in its:
                fact = f"no column `{name}`, which {first.part.file} has"
                self._add("columns that differ", name, Problem(fact, step, mark))
        for name in its:
            if name not in mine:
                fact = f"column `{name}`, which {first.part.file} lacks"
                self._add("columns that differ", name, Problem(fact, step, mark))

    def _add_different(self, name: str, piece: RawPiece, before: pl.DataType, part: Part) -> None:
        dtype = piece.frame.schema[name]
        if part.file == piece.part.file:
            line = piece.part.line(int(piece.frame[name].is_not_null().arg_max() or 0))
            problem = Problem(
                f"field `{name}` is {dtype} here, and {before} before", "write it alike", Mark(part.file, line)
            )
        else:
            fact = f"column `{name}` is {dtype} here and {before} in {part.file}"
            problem = Problem(fact, "write both files alike", Mark(piece.part.file))
        self._add("columns of another type", name, problem)

    def _add(self, sort: str, name: str, problem: Problem) -> None:
        """Adds what is wrong with a column of a file, once."""
        told = (problem.mark.file if problem.mark else "", name)
        if told not in self._told:
            self._told.add(told)
            self._findings.add(sort, problem)


def go_together(one: pl.DataType, other: pl.DataType) -> bool:
    """Whether values of two types may stand in one column without one becoming another."""
    if isinstance(one, pl.List) and isinstance(other, pl.List):
        return go_together(_made(one.inner), _made(other.inner))
    if isinstance(one, pl.Struct) and isinstance(other, pl.Struct):
        fields = {field.name: _made(field.dtype) for field in other.fields}
        return all(go_together(_made(field.dtype), fields.get(field.name, pl.Null())) for field in one.fields)
    return "Null" in (family(one), family(other)) or family(one) == family(other)


def _made(dtype: pl.DataType | DataTypeClass) -> pl.DataType:
    return dtype if isinstance(dtype, pl.DataType) else dtype()


def family(kind: pl.DataType) -> str:
    """The name of all types whose values may stand in one column."""
    if kind.is_numeric():
        return "numbers"
    return "text" if isinstance(kind, (pl.String, pl.Categorical, pl.Enum)) else str(kind.base_type())
