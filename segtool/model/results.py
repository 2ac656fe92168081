"""What verbs answer: plain facts, to be shown as text, JSON or CSV."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from shlex import quote
from typing import Any

from segtool.errors import GuardError, Problem
from segtool.model.exports import Exported
from segtool.model.figures import ClauseFigures, Held
from segtool.model.guard import Guard
from segtool.model.kinds import Schema
from segtool.model.run import Frozen, Size
from segtool.model.tables import ImportReport


@dataclass(frozen=True)
class TableResult:
    """What an import made of one table; `changed` is false where its files are as they were. `added`: how many rows
    came to those of before; None where all were read anew. `rejects`: how many rows the run rejected, by what is wrong
    with them, and the file in which these stand."""

    name: str
    schema: Schema
    report: ImportReport
    changed: bool
    from_file: str = ""
    added: int | None = None
    rejects: Mapping[str, int] = field(default_factory=dict)
    rejects_file: str = ""


@dataclass(frozen=True)
class SegmentResult:
    """One segment after a run. `status`: decided, frozen (in this run), kept (frozen before), held (by a guard),
    removed."""

    name: str
    kind: str
    status: str
    size: Size
    strangers: int = 0
    held: Held | None = None
    reached: Mapping[str, int] = field(default_factory=dict)
    """How many of the members each channel reaches."""


@dataclass(frozen=True)
class Evaluation:
    """What a run decided. `run` is its number, or that of the newest run where nothing changed."""

    as_of: str
    run: int
    committed: bool
    tables: tuple[TableResult, ...]
    segments: tuple[SegmentResult, ...]
    warnings: tuple[str, ...] = ()
    exports: tuple[Exported, ...] = ()

    @property
    def held(self) -> list[Held]:
        return [segment.held for segment in self.segments if segment.held]

    @property
    def exit_code(self) -> int:
        return GuardError.exit_code if self.held else 0


@dataclass(frozen=True)
class Checked:
    """Definitions that hold: how many segments, and what is worth a warning."""

    segments: int
    warnings: tuple[Problem, ...]


@dataclass(frozen=True)
class Listed:
    """One segment as the list shows it; `members` is None before the first run."""

    name: str
    kind: str
    members: int | None
    run: int | None
    as_of: str
    frozen: Frozen | None = None
    description: str = ""
    tags: tuple[str, ...] = ()
    owner: str = ""
    reached: Mapping[str, int] = field(default_factory=dict)


@dataclass(frozen=True)
class Listing:
    run: int
    as_of: str
    segments: tuple[Listed, ...]


@dataclass(frozen=True)
class Shown:
    """One segment in words, with its size in each run that moved it, and how many runs have left it so since.

    `clauses` tells for how many users each holds and for how many what it looks at is missing, in the tables and at the
    as-of (`looked_at`) of the newest run (`looked_at_run`); `held_since` is the run from which on a guard keeps it."""

    listed: Listed
    words: tuple[str, ...]
    refers_to: tuple[str, ...]
    referred_by: tuple[str, ...]
    sizes: tuple[tuple[int, str, Size], ...]
    guard: Guard
    unchanged: int = 0
    held_since: int | None = None
    looked_at: str = ""
    looked_at_run: int | None = None
    clauses: tuple[ClauseFigures, ...] = ()


@dataclass(frozen=True)
class PastRun:
    """One run of the log: how many segments it moved, how many users entered and left these, what it froze, and the
    guards of tables that were allowed to let something through."""

    number: int
    kind: str
    as_of: str
    at: str
    moved: int
    entered: int
    left: int
    frozen: tuple[str, ...]
    tool: str
    allowed: tuple[str, ...] = ()
    exports: tuple[Mapping[str, Any], ...] = ()
    """The files that it wrote: of which segment, by which channel, where, how many rows, and their SHA-256 (hex)."""


@dataclass(frozen=True)
class History:
    runs: tuple[PastRun, ...]


@dataclass(frozen=True)
class Verified:
    """All that was looked at is as it was written; `restored` are the snapshots' files that came back, `strays` the
    files in the store that nothing needs."""

    runs: int
    files: int
    bytes: int
    quick: bool
    restored: tuple[str, ...] = ()
    strays: tuple[str, ...] = ()


@dataclass(frozen=True)
class Pruned:
    """How many runs went, and the oldest that is kept; `run` is the newest one."""

    run: int
    dropped: int
    first: int
    committed: bool


@dataclass(frozen=True)
class Erased:
    """How many of the people asked for were known, the keys that were not, and what of them cannot be reached from
    here; `run` is the newest one. `left`: out of how many dynamic segments somebody was taken; `snapshots`: out of
    which frozen ones; `rejects`: how many files of rejected rows were removed;
    `unread`: why list files cannot be looked through."""

    run: int
    committed: bool
    asked: int
    known: int
    suppressed: int
    unknown: tuple[str, ...]
    left: int
    snapshots: tuple[str, ...]
    rejects: int
    unreached: tuple[str, ...]
    unread: tuple[str, ...]


@dataclass(frozen=True)
class Made:
    """A project that `init` wrote: its folder and the files in it, and what is not promised on its disk."""

    folder: str
    files: tuple[str, ...] = field(default_factory=tuple)
    warnings: tuple[str, ...] = ()

    @property
    def next_command(self) -> str:
        """What to type next, where this was typed."""
        there = "" if self.folder == "." else f"cd {quote(self.folder)} && "
        return f"{there}segtool evaluate"
