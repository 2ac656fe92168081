"""Some of the faults of `python -m tests.faults`: whatever is broken, the state is the one before or after."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.faults.defects import DEFECTS, seeded
from tests.faults.scenarios import COMMANDS, HARNESS, looking, options, scenario, tried

needs_harness = pytest.mark.skipif(
    not HARNESS.exists() or not shutil.which("cc"),
    reason="needs crashtest.py beside the checkout, and cc",
)


@pytest.fixture(scope="module")
def looks(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    with looking(tmp_path_factory.mktemp("looks")) as place:
        yield place


@needs_harness
@pytest.mark.parametrize("name", COMMANDS)
def test_a_command_that_is_killed_or_whose_calls_fail_leaves_the_state_before_or_after(
    name: str, tmp_path: Path, looks: Path
) -> None:
    told = tried(scenario(name, tmp_path), looks, *options("kill,torn,errno", 1))
    assert told.returncode == 0, told.stdout


@needs_harness
@pytest.mark.skipif(not shutil.which("strace"), reason="needs strace")
def test_a_power_cut_leaves_the_state_before_or_after(tmp_path: Path, looks: Path) -> None:
    told = tried(scenario("evaluate", tmp_path), looks, *options("alice", 4))
    assert told.returncode == 0, told.stdout


def test_every_defect_can_be_put_in(tmp_path: Path) -> None:
    for defect in DEFECTS:
        assert defect.new in (seeded(defect, tmp_path) / "segtool" / defect.module).read_text()
