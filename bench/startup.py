"""How long segtool takes where there is nothing to do: `--help`, `--version`, and `check` of a small project."""

from __future__ import annotations

import argparse
import tempfile
from pathlib import Path

from bench.compare import count
from bench.contenders import find_segtool
from bench.measure import cost_of, typical


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=count, default=7)
    given = parser.parse_args()
    segtool = find_segtool()
    with tempfile.TemporaryDirectory() as name:
        folder = str(Path(name) / "small")
        cost_of([segtool, "init", folder])
        commands = (["--version"], ["--help"], ["check", "--project", folder])
        rounds = [[cost_of([segtool, *words]) for words in commands] for _ in range(given.rounds)]
    print("| start-up | wall s | CPU s | peak MiB |\n| --- | --- | --- | --- |")
    for words, costs in zip(commands, zip(*rounds, strict=True), strict=True):
        cost = typical(costs)
        print(f"| segtool {words[0]} | {cost.wall:.2f} | {cost.cpu:.2f} | {cost.peak:,.0f} |")


if __name__ == "__main__":
    main()
