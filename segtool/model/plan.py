"""What a run has to decide: segments lowered to the algebra, each after those that it refers to."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace

from segtool.errors import Mark, Problem
from segtool.model.algebra import Column, Predicate
from segtool.model.project import Cut


@dataclass(frozen=True)
class Ranking:
    """The cut of a segment: who is kept of those with a value of `by`, the highest or the lowest first."""

    by: Column
    highest: bool
    cut: Cut


@dataclass(frozen=True)
class PlannedSegment:
    """One segment to decide: those of `where` (or `listed`), less `exclude`, cut, plus `include`."""

    name: str
    where: Predicate
    listed: tuple[str, ...] | None = None
    exclude: tuple[str, ...] = ()
    include: tuple[str, ...] = ()
    ranking: Ranking | None = None
    refers_to: frozenset[str] = frozenset()

    @property
    def has_lists(self) -> bool:
        return bool(self.exclude or self.include)


@dataclass(frozen=True)
class PlannedChannel:
    """A channel whose conditions are lowered; None where there is none."""

    name: str
    kind: str
    region: str
    address: Column
    consent: Predicate | None = None
    usable: Predicate | None = None
    quiet: Predicate | None = None


@dataclass(frozen=True)
class Use:
    """A column of a table that the definition of a segment names, or a channel (of no segment), and where."""

    segment: str
    table: str
    column: str
    mark: Mark


@dataclass(frozen=True)
class Plan:
    """Segments in an order in which each stands after those that it refers to, the hash of each with these, what is
    worth a warning, the columns that definitions name, and the channels by which users are reached."""

    segments: tuple[PlannedSegment, ...]
    closures: dict[str, str]
    warnings: tuple[Problem, ...] = ()
    uses: tuple[Use, ...] = ()
    channels: tuple[PlannedChannel, ...] = ()

    def of(self, names: Iterable[str]) -> Plan:
        """The plan of these segments alone, with all that they refer to."""
        wanted = set(names)
        for segment in reversed(self.segments):
            if segment.name in wanted:
                wanted |= segment.refers_to
        return replace(self, segments=tuple(one for one in self.segments if one.name in wanted))
