"""The types of what `plan` answers of a segment: as it is, as it would be, and by which cause."""

from __future__ import annotations

from typing import Annotated

from pydantic import WithJsonSchema
from typing_extensions import TypedDict

from segtool.output.facts import HeldFacts, SegmentKind

PreviewStatus = Annotated[
    str,
    WithJsonSchema(
        {"enum": ["added", "changed", "redefined", "unchanged", "removed", "frozen", "kept", "held"]},
    ),
]


class FirstKeys(TypedDict):
    """The first keys of those who would enter and leave, by cause."""

    entered_by_data: list[str]
    left_by_data: list[str]
    entered_by_definition: list[str]
    left_by_definition: list[str]


class PreviewRow(TypedDict):
    """One segment as it is and as it would be. From `before`, the data alone come to the committed definition on the
    tables of today; from there the definition comes to `after`. Who comes by one and goes by the other is counted in
    both, and has neither entered nor left. `keys` are null where none were asked for."""

    name: str
    kind: SegmentKind
    status: PreviewStatus
    before: int
    entered: int
    left: int
    after: int
    entered_by_data: int
    left_by_data: int
    entered_by_definition: int
    left_by_definition: int
    strangers: int
    keys: FirstKeys | None
    held: HeldFacts | None
