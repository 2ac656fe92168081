"""Snapshots that came with a clone of the project to states of segments that its store has never decided."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Container
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from segtool.errors import DamageError, Problem
from segtool.model.project import Project, name_fault
from segtool.model.run import Frozen, SegmentState

if TYPE_CHECKING:
    from segtool.store.additions import Additions


def adopted(project: Project, store: Additions, known: Container[str]) -> dict[str, SegmentState]:
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
    except (ValueError, KeyError, TypeError, RecursionError):
        return "has a manifest that segtool did not write"
    if hashlib.sha256(content).hexdigest() != sha256:
        return "is not what its manifest says"
    return Found(path.stem, content, manifest_bytes, Frozen(rows, 0, as_of, at, sha256, "", ""), definition)


def published(project: Project, known: Container[str] = ()) -> dict[str, SegmentState]:
    """The states of snapshots that a run would adopt, for those who only look."""
    return {found.name: found.state(found.frozen) for found in snapshots_found(project, known)}
