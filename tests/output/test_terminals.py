"""What data hold reaches a file or a pipe to the byte, and a terminal written out."""

from __future__ import annotations

import json
import os
import pty
import re
import subprocess
import sys
from pathlib import Path

import pytest

from tests.cli.running import project, run

KEYS = ["a\x1b[31mb", "c\u202ed", "e\ufefff", "g\x9bh", "\U000e0041i", "Оксана", "👩\u200d👧"]
UNSEEN = re.compile("[\x00-\x09\x0b-\x1f\x7f-\x9f\u202a-\u202e\ufeff\U000e0000-\U000e007f]")
SEGMENTS = 'all_of_them: {kind: dynamic, description: "x\\e[2J\\u202Ey", where: {everyone: true}}\n'
COMMANDS = [
    ["members", "all_of_them"],
    ["members", "--all"],
    ["changes"],
    ["changes", "-o", "text"],
    ["changes", "-o", "json"],
    ["changes", "-o", "jsonl"],
    ["list", "-o", "csv"],
    ["list", "-o", "json"],
    ["import", "-o", "csv"],
]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    users = "".join(f"{key},1\n" for key in KEYS)
    made = project(tmp_path_factory.mktemp("hostile") / "p", f"user_id,a\u202eb\n{users}", SEGMENTS)
    assert run(made, "evaluate").code == 0
    return made


def on_terminal(folder: Path, words: list[str]) -> str:
    """What a command writes to a terminal."""
    read, write = pty.openpty()
    with subprocess.Popen([sys.executable, "-m", "segtool", *words], cwd=folder, stdout=write) as command:
        os.close(write)
        found = b""
        try:
            while some := os.read(read, 4096):
                found += some
        except OSError:  # how Linux says that nobody writes any more
            pass
    os.close(read)
    assert command.returncode == 0
    return found.decode().replace("\r\n", "\n")


@pytest.mark.parametrize("words", COMMANDS, ids=" ".join)
def test_nothing_that_a_terminal_would_obey_reaches_it(folder: Path, words: list[str]) -> None:
    shown = on_terminal(folder, words)
    assert not UNSEEN.search(shown), shown


def test_a_key_is_written_out_on_a_terminal_and_data_elsewhere(folder: Path) -> None:
    written_out = ["a\\x1b[31mb", "c\\u202ed", "e\\ufefff", "g\\x9bh", "\\U000e0041i", "Оксана", "👩\u200d👧"]
    assert sorted(on_terminal(folder, ["members", "all_of_them"]).split("\n")) == sorted(["user_id", *written_out, ""])
    assert sorted(run(folder, "members", "all_of_them").out.split("\n")) == sorted(["user_id", *KEYS, ""])


def test_json_is_the_same_data_on_a_terminal(folder: Path) -> None:
    rows = json.loads(on_terminal(folder, ["members", "all_of_them", "-o", "json"]))["rows"]
    assert sorted(row["user_id"] for row in rows) == sorted(KEYS)
