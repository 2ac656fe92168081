"""The examples in examples/ against what they promise."""

from __future__ import annotations

import shutil
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path

import pytest

from tests.test_readme import rendered

EXAMPLES = Path(__file__).parents[1] / "examples"
SHOP, CDNOW = EXAMPLES / "shop", EXAMPLES / "cdnow"


def files(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in folder.iterdir()}


def test_the_shop_script_writes_the_committed_data_byte_for_byte(tmp_path: Path) -> None:
    script = shutil.copy(SHOP / "make_data.py", tmp_path)
    subprocess.run([sys.executable, script], check=True, cwd=tmp_path)
    assert files(tmp_path / "data") == files(SHOP / "data")


def prepare_cdnow(folder: Path) -> Path:
    """The project with its data, which only the package `lifetimes` has."""
    project = Path(shutil.copytree(CDNOW, folder / "cdnow", ignore=shutil.ignore_patterns(".segtool", "data")))
    subprocess.run([sys.executable, project / "make_data.py"], check=True)
    return project


@pytest.mark.skipif(find_spec("lifetimes") is None, reason="the data are in the package lifetimes, which is not there")
def test_the_repeat_purchases_of_cdnow_are_those_that_were_published(tmp_path: Path) -> None:
    project = prepare_cdnow(tmp_path)
    text = (project / "README.md").read_text(encoding="utf-8")
    assert rendered(text, project) == text
    sizes = [int(line.split()[5].replace(",", "")) for line in text.splitlines() if line.startswith("repeat_")]
    assert sizes == [1411, 439, 214, 100, 62, 38, 29, 64]


def test_an_editor_finds_nothing_wrong_with_the_definitions_of_the_shop_and_of_a_new_project() -> None:
    import jsonschema
    import yaml

    from segtool.compile.schema import json_schema
    from segtool.verbs.init import SEGMENTS

    texts = [path.read_text(encoding="utf-8") for path in sorted((SHOP / "segments").glob("*.yaml"))]
    assert len(texts) >= 4
    for text in [*texts, SEGMENTS]:
        jsonschema.validate(yaml.safe_load(text), json_schema())
