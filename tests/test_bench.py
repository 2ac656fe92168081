"""The bench in its short form: at a tiny size every contender has the members that segtool has, at whatever speed."""

import importlib.util
import subprocess
import sys
from pathlib import Path
from typing import NamedTuple

import polars as pl
import pytest

from bench import look
from bench.growth import sparkline
from bench.members import differences
from bench.segments import segments, yaml_of
from segtool.store.store import Store

ROOT = Path(__file__).resolve().parent.parent


ENGINES = {
    "polars": "hand-written Polars",
    "duckdb": "DuckDB, one query",
    "chdb": "ClickHouse in process, one query",
}


class Run(NamedTuple):
    folder: Path
    ended: subprocess.CompletedProcess[str]


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Run:
    data = tmp_path_factory.mktemp("bench")
    sizes = ["--users", "2000", "--events", "20000", "--rounds", "1", "--data", str(data)]
    engines = [package for package in ENGINES if importlib.util.find_spec(package)]
    command = [sys.executable, "-m", "bench.compare", *sizes, "--only", "segtool", *engines]
    return Run(data / "2000-20000", subprocess.run(command, cwd=ROOT, capture_output=True, text=True))


def test_it_measures_200_segments(run: Run) -> None:
    assert (run.ended.returncode, run.ended.stderr[-500:] if run.ended.returncode else "") == (0, "")
    assert run.ended.stdout.startswith("200 segments, 2,000 users, 20,000 events; 1 round(s)\n")


@pytest.mark.parametrize("package", ENGINES)
def test_all_members_of_200_segments_are_those_of_another_engine(run: Run, package: str) -> None:
    if importlib.util.find_spec(package) is None:
        pytest.skip(f"{package} is not installed: the extra `bench` has it")
    title = ENGINES[package]
    assert [line for line in run.ended.stderr.splitlines() if line.endswith(f"as {title}")] == [
        f"  the same members from Parquet as {title}",
        f"  the same members from CSV as {title}",
    ]
    assert f"| {title} | – " not in run.ended.stdout


def test_one_user_too_many_in_one_segment_is_a_difference(run: Run, tmp_path: Path) -> None:
    decided, store = pl.read_parquet(run.folder / "decided-polars"), Store(run.folder)
    users = decided["top_004"].to_list()
    decided[users.index(False), "top_004"] = True
    decided.write_parquet(tmp_path / "decided")
    assert list(differences(store, run.folder / "decided-polars")) == []
    assert list(differences(store, tmp_path / "decided")) == [
        f"top_004: 1 users differ; segtool has {sum(users)} members"
    ]


def test_the_workload_is_200_segments_of_five_kinds_and_the_same_on_every_run() -> None:
    kinds = [name.partition("_")[0] for name in segments()]
    found = {kind: kinds.count(kind) for kind in kinds}
    assert found == {"attribute": 100, "behaviour": 60, "sample": 10, "top": 10, "group": 20}
    assert yaml_of(segments()) == yaml_of(segments())


@pytest.mark.parametrize("number", [10, 100, 500, 1000])
def test_there_can_be_as_many_segments_as_growth_asks_for(number: int) -> None:
    assert len(segments(number)) == number


def test_a_curve_is_drawn_from_nothing_to_its_highest() -> None:
    assert sparkline([0, 3.5, 7]) == "▁▅█"


def test_a_long_log_is_made_by_commits_that_a_run_can_follow(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "bench.long_log", "--runs", "3", "12", "--rounds", "1", "--data", str(tmp_path)]
    ended = subprocess.run(command, cwd=ROOT, capture_output=True, text=True)
    assert (ended.returncode, ended.stderr[-500:] if ended.returncode else "") == (0, "")
    assert "| the store after 12 runs | files | MB | MB on the disk |\n" in ended.stdout
    assert "| `evaluate, one user has moved` | " in ended.stdout
    sizes = [list(record.sizes.values()) for record in Store(tmp_path / "log-12").records()]
    assert [len(moved) for moved in sizes] == [6, *[2] * 11]
    # each second run takes back what the one before it did, and the log ends with one that is not
    assert [size.after for size in sizes[2]] == [size.before for size in sizes[1]]


def test_looks_are_measured_after_the_runs(tmp_path: Path) -> None:
    sizes = ["--users", "500", "--events", "2000", "--rounds", "1", "--data", str(tmp_path)]
    ended = subprocess.run([sys.executable, "-m", "bench.look", *sizes], cwd=ROOT, capture_output=True, text=True)
    assert (ended.returncode, ended.stderr[-500:] if ended.returncode else "") == (0, "")
    shown = [line.split(" | ")[0].removeprefix("| ") for line in ended.stdout.splitlines()[2:]]
    assert shown == ["evaluate, the next day", *look.COMMANDS]
