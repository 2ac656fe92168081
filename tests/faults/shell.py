"""Where command lines are typed, each in a process of its own: see `tests.faults.server`."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

from tests.faults.corpus import Case

ROOT = Path(__file__).parents[2]


@dataclass(frozen=True)
class Answer:
    code: int
    out: str
    err: str
    peak: int
    """Bytes of memory at most."""


class Shell:
    def __init__(self, room: Path) -> None:
        self.room = room
        # neither NumPy nor Polars starts threads when it is loaded
        no_threads = {"OPENBLAS_NUM_THREADS": "1", "_RJEM_MALLOC_CONF": "background_thread:false"}
        self.server = subprocess.Popen(
            [sys.executable, "-m", "tests.faults.server"],
            cwd=ROOT,
            env={"PATH": os.environ["PATH"], "LC_ALL": "C.UTF-8", **no_threads},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )

    def run(self, folder: Path, words: list[str], as_of: str, case: Case | None = None) -> Answer:
        files = {name: self.room / name for name in ("stdin", "stdout", "stderr")}
        for name, path in files.items():
            path.write_text(case.stdin if case and name == "stdin" else "", encoding="utf-8")
        streams = {name: str(path) for name, path in files.items()}
        if case and case.stdout:
            streams["stdout"] = case.stdout
        environment = {"SEGTOOL_AS_OF": as_of, **(case.environment if case else {})}
        code, peak = self._asked({"folder": str(folder), "words": words, "environment": environment, **streams})
        out, err = (files[name].read_bytes().decode() for name in ("stdout", "stderr"))
        return Answer(code, out, err, peak * (1 if sys.platform == "darwin" else 1024))

    def _asked(self, request: dict[str, object]) -> list[int]:
        assert self.server.stdin and self.server.stdout
        self.server.stdin.write(json.dumps(request) + "\n")
        self.server.stdin.flush()
        answer: list[int] = json.loads(self.server.stdout.readline())
        return answer

    def close(self) -> None:
        assert self.server.stdin and self.server.stdout
        self.server.stdin.close()
        self.server.wait()
        self.server.stdout.close()
