"""Results to plain data for machines: JSON, JSON lines and CSV, with the same facts as the text."""

from __future__ import annotations

import csv
import io
import json
from dataclasses import asdict
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from segtool.errors import Problem, SegtoolError
from segtool.model.diagnosis import Diagnosis
from segtool.model.figures import Cause, ClauseFigures, Figure, Held
from segtool.model.guard import Guard
from segtool.model.results import (
    Checked,
    Erased,
    Evaluation,
    History,
    Listing,
    Pruned,
    SegmentResult,
    Shown,
    TableResult,
    Verified,
    to_plain,
)
from segtool.output.safe import safe_json

if TYPE_CHECKING:
    import polars as pl

VERSION = 1
Row = dict[str, Any]


def evaluation_data(result: Evaluation) -> dict[str, Any]:
    facts = {"version": VERSION, "run": result.run, "as_of": result.as_of, "committed": result.committed}
    tables = [table_data(table) for table in result.tables]
    segments = [_segment(segment) for segment in result.segments]
    problems = [problem_data(held.problem) for held in result.held]
    return {**facts, "tables": tables, "segments": segments, "warnings": list(result.warnings), "problems": problems}


def _segment(result: SegmentResult) -> Row:
    facts = {"name": result.name, "kind": result.kind, "status": result.status}
    return {**facts, **to_plain(result.size), "strangers": result.strangers, "held": _held(result.held)}


def _held(held: Held | None) -> Row | None:
    """Why a guard keeps a segment, with the figures."""
    if held is None:
        return None
    facts: Row = {"limits": [bound.limit for bound in held.broken], "would_be": held.size}
    facts |= {"since": held.baseline.run if held.baseline else None, "waits_for": list(held.waits_for)}
    return {**facts, "redefined": held.redefined, "cause": _cause(held.cause) if held.cause else None}


def _cause(cause: Cause) -> Row:
    shifts = [{**figure_data(one.now), "before": {"number": one.number, "of": one.of}} for one in cause.shifts]
    place = {"file": cause.mark.file, "line": cause.mark.line, "column": cause.mark.column}
    return {"clause": cause.clause, **place, "since": cause.since, "moved": shifts}


def figure_data(figure: Figure) -> Row:
    return {"phrase": figure.phrase, "number": figure.number, "of": figure.of, "things": figure.things}


def table_data(result: TableResult) -> Row:
    columns = [{"name": column.name, "kind": column.kind.to_json()} for column in result.schema.columns]
    facts = {"name": result.name, "changed": result.changed, "added": result.added}
    facts |= {"rejected": sum(result.rejects.values()), "rejects_file": result.rejects_file or None}
    return {**facts, **asdict(result.report), "columns": columns}


def import_data(results: list[TableResult]) -> dict[str, Any]:
    return {"version": VERSION, "tables": [table_data(result) for result in results]}


def kept_data(result: Verified | Pruned | Erased) -> dict[str, Any]:
    facts = {name: list(value) if isinstance(value, tuple) else value for name, value in vars(result).items()}
    return {"version": VERSION, **facts}


def listing_data(result: Listing) -> dict[str, Any]:
    segments = []
    for one in result.segments:
        frozen = {"rows": one.frozen.rows, "sha256": one.frozen.sha256} if one.frozen else None
        segments.append(
            {
                "name": one.name,
                "kind": one.kind,
                "members": one.members,
                "run": one.run,
                "as_of": one.as_of or None,
                "frozen": frozen,
                "description": one.description,
                "tags": list(one.tags),
                "owner": one.owner,
            }
        )
    return {"version": VERSION, "run": result.run, "as_of": result.as_of or None, "segments": segments}


def shown_data(result: Shown) -> dict[str, Any]:
    sizes = [{"run": run, "as_of": as_of, **to_plain(size)} for run, as_of, size in result.sizes]
    (listed,) = listing_data(Listing(0, "", (result.listed,)))["segments"]
    names = {"refers_to": list(result.refers_to), "referred_by": list(result.referred_by)}
    facts = {"version": VERSION, **listed, "words": list(result.words), **names, "guard": _guard(result.guard)}
    facts |= {"held_since": result.held_since, "unchanged_runs": result.unchanged, "sizes": sizes}
    return {**facts, "looked_at": result.looked_at or None, "clauses": [_clause(one) for one in result.clauses]}


def _clause(figures: ClauseFigures) -> Row:
    missing = [figure_data(one) for one in figures.missing]
    return {"clause": figures.clause, "holds": figures.holds.number, "users": figures.holds.of, "missing": missing}


def _guard(guard: Guard) -> Row:
    """The limits; percentages as numbers."""
    numbers = {name: float(limit) if isinstance(limit, Decimal) else limit for name, limit in guard}
    return {name: int(limit) if limit is not None and limit == int(limit) else limit for name, limit in numbers.items()}


def history_data(result: History) -> dict[str, Any]:
    runs = []
    for run in result.runs:
        facts = {"run": run.number, "kind": run.kind, "as_of": run.as_of or None, "at": run.at}
        facts |= {"entered": run.entered, "left": run.left, "frozen": list(run.frozen), "tool": run.tool}
        runs.append({**facts, "allowed": list(run.allowed)})
    return {"version": VERSION, "runs": runs}


def checked_data(result: Checked) -> dict[str, Any]:
    return {"version": VERSION, "segments": result.segments, "warnings": list(result.warnings), "problems": []}


def diagnosis_data(result: Diagnosis) -> dict[str, Any]:
    findings = [
        {"about": one.about, "name": one.name, "state": one.state, "fact": one.fact, "exit_code": one.exit_code}
        for one in result.findings
    ]
    return {"version": VERSION, "exit_code": result.exit_code, "findings": findings}


def failure_data(error: SegtoolError) -> dict[str, Any]:
    problems = [problem_data(problem) for problem in error.problems]
    return {"version": VERSION, "exit_code": error.exit_code, "problems": problems}


def problem_data(problem: Problem) -> Row:
    return {
        "file": problem.mark.file if problem.mark else None,
        "line": (int(problem.mark.line) or None) if problem.mark else None,
        "column": (int(problem.mark.column) or None) if problem.mark else None,
        "fact": problem.fact,
        "next": problem.next,
    }


def json_text(data: Any) -> str:
    return safe_json(json.dumps(data, ensure_ascii=False, indent=2)) + "\n"


def jsonl_text(rows: list[Row]) -> str:
    return "".join(safe_json(json.dumps(row, ensure_ascii=False)) + "\n" for row in rows)


def csv_text(rows: list[Row]) -> str:
    """Rows of plain values as CSV; lists joined by `|`, missing values empty."""
    out = io.StringIO()
    if rows:
        writer = csv.DictWriter(out, list(rows[0]), lineterminator="\n", extrasaction="ignore")
        writer.writeheader()
        writer.writerows({name: _cell(value) for name, value in row.items()} for row in rows)
    return out.getvalue()


def _cell(value: Any) -> Any:
    match value:
        case None:
            return ""
        case bool():
            return "true" if value else "false"
        case list():
            return "|".join(str(item) for item in value)
        case dict():
            return json.dumps(value, ensure_ascii=False)
        case _:
            return value


def frame_csv(frame: pl.DataFrame) -> str:
    return frame.write_csv(quote_style="necessary", line_terminator="\n")
