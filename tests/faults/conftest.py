"""A project that was evaluated once, a copy of it for each test that asks for one."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from tests.cli.running import AS_OF, run

PROJECT = Path(__file__).parent / "project"


@pytest.fixture(scope="module")
def good(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A project that was evaluated once."""
    folder = tmp_path_factory.mktemp("good") / "p"
    shutil.copytree(PROJECT, folder)
    answer = run(folder, "evaluate", "--as-of", AS_OF)
    assert answer.code == 0, answer.err
    return folder


@pytest.fixture
def folder(good: Path, tmp_path: Path) -> Path:
    """A copy of it of the test's own, in a folder where nothing else may be written."""
    shutil.copytree(good, tmp_path / "p")
    (tmp_path / "neighbour.csv").write_text("user_id\nu01\n", encoding="utf-8")
    return tmp_path / "p"
