"""What a definition comes to at past as-ofs: plain facts, to be shown as text, JSON or CSV."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Point:
    """A segment at one as-of (ISO 8601, UTC): how many members it has, and how many entered and left since the point
    before; the first one has none before it."""

    as_of: str
    members: int
    entered: int | None = None
    left: int | None = None


@dataclass(frozen=True)
class Backtest:
    """A segment at as-ofs that are `every` so long (such as 7d), the oldest first, and what is worth a warning."""

    segment: str
    every: str
    points: tuple[Point, ...]
    warnings: tuple[str, ...] = ()
