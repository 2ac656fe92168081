"""Projects whose files of events grow, evaluated in this process, and beside them fresh stores on the same files."""

from __future__ import annotations

import shutil
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from segtool.errors import InputError
from segtool.model.results import Evaluation, TableResult
from segtool.verbs.evaluate import evaluate
from segtool.verbs.guards import GUARDS
from segtool.verbs.ledger import members
from segtool.verbs.run import Run
from tests.read.logs import AS_OF

USERS = "user\na\nb\nc\nd\n"
BUY = "  buy: {path: buy.csv, user: user, time: at}\n"
ALL = "s:\n  kind: dynamic\n  where: {did: buy}\n"
TWICE = "s:\n  kind: dynamic\n  where: {did: {event: buy, count: {gte: 2}}}\n"


@dataclass(frozen=True)
class Place:
    """A project in a folder."""

    folder: Path

    def write(self, name: str, content: str | bytes) -> None:
        (self.folder / name).write_bytes(content.encode() if isinstance(content, str) else content)

    def append(self, name: str, content: str) -> None:
        with (self.folder / name).open("ab") as file:
            file.write(content.encode())

    def write_parquet(self, name: str, **columns: Any) -> None:
        pl.DataFrame(columns).write_parquet(self.folder / name)

    def evaluated(self) -> Evaluation:
        """A run that no guard of tables stops, which a fresh store would have no cause for."""
        return evaluate(self.folder, Run(AS_OF, AS_OF, allowed=frozenset(GUARDS)))

    def table(self, name: str = "buy") -> TableResult:
        """What a run makes of a table."""
        return next(table for table in self.evaluated().tables if table.name == name)

    def members(self) -> list[tuple[str, ...]]:
        return sorted(members(self.folder, ()).rows())

    def anew(self) -> Place:
        """A project of the same files, without a store."""
        place = Place(self.folder.parent / f"{self.folder.name}-anew")
        shutil.rmtree(place.folder, ignore_errors=True)
        shutil.copytree(self.folder, place.folder, ignore=shutil.ignore_patterns(".segtool", "snapshots"))
        return place

    def is_as_anew(self) -> bool:
        """Whether a fresh store on the same files holds the same members."""
        fresh = self.anew()
        fresh.evaluated()
        return fresh.members() == self.members()

    def problems(self) -> list[str]:
        """What is wrong with the files now; the store stays as it was."""
        before = sorted((self.folder / ".segtool").rglob("*"))
        with pytest.raises(InputError) as caught:
            self.evaluated()
        assert sorted((self.folder / ".segtool").rglob("*")) == before
        return [str(problem) for problem in caught.value.problems]


def place(folder: Path, events: str = BUY, segments: str = ALL, users: str = USERS) -> Place:
    made = Place(folder / "p")
    (made.folder / "segments").mkdir(parents=True)
    made.write("segtool.yaml", f"version: 1\nusers: {{path: users.csv, key: user}}\nevents:\n{events}")
    made.write("users.csv", users)
    made.write("segments/all.yaml", segments)
    return made


def keys(place: Place) -> str:
    """The members of the one segment `s`, put together."""
    return "".join(key for _, key in place.members())
