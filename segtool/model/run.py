"""What is kept of runs: records of the log, the state after them, and the members."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, NamedTuple

from segtool.model.kinds import Schema
from segtool.model.tables import ImportReport, SourceFile

if TYPE_CHECKING:
    from segtool.model.columns import Bits

REASONS = ("initial", "matches", "no_longer_matches", "definition", "gone", "returned", "list", "erased")
"""Why a change came about; a change is kept as the position of its reason here."""

CHANGE_COLUMNS = ("segment", "change", "reason", "run", "as_of")
"""What is told of a change beside the key of its user."""


@dataclass(frozen=True)
class Members:
    """Bits of rows by (segment, role): `members`, and `include` and `exclude` where a segment has such lists."""

    rows: dict[tuple[str, str], Bits] = field(default_factory=dict)

    def of(self, segment: str, role: str = "members") -> Bits | None:
        return self.rows.get((segment, role))


@dataclass(frozen=True)
class TableState:
    """The committed version of a table: its parts under `tables/` (the users have one), what it was read from, how."""

    parts: tuple[str, ...]
    schema: Schema
    files: tuple[SourceFile, ...]
    report: ImportReport
    by_hand: str = ""
    """The file that was imported by name in place of the declared one; `files` are then the declared ones."""
    declared: str = ""
    """Hash of what the project declares of the table beside its path; another one asks for a new import."""
    lost: tuple[str, ...] = ()
    """Columns that had values and are missing for everyone now, where no run has been allowed to use them so."""


@dataclass(frozen=True)
class Frozen:
    """A snapshot: its data rows, and the SHA-256 (hex) and objects of its CSV and of its manifest."""

    rows: int
    strangers: int
    as_of: str
    frozen_at: str
    sha256: str
    csv: str
    manifest: str


@dataclass(frozen=True)
class Baseline:
    """Where a segment stood when a guard began to keep it: that run, the one before it to which guards look back, and
    the figures of that one (a number, and of how many), by the hashes of what they are of."""

    run: int
    since: int
    figures: dict[str, tuple[int, int]]


@dataclass(frozen=True)
class SegmentState:
    """What is committed of one segment. `closure` hashes its definition with all that it refers to; `held` tells since
    when a guard keeps its members."""

    kind: str
    definition: str
    closure: str
    members: int
    run: int
    as_of: str
    frozen: Frozen | None = None
    held: Baseline | None = None
    reached: dict[str, int] = field(default_factory=dict)
    """How many of the members each channel reaches."""


@dataclass(frozen=True)
class Base:
    """Where the log begins since it was pruned: after this run, whose record had this hash (SHA-256, hex) and whose
    members are kept in this object."""

    run: int
    hash: str
    members: str


@dataclass(frozen=True)
class State:
    """What holds after a record. `members` and `definitions` name objects; the latter maps names to YAML trees.
    `strangers` names the keys that have rows after those of the users' table, as only events have named them so far;
    `leaves` names what of the last evaluation need not be decided again; `suppressed` the people who stay out."""

    tables: dict[str, TableState] = field(default_factory=dict)
    segments: dict[str, SegmentState] = field(default_factory=dict)
    members: str = ""
    definitions: str = ""
    strangers: str = ""
    leaves: str = ""
    suppressed: str = ""
    base: Base | None = None

    @property
    def first(self) -> int:
        """The oldest run that is kept; those before it were pruned."""
        return self.base.run + 1 if self.base else 1


class Size(NamedTuple):
    """A segment's movement in one run, in numbers. A long log holds millions of these."""

    before: int
    entered: int
    left: int
    after: int


@dataclass(frozen=True)
class Record:
    """One line of the log. Times are ISO 8601 in UTC; `state` and `changes` name objects ("" for none).

    `checkpoint` is the newest run, this one or an earlier, whose members are kept as a whole from then on (0: none is),
    in the object `members` of its record; `since` counts the bytes of changes after it, which tell when the next one
    is made."""

    number: int
    kind: str
    as_of: str
    at: str
    parent: str
    state: str
    changes: str = ""
    checkpoint: int = 0
    since: int = 0
    members: str = ""
    sizes: dict[str, Size] = field(default_factory=dict)
    frozen: tuple[str, ...] = ()
    rewritten: tuple[str, ...] = ()
    """The frozen segments out of whose snapshots this run took people."""
    removes: tuple[str, ...] = ()
    tool: str = ""
    details: dict[str, Any] = field(default_factory=dict)
