"""What a run would do, or what an edit of the definitions comes to: plain facts, to be shown in any form."""

from __future__ import annotations

from dataclasses import dataclass

from segtool.model.figures import Held
from segtool.model.results import TableResult
from segtool.model.run import Size

AT_REST = ("unchanged", "redefined", "kept", "held")
"""What may be said of a segment in which nothing would change."""


@dataclass(frozen=True)
class Step:
    """Who enters and who leaves for one cause: how many, and the first of them by key where these were asked for."""

    entered: int = 0
    left: int = 0
    first_entered: tuple[str, ...] = ()
    first_left: tuple[str, ...] = ()


@dataclass(frozen=True)
class SegmentPreview:
    """One segment as it is, and as it would be.

    `status`: added, changed, redefined (another definition with the same members), unchanged, removed, frozen (it would
    be), kept (it is frozen already), held (a guard would keep it). Two steps lead from before to after: `data` to whom
    the committed definition holds on today's tables, and from there `definition` to whom today's does. Who comes by one
    and goes by the other is counted in both, and has neither entered nor left. `strangers`: keys of lists that the
    users do not hold.
    """

    name: str
    kind: str
    status: str
    size: Size
    data: Step = Step()
    definition: Step = Step()
    strangers: int = 0
    held: Held | None = None


@dataclass(frozen=True)
class Preview:
    """What would become of every segment. `run`: the newest one (0: none yet); `against`: the git revision that today's
    definitions are compared with, None where it is the newest run; `keys`: how many were asked for of each kind."""

    as_of: str
    run: int
    against: str | None
    keys: int
    tables: tuple[TableResult, ...]
    segments: tuple[SegmentPreview, ...]
    warnings: tuple[str, ...] = ()

    @property
    def moving(self) -> tuple[SegmentPreview, ...]:
        """The segments in which something would change."""
        return tuple(one for one in self.segments if one.status not in AT_REST)
