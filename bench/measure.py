"""What one process costs from its start to its end: wall time, CPU time and peak memory."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path
from statistics import median
from typing import NamedTuple

# The system counts a child's peak from what its parent held at the fork, so whoever measures must stay small:
# no Polars, NumPy or DuckDB in this process.
PEAK_UNIT = 1 if sys.platform == "darwin" else 1024


class Cost(NamedTuple):
    """Seconds, seconds and MiB."""

    wall: float
    cpu: float
    peak: float


def cost_of(command: Sequence[str], stdout: Path | None = None) -> Cost:
    """Runs the command; ends with its last words if it fails."""
    with Path(stdout or os.devnull).open("wb") as out, tempfile.TemporaryFile("w+") as talk:
        start = time.perf_counter()
        process = subprocess.Popen(command, stdout=out, stderr=talk)
        _, status, usage = os.wait4(process.pid, 0)
        wall = time.perf_counter() - start
        process.returncode = os.waitstatus_to_exitcode(status)
        if process.returncode:
            talk.seek(0)
            raise SystemExit(f"{' '.join(command)}\nended with exit code {process.returncode}:\n{talk.read()[-2000:]}")
    return Cost(wall, usage.ru_utime + usage.ru_stime, usage.ru_maxrss * PEAK_UNIT / 2**20)


def typical(costs: Sequence[Cost]) -> Cost:
    return Cost(*(median(column) for column in zip(*costs, strict=True)))
