"""Measures segtool against one DuckDB query: the same segments, the same files, whole processes in turn."""

from __future__ import annotations

import argparse
import importlib.util
import os
import shutil
import sys
from collections import defaultdict
from pathlib import Path

from bench.measure import Cost, cost_of, typical
from bench.workloads import WORKLOADS, Workload

HERE = Path(__file__).resolve().parent
TODAY, TOMORROW = "2026-06-15T12:00:00Z", "2026-06-16T12:00:00Z"
SUFFIXES = (".parquet", ".csv")
FIRST, NEXT, DUCKDB = "segtool, first run with import", "segtool, the next day", "DuckDB, one query"

Costs = dict[tuple[str, str], list[Cost]]


def main() -> None:
    given = arguments()
    workload: Workload = WORKLOADS[given.workload]
    events = given.events if workload.has_events else 0
    folder = given.data / (f"{given.users}-{events}" if events else str(given.users))
    make_data(folder, given.users, events)
    segtool = segtool_command() if given.only != "duckdb" else None
    bench = Bench(folder, workload, segtool, duckdb=given.only != "segtool" and has_duckdb())
    costs = bench.run(given.rounds)
    sizes = f"{given.users:,} users" + (f", {events:,} events" if events else "")
    print(f"{workload.title}, {sizes}, medians over {given.rounds} round(s)")
    for suffix in SUFFIXES:
        print_table(
            workload.label(suffix), {name: typical(found) for (of, name), found in costs.items() if of == suffix}
        )


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--workload", choices=WORKLOADS, default="attributes")
    parser.add_argument("--users", type=count, default=1_000_000)
    parser.add_argument("--events", type=count, default=10_000_000, help="for the workload `behaviour`")
    parser.add_argument("--rounds", type=count, default=3)
    parser.add_argument("--only", choices=("segtool", "duckdb"), help="measure one alone, and compare nothing")
    parser.add_argument("--data", type=Path, default=HERE / "data", help="where the made-up tables are kept")
    return parser.parse_args()


def count(text: str) -> int:
    number = int(text)
    if number < 1:
        raise argparse.ArgumentTypeError("write a whole number from 1 on")
    return number


def make_data(folder: Path, users: int, events: int) -> None:
    if folder.exists():
        return
    say(f"Making {users:,} users" + (f" and {events:,} events ..." if events else " ..."))
    unfinished = folder.with_suffix(".part")
    sizes = ["--users", str(users), "--out", str(unfinished)]
    cost_of(python("make", *sizes))
    if events:
        cost_of(python("make_events", "--events", str(events), *sizes))
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

    def __init__(self, folder: Path, workload: Workload, segtool: str | None, *, duckdb: bool) -> None:
        self.folder = folder
        self.workload = workload
        self.segtool = segtool
        self.duckdb = duckdb

    def run(self, rounds: int) -> Costs:
        costs: Costs = defaultdict(list)
        self.rehearse()
        for number in range(1, rounds + 1):
            say(f"Round {number} of {rounds} ...")
            for suffix in SUFFIXES:
                for name, cost in self.round(suffix).items():
                    costs[suffix, name].append(cost)
        return costs

    def rehearse(self) -> None:
        """Checks the answers, and leaves the files in the system's cache for everybody."""
        if not (self.segtool and self.duckdb):
            return
        for suffix in SUFFIXES:
            say(f"Comparing the members, {self.workload.label(suffix)} ...")
            self.start_afresh(suffix)
            for as_of in (TODAY, TOMORROW):
                self.evaluate(as_of)
                self.check(suffix, as_of)

    def round(self, suffix: str) -> dict[str, Cost]:
        costs: dict[str, Cost] = {}
        if self.segtool:
            self.start_afresh(suffix)
            costs[FIRST] = self.evaluate(TODAY)
            costs[NEXT] = self.evaluate(TOMORROW)
        if self.duckdb:
            self.workload.write(self.folder)
            costs[DUCKDB] = self.query(suffix, TOMORROW)
        return costs

    def start_afresh(self, suffix: str) -> None:
        shutil.rmtree(self.folder / ".segtool", ignore_errors=True)
        (self.folder / "segtool.yaml").write_text(self.workload.project(suffix), encoding="utf-8")
        self.workload.write(self.folder)

    def evaluate(self, as_of: str) -> Cost:
        return cost_of([self.segtool or "segtool", "evaluate", "--project", str(self.folder), "--as-of", as_of])

    def query(self, suffix: str, as_of: str) -> Cost:
        tables = (str(self.folder / file) for file in self.workload.files(suffix))
        files = {"--query": self.workload.query, "--out": "decided.parquet"}
        paths = [part for option, name in files.items() for part in (option, str(self.folder / name))]
        return cost_of(python("duckdb_query", "--as-of", as_of, *paths, "--tables", *tables))

    def check(self, suffix: str, as_of: str) -> None:
        members, decided = self.folder / "members.csv", self.folder / "decided.parquet"
        cost_of([self.segtool or "segtool", "members", "--all", "--project", str(self.folder)], stdout=members)
        self.query(suffix, as_of)
        cost_of(python("members", "--members", str(members), "--decided", str(decided)))
        members.unlink()


def python(module: str, *options: str) -> list[str]:
    return [sys.executable, "-m", f"bench.{module}", *options]


def print_table(label: str, costs: dict[str, Cost]) -> None:
    print(f"\n{label:<44}{'wall s':>10}{'CPU s':>10}{'peak MiB':>10}")
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
