"""The name of a preset, or the path of one, comes in; go out: what it says, and every problem at its place."""

from __future__ import annotations

from pathlib import Path

from segtool.errors import DefinitionError, Mark, Problem, UsageError
from segtool.model.nodes import near_name
from segtool.model.presets import Preset
from segtool.read.files import definition_files
from segtool.read.yaml import read_yaml

FOLDER = "presets"
PACKAGED = Path(__file__).parents[1] / "channels" / FOLDER


def read_preset(name: str, folder: Path) -> Preset:
    """The preset of a name: `presets/NAME.yaml` of the project, or else one of segtool's own. What ends in `.yaml` or
    `.yml` is a path from the project's folder. UsageError: there is none; DefinitionError: it does not hold."""
    if name.endswith((".yaml", ".yml")):
        return _read(folder, name)
    own, packaged = _names(folder / FOLDER), _names(PACKAGED)
    if name in own:
        return _read(folder, f"{FOLDER}/{own[name]}")
    if name in packaged:
        return _read(PACKAGED, packaged[name])
    known = sorted({*own, *packaged})
    raise UsageError(Problem(f"there is no preset `{name}`", near_name(name, known) or f"there are {', '.join(known)}"))


def preset_names(folder: Path) -> list[str]:
    """The names that `read_preset` knows in a project."""
    return sorted({*_names(folder / FOLDER), *_names(PACKAGED)})


def _names(folder: Path) -> dict[str, str]:
    """The files of a folder by the names of the presets in them."""
    return {path.stem: path.name for path in definition_files("*.yaml", folder)}


def _read(folder: Path, shown: str) -> Preset:
    problems: list[Problem] = []
    node = read_yaml(folder, shown, problems)
    if node is None and not problems:
        problems.append(Problem("the file is empty", "see docs/presets.md for what a preset says", Mark(shown)))
    preset = Preset.read(node, problems) if node is not None else None
    if preset is None or problems:
        raise DefinitionError(problems)
    return preset
