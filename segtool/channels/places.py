"""The places that were named for files come in; goes out: what is wrong with them, all at once."""

from __future__ import annotations

import os
import stat
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from segtool.errors import Problem, UsageError
from segtool.model.files import shown

KEPT = (".segtool", "snapshots")
"""What of a project segtool keeps itself, and no output may land in."""


@dataclass(frozen=True)
class Places:
    """Where outputs may land."""

    project: Path
    inputs: Sequence[Path]

    def refuse(self, paths: Sequence[Path]) -> None:
        """Raises UsageError with all that is wrong with these places."""
        twice = {path for path in paths if sum(same(path, other) for other in paths) > 1}
        faults = [self.named_twice(path) for path in sorted(twice)]
        faults += [fault for path in paths if (fault := self._fault(path))]
        if faults:
            raise UsageError(faults)

    def refuse_foreign(self, path: Path, before: Sequence[Path]) -> None:
        """The same for a place that nobody named: only what the export before put there is overwritten."""
        self.refuse([path])
        if path not in before and os.path.lexists(path):
            fact = f"{self.shown(path)} exists and is not of the export before"
            raise UsageError(Problem(fact, "move it away"))

    def named_twice(self, path: Path) -> Problem:
        return Problem(f"two files would be {self.shown(path)}", "name them apart")

    def shown(self, path: Path) -> str:
        return "the project's folder" if path == self.project else shown(path, self.project)

    def _fault(self, path: Path) -> Problem | None:
        mode = mode_of(path)
        if any(same(above, self.project / kept) for above in path.parents for kept in KEPT):
            return Problem(f"{self.shown(path)} is where segtool keeps its own", "name a file elsewhere")
        if stat.S_ISDIR(mode):
            return Problem(f"{self.shown(path)} is a folder", "name a file in it")
        if stat.S_ISLNK(mode):
            return Problem(f"{self.shown(path)} is a link", "name the file that it leads to, or remove it")
        if mode and not stat.S_ISREG(mode):
            return Problem(f"{self.shown(path)} is a device or FIFO", "name a file, or - for stdout")
        if path.suffix.lower() in (".yaml", ".yml"):
            return Problem(f"{self.shown(path)} is named as definitions are", "name a file of another ending")
        if any(same(path, read) for read in self.inputs):
            return Problem(f"{self.shown(path)} is an input of this project", "name another file")
        return None


def mode_of(path: Path) -> int:
    """What stands at a path; 0 for nothing."""
    with suppress(FileNotFoundError):
        return path.lstat().st_mode
    return 0


def real(path: Path) -> Path:
    """The path without links; unlike Path.resolve, it bears those that lead in a circle."""
    return Path(os.path.realpath(path))


def same(path: Path, other: Path) -> bool:
    """Whether two paths are one place, also under two names of one file or where the case of letters says nothing."""
    return real(path) == real(other) or (path.exists() and other.exists() and path.samefile(other))
