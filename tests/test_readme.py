"""Every console block of the README is run, and prints what the README shows."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parent.parent
README = ROOT / "README.md"


def blocks(text: str) -> list[str]:
    return re.findall(r"```console\n(.*?)```", text, re.DOTALL)


def commands(block: str) -> list[str]:
    return [line[2:] for line in block.splitlines() if line.startswith("$ ")]


def answer(command: str, folder: Path) -> str:
    """What a command of the README prints, stdout and stderr as a terminal shows them."""
    environment = {"PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}", "LC_ALL": "C.UTF-8"}
    done = subprocess.run(
        command, shell=True, cwd=folder, env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
    )
    return done.stdout


def rendered(text: str, folder: Path) -> str:
    """The README with the output of every command as it is now."""

    def block(found: re.Match[str]) -> str:
        shown = [f"$ {command}\n{answer(command, folder)}" for command in commands(found[1])]
        return "```console\n" + "".join(shown) + "```"

    return re.sub(r"```console\n(.*?)```", block, text, flags=re.DOTALL)


def prepare(folder: Path) -> Path:
    shop = folder / "shop"
    shutil.copytree(ROOT / "examples" / "shop", shop, ignore=shutil.ignore_patterns(".segtool", "snapshots"))
    shutil.copytree(ROOT / "tests" / "cli" / "broken", shop / "broken")
    return shop


def test_every_console_block_of_the_readme_prints_what_it_shows(tmp_path: Path) -> None:
    text = README.read_text(encoding="utf-8")
    assert sum(len(commands(block)) for block in blocks(text)) >= 5
    assert rendered(text, prepare(tmp_path)) == text


if __name__ == "__main__":  # writes the output into the README, to be read before it is committed
    import tempfile

    with tempfile.TemporaryDirectory() as folder:
        README.write_text(rendered(README.read_text(encoding="utf-8"), prepare(Path(folder))), encoding="utf-8")
