"""Segments come in as they are decided, one after the other; goes out: which of them stay as they were.

The guard of a segment is asked where somebody would enter or leave, or where it is to be frozen. One that trips keeps
the members of the last run, or, where there is none, is not decided; then those that refer to it are not either. A
person may let all of them through (`--allow-movement`).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property

import numpy as np

from segtool.compile.plan import closures_of
from segtool.engine.decide import Decision
from segtool.model.columns import Bits, UserTable, count, resized
from segtool.model.guard import Bound
from segtool.model.plan import Plan, PlannedSegment
from segtool.model.project import Project
from segtool.model.run import Members, SegmentState
from segtool.store.store import Store
from segtool.verbs.guards import MOVEMENT
from segtool.verbs.snapshots import strangers_of


@dataclass(frozen=True)
class Trip:
    """What holds a segment up: the limits that are not kept to and the size that would be; or what it waits for."""

    broken: tuple[Bound, ...] = ()
    size: int | None = None
    waits_for: tuple[str, ...] = ()


@dataclass
class SegmentGuards:
    """The guards of the segments of one run, over the users of now. `kept`: the segments of the last run."""

    project: Project
    store: Store
    kept: Mapping[str, SegmentState]
    users: UserTable
    allowed: bool
    trips: dict[str, Trip] = field(default_factory=dict)
    passed: bool = False
    """Something was let through."""

    @property
    def noted(self) -> tuple[str, ...]:
        """What the record of the run tells of them."""
        return (MOVEMENT,) if self.passed else ()

    def settle(self, planned: PlannedSegment, decision: Decision | None) -> Decision | None:
        """The decision, where its guard lets it stand; else the members of the last run, if there are any."""
        trip = self._trip(planned, decision) if decision else self._waiting(planned)
        if trip is None:
            return decision
        if decision and self.allowed:
            self.passed = True
            return decision
        self.trips[planned.name] = trip
        return self._last(planned.name)

    def standing(self, planned: PlannedSegment, decision: Decision | None) -> Decision | None:
        """The members of the last run of what is held up; for who decides once more what stood then."""
        return self._last(planned.name) if planned.name in self.trips else decision

    def _trip(self, planned: PlannedSegment, decision: Decision) -> Trip | None:
        before, size = self._committed(planned.name), count(decision.members)
        if self.project.segments[planned.name].definition.kind == "static":
            size += len(strangers_of(planned, self.users, self.store.suppression()))
        elif before is not None and np.array_equal(decision.members, before):
            return None
        broken = self.project.guard_of(planned.name).broken(size, None if before is None else count(before))
        return Trip(broken, size) if broken else None

    def _waiting(self, planned: PlannedSegment) -> Trip:
        nothing = {name for name in self.trips if self._committed(name) is None}
        return Trip(waits_for=tuple(sorted(nothing & planned.refers_to)))

    @cached_property
    def _members(self) -> Members:
        return self.store.members()

    def _committed(self, name: str) -> Bits | None:
        bits = self._members.of(name)
        return None if bits is None else resized(bits, self.users.size)

    def _last(self, name: str) -> Decision | None:
        """Who was in at the last run, of those who are users still."""
        bits = self._committed(name)
        return None if bits is None else Decision(bits & self.users.present)

    def closures(self, plan: Plan) -> Mapping[str, str]:
        """The hash of each definition with all that it refers to, where of those held up the committed ones stand."""
        standing = {name: self.kept[name].closure for name in self.trips if name in self.kept}
        refers_to = {one.name: one.refers_to for one in plan.segments}
        return closures_of(self.project.segments, refers_to, standing) if standing else plan.closures
