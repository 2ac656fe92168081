"""Results to plain data for machines: JSON, JSON lines and CSV, with the same facts as the text."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, Literal, cast

from segtool.errors import Mark, Problem
from segtool.model.diagnosis import Diagnosis
from segtool.model.exports import Exported, ExportedPart
from segtool.model.figures import Cause, Figure, Held
from segtool.model.results import (
    Checked,
    Erased,
    Evaluation,
    History,
    Listed,
    Listing,
    Made,
    PastRun,
    Pruned,
    SegmentResult,
    TableResult,
    Verified,
)
from segtool.model.run import Size
from segtool.output.answers import (
    CheckAnswer,
    DoctorAnswer,
    EvaluationAnswer,
    Failure,
    HistoryAnswer,
    ImportAnswer,
    InitAnswer,
    ListAnswer,
)
from segtool.output.export_facts import ExportAnswer, ExportRow
from segtool.output.facts import (
    CauseFacts,
    FigureFacts,
    FindingRow,
    HeldFacts,
    MovedRow,
    PlaceFacts,
    ProblemRow,
    SegmentRow,
    SizeFacts,
    TableRow,
)
from segtool.output.run_facts import ExportNote, RunRow
from segtool.output.safe import safe_json

if TYPE_CHECKING:
    import polars as pl

VERSION: Literal[1] = 1
Row = Mapping[str, Any]
NOWHERE: PlaceFacts = {"file": None, "line": None, "column": None}


def made_data(result: Made) -> InitAnswer:
    return {
        "version": VERSION,
        "folder": result.folder,
        "files": list(result.files),
        "warnings": list(result.warnings),
        "next": result.next_command,
    }


def evaluation_data(result: Evaluation) -> EvaluationAnswer:
    return {
        "version": VERSION,
        "run": result.run,
        "as_of": result.as_of,
        "committed": result.committed,
        "tables": [table_data(table) for table in result.tables],
        "segments": [_moved(segment) for segment in result.segments],
        "warnings": list(result.warnings),
        "problems": [problem_data(held.problem) for held in result.held],
        "exports": [exported_data(one) for one in result.exports],
    }


def _moved(result: SegmentResult) -> MovedRow:
    return {
        "name": result.name,
        "kind": result.kind,
        "status": result.status,
        **size_data(result.size),
        "strangers": result.strangers,
        "held": held_data(result.held) if result.held else None,
        "reached": dict(result.reached),
    }


def held_data(held: Held) -> HeldFacts:
    return {
        "limits": [bound.limit for bound in held.broken],
        "would_be": held.size,
        "since": held.baseline.run if held.baseline else None,
        "waits_for": list(held.waits_for),
        "redefined": held.redefined,
        "cause": _cause(held.cause) if held.cause else None,
    }


def _cause(cause: Cause) -> CauseFacts:
    return {
        "clause": cause.clause,
        **place_data(cause.mark),
        "since": cause.since,
        "moved": [{**figure_data(one.now), "before": {"number": one.number, "of": one.of}} for one in cause.shifts],
    }


def figure_data(figure: Figure) -> FigureFacts:
    return {"phrase": figure.phrase, "number": figure.number, "of": figure.of, "things": figure.things}


def size_data(size: Size) -> SizeFacts:
    return {"before": size.before, "entered": size.entered, "left": size.left, "after": size.after}


def table_data(result: TableResult) -> TableRow:
    report = result.report
    return {
        "name": result.name,
        "changed": result.changed,
        "added": result.added,
        "rejected": sum(result.rejects.values()),
        "rejects_file": result.rejects_file or None,
        "table": report.table,
        "read": report.read,
        "kept": report.kept,
        "dropped": report.dropped,
        "notes": report.notes,
        "names": report.names,
        "columns": [{"name": column.name, "kind": column.kind.to_json()} for column in result.schema.columns],
    }


def import_data(results: list[TableResult]) -> ImportAnswer:
    return {"version": VERSION, "tables": [table_data(result) for result in results]}


def kept_data(result: Verified | Pruned | Erased) -> dict[str, Any]:
    facts = {name: list(value) if isinstance(value, tuple) else value for name, value in vars(result).items()}
    return {"version": VERSION, **facts}


def listing_data(result: Listing) -> ListAnswer:
    segments = [segment_data(one) for one in result.segments]
    return {"version": VERSION, "run": result.run, "as_of": result.as_of or None, "segments": segments}


def segment_data(one: Listed) -> SegmentRow:
    return {
        "name": one.name,
        "kind": one.kind,
        "members": one.members,
        "run": one.run,
        "as_of": one.as_of or None,
        "frozen": {"rows": one.frozen.rows, "sha256": one.frozen.sha256} if one.frozen else None,
        "description": one.description,
        "tags": list(one.tags),
        "owner": one.owner,
        "reached": dict(one.reached),
    }


def history_data(result: History) -> HistoryAnswer:
    return {"version": VERSION, "runs": [_past_run(run) for run in result.runs]}


def _past_run(run: PastRun) -> RunRow:
    return {
        "run": run.number,
        "kind": run.kind,
        "as_of": run.as_of or None,
        "at": run.at,
        "entered": run.entered,
        "left": run.left,
        "frozen": list(run.frozen),
        "tool": run.tool,
        "allowed": list(run.allowed),
        "exports": [cast("ExportNote", dict(one)) for one in run.exports],
    }


def exported_data(result: Exported) -> ExportAnswer:
    return {
        "version": VERSION,
        "channel": result.channel or None,
        "preset": result.preset,
        "run": result.run,
        "as_of": result.as_of,
        "segments": [_exported_part(part) for part in result.parts],
        "files": [
            {"path": one.path, "rows": one.rows, "bytes": one.bytes, "sha256": one.sha256} for one in result.files
        ],
        "manifest": result.manifest or None,
        "warnings": list(result.warnings),
    }


def _exported_part(part: ExportedPart) -> ExportRow:
    return {
        "segment": part.segment,
        "members": part.members,
        "earlier": part.earlier,
        "held_back": dict(part.counted.held_back),
        "other_variants": part.other_variants,
        "exported": part.exported,
    }


def checked_data(result: Checked) -> CheckAnswer:
    return {
        "version": VERSION,
        "segments": result.segments,
        "warnings": [problem_data(warning) for warning in result.warnings],
        "problems": [],
    }


def diagnosis_data(result: Diagnosis) -> DoctorAnswer:
    findings: list[FindingRow] = [
        {"about": one.about, "name": one.name, "state": one.state, "fact": one.fact, "exit_code": one.exit_code}
        for one in result.findings
    ]
    return {"version": VERSION, "exit_code": result.exit_code, "findings": findings}


def failure_data(problems: Sequence[Problem], exit_code: int) -> Failure:
    return {"version": VERSION, "exit_code": exit_code, "problems": [problem_data(problem) for problem in problems]}


def problem_data(problem: Problem) -> ProblemRow:
    place = place_data(problem.mark) if problem.mark else NOWHERE
    return {**place, "fact": problem.fact, "next": problem.next}


def place_data(mark: Mark) -> PlaceFacts:
    return {"file": mark.file, "line": int(mark.line) or None, "column": int(mark.column) or None}


def json_text(data: Any) -> str:
    return safe_json(json.dumps(data, ensure_ascii=False, indent=2)) + "\n"


def jsonl_text(rows: Sequence[Row]) -> str:
    return "".join(safe_json(json.dumps(row, ensure_ascii=False)) + "\n" for row in rows)


def csv_text(rows: Sequence[Row], columns: Sequence[str]) -> str:
    """Rows of plain values as CSV; lists joined by `|`, objects as JSON, missing values empty."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(columns)
    writer.writerows([cell(row[name]) for name in columns] for row in rows)
    return out.getvalue()


def cell(value: Any) -> Any:
    match value:
        case None:
            return ""
        case bool():
            return "true" if value else "false"
        case list() if not any(isinstance(item, dict) for item in value):
            return "|".join(str(item) for item in value)
        case list() | dict():
            return json.dumps(value, ensure_ascii=False)
        case _:
            return value


def frame_csv(frame: pl.DataFrame) -> str:
    return frame.write_csv(quote_style="necessary", line_terminator="\n")
