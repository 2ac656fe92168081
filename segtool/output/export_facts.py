"""The types of what an export answers."""

from __future__ import annotations

from typing_extensions import TypedDict

from segtool.output.facts import Instant, Version


class ExportRow(TypedDict):
    """One segment of an export: its `members` are those in an `earlier` segment of it, those `held_back` for each
    reason, those whom `other_variants` draw, and those `exported`."""

    segment: str
    members: int
    earlier: int
    held_back: dict[str, int]
    other_variants: int
    exported: int


class ExportedFileFacts(TypedDict):
    """One file that was written, with the SHA-256 (hex) of its bytes."""

    path: str
    rows: int
    bytes: int
    sha256: str


class ExportAnswer(TypedDict):
    """What an export came to, of the members as `run` left them, with the values of `as_of`; no `channel`: the keys."""

    version: Version
    channel: str | None
    preset: str
    run: int
    as_of: Instant
    segments: list[ExportRow]
    files: list[ExportedFileFacts]
    manifest: str | None
    warnings: list[str]
