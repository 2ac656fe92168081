"""How long commands take at the end of a long log: a year of runs in every quarter of an hour has 35,000.

It makes the logs, and prints what they take on the disk and what each command costs, as tables in Markdown.
"""

from __future__ import annotations

import argparse
import os
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path

from bench.compare import DATA, count
from bench.contenders import find_segtool
from bench.folder import python, say
from bench.measure import Cost, cost_of, typical

USERS = 5_000
COUNTRIES = ("UA", "PL", "NO", "DE", "FR", "IT")
START, QUARTER = datetime(2026, 1, 1, tzinfo=UTC), timedelta(minutes=15)
SEGMENT = "in_ua"
PARTS = ("log", "objects", "tables")
READING = (
    "list",
    f"show {SEGMENT}",
    f"members {SEGMENT}",
    "history",
    "history -o json",
    "changes --since {ago}",
    f"changes {SEGMENT}",
    "changes",
    "doctor",
    "verify --quick",
    "verify",
)


BEFORE: dict[str, Callable[[Path, int], None]] = {
    "nothing new": lambda folder, number: None,
    "one user has moved": lambda folder, number: write_users(folder, number),
    "after a run that was killed": lambda folder, number: (folder / ".segtool/unfinished").touch(0o600),
}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--runs", type=count, nargs="+", default=[100, 35_000])
    parser.add_argument("--rounds", type=count, default=3)
    parser.add_argument("--data", type=Path, default=DATA, help="where the made-up logs are kept")
    given = parser.parse_args()
    folders = {runs: made(given.data, runs) for runs in given.runs}
    # the sizes come last, as to look at so many files makes this process too large to measure others from
    costs = [dict(measured(copied(folder), runs, given.rounds)) for runs, folder in folders.items()]
    for runs, folder in folders.items():
        print_sizes(runs, folder / ".segtool")
    print_costs(costs, given.runs)


def made(data: Path, runs: int) -> Path:
    """The project with so many runs, made where it is not there."""
    folder = data / f"log-{runs}"
    if not folder.exists():
        say(f"Making {runs:,} runs ...")
        unfinished = folder.with_suffix(".part")
        remove(unfinished)
        say(f"  in {cost_of(python('make_log', '--runs', str(runs), '--out', str(unfinished))).wall:.0f} s")
        unfinished.rename(folder)
    return folder


def copied(folder: Path) -> Path:
    """A fresh copy, as measuring adds runs to it; it is on the disk, so that no run waits for its files."""
    copy = folder.with_name(f"{folder.name}-measured")
    remove(copy)
    cost_of(["cp", "-Rp", str(folder), str(copy)])
    os.sync()
    return copy


def remove(folder: Path) -> None:
    cost_of(["rm", "-rf", str(folder)])


def write_users(folder: Path, shift: int) -> None:
    """The users; the first one lives in another country for each `shift`."""
    lines = [f"{number:05},{COUNTRIES[number % len(COUNTRIES)]}" for number in range(1, USERS)]
    first = f"00000,{COUNTRIES[shift % len(COUNTRIES)]}"
    (folder / "users.csv").write_text("\n".join(["user_id,country", first, *lines]) + "\n", encoding="utf-8")


def as_of(number: int) -> str:
    """Of the run of that number."""
    return (START + number * QUARTER).strftime("%Y-%m-%dT%H:%M:%SZ")


def print_sizes(runs: int, store: Path) -> None:
    """What the files of each part hold, and what they take of the disk, which gives whole blocks."""
    files, held, taken = Counter[str](), Counter[str](), Counter[str]()
    for path in store.rglob("*"):
        first = path.relative_to(store).parts[0]
        for part in (first if first in PARTS else "the rest", "all"):
            files[part] += path.is_file()
            held[part] += path.stat().st_size if path.is_file() else 0
            taken[part] += path.stat().st_blocks * 512
    print(f"| the store after {runs:,} runs | files | MB | MB on the disk |\n| --- | --- | --- | --- |")
    for part in (*PARTS, "the rest", "all"):
        print(f"| {part} | {files[part]:,} | {held[part] / 1e6:,.1f} | {taken[part] / 1e6:,.1f} |")
    print()


def measured(folder: Path, runs: int, rounds: int) -> Iterator[tuple[str, Cost]]:
    """What every command costs, and what a run does."""
    segtool, project = find_segtool(), ("--project", str(folder))
    for command in READING:
        words = command.format(ago=max(runs - 10, 0)).split()
        say(f"  {runs:,} runs: {' '.join(words)} ...")
        yield command.format(ago="RUN"), typical([cost_of([segtool, *words, *project]) for _ in range(rounds)])
    last = runs
    for title, prepare in BEFORE.items():
        say(f"  {runs:,} runs: evaluate, {title} ...")
        costs = []
        for _ in range(rounds):
            last += 1
            prepare(folder, last)
            costs.append(cost_of([segtool, "evaluate", *project, "--as-of", as_of(last)]))
        yield f"evaluate, {title}", typical(costs)


def print_costs(found: Sequence[dict[str, Cost]], runs: Sequence[int]) -> None:
    heads = [f"{number:,} runs" for number in runs]
    print(f"| wall s / CPU s / MiB | {' | '.join(heads)} |\n|{' --- |' * (len(runs) + 1)}")
    for command in found[0]:
        print(f"| `{command}` | {' | '.join(figures(costs[command]) for costs in found)} |")


def figures(cost: Cost) -> str:
    return f"{cost.wall:.2f} / {cost.cpu:.2f} / {cost.peak:,.0f}"


if __name__ == "__main__":
    main()
