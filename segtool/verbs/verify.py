"""All that is kept is looked at, and damaged or missing snapshots come back from the store."""

from __future__ import annotations

from pathlib import Path

from segtool.errors import DamageError, Problem
from segtool.model.results import Verified
from segtool.read.project import read_project
from segtool.store.verification import examined
from segtool.store.writer import writing
from segtool.verbs.run import Run

UNENDED = Problem(
    ".segtool/unfinished: a run was stopped, and what it was to erase or publish may stand as it was",
    "end it with `segtool verify --restore`; the next run does so too",
)


def verify(folder: Path, run: Run, *, quick: bool = False, restore: bool = False) -> Verified:
    """Recounts and re-hashes all that is kept; DamageError with everything that is not as it was written."""
    read_project(folder, with_segments=False)
    restored = _restored(folder, run) if restore else ()
    found = examined(folder, quick=quick, progress=run.progress)
    problems = [*found.problems, *([UNENDED] if found.unended else [])]
    if problems:
        raise DamageError(problems)
    return Verified(found.runs, found.files, found.bytes, quick, restored, tuple(found.strays))


def _restored(folder: Path, run: Run) -> tuple[str, ...]:
    with writing(folder, run.wait) as store:
        return store.restore_snapshots()
