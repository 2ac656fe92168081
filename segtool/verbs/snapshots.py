"""Members that were just decided to a snapshot that never changes."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from segtool import __version__
from segtool.compile.plan import digest
from segtool.engine.decide import Decision
from segtool.engine.texts import snapshot_frame
from segtool.model.columns import UserTable, to_rows
from segtool.model.plan import PlannedSegment
from segtool.model.project import Segment
from segtool.model.run import Frozen, SegmentState, TableState
from segtool.model.texts import csv_bytes
from segtool.store.additions import Additions
from segtool.store.suppression import Suppression
from segtool.verbs.departed import kept_tree


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
    store: Additions,
) -> SegmentState:
    """Writes the snapshot of a segment into the store; it is published with the commit."""
    suppression = store.suppression()
    strangers = strangers_of(planned, users, suppression)
    frame = snapshot_frame(users, to_rows(decision.members), strangers, segment.definition.columns)
    content = csv_bytes(frame)
    tree = kept_tree(segment, users.schema.key, suppression)
    manifest = _manifest(name, segment, tree, frame.height, content, moment)
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


def strangers_of(planned: PlannedSegment, users: UserTable, suppression: Suppression | None) -> set[str]:
    """Keys that lists name and the users do not hold; where a segment is cut, only included ones stay. Those who were
    erased and stay out are none."""
    listed = set(planned.listed or ()) if planned.ranking is None else set()
    named = (listed | set(planned.include)) - set(planned.exclude)
    if not named:
        return named
    rows = to_rows(users.present)
    named -= set(users.keys.gather(rows).to_list())
    return suppression.without(named) if suppression else named


def _manifest(name: str, segment: Segment, tree: Any, rows: int, content: bytes, moment: Moment) -> dict[str, Any]:
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
        "definition": tree,
        "definition_sha256": digest(segment.tree),
        "inputs": files,
        "tool": f"segtool {__version__}",
    }
