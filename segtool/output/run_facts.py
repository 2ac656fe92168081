"""The types of what is told of runs."""

from __future__ import annotations

from typing_extensions import TypedDict

from segtool.output.facts import Instant


class ExportNote(TypedDict):
    """One file that a run exported, with the SHA-256 (hex) of its bytes; no `channel`: the keys."""

    segment: str
    channel: str
    path: str
    rows: int
    sha256: str


class RunRow(TypedDict):
    """One run: its clock, when it was written, how many entered and left all segments together, the guards that were
    allowed to let something through, and the files that it exported."""

    run: int
    kind: str
    as_of: Instant | None
    at: Instant
    entered: int
    left: int
    frozen: list[str]
    tool: str
    allowed: list[str]
    exports: list[ExportNote]
