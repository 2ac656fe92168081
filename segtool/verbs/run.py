"""What a person asked for to what a verb is told: the project's folder, the clock, the segments, the exceptions."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

from segtool.errors import Problem, UsageError
from segtool.model.progress import Progress, untold
from segtool.model.time import day_end, day_start, parse_date, parse_instant
from segtool.read.project import FILE, find_project, read_project

FIRST_DAY, LAST_DAY = date(1900, 1, 1), date(2999, 12, 31)
"""As-ofs outside these are mistakes of typing, and windows around them would leave the calendar."""
AN_AS_OF = f"write 2026-06-15T12:00:00Z, or a date, of the years {FIRST_DAY.year} to {LAST_DAY.year}"


@dataclass(frozen=True)
class Run:
    """What a run was asked: its clock, the time of writing, the segments, and what it may pass over."""

    as_of: datetime
    at: datetime
    select: tuple[str, ...] = ()
    exclude: tuple[str, ...] = ()
    wait: float = 0
    allow_backdate: bool = False
    allowed: frozenset[str] = frozenset()
    """The guards of tables that let pass what would stop the run."""
    max_errors: int = 0
    """So many rows of the tables may be rejected for errors."""
    progress: Progress = untold


def to_instant(folder: Path, text: str, now: datetime) -> datetime:
    """The as-of that a person wrote (in the project's zone where it has no offset), or `now` to the second."""
    if not text:
        return now.astimezone(UTC).replace(microsecond=0)
    return written_instant(text, read_project(folder, with_segments=False).zone)


def written_instant(text: str, zone: ZoneInfo, option: str = "") -> datetime:
    """An as-of that a person wrote, after an option that is told where it cannot be read."""
    moment = parse_as_of(text, zone)
    if moment is None:
        raise UsageError(Problem(f"`{option}{text}` is no as-of", AN_AS_OF))
    return moment


def parse_as_of(text: str, zone: ZoneInfo) -> datetime | None:
    """The start of a day in `zone`, or a time (there, where it has no offset), as an instant; None where it is none."""
    day = parse_date(text)
    moment = day_start(day, zone) if day else parse_instant(text, zone)
    return moment if moment and day_start(FIRST_DAY, zone) <= moment < day_end(LAST_DAY, zone) else None


def project_folder(given: Path | None) -> Path:
    """The project's folder: the one given, else this one or the nearest parent; UsageError where it is none."""
    if given is None:
        return find_project(Path())
    if not (given / FILE).is_file():
        raise UsageError(Problem(f"there is no {FILE} in {given}", "make a project with `segtool init`"))
    return given.absolute()
