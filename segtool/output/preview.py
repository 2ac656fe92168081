"""What would become of every segment, to text, to Markdown for a pull request, and to plain data for machines."""

from __future__ import annotations

from collections.abc import Iterator

from segtool.errors import Problem
from segtool.model.preview import AT_REST, Preview, SegmentPreview, Step
from segtool.model.results import TableResult
from segtool.output.answers import PlanAnswer
from segtool.output.data import VERSION, held_data, problem_data, size_data, table_data
from segtool.output.markdown import cell_text, markdown_table, page, warnings_table
from segtool.output.preview_facts import FirstKeys, PreviewRow
from segtool.output.streams import Heading, line, table, talk, warn
from segtool.output.texts import MOVED, Table, held_note, number_of

NOTES = {"added": "new", "redefined": "same members by another definition", "frozen": "would be frozen"}
UNTOLD = ("unchanged", "kept")
"""Of these no row tells, as there is nothing to tell of them."""


def preview_data(result: Preview) -> PlanAnswer:
    return {
        "version": VERSION,
        "as_of": result.as_of,
        "run": result.run,
        "against": result.against,
        "segments": [_segment(one, with_keys=result.keys > 0) for one in result.segments],
        "tables": [table_data(one) for one in result.tables],
        "warnings": list(result.warnings),
        "problems": [problem_data(problem) for problem in _problems(result)],
    }


def _segment(one: SegmentPreview, *, with_keys: bool) -> PreviewRow:
    return {
        "name": one.name,
        "kind": one.kind,
        "status": one.status,
        **size_data(one.size),
        "entered_by_data": one.data.entered,
        "left_by_data": one.data.left,
        "entered_by_definition": one.definition.entered,
        "left_by_definition": one.definition.left,
        "strangers": one.strangers,
        "keys": _first_keys(one) if with_keys else None,
        "held": held_data(one.held) if one.held else None,
    }


def _first_keys(one: SegmentPreview) -> FirstKeys:
    return {
        "entered_by_data": list(one.data.first_entered),
        "left_by_data": list(one.data.first_left),
        "entered_by_definition": list(one.definition.first_entered),
        "left_by_definition": list(one.definition.first_left),
    }


def _problems(result: Preview) -> list[Problem]:
    return [one.held.problem for one in result.segments if one.held]


def show_preview(result: Preview, *, quiet: bool = False) -> None:
    if _told(result):
        table(*_table(result))
    for name, words, keys in _samples(result):
        line(f"{name} {words}: {', '.join(keys)}")
    for warning in (*result.warnings, *map(str, _problems(result))):
        warn(warning)
    if not quiet:
        for text in (*_imports(result), *_rest(result), f"{_compared(result, result.against)}; nothing was written"):
            talk(text)


def preview_markdown(result: Preview) -> str:
    keys = [[name, words, ", ".join(keys)] for name, words, keys in _samples(result)]
    headings = [Heading(name) for name in ("segment", "who", "keys")]
    return page(
        f"plan: {_compared(result, cell_text(result.against or ''))}",
        markdown_table(*_table(result)) if _told(result) else "",
        "\n\n".join(_rest(result)),
        markdown_table(headings, keys) if keys else "",
        markdown_table([Heading("table")], [[text] for text in _imports(result)]) if _imports(result) else "",
        warnings_table([*result.warnings, *map(str, _problems(result))]),
    )


def _told(result: Preview) -> list[SegmentPreview]:
    return [one for one in result.segments if one.status not in UNTOLD]


def _table(result: Preview) -> Table:
    """What a definition does beside a revision is all there is."""
    causes = () if result.against else (Heading("by data"), Heading("by definition"))
    return (*MOVED, *causes, Heading("note")), [_row(one, result) for one in _told(result)]


def _row(one: SegmentPreview, result: Preview) -> list[str]:
    counts = [f"{number:,}" for number in one.size]
    causes = [] if result.against else [_change(one.data), _change(one.definition)]
    return [one.name, one.kind, *counts, *causes, _note(one)]


def _change(step: Step) -> str:
    signed = ((step.entered, "+"), (step.left, "-"))
    return " ".join(f"{sign}{number:,}" for number, sign in signed if number)


def _note(one: SegmentPreview) -> str:
    if one.held:
        return held_note(one.held, one.kind)
    strangers = f"{one.strangers:,} not among the users" if one.strangers else ""
    status = NOTES.get(one.status, one.status if one.status != "changed" else "")
    return ", ".join(text for text in (status, strangers) if text)


def _samples(result: Preview) -> Iterator[tuple[str, str, tuple[str, ...]]]:
    """The keys that were asked for, behind the name of their segment and what they are counted under."""
    for one in result.segments:
        for cause, step in (("data", one.data), ("definition", one.definition)):
            for sign, keys, number in (("+", step.first_entered, step.entered), ("-", step.first_left, step.left)):
                more = f" (the first {len(keys):,})" if number > len(keys) else ""
                if keys:
                    yield one.name, f"by {cause} {sign}{number:,}{more}", keys


def _imports(result: Preview) -> list[str]:
    """What would become of the tables; a comparison of definitions takes them as they are."""
    return [_table_line(table) for table in result.tables] if result.against is None else []


def _table_line(result: TableResult) -> str:
    rows, added = number_of(result.report.kept, "row"), result.added
    state = "would be imported" if added is None else f"{added:,} of them would be added"
    return f"{result.name}: {rows}, {state if result.changed else 'unchanged'}"


def _rest(result: Preview) -> list[str]:
    """What is to be said of the segments that no row tells of."""
    rest = sum(one.status in AT_REST for one in result.segments)
    if not result.moving:
        return ["no segment would change"]
    return [f"{number_of(rest, 'segment')} would not change"] if rest else []


def _compared(result: Preview, against: str | None) -> str:
    """When, and with what; `against` as it is to be shown."""
    if result.against is not None:
        return f"as of {result.as_of}, compared with the definitions of {against}"
    return f"as of {result.as_of}, " + (f"compared with run {result.run}" if result.run else "before the first run")
