"""What can go wrong: problems with their places, and one error class for each exit code."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, order=True)
class Mark:
    """A place in a file; line and column count from 1, and 0 means the file as a whole."""

    file: str
    line: int = 0
    column: int = 0

    def __str__(self) -> str:
        numbers = [str(n) for n in (self.line, self.column) if n]
        return ":".join([self.file, *numbers])


@dataclass(frozen=True)
class Problem:
    """One fact that is wrong, where it stands, and what to do next."""

    fact: str
    next: str = ""
    mark: Mark | None = None

    def __str__(self) -> str:
        place = f"{self.mark}: " if self.mark else ""
        step = f" ({self.next})" if self.next else ""
        return f"{place}{self.fact}{step}"


class SegtoolError(Exception):
    """Carries all the problems of one kind that were found, in the order of their places."""

    exit_code = 1
    folder = Path()
    """The project's, from which places are named."""

    def __init__(self, problems: Problem | str | list[Problem]) -> None:
        if isinstance(problems, str):
            problems = Problem(problems)
        found = [problems] if isinstance(problems, Problem) else problems
        self.problems = list(dict.fromkeys(found))
        super().__init__("\n".join(str(problem) for problem in self.problems))


class StoreError(SegtoolError):
    """A file of the store could not be read or written, or one that goes out; the message says what holds now."""

    exit_code = 1


class UsageError(SegtoolError):
    """What was asked for cannot be: no project, an unknown segment, a name already frozen."""

    exit_code = 2


class InputError(SegtoolError):
    """A data file is missing, unreadable, or not what it was declared to be."""

    exit_code = 3


class DefinitionError(SegtoolError):
    """Something that people wrote in YAML does not hold."""

    exit_code = 4


class BusyError(SegtoolError):
    """Another run holds the lock."""

    exit_code = 5


class GuardError(SegtoolError):
    """The guard of a segment would not let it be as it was asked for."""

    exit_code = 6


class DamageError(SegtoolError):
    """The store or a snapshot is damaged, edited, or from a newer version."""

    exit_code = 8
