"""The examples in examples/ against what they promise."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

SHOP = Path(__file__).parents[1] / "examples" / "shop"


def files(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in folder.iterdir()}


def test_the_shop_script_writes_the_committed_data_byte_for_byte(tmp_path: Path) -> None:
    script = shutil.copy(SHOP / "make_data.py", tmp_path)
    subprocess.run([sys.executable, script], check=True, cwd=tmp_path)
    assert files(tmp_path / "data") == files(SHOP / "data")


def test_an_editor_finds_nothing_wrong_with_the_definitions_of_the_shop_and_of_a_new_project() -> None:
    import jsonschema
    import yaml

    from segtool.compile.schema import json_schema
    from segtool.verbs.init import SEGMENTS

    texts = [path.read_text(encoding="utf-8") for path in sorted((SHOP / "segments").glob("*.yaml"))]
    assert len(texts) >= 4
    for text in [*texts, SEGMENTS]:
        jsonschema.validate(yaml.safe_load(text), json_schema())
