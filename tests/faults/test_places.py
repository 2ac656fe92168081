"""A folder, a FIFO or a file where the store keeps another kind of thing is damage, and nothing waits for it."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

from tests.cli.running import NEXT, run

COMMANDS = (
    ("verify",),
    ("doctor",),
    ("members", "--all"),
    ("evaluate", "--as-of", NEXT),
    ("prune", "--keep-last", "9"),
)


def test_what_is_no_file_or_no_folder_is_damage_and_is_not_waited_for(good: Path, tmp_path: Path) -> None:
    unexpected = []
    for place in sorted((good / ".segtool").rglob("*")):
        for other in [os.mkfifo, Path.touch if place.is_dir() else Path.mkdir]:
            folder = tmp_path / "p"
            shutil.copytree(good, folder)
            path = folder / place.relative_to(good)
            path.rename(tmp_path / "aside")
            other(path)
            codes = {words[0]: run(folder, *words).code for words in COMMANDS}
            if codes["verify"] != 8 or not {*codes.values()} <= {0, 8}:
                unexpected.append((str(place.relative_to(good)), other.__name__, codes))
            discard(tmp_path / "aside")
            shutil.rmtree(folder)
    assert unexpected == []


def discard(path: Path) -> None:
    shutil.rmtree(path) if path.is_dir() else path.unlink()
