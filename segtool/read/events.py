"""A declared table of events comes in; goes out: its rows, or those that its files have gained, typed and counted."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import polars as pl

from segtool.errors import InputError, Mark, Problem
from segtool.model.kinds import DATE, DATETIME, TEXT, Column, Schema
from segtool.model.tables import DeclaredColumn, EventColumns, ImportReport, ReadTable, SourceFile, TableSource
from segtool.read.columns import TypedColumns
from segtool.read.csv import read_csv_on
from segtool.read.files import has_same_bytes, opened, resolved, tail_of
from segtool.read.findings import Findings
from segtool.read.keys import key_text
from segtool.read.ndjson import read_ndjson_on
from segtool.read.raw import RawFile, RawTable, joined
from segtool.read.repeats import repeated_rows, without_repeats
from segtool.read.sniff import form_of
from segtool.read.tables import check_one_form, notes_of, raw_file, read_raw, typed_of
from segtool.read.times import day_starts

MOST_NAMES = 10_000
LATER = "later than as-of when they were read"
REPEATED = "repeated"
TWICE = "rows that stand there more than once (all kept; `unique:` would count them once)"


def read_events(
    source: TableSource,
    folder: Path,
    zone: ZoneInfo,
    as_of: datetime,
    known: Schema | None = None,
    file: str | None = None,
) -> ReadTable:
    """All events in the files of a declared table; arguments and errors are those of `read_table`. `as_of`: events
    later than that are counted."""
    findings = Findings()
    raw = read_raw(source, resolved(file or source.path, folder, source.mark), folder, findings)
    return _events(raw, source, zone, as_of, known, findings)


def read_on(
    source: TableSource, folder: Path, zone: ZoneInfo, as_of: datetime, known: Schema, before: tuple[SourceFile, ...]
) -> ReadTable | None:
    """The events that the files have gained since they were `before`, in new files and at the ends of known ones; None
    where anything else has changed, or the new rows are of other columns or kinds: then all must be read anew."""
    paths = resolved(source.path, folder, source.mark)
    read = {file.path: file for file in before}
    if not read.keys() <= set(paths):
        return None
    check_one_form(paths)
    findings, files = Findings(), list[RawFile]()
    for path in [path for path in paths if not (path in read and has_same_bytes(read[path], folder))]:
        gained = _gained(path, read.get(path), source, folder, findings)
        if gained is None and not findings:
            return None
        files += [gained] if gained else []
    findings.raise_any()
    raw = joined(files, findings) if files else None
    if raw is None:
        return None
    now = {**read, **{file.path: file for file in raw.sources}}
    found = _events(_in_all_columns(raw, known), source, zone, as_of, known, findings)
    if not _go_together(known, found.schema):
        return None
    frame = pl.DataFrame([found.frame[column.name] for column in known.columns])
    schema = replace(known, columns=tuple(_noted(column, found.schema) for column in known.columns))
    return replace(found, schema=schema, frame=frame, files=tuple(now[path] for path in paths))


def _gained(
    path: str, before: SourceFile | None, source: TableSource, folder: Path, findings: Findings
) -> RawFile | None:
    """The rows of a new file, or those that a known one has gained; None where it changed otherwise."""
    with opened(path, folder) as file:
        if before is None:
            return raw_file(file, source.separator, findings)
        form = form_of(path)
        tail = tail_of(file, before) if form in ("CSV", "NDJSON") else None
        if tail is None or not tail.content.strip():
            return None
        if form == "CSV":
            return read_csv_on(file, tail, source.separator, findings)
        return read_ndjson_on(file, tail, findings)


def _in_all_columns(raw: RawTable, known: Schema) -> RawTable:
    """Rows of NDJSON may lack columns that others have; where the new ones do, these are missing."""
    if form_of(raw.sources[0].path) != "NDJSON":
        return raw
    fields = {name for column in raw.frame.columns for name in (column, *_inner(column, raw.frame))}
    absent = [column.name for column in known.columns if column.name not in fields]
    return replace(raw, frame=raw.frame.with_columns(pl.lit(None).alias(name) for name in absent))


def _inner(column: str, frame: pl.DataFrame) -> list[str]:
    """The names of a struct's fields as columns of their own."""
    dtype = frame.schema[column]
    if not isinstance(dtype, pl.Struct):
        return []
    nested = frame[column].struct.unnest()
    return [f"{column}.{name}" for field in nested.columns for name in (field, *_inner(field, nested))]


def _go_together(known: Schema, found: Schema) -> bool:
    """Whether new rows have the same columns, of the same kinds and written in the same form."""
    if known.by_name.keys() != found.by_name.keys():
        return False
    pairs = [(known.by_name[name], found.by_name[name]) for name in known.by_name]
    return all(
        one.kind == other.kind and (one.form == other.form or "" in (one.form, other.form)) for one, other in pairs
    )


def _noted(column: Column, schema: Schema) -> Column:
    """A known column with what the new rows tell of it."""
    found = schema.by_name[column.name]
    blank, note, form = column.blank and found.blank, column.note or found.note, column.form or found.form
    return replace(column, blank=blank, note=note, form=form)


def _events(
    raw: RawTable, source: TableSource, zone: ZoneInfo, as_of: datetime, known: Schema | None, findings: Findings
) -> ReadTable:
    assert source.events
    timed = replace(source, columns={source.events.time: DeclaredColumn(DATETIME), **source.columns})
    typed = typed_of(raw, timed, zone, known, findings)
    typed = _with_roles(typed, raw, timed, zone, findings)
    findings.raise_any()
    frame, dropped = _kept(pl.DataFrame(typed.values), source)
    names = counted_names(frame, source.events.event, source.name)
    _refuse_many(names, source.events.event, raw)
    later = int((frame[source.events.time] > as_of).sum())
    report = ImportReport(source.name, raw.frame.height, frame.height, dropped, notes_of(raw, typed), names)
    report = report.noting({LATER: later, TWICE: repeated_rows(frame, source.events.time)})
    schema = Schema(source.key, tuple(typed.columns), source.events.time, source.events.event)
    return ReadTable(schema, frame, raw.sources, report)


def _with_roles(
    typed: TypedColumns, raw: RawTable, source: TableSource, zone: ZoneInfo, findings: Findings
) -> TypedColumns:
    """Users and names as text, and times as instants."""
    columns, values, notes = list(typed.columns), list(typed.values), Counter(typed.notes)
    file = raw.places.parts[0].file
    for i, column in enumerate(columns):
        if column.name in source.verbatim:
            role = source.roles[column.name]
            values[i] = key_text(column.name, values[i], column.kind.name, file, findings, role)
            columns[i] = replace(column, kind=TEXT)
        elif source.events and column.name == source.events.time:
            columns[i] = replace(column, kind=DATETIME)
            if column.kind == DATE:
                values[i], more = day_starts(values[i], zone)
                notes.update(more)
            elif column.kind != DATETIME:
                fact = f"`{column.name}`, the time of each event, is declared as {column.kind}"
                step = "declare it as `datetime`, or as a date or datetime with its format"
                findings.add("columns of another kind", Problem(fact, step, Mark(file)))
    return TypedColumns(columns, values, notes)


def _kept(frame: pl.DataFrame, source: TableSource) -> tuple[pl.DataFrame, dict[str, int]]:
    """The rows that are events, each once, and how many were left out for which reason."""
    events: EventColumns | None = source.events
    assert events
    dropped: dict[str, int] = {}
    for reason, name in (
        ("without a user", source.key),
        ("without a time", events.time),
        ("without a name", events.event),
    ):
        kept = frame.filter(frame[name].is_not_null()) if name else frame
        dropped[reason] = frame.height - kept.height
        frame = kept
    if events.unique:
        kept = without_repeats(frame, events.unique, events.time)
        dropped[REPEATED] = frame.height - kept.height
        frame = kept
    return frame, {reason: number for reason, number in sorted(dropped.items()) if number}


def counted_names(frame: pl.DataFrame, event: str, table: str) -> dict[str, int]:
    """How many events there are of each name; without a column of names, all are named like the table."""
    if not event:
        return {table: frame.height}
    return dict(frame[event].alias("name").value_counts(name="number").sort("name").iter_rows())


def _refuse_many(names: dict[str, int], event: str, raw: RawTable) -> None:
    if len(names) > MOST_NAMES:
        fact = f"column `{event}` holds {len(names):,} names of events, and at most {MOST_NAMES:,} are read"
        raise InputError(Problem(fact, "does it name the events?", Mark(raw.places.parts[0].file)))
