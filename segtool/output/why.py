"""The types of what is told of one user and one segment, as answers hold it."""

from __future__ import annotations

from typing_extensions import TypedDict

from segtool.output.facts import EditFacts, Instant, LineFacts, SegmentKind


class StandingFacts(TypedDict):
    """What the newest run left, and the run since which that is so; null where it is older than those kept."""

    is_member: bool
    run: int | None
    as_of: Instant | None


class ExplanationRow(TypedDict):
    """Why the user would be in a segment after a run now, or would not; `basis` tells what decides. Without a segment
    on the command line, `standing`, `lines`, `change` and `hindrances` are left empty."""

    segment: str
    kind: SegmentKind
    is_member: bool
    basis: str
    standing: StandingFacts | None
    lines: list[LineFacts]
    change: list[EditFacts]
    hindrances: list[str]
