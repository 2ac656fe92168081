"""Measures segtool against the other engines on 200 segments: the same files, whole processes in turn.

It makes the tables, compares all members of all segments, and prints tables in Markdown.
"""

from __future__ import annotations

import argparse
from collections.abc import Mapping, Sequence
from pathlib import Path

from bench.contenders import (
    AGAIN,
    CONTENDERS,
    FIRST,
    IMPORT_EVENTS,
    IMPORT_USERS,
    LATER,
    NEXT,
    UNHASHED,
    WITH_CSV,
    WITH_IMPORT,
    Segtool,
    installed,
)
from bench.folder import made, say
from bench.measure import Cost
from bench.rounds import Result, Rounds
from bench.segments import NUMBER

DATA = Path(__file__).resolve().parent / "data"
ENGINES = [CONTENDERS[name].title for name in ("duckdb", "duckdb-each", "chdb", "polars")]
DECIDED = (NEXT, AGAIN, FIRST, *ENGINES, UNHASHED)
IMPORTED = (IMPORT_EVENTS, IMPORT_USERS, LATER, CONTENDERS["duckdb-convert"].title)
TOGETHER = (WITH_CSV, WITH_IMPORT, CONTENDERS["duckdb-csv"].title)


def main() -> None:
    given = arguments(__doc__)
    folder = made(given.data, given.users, given.events)
    folder.write_segments(given.segments)
    segtool = Segtool(folder) if "segtool" in given.only else None
    rounds = Rounds(folder, segtool, installed(given.only), given.limit)
    for number in range(1, given.rounds + 1):
        say(f"Round {number} of {given.rounds}")
        rounds.run()
    print(f"{given.segments} segments, {given.users:,} users, {given.events:,} events; {given.rounds} round(s)\n")
    results = rounds.results()
    print_table("the segments decided", results, DECIDED)
    print_table("CSV read", results, IMPORTED)
    print_table("both in one", results, TOGETHER)
    sizes = {"CSV": folder.megabytes(".csv"), "Parquet": folder.megabytes(".parquet"), "store": rounds.store_megabytes}
    print("MB on disk: " + ", ".join(f"{name} {size:,.0f}" for name, size in sizes.items() if size))
    if rounds.differing:
        raise SystemExit("The members of a segment differ between two engines: see above.")


def arguments(text: str | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=text)
    parser.add_argument("--users", type=count, default=1_000_000)
    parser.add_argument("--events", type=count, default=10_000_000)
    parser.add_argument("--segments", type=count, default=NUMBER)
    parser.add_argument("--rounds", type=count, default=3)
    add_common(parser, ["segtool", *CONTENDERS])
    return parser.parse_args()


def add_common(parser: argparse.ArgumentParser, names: Sequence[str]) -> None:
    everyone = ("segtool", *CONTENDERS)
    parser.add_argument("--only", nargs="+", choices=everyone, default=names, help="measure these alone")
    parser.add_argument("--limit", type=float, default=1800, help="seconds after which a contender is ended")
    parser.add_argument("--data", type=Path, default=DATA, help="where the made-up tables are kept")


def count(text: str) -> int:
    number = int(text)
    if number < 1:
        raise argparse.ArgumentTypeError("write a whole number from 1 on")
    return number


def print_table(label: str, results: Mapping[str, Result], titles: Sequence[str]) -> None:
    """Seconds and MiB of each, and how many times those of the first."""
    shown = [title for title in titles if title in results]
    if not shown:
        return
    print(f"| {label} | wall s | CPU s | peak MiB | wall | CPU |\n| --- | --- | --- | --- | --- | --- |")
    first = results.get(titles[0])
    for title in shown:
        print(f"| {title} | {cells(results[title], first)} |")
    print()


def cells(result: Result, first: Result | None) -> str:
    if isinstance(result, str):
        return f"– | – | – | {result} |"
    figures = f"{result.wall:.2f} | {result.cpu:.2f} | {result.peak:,.0f}"
    if not isinstance(first, Cost):
        return f"{figures} | |"
    return f"{figures} | {result.wall / first.wall:.1f}× | {result.cpu / first.cpu:.1f}×"


if __name__ == "__main__":
    main()
