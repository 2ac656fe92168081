"""Records and states come in, JSON comes out, and the other way round."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path
from typing import Any

from segtool.errors import DamageError, Problem
from segtool.model.kinds import Column, Schema, kind_from_json
from segtool.model.run import Base, Baseline, Frozen, Record, SegmentState, Size, State, TableState
from segtool.model.tables import ImportReport, SourceFile

OTHER_BYTES = "is damaged: its bytes are not the ones that were written"


def damage(root: Path, path: Path, fact: str) -> DamageError:
    """What is wrong with a file of the store, under the name that people see."""
    return DamageError(Problem(f"{path.relative_to(root.parent)} {fact}", "restore .segtool from a copy"))


@contextmanager
def well_formed(root: Path, path: Path) -> Iterator[None]:
    """What does not have the form that it was written in is damage, not a bug."""
    try:
        yield
    except (ValueError, LookupError, TypeError, AttributeError, EOFError, RecursionError) as error:
        raise damage(root, path, "is damaged: it does not have the form it was written in") from error


def json_bytes(data: Any, canonical: bool = False) -> bytes:
    """JSON in UTF-8; canonical: keys sorted, so that equal data is equal bytes."""
    text = json.dumps(data, sort_keys=canonical, separators=(",", ":"), ensure_ascii=False, allow_nan=False)
    # a file's name that is not UTF-8 reaches Python as lone surrogates, which json.loads takes back
    return text.encode("utf-8", "surrogatepass") + b"\n"


def record_to_json(record: Record) -> dict[str, Any]:
    return dict(vars(record))


def record_from_json(data: dict[str, Any]) -> Record:
    sizes = {name: Size._make(numbers) for name, numbers in data["sizes"].items()}
    lists = {name: tuple(data[name]) for name in ("frozen", "rewritten", "removes")}
    return Record(**{**data, **lists, "sizes": sizes})


def schema_to_json(schema: Schema) -> dict[str, Any]:
    columns = [{**vars(column), "kind": column.kind.to_json()} for column in schema.columns]
    return {"key": schema.key, "columns": columns, "time": schema.time, "event": schema.event}


def schema_from_json(data: dict[str, Any]) -> Schema:
    columns = [Column(**{**column, "kind": kind_from_json(column["kind"])}) for column in data["columns"]]
    return Schema(data["key"], tuple(columns), data["time"], data["event"])


def _table_to_json(table: TableState) -> dict[str, Any]:
    return {
        "parts": table.parts,
        "schema": schema_to_json(table.schema),
        "files": [asdict(file) for file in table.files],
        "report": asdict(table.report),
        "by_hand": table.by_hand,
        "declared": table.declared,
        "lost": table.lost,
    }


def _table_from_json(data: dict[str, Any]) -> TableState:
    return TableState(
        parts=tuple(data["parts"]),
        schema=schema_from_json(data["schema"]),
        files=tuple(SourceFile(**file) for file in data["files"]),
        report=ImportReport(**data["report"]),
        by_hand=data["by_hand"],
        declared=data["declared"],
        lost=tuple(data.get("lost", ())),
    )


def _segment_from_json(data: dict[str, Any]) -> SegmentState:
    frozen, held = data["frozen"], data.get("held")
    kept = {"frozen": Frozen(**frozen) if frozen else None, "held": _baseline(held) if held else None}
    return SegmentState(**{**data, **kept})


def _baseline(data: dict[str, Any]) -> Baseline:
    figures = {hashed: (number, of) for hashed, (number, of) in data["figures"].items()}
    return Baseline(data["run"], data["since"], figures)


def state_to_json(state: State) -> dict[str, Any]:
    return {
        "tables": {name: _table_to_json(table) for name, table in state.tables.items()},
        "segments": {name: asdict(segment) for name, segment in state.segments.items()},
        "members": state.members,
        "definitions": state.definitions,
        "strangers": state.strangers,
        "leaves": state.leaves,
        "suppressed": state.suppressed,
        "base": asdict(state.base) if state.base else None,
    }


def state_from_json(data: dict[str, Any]) -> State:
    return State(
        tables={name: _table_from_json(table) for name, table in data["tables"].items()},
        segments={name: _segment_from_json(segment) for name, segment in data["segments"].items()},
        members=data["members"],
        definitions=data["definitions"],
        strangers=data["strangers"],
        leaves=data["leaves"],
        suppressed=data["suppressed"],
        base=Base(**data["base"]) if data["base"] else None,
    )
