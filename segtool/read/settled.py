"""The columns of a table's pieces come in, one piece after the other; go out: what they are as columns of one table."""

from __future__ import annotations

from collections.abc import Container
from dataclasses import replace

import polars as pl

from segtool.errors import Mark, Problem
from segtool.model.kinds import DATE, DATETIME, INTEGER, NUMBER, TEXT, Column, Kind, list_of, struct_of
from segtool.read.findings import Findings, Part, Places
from segtool.read.kinds import quoted, value_at


class Settled:
    """The columns as all pieces so far show them. `differ`: those whose pieces were of kinds that are no one kind, and
    the kind that holds all their values."""

    def __init__(self, findings: Findings, several: bool, known: Container[str] = ()) -> None:
        """`known`: the columns that have been dates so far, and may become times."""
        self.columns: dict[str, Column] = {}
        self.differ: dict[str, Kind] = {}
        self._findings, self._several, self._known = findings, several, known
        self._first: dict[str, str] = {}

    def add(self, columns: tuple[Column, ...], raw: pl.DataFrame, part: Part) -> None:
        """The columns of one more piece; `raw` holds its values as they are written."""
        for column in columns:
            before = self.columns.get(column.name)
            if before is None or before.blank:
                self.columns[column.name] = replace(column, note=column.note or (before.note if before else ""))
                self._first[column.name] = self._example(column.name, raw, part)
            elif not column.blank:
                self._join(before, column, raw, part)

    def _example(self, name: str, raw: pl.DataFrame, part: Part) -> str:
        """The first value of a piece, and where it stands."""
        values = raw[name]
        row = int(values.is_not_null().arg_max() or 0)
        return f"{Places([part], self._several).words(row)}: {quoted(value_at(values, row))}" if len(values) else ""

    def _join(self, before: Column, column: Column, raw: pl.DataFrame, part: Part) -> None:
        name, kind = column.name, common(before.kind, column.kind)
        note = before.note or column.note
        if {_offset(before), _offset(column)} == {" with offset", " without offset"}:
            self._add_mixed(column, raw, part)
        if kind is None:
            widens = name in self._known and {before.kind, column.kind} == {DATE, DATETIME}
            self.differ[name] = DATETIME if widens else TEXT
            note = note or self._example(name, raw, part)
        self.columns[name] = replace(before, kind=kind or before.kind, note=note, form=before.form or column.form)

    def _add_mixed(self, column: Column, raw: pl.DataFrame, part: Part) -> None:
        pair = self._first.get(column.name, ""), self._example(column.name, raw, part)
        with_offset, without = pair if _offset(column) == " without offset" else pair[::-1]
        fact = f"column `{column.name}` mixes times with an offset ({with_offset}) and without ({without})"
        step = f"write an offset in all or in none, or declare `{column.name}: text` under `columns:`"
        self._findings.add("columns that mix offsets", Problem(fact, step, Mark(part.file)))


def _offset(column: Column) -> str:
    return column.form.removeprefix("text") if column.kind == DATETIME and column.form.startswith("text ") else ""


def common(one: Kind, other: Kind) -> Kind | None:
    """The kind of the values of both, where these are laid out alike; None where there is none."""
    if one == other:
        return one
    if {one, other} == {INTEGER, NUMBER}:
        return NUMBER
    if one.of and other.of:
        of = common(one.of, other.of)
        return list_of(of) if of else None
    if one.name == other.name == "struct":
        return _common_struct(dict(one.fields), dict(other.fields))
    return None


def _common_struct(one: dict[str, Kind], other: dict[str, Kind]) -> Kind | None:
    fields = {name: common(one.get(name, kind), kind) for name, kind in (one | other).items()}
    return struct_of({name: kind for name, kind in fields.items() if kind}) if all(fields.values()) else None
