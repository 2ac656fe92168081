"""A log of many runs is answered about like a short one."""

from __future__ import annotations

import resource
import subprocess
import sys
from pathlib import Path

import pytest

from tests.cli.running import run

ROOT = Path(__file__).parents[2]
RUNS, FILES = 121, 64


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A project of 121 runs, of which every second one takes back what the one before it did."""
    made = tmp_path_factory.mktemp("long") / "log"
    command = [sys.executable, "-m", "bench.make_log", "--runs", str(RUNS), "--out", str(made)]
    subprocess.run(command, cwd=ROOT, check=True, capture_output=True)
    return made


def test_changes_hold_fewer_files_open_than_there_are_runs(folder: Path) -> None:
    limits = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (FILES, limits[1]))
    try:
        answer = run(folder, "changes")
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, limits)
    assert (answer.code, answer.err) == (0, "")
    lines = [line.split(",") for line in answer.out.splitlines()[1:]]
    assert {line[4] for line in lines} == {str(number) for number in range(1, RUNS + 1)}
    # who moved in the second run moves back in the third
    moved = {number: [(line[0], line[1], line[2]) for line in lines if line[4] == number] for number in "23"}
    back = {"entered": "left", "left": "entered"}
    assert sorted((key, segment, back[change]) for key, segment, change in moved["2"]) == sorted(moved["3"])
    assert len(moved["2"]) == 6


def test_every_run_of_a_long_history_is_told(folder: Path) -> None:
    lines = run(folder, "history").out.splitlines()
    assert len(lines) == 1 + RUNS
    *facts, entered, left = lines[-1].split()
    assert facts == ["121", "evaluate", "2026-01-02T06:15:00Z", "2026-01-02T06:15:00Z", "2"]
    assert int(entered) + int(left) == 6
