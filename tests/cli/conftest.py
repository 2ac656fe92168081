"""A project of three runs, made once, and a copy of it for each test that asks for one."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from tests.cli.upkeep import upkept


@pytest.fixture(scope="session")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return upkept(tmp_path_factory.mktemp("whole") / "p")


@pytest.fixture
def folder(whole: Path, tmp_path: Path) -> Path:
    shutil.copytree(whole, tmp_path / "p")
    return tmp_path / "p"
