"""What it takes to look at 200 segments after their runs: explain, plan, backtest, show, members, changes."""

from __future__ import annotations

import argparse
from pathlib import Path

from bench.compare import count
from bench.contenders import NEXT, Segtool
from bench.folder import made, say
from bench.measure import Cost, typical

LATER = "2026-06-17T12:00:00Z"
NOW = ("--as-of", LATER)
COMMANDS = {
    "explain, a segment on attributes": ("explain", "u00000077", "attribute_002", *NOW),
    "explain, one on behaviour": ("explain", "u00000077", "behaviour_001", *NOW),
    "explain, one that is cut": ("explain", "u00000077", "top_001", *NOW),
    "explain, all 200": ("explain", "u00000077", *NOW),
    "plan": ("plan", *NOW),
    "backtest, 10 weeks": ("backtest", "behaviour_001", "--every", "7d", "--since", "2026-04-15", *NOW),
    "show": ("show", "behaviour_001"),
    "members": ("members", "behaviour_001"),
    "changes, the last run": ("changes", "--since", "3"),
}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--users", type=count, default=1_000_000)
    parser.add_argument("--events", type=count, default=10_000_000)
    parser.add_argument("--rounds", type=count, default=3)
    parser.add_argument("--data", type=Path, default=Path(__file__).parent / "data")
    given = parser.parse_args()
    folder = made(given.data, given.users, given.events)
    folder.write_segments(200)
    segtool = Segtool(folder)
    costs: dict[str, list[Cost]] = {}
    for number in range(1, given.rounds + 1):
        say(f"Round {number} of {given.rounds}")
        for title, step in segtool.daily():
            cost = step()
            if title == NEXT:
                costs.setdefault("evaluate, the next day", []).append(cost)
        for title, words in COMMANDS.items():
            costs.setdefault(title, []).append(segtool.run(*words))
    print("| | wall s | CPU s | peak MiB |\n| --- | --- | --- | --- |")
    for title, found in costs.items():
        cost = typical(found)
        print(f"| {title} | {cost.wall:.2f} | {cost.cpu:.2f} | {cost.peak:,.0f} |")


if __name__ == "__main__":
    main()
