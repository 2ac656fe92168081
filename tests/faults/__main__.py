"""Tries the commands that write with every fault that the machine can make, or the defects that must be found so.

python -m tests.faults [evaluate import freeze erase prune] [--modes kill,torn,errno,alice] [--max N]
python -m tests.faults --defects
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from pathlib import Path

from tests.faults.defects import DEFECTS, seeded
from tests.faults.scenarios import COMMANDS, HARNESS, looking, options, scenario, tried

MODES = "kill,torn,errno,alice"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("commands", nargs="*", metavar="command", help=f"of {', '.join(COMMANDS)}; else all")
    parser.add_argument("--modes", default=MODES)
    parser.add_argument("--max", type=int, default=0, help="so many points of each mode; else all")
    parser.add_argument("--defects", action="store_true", help="put in defects that must be found")
    given = parser.parse_args()
    if not HARNESS.exists():
        raise SystemExit(f"{HARNESS} is not there: the faults cannot be made")
    with tempfile.TemporaryDirectory() as folder:
        room = Path(folder)
        with looking(room) as looks:
            failed = defects(room, looks) if given.defects else faults(given, room, looks)
    raise SystemExit(1 if failed else 0)


def faults(given: argparse.Namespace, room: Path, looks: Path) -> list[str]:
    """The commands that a fault brought out of order."""
    failed = []
    for name in given.commands or COMMANDS:
        one = scenario(name, room)
        for mode in given.modes.split(","):
            told = tried(one, looks, *options(mode, given.max))
            say(f"{name}, {mode}: {' '.join(told.stdout.split())[-60:]}")
            if told.returncode:
                say(told.stdout[-3000:] + told.stderr[-1000:])
                failed.append(f"{name}, {mode}")
    return failed


def defects(room: Path, looks: Path) -> list[str]:
    """The defects that were not found."""
    missed = []
    for defect in DEFECTS:
        one = scenario(defect.command, room / defect.name.replace(" ", "-"))
        told = tried(one, looks, *defect.options, package=seeded(defect, room))
        found = told.returncode == 1
        say(f"{defect.name}: {'found' if found else 'MISSED'} ({' '.join(told.stdout.split())[-40:]})")
        if not found:
            say(told.stdout[-2000:] + told.stderr[-1000:])
            missed.append(defect.name)
    return missed


def say(text: str) -> None:
    sys.stdout.write(text + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    main()
