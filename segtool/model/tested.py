"""What came of tests of definitions: who was expected and who is in, why, and what no test has tried."""

from __future__ import annotations

from dataclasses import dataclass

from segtool.errors import Mark
from segtool.model.explanation import Line, ToldEdit


@dataclass(frozen=True)
class Wrong:
    """A user who is a member and should not be, or the other way round, and why; and of the latter the smallest change
    that makes a member, where one was found."""

    key: str
    is_member: bool
    why: tuple[Line, ...]
    change: tuple[ToldEdit, ...] = ()


@dataclass(frozen=True)
class CaseResult:
    """One test: the members that it expects and the actual ones, both sorted."""

    segment: str
    mark: Mark
    expected: tuple[str, ...]
    actual: tuple[str, ...]
    wrong: tuple[Wrong, ...] = ()

    @property
    def missing(self) -> list[str]:
        return [one.key for one in self.wrong if not one.is_member]

    @property
    def unexpected(self) -> list[str]:
        return [one.key for one in self.wrong if one.is_member]


@dataclass(frozen=True)
class Gap:
    """A clause that was never true, or never false, of any user in any test of its segment."""

    words: str
    mark: Mark
    never: bool


@dataclass(frozen=True)
class Coverage:
    """How many tests a segment has, and how many clauses; which of these were not tried both ways."""

    segment: str
    tests: int
    clauses: int
    gaps: tuple[Gap, ...]


@dataclass(frozen=True)
class Tested:
    """All tests, and the coverage of all segments that were asked for."""

    tests: tuple[CaseResult, ...]
    coverage: tuple[Coverage, ...]
    is_part: bool = False
    """It was asked for some segments, not for all."""

    @property
    def failed(self) -> list[CaseResult]:
        return [one for one in self.tests if one.wrong]

    @property
    def untested(self) -> list[str]:
        """The segments without a test."""
        return [one.segment for one in self.coverage if not one.tests]
