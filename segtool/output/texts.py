"""Results to what people read in a terminal."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from itertools import groupby

from segtool.model.diagnosis import Diagnosis
from segtool.model.figures import Held
from segtool.model.results import (
    Checked,
    Evaluation,
    History,
    Listing,
    Made,
    SegmentResult,
    TableResult,
)
from segtool.output.streams import Heading, line, table, talk, tell, warn

MARKS = {"fine": "✓", "noted": "–", "wrong": "✗"}


Table = tuple[Sequence[Heading], list[list[str]]]
"""What a terminal and Markdown show as a table: its headings and its rows."""

MOVED = (
    Heading("segment"),
    Heading("kind"),
    Heading("before", number=True),
    Heading("entered", number=True, style="green"),
    Heading("left", number=True, style="red"),
    Heading("after", number=True),
)
"""The headings of what a segment was, who moved, and what it is."""


def evaluation_table(result: Evaluation) -> Table:
    headings, reached = reached_columns([segment.reached for segment in result.segments])
    rows = [[*_segment_row(segment), *by, _note(segment)] for segment, by in zip(result.segments, reached, strict=True)]
    return (*MOVED, *headings, Heading("note")), rows


def reached_columns(reached: Sequence[Mapping[str, int]]) -> tuple[list[Heading], list[list[str]]]:
    """A column for each channel, with how many members of each segment it reaches."""
    channels = list(dict.fromkeys(channel for one in reached for channel in one))
    headings = [Heading(f"by {channel}", number=True) for channel in channels]
    return headings, [[f"{one[channel]:,}" if channel in one else "–" for channel in channels] for one in reached]


def show_evaluation(result: Evaluation, *, quiet: bool = False) -> None:
    table(*evaluation_table(result))
    for warning in result.warnings:
        warn(warning)
    tell(held.problem for held in result.held)
    if not quiet:
        for one in result.tables:
            talk(_table_line(one))
        talk(run_line(result))
        for file in (file for one in result.exports for file in one.files):
            talk(f"{file.path}: {number_of(file.rows, 'row')}")


def _segment_row(result: SegmentResult) -> list[str]:
    size = result.size
    counts = [f"{number:,}" for number in (size.before, size.entered, size.left, size.after)]
    return [result.name, result.kind, *counts]


def _note(result: SegmentResult) -> str:
    notes = {"frozen": "frozen now", "kept": "frozen" if result.kind == "static" else "", "removed": "removed"}
    if result.held:
        return held_note(result.held, result.kind)
    strangers = f"{result.strangers:,} not among the users" if result.strangers else ""
    return ", ".join(text for text in (notes.get(result.status, ""), strangers) if text)


def held_note(held: Held, kind: str) -> str:
    state = "not frozen" if kind == "static" else "kept" if held.baseline else "not decided"
    if held.waits_for:
        return f"{state}, waits for {', '.join(held.waits_for)}"
    return f"{state}, would be {held.size:,}: {', '.join(bound.limit for bound in held.broken)}"


def _table_line(result: TableResult) -> str:
    state = "unchanged" if not result.changed else "imported" if result.added is None else f"{result.added:,} added"
    source = f" (from {result.from_file}, imported by name)" if result.from_file else ""
    return f"{result.name}: {number_of(result.report.kept, 'row')}, {state}{source}"


def number_of(number: int, thing: str) -> str:
    return f"{number:,} {thing}{'' if number == 1 else 's'}"


def run_line(result: Evaluation) -> str:
    if not result.committed:
        return f"run {result.run} stands: nothing has changed since, as of {result.as_of}"
    return f"run {result.run} committed, as of {result.as_of}"


def tell_rejects(results: Iterable[TableResult]) -> None:
    """Which rows are not kept although the run went on, whatever form the answer has."""
    for result in results:
        if result.rejects:
            number = number_of(sum(result.rejects.values()), "row")
            reasons = ", ".join(f"{sort} ({count:,})" for sort, count in result.rejects.items())
            place = f", see {result.rejects_file}" if result.rejects_file else ""
            warn(f"{result.name}: {number} rejected{place}: {reasons}")


def import_table(results: list[TableResult]) -> Table:
    headings = (Heading("table"), Heading("column"), Heading("read as"), Heading("note"))
    rows = [
        [result.name, column.name, str(column.kind), _column_note(column.note)]
        for result in results
        for column in result.schema.columns
    ]
    return headings, rows


def show_import(results: list[TableResult], *, quiet: bool = False) -> None:
    table(*import_table(results))
    for result in results if not quiet else ():
        report = result.report
        source = f" from {result.from_file}" if result.from_file else ""
        kept = " + ".join([f"{report.kept:,} kept", *(f"{number:,} {why}" for why, number in report.dropped.items())])
        talk(f"{result.name}{source}: {number_of(report.read, 'row')} read = {kept}{_import_note(result)}")
        # what is noted of a column begins with its name, and stands for itself
        notes = [note if note.startswith("`") else f"{note}: {number:,}" for note, number in report.notes.items()]
        for note in [*_event_lines(result), *notes]:
            talk(f"  {note}")


def _import_note(result: TableResult) -> str:
    if not result.changed:
        return " (unchanged)"
    return "" if result.added is None else f" ({result.added:,} of them added now)"


def _event_lines(result: TableResult, most: int = 20) -> list[str]:
    """How many events a log has of each name, the most frequent first."""
    if not result.schema.event:
        return []
    names = sorted(result.report.names.items(), key=lambda pair: (-pair[1], pair[0]))
    more = [f"and {len(names) - most:,} more names"] if len(names) > most else []
    return [f"event {name}: {number:,}" for name, number in names[:most]] + more


def _column_note(note: str) -> str:
    return f"text because of {note}" if note else ""


def show_checked(result: Checked, *, quiet: bool = False) -> None:
    for warning in result.warnings:
        warn(str(warning))
    if not quiet:
        talk(checked_line(result))


def checked_line(result: Checked) -> str:
    found = number_of(len(result.warnings), "warning") if result.warnings else "no problems"
    return f"{number_of(result.segments, 'segment')}, {found}"


def show_listing(result: Listing) -> None:
    table(*listing_table(result))


def listing_table(result: Listing) -> Table:
    by, reached = reached_columns([one.reached for one in result.segments])
    headings = (
        Heading("segment"),
        Heading("kind"),
        Heading("members", number=True),
        *by,
        Heading("changed in run", number=True),
        Heading("as of", fixed=True),
        Heading("description"),
    )
    rows = [
        [
            one.name,
            one.kind,
            "–" if one.members is None else f"{one.members:,}",
            *numbers,
            "–" if one.run is None else str(one.run),
            one.as_of or "not decided yet",
            one.description,
        ]
        for one, numbers in zip(result.segments, reached, strict=True)
    ]
    return headings, rows


def counts(*numbers: int) -> list[str]:
    return [f"{number:,}" for number in numbers]


def show_history(result: History) -> None:
    table(*history_table(result))


def history_table(result: History) -> Table:
    headings = (
        Heading("run", number=True),
        Heading("kind"),
        Heading("as of", fixed=True),
        Heading("written at", fixed=True),
        Heading("segments moved", number=True),
        Heading("entered", number=True, style="green"),
        Heading("left", number=True, style="red"),
        Heading("note"),
    )
    rows = []
    for run in result.runs:
        numbers = counts(run.moved, run.entered, run.left)
        files = [f"{one['path']} ({one['rows']:,})" for one in run.exports]
        noted = ", ".join([*run.allowed, *files])
        rows.append([str(run.number), run.kind, run.as_of or "–", run.at, *numbers, noted])
    return headings, rows


def show_diagnosis(result: Diagnosis) -> None:
    for about, findings in groupby(result.findings, key=lambda finding: finding.about):
        line(about)
        for finding in findings:
            line(f"  {MARKS[finding.state]} {finding.name}: {finding.fact}")


def show_made(result: Made) -> None:
    for name in result.files:
        talk(f"wrote {result.folder}/{name}")
    for warning in result.warnings:
        warn(warning)
    talk(f"next: {result.next_command}")
