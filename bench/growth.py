"""How the time of a daily run grows with users (and ten events for each), with events alone, or with segments."""

from __future__ import annotations

import argparse
from collections.abc import Iterator, Mapping, Sequence

from bench.compare import add_common, count
from bench.contenders import CONTENDERS, FIRST, IMPORT_EVENTS, NEXT, Segtool, installed
from bench.folder import Folder, made, say
from bench.rounds import Result, Rounds
from bench.segments import NUMBER

SIZES = {
    "users": [10_000, 100_000, 300_000, 1_000_000],
    "events": [100_000, 1_000_000, 3_000_000, 10_000_000],
    "segments": [10, 100, 200, 500, 1000],
}
EACH = 10
BARS = "▁▂▃▄▅▆▇█"
SHOWN = (NEXT, FIRST, IMPORT_EVENTS, *(of.title for of in CONTENDERS.values() if of.decides))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("over", choices=SIZES)
    parser.add_argument("--sizes", type=count, nargs="+", help="instead of the usual ones")
    parser.add_argument("--users", type=count, default=1_000_000, help="where they do not grow")
    parser.add_argument("--events", type=count, default=10_000_000, help="likewise")
    parser.add_argument("--rounds", type=count, default=1)
    add_common(parser, ["segtool", "duckdb", "polars"])
    given = parser.parse_args()
    sizes = given.sizes or SIZES[given.over]
    found = [measured(given, *size) for size in grown(given, sizes)]
    print(f"Over {given.over}; wall / CPU seconds, {given.rounds} round(s)\n")
    print_curves(sizes, found)


def grown(given: argparse.Namespace, sizes: Sequence[int]) -> Iterator[tuple[int, int, int]]:
    """Users, events and segments of each size."""
    for size in sizes:
        match given.over:
            case "users":
                yield size, size * EACH, NUMBER
            case "events":
                yield given.users, size, NUMBER
            case _:
                yield given.users, given.events, size


def measured(given: argparse.Namespace, users: int, events: int, segments: int) -> Mapping[str, Result]:
    folder: Folder = made(given.data, users, events)
    folder.write_segments(segments)
    segtool = Segtool(folder) if "segtool" in given.only else None
    rounds = Rounds(folder, segtool, installed(given.only), given.limit)
    for number in range(1, given.rounds + 1):
        say(f"{users:,} users, {events:,} events, {segments} segments: round {number} of {given.rounds}")
        rounds.daily()
    return rounds.results()


def print_curves(sizes: Sequence[int], found: Sequence[Mapping[str, Result]]) -> None:
    print(f"| | {' | '.join(f'{size:,}' for size in sizes)} | |\n|{' --- |' * (len(sizes) + 2)}")
    for title in SHOWN:
        if results := [of[title] for of in found if title in of]:
            walls = [0 if isinstance(result, str) else result.wall for result in results]
            print(f"| {title} | {' | '.join(map(cell, results))} | {sparkline(walls)} |")


def cell(result: Result) -> str:
    return "–" if isinstance(result, str) else f"{result.wall:.2f} / {result.cpu:.2f}"


def sparkline(values: Sequence[float]) -> str:
    """The values as bars from nothing to the largest."""
    most = max(values) or 1
    return "".join(BARS[round(value / most * (len(BARS) - 1))] for value in values)


if __name__ == "__main__":
    main()
