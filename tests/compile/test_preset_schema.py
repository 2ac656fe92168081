"""What an editor is told of presets is what segtool takes."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
import yaml
from jsonschema import Draft202012Validator

from segtool.compile.schema import preset_schema
from segtool.read.presets import PACKAGED
from tests.cli.running import run

BAD = Path(__file__).parents[1] / "read" / "bad_presets"


def problems(path: Path) -> list[str]:
    """Where a file is not as the schema has it; all scalars are text, as an editor's words are."""
    tree: Any = yaml.load(path.read_text(encoding="utf-8"), Loader=yaml.BaseLoader)
    found = Draft202012Validator(preset_schema()).iter_errors(tree)
    return sorted("/".join(str(part) for part in error.absolute_path) for error in found)


@pytest.mark.parametrize("path", sorted(PACKAGED.glob("*.yaml")), ids=lambda path: path.stem)
def test_the_schema_takes_the_presets_of_segtool(path: Path) -> None:
    assert problems(path) == []


def test_the_schema_shows_unknown_keys_and_words_at_their_places() -> None:
    found = ["", "columns", "delimiter", "description", "encoding", "limits/beyond", "rest"]
    assert problems(BAD / "mine.yaml") == found


def test_the_command_writes_the_schema(tmp_path: Path) -> None:
    assert json.loads(run(tmp_path, "schema", "--preset").out) == preset_schema()
