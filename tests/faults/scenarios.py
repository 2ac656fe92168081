"""Commands that write, each over a project of three runs, and what crashtest.py needs to try them from outside."""

from __future__ import annotations

import os
import shlex
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from tests.cli.upkeep import SEGMENTS, upkept

ROOT = Path(__file__).parents[2]
HARNESS = Path(os.environ.get("SEGTOOL_CHECKOUT", ROOT)).parent / "shared/tools/crashtest.py"
"""A program that stands beside the project's checkout, if at all; a clone of it may be elsewhere."""
AS_OF = "2026-06-18T12:00:00Z"
NEW = "user_id,country,email\nann,UA,ann@example.com\nnew,UA,new@example.com\nzoe,UA,zoe@example.com\n"
SUMMER = "summer:\n  kind: static\n  where: {country: UA}\n"

COMMANDS = {
    "evaluate": ("evaluate", "-q", "--as-of", AS_OF),
    "import": ("import", "-q"),
    "freeze": ("freeze", "openers", "--as", "summer", "-q", "--as-of", AS_OF),
    "erase": ("erase", "asked.txt", "-q"),
    "prune": ("prune", "--keep-last", "1", "-q"),
}


def options(mode: str, most: int = 0) -> tuple[str, ...]:
    """What the harness is told for one mode: `most` points of it (0: all)."""
    number = ("--max", str(most), "--max-alice", str(most)) if most else ()
    return "--modes", mode, "--backend", "strace" if mode in ("alice", "race", "power") else "preload", *number


@dataclass(frozen=True)
class Scenario:
    """One command, and the project that it is tried on."""

    name: str
    template: Path

    @property
    def command(self) -> list[str]:
        return [sys.executable, "-m", "segtool", *COMMANDS[self.name]]


def scenario(name: str, folder: Path) -> Scenario:
    project = upkept(folder / name)
    if name in ("evaluate", "import", "freeze"):
        (project / "users.csv").write_text(NEW)
    if name == "evaluate":
        (project / "segments/all.yaml").write_text(SEGMENTS + SUMMER)
    if name == "erase":
        (project / "asked.txt").write_text("bob\n")
    return Scenario(name, project)


@contextmanager
def looking(room: Path) -> Iterator[Path]:
    """A socket whose server says what the harness asks of a folder."""
    place = room / "looks"
    words = [sys.executable, "-m", "tests.faults.look", str(place)]
    with subprocess.Popen(words, cwd=ROOT, stdin=subprocess.DEVNULL) as server:
        try:
            while not place.is_socket() and server.poll() is None:
                time.sleep(0.05)
            yield place
        finally:
            server.terminate()


def tried(one: Scenario, looks: Path, *options: str, package: Path | None = None) -> subprocess.CompletedProcess[str]:
    """What the harness says; `looks`: the socket of `looking`; `package`: a folder with another segtool to try."""
    ask = [sys.executable, "-I", "-S", str(Path(__file__).with_name("ask.py")), str(looks)]
    given = [
        *("--template", str(one.template)),
        *("--check", shlex.join([*ask, "check"])),
        *("--state", shlex.join([*ask, "state"])),
        *("--debris", shlex.join([*ask, "debris"])),
        *("--timeout", "60", "--busy-rc", "5"),
    ]
    if package:
        given += ["--env", f"PYTHONPATH={package}"]
    if one.name != "erase":
        given += ["--protect", "snapshots/spring.*"]
    if one.name == "freeze":
        # a second freeze under the same name is refused, and that is right
        given += ["--no-rerun"]
    words = [sys.executable, str(HARNESS), *given, *options, "--", *one.command]
    return subprocess.run(words, capture_output=True, text=True)
