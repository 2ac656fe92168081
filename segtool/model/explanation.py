"""Why a user is, or is not, a member of a segment; and what would have to be otherwise."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

NewValue = str | list[str] | None


@dataclass(frozen=True)
class Line:
    """One line of a definition, whether it holds, what was found, and where its boundaries lie."""

    words: str
    depth: int
    holds: bool
    found: tuple[str, ...] = ()
    boundaries: tuple[str, ...] = ()


@dataclass(frozen=True)
class ToldEdit:
    """One edit of a change: `set` a value of the user, `add` or `remove` an event, `move` it to another time, `change`
    a value of it; in words, and with the column or the event, when the event is, and the new values as text, a
    list as the texts of its elements."""

    action: str
    text: str
    name: str
    at: str = ""
    values: Mapping[str, NewValue] = field(default_factory=dict)


@dataclass(frozen=True)
class Standing:
    """Whether the newest run left the user in the segment, and since which run that is so (0: before those kept)."""

    is_member: bool
    run: int
    as_of: str


@dataclass(frozen=True)
class Explanation:
    """Why a user is in a segment or not: `basis` tells what decides, `hindrances` what no change of values gets over,
    `change` the smallest one that makes a member, edit by edit."""

    segment: str
    kind: str
    is_member: bool
    basis: str
    lines: tuple[Line, ...] = ()
    change: tuple[ToldEdit, ...] = ()
    hindrances: tuple[str, ...] = ()
    standing: Standing | None = None


@dataclass(frozen=True)
class Explained:
    """What was asked of one user, as of when, and after which run (0: none)."""

    user: str
    as_of: str
    run: int
    segments: tuple[Explanation, ...]
    is_one: bool
    """One segment was asked for, and is told in full."""
