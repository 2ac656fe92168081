"""Who is measured: segtool's runs one after the other, and the other engines over the same files."""

from __future__ import annotations

import importlib.util
import os
import shutil
import sys
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from bench.folder import Folder, python, say
from bench.measure import Cost, cost_of

TODAY, TOMORROW = "2026-06-15T12:00:00Z", "2026-06-16T12:00:00Z"

NEXT, AGAIN = "segtool, the next day", "segtool, nothing new"
FIRST = "segtool, first run after import"
WITH_IMPORT, WITH_CSV = "segtool, first run with import (Parquet)", "segtool, first run with import (CSV)"
IMPORT_USERS, IMPORT_EVENTS = "segtool import, the users' CSV", "segtool import, the events' CSV"
LATER = "segtool import, a day of events more"

Step = tuple[str, Callable[[], Cost]]


@dataclass(frozen=True)
class Contender:
    """`package` is what it needs; `command` gets the folder and what to write. Whether it `decides` segments."""

    title: str
    package: str
    command: Callable[[Path, Path], list[str]]
    decides: bool = True


def duckdb(*options: str, query: str = "one.sql") -> Callable[[Path, Path], list[str]]:
    def command(folder: Path, out: Path) -> list[str]:
        asked = [] if "--convert" in options else ["--query", str(folder / query), "--as-of", TOMORROW]
        return python("run_duckdb", "--tables", str(folder), "--out", str(out), *asked, *options)

    return command


def chdb(folder: Path, out: Path) -> list[str]:
    query = ["--query", str(folder / "one.sql"), "--as-of", TOMORROW]
    return python("run_chdb", "--tables", str(folder), "--out", str(out), *query)


def polars(folder: Path, out: Path) -> list[str]:
    return [sys.executable, str(folder / "stages.py"), str(folder), TOMORROW, str(out)]


CONTENDERS = {
    "duckdb": Contender("DuckDB, one query", "duckdb", duckdb()),
    "duckdb-each": Contender("DuckDB, a query for each", "duckdb", duckdb("--each", query="each.sql")),
    "chdb": Contender("ClickHouse in process, one query", "chdb", chdb),
    "polars": Contender("hand-written Polars", "polars", polars),
    "duckdb-csv": Contender("DuckDB, one query on CSV", "duckdb", duckdb("--suffix", ".csv")),
    "duckdb-convert": Contender(
        "DuckDB, the events' CSV to Parquet",
        "duckdb",
        duckdb("--suffix", ".csv", "--convert", "email", "purchase"),
        decides=False,
    ),
}
UNHASHED = "hand-written Polars, less its samples' hashing"


def installed(names: Sequence[str]) -> dict[str, Contender]:
    """Those of the contenders whose package is there; says which are not."""
    found = {name: CONTENDERS[name] for name in names if name in CONTENDERS}
    missing = {of.package for of in found.values() if importlib.util.find_spec(of.package) is None}
    for package in sorted(missing):
        say(f"{package} is not installed (pip install -e '.[bench]'): measuring without it.")
    return {name: contender for name, contender in found.items() if contender.package not in missing}


def find_segtool() -> str:
    beside = str(Path(sys.executable).parent)
    found = shutil.which("segtool", path=beside + os.pathsep + os.environ.get("PATH", ""))
    if not found:
        raise SystemExit("segtool is not installed (pip install -e .)")
    return found


class Segtool:
    """Its command line, over one folder."""

    def __init__(self, folder: Folder) -> None:
        self.folder = folder
        self.command = find_segtool()

    def imported(self) -> Iterator[Step]:
        """From Parquet, and from CSV, each in one run with the first decisions."""
        self.folder.start_afresh(".csv")
        yield WITH_CSV, lambda: self.evaluate(TOMORROW)
        self.folder.start_afresh(".parquet")
        yield WITH_IMPORT, lambda: self.evaluate(TOMORROW)

    def daily(self) -> Iterator[Step]:
        """From CSV: the import, and the runs after it."""
        self.folder.start_afresh(".csv")
        yield IMPORT_USERS, lambda: self.run("import", "users")
        yield IMPORT_EVENTS, lambda: self.run("import")
        yield FIRST, lambda: self.evaluate(TODAY)
        yield NEXT, lambda: self.evaluate(TOMORROW)
        yield AGAIN, lambda: self.evaluate(TOMORROW)

    def later(self) -> Iterator[Step]:
        self.folder.add_later_events()
        yield LATER, lambda: self.run("import")

    def evaluate(self, as_of: str) -> Cost:
        return self.run("evaluate", "--as-of", as_of)

    def run(self, *words: str) -> Cost:
        return cost_of([self.command, *words, "--project", str(self.folder.path)])
