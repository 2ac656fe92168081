"""Members that were just decided to a snapshot that never changes, and snapshots of a clone to the store."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Container, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from segtool import __version__
from segtool.compile.plan import digest
from segtool.engine.decide import Decision
from segtool.engine.texts import csv_bytes, snapshot_frame
from segtool.errors import DamageError, Problem
from segtool.model.columns import UserTable, to_rows
from segtool.model.plan import PlannedSegment
from segtool.model.project import Project, Segment, name_fault
from segtool.model.run import Frozen, SegmentState, TableState
from segtool.store.writer import Writer


@dataclass(frozen=True)
class Moment:
    """When a run is, and what it reads: as-of and the time of writing (ISO 8601, UTC), the zone, the tables."""

    as_of: str
    at: str
    zone: str
    tables: Mapping[str, TableState]


def frozen_segment(
    name: str,
    segment: Segment,
    planned: PlannedSegment,
    decision: Decision,
    users: UserTable,
    moment: Moment,
    store: Writer,
) -> SegmentState:
    """Writes the snapshot of a segment into the store; it is published with the commit."""
    strangers = strangers_of(planned, users)
    frame = snapshot_frame(users, to_rows(decision.members), strangers, segment.definition.columns)
    content = csv_bytes(frame)
    manifest = _manifest(name, segment, frame.height, content, moment)
    frozen = Frozen(
        rows=frame.height,
        strangers=len(strangers),
        as_of=moment.as_of,
        frozen_at=moment.at,
        sha256=manifest["sha256"],
        csv=store.add_bytes(content),
        manifest=store.add_bytes(json.dumps(manifest, indent=2, ensure_ascii=False).encode() + b"\n"),
    )
    definition = manifest["definition_sha256"]
    number = store.head.number + 1 if store.head else 1
    return SegmentState("static", definition, definition, frame.height, number, moment.as_of, frozen)


def strangers_of(planned: PlannedSegment, users: UserTable) -> set[str]:
    """Keys that lists name and the users do not hold; where a segment is cut, only included ones stay."""
    listed = set(planned.listed or ()) if planned.ranking is None else set()
    named = (listed | set(planned.include)) - set(planned.exclude)
    if not named:
        return named
    rows = to_rows(users.present)
    return named - set(users.keys.gather(rows).to_list())


def _manifest(name: str, segment: Segment, rows: int, content: bytes, moment: Moment) -> dict[str, Any]:
    read = [file for table in moment.tables.values() for file in table.files]
    files = [{"path": file.path, "sha256": file.sha256} for file in read]
    return {
        "version": 1,
        "segment": name,
        "rows": rows,
        "sha256": hashlib.sha256(content).hexdigest(),
        "frozen_at": moment.at,
        "as_of": moment.as_of,
        "timezone": moment.zone,
        "definition": segment.tree,
        "definition_sha256": digest(segment.tree),
        "inputs": files,
        "tool": f"segtool {__version__}",
    }


def adopted(project: Project, store: Writer, known: Container[str]) -> dict[str, SegmentState]:
    """Snapshots of a clone that its store does not know; DamageError where one does not fit its manifest."""
    states: dict[str, SegmentState] = {}
    for found in snapshots_found(project, known):
        csv, manifest = store.add_bytes(found.content), store.add_bytes(found.manifest)
        frozen = replace(found.frozen, csv=csv, manifest=manifest)
        states[found.name] = found.state(frozen)
    return states


@dataclass(frozen=True)
class Found:
    """A snapshot that stands in the project: its bytes, and what its manifest says."""

    name: str
    content: bytes
    manifest: bytes
    frozen: Frozen
    definition: str

    def state(self, frozen: Frozen) -> SegmentState:
        return SegmentState("static", self.definition, self.definition, frozen.rows, 1, frozen.as_of, frozen)


def snapshots_found(project: Project, known: Container[str]) -> list[Found]:
    """The published snapshots beside the known ones; DamageError where one does not fit its manifest."""
    problems: list[Problem] = []
    snapshots: list[Found] = []
    unknown = [path for path in (project.folder / "snapshots").glob("*.json") if path.stem not in known]
    for path in sorted(unknown):
        found = _found(path)
        if isinstance(found, Found):
            snapshots.append(found)
        else:
            problems.append(Problem(f"snapshots/{path.stem}.csv {found}", "restore it, or move it and its .json away"))
    if problems:
        raise DamageError(problems)
    return snapshots


def _found(path: Path) -> Found | str:
    """One snapshot, or what is wrong with it."""
    data = path.with_suffix(".csv")
    if name_fault(path.stem):
        return "has a name that no segment can have"
    if not data.is_file():
        return "is missing, and its manifest is there"
    content, manifest_bytes = data.read_bytes(), path.read_bytes()
    try:
        manifest = json.loads(manifest_bytes)
        rows, sha256 = int(manifest["rows"]), str(manifest["sha256"])
        as_of, at, definition = (str(manifest[key]) for key in ("as_of", "frozen_at", "definition_sha256"))
    except (ValueError, KeyError, TypeError):
        return "has a manifest that segtool did not write"
    if hashlib.sha256(content).hexdigest() != sha256:
        return "is not what its manifest says"
    return Found(path.stem, content, manifest_bytes, Frozen(rows, 0, as_of, at, sha256, "", ""), definition)


def published(project: Project, known: Container[str] = ()) -> dict[str, SegmentState]:
    """The states of snapshots that a run would adopt, for those who only look."""
    return {found.name: found.state(found.frozen) for found in snapshots_found(project, known)}
