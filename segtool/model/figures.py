"""For how many users something holds, what that was before, and why a guard keeps a segment as it was."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

from segtool.errors import Mark, Problem
from segtool.model.guard import Bound
from segtool.model.run import Baseline


@dataclass(frozen=True)
class Figure:
    """For how many `of` so many users (or events, as `things` tells) a phrase holds."""

    phrase: str
    number: int
    of: int
    things: str = "users"

    @property
    def share(self) -> str:
        return percent(self.number, self.of)


@dataclass(frozen=True)
class ClauseFigures:
    """One clause of a definition, its place, for how many it holds, and for how many what it looks at is missing."""

    clause: str
    mark: Mark
    holds: Figure
    missing: tuple[Figure, ...]


@dataclass(frozen=True)
class Shift:
    """A figure of now, and what it was: for so many of so many."""

    now: Figure
    number: int
    of: int

    @property
    def distance(self) -> int:
        return abs(self.now.number - self.number)

    @property
    def before(self) -> str:
        return percent(self.number, self.of)

    @property
    def has_moved(self) -> bool:
        return self.now.share != self.before

    def __str__(self) -> str:
        return f"{self.now.phrase} for {self.now.share} of {self.now.things}, {self.before} before"


@dataclass(frozen=True)
class Cause:
    """What moved most of a segment since the run `since`: a clause of it, its place, and what of it moved."""

    clause: str
    mark: Mark
    since: int
    shifts: tuple[Shift, ...]


@dataclass(frozen=True)
class Held:
    """Why a segment stays as it was: the limits that it would not keep to and the size that it would have, or the
    segments that it waits for, as nothing stands of them. `redefined`: its definition is another one since."""

    broken: tuple[Bound, ...]
    size: int | None
    waits_for: tuple[str, ...]
    redefined: bool
    cause: Cause | None
    baseline: Baseline | None
    problem: Problem


def percent(part: int, whole: int) -> str:
    """A share of a whole to a tenth of a per cent, of which none that is there is told as nothing, or as all."""
    if not whole:
        return "0 %"
    tenths = (Decimal(part) * 1000 / whole).to_integral_value()
    if part and tenths < 1:
        return "less than 0.1 %"
    if part < whole and tenths >= 1000:
        return "more than 99.9 %"
    return f"{(tenths / 10).normalize():f} %"
