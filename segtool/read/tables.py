"""A declared table comes in; goes out: its rows read from its files, typed, with what was coerced counted."""

from __future__ import annotations

from pathlib import Path
from zoneinfo import ZoneInfo

import polars as pl

from segtool.errors import InputError, Mark, Problem
from segtool.model.kinds import TEXT, Column, Schema
from segtool.model.tables import ImportReport, ReadTable, TableSource
from segtool.read.columns import Reader, TypedColumns, typed_columns
from segtool.read.csv import read_csv
from segtool.read.excel import read_excel
from segtool.read.files import OpenFile, opened, resolved
from segtool.read.findings import Findings
from segtool.read.keys import check_keys, key_text
from segtool.read.kinds import GUESSES, TIME_GUESSES
from segtool.read.natural import flattened
from segtool.read.ndjson import read_ndjson
from segtool.read.parquet import read_parquet
from segtool.read.raw import RawFile, RawTable, joined
from segtool.read.sniff import form_of


def read_table(
    source: TableSource, folder: Path, zone: ZoneInfo, known: Schema | None = None, file: str | None = None
) -> ReadTable:
    """The users in the files of a declared table, every problem found in them reported together.

    `known`: the schema the store has for this table, whose kinds stay as long as every value fits. `file`:
    read this file in place of `source.path`. Raises InputError with all problems.
    """
    findings = Findings()
    raw = read_raw(source, resolved(file or source.path, folder, source.mark), folder, findings)
    typed = typed_of(raw, source, zone, known, findings)
    columns, values = _keyed(source.key, typed, raw, findings)
    findings.raise_any()
    report = ImportReport(source.name, raw.frame.height, raw.frame.height, {}, notes_of(raw, typed))
    return ReadTable(Schema(source.key, tuple(columns)), pl.DataFrame(values), raw.sources, report)


def read_raw(source: TableSource, paths: list[str], folder: Path, findings: Findings) -> RawTable:
    """The columns of all files of a table as they are written; raises where one is not well formed."""
    check_one_form(paths)
    files = []
    for path in paths:
        with opened(path, folder) as file:
            files.append(raw_file(file, source.separator, findings))
    findings.raise_any()
    table = joined([file for file in files if file is not None], findings)
    findings.raise_any()
    assert table is not None  # what keeps files apart is a finding
    return table


def typed_of(
    raw: RawTable, source: TableSource, zone: ZoneInfo, known: Schema | None, findings: Findings
) -> TypedColumns:
    """Every column in its kind, structs as a column for each field."""
    guesses = {"CSV": GUESSES, "gzip": GUESSES, "NDJSON": TIME_GUESSES}.get(_form(raw.sources[0].path), ())
    reader = Reader(source, known, zone, guesses)
    return typed_columns(flattened(raw.frame, raw.sources[0].path), raw.places, reader, findings)


def raw_file(file: OpenFile, separator: str, findings: Findings) -> RawFile | None:
    match _form(file.shown):
        case "Parquet":
            return read_parquet(file)
        case "NDJSON":
            return read_ndjson(file, findings)
        case "Excel":
            return read_excel(file)
        case _:
            return read_csv(file, separator, findings)


def _form(path: str) -> str:
    return form_of(path) or "CSV"


def check_one_form(paths: list[str]) -> None:
    forms = {_form(path).replace("gzip", "CSV"): path for path in paths}
    if len(forms) > 1:
        first, second = sorted(forms.values())[:2]
        fact = f"`{first}` and `{second}` are of different kinds"
        raise InputError(Problem(fact, "name files of one kind, as in `data/*.csv`", Mark(second)))
    if "Excel" in forms and len(paths) > 1:
        raise InputError(Problem("several workbooks cannot be one table", "name one file", Mark(paths[1])))


def _keyed(key: str, typed: TypedColumns, raw: RawTable, findings: Findings) -> tuple[list[Column], list[pl.Series]]:
    """The columns with the key as text, once its rows have been checked."""
    columns, values = list(typed.columns), list(typed.values)
    for i, column in enumerate(columns):
        if column.name == key:
            file = raw.places.parts[0].file
            before = len(findings)
            values[i] = key_text(key, values[i], column.kind.name, file, findings)
            columns[i] = Column(key, TEXT)
            if len(findings) == before:
                check_keys(values[i], raw.places, findings)
    return columns, values


def notes_of(raw: RawTable, typed: TypedColumns) -> dict[str, int]:
    return dict(sorted((raw.notes + typed.notes).items()))
