"""What an export was asked for, and what it came to."""

from __future__ import annotations

from dataclasses import dataclass

from segtool.model.audience import Counted

STDOUT = "-"


@dataclass(frozen=True)
class Request:
    """Segments, and of their members whom to export, how, and where to."""

    segments: tuple[str, ...]
    channel: str = ""
    preset: str = "plain"
    to: str = STDOUT
    format: str = ""
    """As the file's name ends, where it is not said; CSV to stdout."""
    columns: tuple[str, ...] = ()
    variant: str = ""
    only: str = ""
    """`entered` or `left`: since a run, in place of all members."""
    since: int | None = None
    """The run after which; None for the newest run alone."""
    also: frozenset[str] = frozenset()
    """Reasons of entering that are left out otherwise."""
    first_match: bool = False
    held_back: str = ""
    excel_safe: bool = False
    split_rows: int | None = None
    split_bytes: int | None = None


@dataclass(frozen=True)
class ExportedPart:
    """One segment of an export: its members, how many of them stand in one before it, and what became of the others."""

    segment: str
    members: int
    earlier: int
    counted: Counted
    other_variants: int = 0
    """How many of those who are reached are drawn by other variants than the one asked for."""

    @property
    def exported(self) -> int:
        return self.counted.reached - self.other_variants


@dataclass(frozen=True)
class ExportedFile:
    """One file that was written, from where the person stands, and what stands in it."""

    path: str
    rows: int
    bytes: int
    sha256: str


@dataclass(frozen=True)
class Exported:
    """What an export came to: as decided by `run`, with the values of now (`as_of`)."""

    channel: str
    preset: str
    run: int
    as_of: str
    parts: tuple[ExportedPart, ...]
    files: tuple[ExportedFile, ...]
    manifest: str = ""
    content: bytes | None = None
    """What goes to stdout, where no file was asked for."""
    warnings: tuple[str, ...] = ()

    @property
    def rows(self) -> int:
        return sum(part.exported for part in self.parts)
