"""Results to what people read in a terminal."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import groupby

from segtool.model.diagnosis import Diagnosis
from segtool.model.figures import Figure, Held
from segtool.model.results import (
    Checked,
    Evaluation,
    History,
    Listing,
    Made,
    SegmentResult,
    Shown,
    TableResult,
)
from segtool.output.streams import Heading, line, table, talk, tell, warn

MARKS = {"fine": "✓", "noted": "–", "wrong": "✗"}
BARS = "▁▂▃▄▅▆▇█"


def show_evaluation(result: Evaluation, *, quiet: bool = False) -> None:
    headings = (
        Heading("segment"),
        Heading("kind"),
        Heading("before", number=True),
        Heading("entered", number=True, style="green"),
        Heading("left", number=True, style="red"),
        Heading("after", number=True),
        Heading("note"),
    )
    table(headings, (_segment_row(segment) for segment in result.segments))
    for warning in result.warnings:
        warn(warning)
    tell(held.problem for held in result.held)
    if not quiet:
        for one in result.tables:
            talk(_table_line(one))
        talk(_run_line(result))


def _segment_row(result: SegmentResult) -> list[str]:
    size = result.size
    counts = [f"{number:,}" for number in (size.before, size.entered, size.left, size.after)]
    return [result.name, result.kind, *counts, _note(result)]


def _note(result: SegmentResult) -> str:
    notes = {"frozen": "frozen now", "kept": "frozen" if result.kind == "static" else "", "removed": "removed"}
    if result.held:
        return _held_note(result.held, result.kind)
    strangers = f"{result.strangers:,} not among the users" if result.strangers else ""
    return ", ".join(text for text in (notes.get(result.status, ""), strangers) if text)


def _held_note(held: Held, kind: str) -> str:
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


def _run_line(result: Evaluation) -> str:
    if not result.committed:
        return f"run {result.run} stands: nothing has changed since, as of {result.as_of}"
    return f"run {result.run} committed, as of {result.as_of}"


def tell_rejects(results: Iterable[TableResult]) -> None:
    """Which rows are not kept although the run went on, whatever form the answer has."""
    for result in results:
        if result.rejects:
            number = number_of(sum(result.rejects.values()), "row")
            reasons = ", ".join(f"{sort} ({count:,})" for sort, count in result.rejects.items())
            warn(f"{result.name}: {number} rejected, see {result.rejects_file}: {reasons}")


def show_import(results: list[TableResult], *, quiet: bool = False) -> None:
    headings = (Heading("table"), Heading("column"), Heading("read as"), Heading("note"))
    rows = [
        [result.name, column.name, str(column.kind), _column_note(column.note)]
        for result in results
        for column in result.schema.columns
    ]
    table(headings, rows)
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
        warn(warning)
    if not quiet:
        found = number_of(len(result.warnings), "warning") if result.warnings else "no problems"
        talk(f"{number_of(result.segments, 'segment')}, {found}")


def show_listing(result: Listing) -> None:
    headings = (
        Heading("segment"),
        Heading("kind"),
        Heading("members", number=True),
        Heading("changed in run", number=True),
        Heading("as of", fixed=True),
        Heading("description"),
    )
    rows = [
        [
            one.name,
            one.kind,
            "–" if one.members is None else f"{one.members:,}",
            "–" if one.run is None else str(one.run),
            one.as_of or "not decided yet",
            one.description,
        ]
        for one in result.segments
    ]
    table(headings, rows)


def show_shown(result: Shown) -> None:
    listed = result.listed
    state = "not decided yet" if listed.members is None else f"{listed.members:,} members"
    line(f"{listed.name}: {listed.kind}, {state}")
    for text in (listed.description, f"owner: {listed.owner}" if listed.owner else "", _tags(listed.tags)):
        if text:
            line(text)
    line()
    for words in result.words:
        line(f"  {words}")
    _show_links(result)
    _show_clauses(result)
    _show_sizes(result)


def _tags(tags: tuple[str, ...]) -> str:
    return f"tags: {', '.join(tags)}" if tags else ""


def _show_links(result: Shown) -> None:
    links = (("refers to", result.refers_to), ("referred to by", result.referred_by))
    shown = [f"{phrase}: {', '.join(names)}" for phrase, names in links if names]
    shown += [f"guard: {', '.join(words)}"] if (words := result.guard.words()) else []
    shown += [f"kept by its guard since run {result.held_since}"] if result.held_since else []
    for text in ["", *shown] if shown else []:
        line(text)


def _show_clauses(result: Shown) -> None:
    """For how many users each clause holds, and for how many what it looks at is missing."""
    if not result.clauses:
        return
    line()
    line(f"as of {result.looked_at}")
    for one in result.clauses:
        line(f"  {_figure(one.holds)}")
        for figure in one.missing:
            line(f"    {_figure(figure)}")


def _figure(figure: Figure) -> str:
    return f"{figure.phrase} for {figure.share} of {figure.things} ({figure.number:,} of {figure.of:,})"


def _show_sizes(result: Shown) -> None:
    if not result.sizes:
        return
    line()
    unchanged = f"  unchanged for {number_of(result.unchanged, 'run')}" if result.unchanged else ""
    line("size  " + sparkline([size.after for _, _, size in result.sizes]) + unchanged)
    headings = (
        Heading("run", number=True),
        Heading("as of", fixed=True),
        Heading("entered", number=True, style="green"),
        Heading("left", number=True, style="red"),
        Heading("after", number=True),
    )
    newest = result.sizes[-10:]
    table(headings, [[str(run), as_of, *_counts(size.entered, size.left, size.after)] for run, as_of, size in newest])


def _counts(*numbers: int) -> list[str]:
    return [f"{number:,}" for number in numbers]


def sparkline(values: list[int], width: int = 60) -> str:
    """The newest values as bars from the smallest to the largest."""
    newest = values[-width:]
    low, high = min(newest), max(newest)
    span = high - low or 1
    return "".join(BARS[(value - low) * (len(BARS) - 1) // span] for value in newest)


def show_history(result: History) -> None:
    headings = (
        Heading("run", number=True),
        Heading("kind"),
        Heading("as of", fixed=True),
        Heading("written at", fixed=True),
        Heading("segments moved", number=True),
        Heading("entered", number=True, style="green"),
        Heading("left", number=True, style="red"),
        Heading("allowed"),
    )
    rows = []
    for run in result.runs:
        numbers = _counts(run.moved, run.entered, run.left)
        rows.append([str(run.number), run.kind, run.as_of or "–", run.at, *numbers, ", ".join(run.allowed)])
    table(headings, rows)


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
    there = "" if result.folder == "." else f"cd {result.folder} && "
    talk(f"next: {there}segtool evaluate")
