"""Where command lines are typed, each in a process of its own: see `tests.server`."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from tempfile import mkdtemp

ROOT = Path(__file__).parents[1]
ENVIRONMENT = {"PATH": os.environ["PATH"], "LC_ALL": "C.UTF-8"}


@dataclass(frozen=True)
class Answer:
    code: int
    out: str
    err: str
    peak: int = field(default=0, compare=False)
    """Bytes of memory at most, where they were counted."""


class Shell:
    def __init__(self, room: Path) -> None:
        self.room = room
        # neither NumPy nor Polars starts threads when it is loaded
        no_threads = {"OPENBLAS_NUM_THREADS": "1", "_RJEM_MALLOC_CONF": "background_thread:false"}
        self.server = subprocess.Popen(
            [sys.executable, "-m", "tests.server"],
            cwd=ROOT,
            env={**ENVIRONMENT, **no_threads},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )

    def run(
        self,
        folder: Path,
        words: tuple[str, ...],
        environment: Mapping[str, str],
        stdin: str = "",
        stdout: str = "",
        seconds: int = 300,
    ) -> Answer:
        """What one command answers; nothing of this process's environment but the path reaches it. `stdout` may be
        `closed`, `broken pipe`, or a file to write to; what takes more `seconds` is killed."""
        files = {name: self.room / name for name in ("stdin", "stdout", "stderr")}
        for name, path in files.items():
            path.write_text(stdin if name == "stdin" else "", encoding="utf-8")
        streams = {name: str(path) for name, path in files.items()}
        if stdout:
            streams["stdout"] = stdout
        request = {"folder": str(folder), "words": words, "environment": dict(environment), "seconds": seconds}
        code, peak = self._asked({**request, **streams})
        out, err = (files[name].read_bytes().decode() for name in ("stdout", "stderr"))
        return Answer(code, out, err, peak * (1 if sys.platform == "darwin" else 1024))

    def _asked(self, request: dict[str, object]) -> list[int]:
        assert self.server.stdin and self.server.stdout
        self.server.stdin.write(json.dumps(request) + "\n")
        self.server.stdin.flush()
        answer: list[int] = json.loads(self.server.stdout.readline())
        return answer


@cache
def shell() -> Shell:
    """The one of this process, with which it ends."""
    return Shell(Path(mkdtemp(prefix="segtool-shell-")))
