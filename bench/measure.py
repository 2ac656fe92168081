"""What one process costs from its start to its end: wall time, CPU time and peak memory."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path
from statistics import median
from threading import Timer
from typing import NamedTuple

# The system counts a child's peak from what its parent held at the fork, so whoever measures must stay small:
# no Polars, NumPy or DuckDB in this process.
PEAK_UNIT = 1 if sys.platform == "darwin" else 1024


class Cost(NamedTuple):
    """Seconds, seconds and MiB."""

    wall: float
    cpu: float
    peak: float


class Failure(Exception):
    """A command that did not end well, and why."""


def cost_of(command: Sequence[str], stdout: Path | None = None, limit: float | None = None) -> Cost:
    """Runs the command; Failure where it fails, or takes more seconds than the limit."""
    with Path(stdout or os.devnull).open("wb") as out, tempfile.TemporaryFile("w+") as talk:
        start = time.perf_counter()
        process = subprocess.Popen(command, stdout=out, stderr=talk)
        watch = Timer(limit or 0, process.kill)
        if limit:
            watch.start()
        _, status, usage = os.wait4(process.pid, 0)
        wall = time.perf_counter() - start
        watch.cancel()
        process.returncode = os.waitstatus_to_exitcode(status)
        if process.returncode:
            talk.seek(0)
            raise Failure(reason(process.returncode, talk.read(), limit if limit and wall >= limit else None))
    return Cost(wall, usage.ru_utime + usage.ru_stime, usage.ru_maxrss * PEAK_UNIT / 2**20)


def reason(code: int, talk: str, limit: float | None) -> str:
    if limit:
        return f"more than {limit:,.0f} s"
    if code == -signal.SIGKILL:
        return "ended by the system, likely for want of memory"
    return (talk.strip().splitlines() or [f"exit code {code}"])[-1][:300]


def typical(costs: Sequence[Cost]) -> Cost:
    return Cost(*(median(column) for column in zip(*costs, strict=True)))
