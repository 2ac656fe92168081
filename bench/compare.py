"""Measures segtool against one DuckDB query: the same segments, the same files, whole processes in turn."""

from __future__ import annotations

import argparse
import importlib.util
import os
import shutil
import sys
from collections import defaultdict
from pathlib import Path

from bench import attribute_segments
from bench.measure import Cost, cost_of, typical

HERE = Path(__file__).resolve().parent
TODAY, TOMORROW = "2026-06-15T12:00:00Z", "2026-06-16T12:00:00Z"
TABLES = ("users.parquet", "users.csv")
FIRST, NEXT, DUCKDB = "segtool, first run with import", "segtool, the next day", "DuckDB, one query"

PROJECT = "version: 1\ntimezone: UTC\nusers:\n  path: {table}\n  key: user_id\n"
# A CSV cannot say these two by itself; a Parquet file can.
COLUMNS = '  columns:\n    phone: text\n    interests: {list: text, separator: "|"}\n'

Costs = dict[tuple[str, str], list[Cost]]


def main() -> None:
    given = arguments()
    folder = given.data / str(given.users)
    make_data(folder, given.users)
    bench = Bench(folder, segtool=segtool_command(), duckdb=has_duckdb())
    costs = bench.run(given.rounds)
    print(f"100 attribute segments, {given.users:,} users, medians over {given.rounds} round(s)")
    for table in TABLES:
        print_table(table, {name: typical(found) for (of, name), found in costs.items() if of == table})


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--users", type=int, default=1_000_000)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--data", type=Path, default=HERE / "data", help="where the made-up users are kept")
    return parser.parse_args()


def make_data(folder: Path, users: int) -> None:
    if folder.exists():
        return
    say(f"Making {users:,} users ...")
    unfinished = folder.with_suffix(".part")
    cost_of(python("make", "--users", str(users), "--out", str(unfinished)))
    unfinished.rename(folder)


def segtool_command() -> str | None:
    beside = str(Path(sys.executable).parent)
    found = shutil.which("segtool", path=beside + os.pathsep + os.environ.get("PATH", ""))
    if not found:
        say("segtool is not installed (pip install -e .): measuring DuckDB alone, and comparing nothing.")
    return found


def has_duckdb() -> bool:
    found = importlib.util.find_spec("duckdb") is not None
    if not found:
        say("DuckDB is not installed (pip install duckdb): measuring segtool alone, and comparing nothing.")
    return found


class Bench:
    """One folder that is the segtool project and holds the tables, and the contenders that are installed."""

    def __init__(self, folder: Path, segtool: str | None, *, duckdb: bool) -> None:
        self.folder = folder
        self.segtool = segtool
        self.duckdb = duckdb

    def run(self, rounds: int) -> Costs:
        costs: Costs = defaultdict(list)
        self.rehearse()
        for number in range(1, rounds + 1):
            say(f"Round {number} of {rounds} ...")
            for table in TABLES:
                for name, cost in self.round(table).items():
                    costs[table, name].append(cost)
        return costs

    def rehearse(self) -> None:
        """Checks the answers, and leaves the files in the system's cache for everybody."""
        if not (self.segtool and self.duckdb):
            return
        for table in TABLES:
            say(f"Comparing the members, {table} ...")
            self.start_afresh(table)
            for as_of in (TODAY, TOMORROW):
                self.evaluate(as_of)
                self.check(table, as_of)

    def round(self, table: str) -> dict[str, Cost]:
        costs: dict[str, Cost] = {}
        if self.segtool:
            self.start_afresh(table)
            costs[FIRST] = self.evaluate(TODAY)
            costs[NEXT] = self.evaluate(TOMORROW)
        if self.duckdb:
            attribute_segments.write(self.folder)
            costs[DUCKDB] = self.query(table, TOMORROW)
        return costs

    def start_afresh(self, table: str) -> None:
        shutil.rmtree(self.folder / ".segtool", ignore_errors=True)
        columns = COLUMNS if table.endswith(".csv") else ""
        (self.folder / "segtool.yaml").write_text(PROJECT.format(table=table) + columns, encoding="utf-8")
        attribute_segments.write(self.folder)

    def evaluate(self, as_of: str) -> Cost:
        return cost_of([self.segtool or "segtool", "evaluate", "--project", str(self.folder), "--as-of", as_of])

    def query(self, table: str, as_of: str) -> Cost:
        files = {"--table": table, "--query": "attributes.sql", "--out": "decided.parquet"}
        paths = [part for option, name in files.items() for part in (option, str(self.folder / name))]
        return cost_of(python("duckdb_query", "--as-of", as_of, *paths))

    def check(self, table: str, as_of: str) -> None:
        members, decided = self.folder / "members.csv", self.folder / "decided.parquet"
        cost_of([self.segtool or "segtool", "members", "--all", "--project", str(self.folder)], stdout=members)
        self.query(table, as_of)
        cost_of(python("members", "--members", str(members), "--decided", str(decided)))
        members.unlink()


def python(module: str, *options: str) -> list[str]:
    return [sys.executable, "-m", f"bench.{module}", *options]


def print_table(table: str, costs: dict[str, Cost]) -> None:
    print(f"\n{table:<44}{'wall s':>10}{'CPU s':>10}{'peak MiB':>10}")
    for name, cost in costs.items():
        print(f"  {name:<42}{cost.wall:>10.2f}{cost.cpu:>10.2f}{cost.peak:>10,.0f}")
    for name in (FIRST, NEXT):
        if name in costs and DUCKDB in costs:
            ratios = (theirs / ours for theirs, ours in zip(costs[DUCKDB], costs[name], strict=True))
            print(f"  {'DuckDB / ' + name:<42}" + "".join(f"{ratio:>9.1f}x" for ratio in ratios))


def say(text: str) -> None:
    print(text, file=sys.stderr, flush=True)


if __name__ == "__main__":
    main()
