"""A case's file comes in; go out: what it lays over the good project, the command line, and what is to come of it."""

from __future__ import annotations

import shlex
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml

from tests.faults.files import Content

CORPUS = Path(__file__).parent / "corpus"


@dataclass(frozen=True)
class Case:
    """One bad input. `about` says what it is, `files` are laid over the project (see `tests.faults.files`)."""

    about: str
    code: int
    run: str = "evaluate"
    says: str = ""
    """A pattern that stderr holds."""
    shows: str = ""
    """A pattern that stdout holds."""
    silent: str = ""
    """A pattern that neither stream holds."""
    files: dict[str, Content] = field(default_factory=dict)
    first: str = ""
    """A command that ends well before `then` is laid over what there is."""
    then: dict[str, Content] = field(default_factory=dict)
    fresh: bool = False
    """The project has no store yet."""
    parquet: str = ""
    """The users are this Parquet file (see `tests.faults.parquet`), and the project has no store yet."""
    changed: bool = False
    """Something is committed; otherwise all that is kept stays as it was, to the byte."""
    holds: dict[str, str] = field(default_factory=dict)
    """Patterns that files hold afterwards."""
    exact: bool = False
    """Stdout is data to the byte, whatever it would do to a terminal."""
    inside: str = ""
    """The folder, below the project's, where the command is typed."""
    stdin: str = ""
    stdout: str = ""
    """`closed`, `broken pipe`, or a file to write to."""
    not_as_root: bool = False
    """Who may do anything is not kept from anything by the modes of files."""
    environment: dict[str, str] = field(default_factory=dict)

    @property
    def words(self) -> list[str]:
        return shlex.split(self.run)

    @property
    def laid(self) -> dict[str, Content]:
        """All that is laid over the project at first."""
        users: dict[str, Content] = {
            "users.parquet": {"parquet": self.parquet},
            "segtool.yaml": {"edit": ["users.csv", "users.parquet"]},
        }
        return {**(users if self.parquet else {}), **self.files}


def cases() -> dict[str, Path]:
    """The files of all cases by `subject/name`."""
    return {path.relative_to(CORPUS).with_suffix("").as_posix(): path for path in sorted(CORPUS.rglob("*.yaml"))}


def read_case(path: Path) -> Case:
    facts: dict[str, Any] = yaml.load(path.read_text(encoding="utf-8"), yaml.CSafeLoader)
    return Case(**facts)
