"""A project in a folder, and the command line run in it as a person would."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from tests.shell import ENVIRONMENT, Answer, shell

AS_OF = "2026-06-15T12:00:00Z"
NEXT = "2026-06-16T12:00:00Z"


BEFORE_PYTHON = ("PYTHON", "POLARS", "LC_ALL", "TZ")
"""How the names begin of what is looked at when a process begins."""


def run(folder: Path, *words: str, **environment: str) -> Answer:
    """What one command answers; nothing of this process's environment but the path reaches it."""
    if any(name.startswith(BEFORE_PYTHON) for name in environment):
        return run_anew(folder, *words, **environment)
    return shell().run(folder, words, environment)


def run_anew(folder: Path, *words: str, **environment: str) -> Answer:
    """The same in a process that nothing was loaded for."""
    done = subprocess.run(
        [sys.executable, "-m", "segtool", *words],
        cwd=folder,
        env={**ENVIRONMENT, **environment},
        capture_output=True,
        stdin=subprocess.DEVNULL,
    )
    return Answer(done.returncode, done.stdout.decode(), done.stderr.decode())


def project(folder: Path, users: str, segments: str, settings: str = "") -> Path:
    """Writes a project of one users file and one segments file."""
    (folder / "segments").mkdir(parents=True)
    (folder / "segtool.yaml").write_text(
        settings or "version: 1\nusers: {path: users.csv, key: user_id}\n", encoding="utf-8"
    )
    (folder / "users.csv").write_text(users, encoding="utf-8")
    (folder / "segments" / "all.yaml").write_text(segments, encoding="utf-8")
    return folder


EMPTY_STORE = {".segtool/.gitignore", ".segtool/format", ".segtool/lock"}


def files(folder: Path) -> dict[str, bytes]:
    """Every file below a folder with its bytes, less those that a store has before its first run."""
    found = {str(path.relative_to(folder)): path for path in sorted(folder.rglob("*")) if path.is_file()}
    return {name: path.read_bytes() for name, path in found.items() if name not in EMPTY_STORE}
