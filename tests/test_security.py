"""What docs/security.md says is never done is not done: a guard inside the process ends it at the first attempt.

The guard sees what Python does. Polars' own code is not seen, which is given bytes, and never a path outside or a URL.
"""

from __future__ import annotations

import os
import stat
import subprocess
import sys
from pathlib import Path

import pytest

from tests.cli.running import AS_OF, project, run
from tests.shell import Answer

USERS = "user_id,country,tags\na,UA,x|y\nb,PL,\nc,UA,y\n"
SETTINGS = """\
version: 1
users: {path: users.csv, key: user_id, columns: {tags: {list: text, separator: "|"}}}
events:
  purchase: {path: purchases.csv, user: user_id, time: at}
"""
SEGMENTS = """\
buyers:
  kind: dynamic
  where: {did: {event: purchase, in_last: 30d}}
ukraine:
  kind: static
  where: {country: UA}
  columns: [tags]
"""
GUARD = """
import os, sys

PROJECT = os.path.realpath(os.environ["GUARDED"])
WRITES = os.O_WRONLY | os.O_RDWR | os.O_CREAT | os.O_TRUNC | os.O_APPEND
PROGRAMS = {"subprocess.Popen", "os.exec", "os.fork", "os.forkpty", "os.posix_spawn", "os.system"}
NAMES = {"os.link", "os.remove", "os.rename", "os.symlink"}
CHANGES = {"os.chmod", "os.chown", "os.link", "os.mkdir", "os.remove", "os.rename", "os.rmdir", "os.symlink",
           "os.truncate", "os.utime", "shutil.rmtree", "shutil.move", "tempfile.mkstemp", "tempfile.mkdtemp"}

def is_outside(path, base="", is_link=False):
    if not isinstance(path, (str, bytes, os.PathLike)) or path == os.devnull:
        return False
    full = os.path.join(base, os.fsdecode(path))
    folder, name = os.path.split(full) if is_link else (full, "")
    full = os.path.join(os.path.realpath(folder), name).rstrip(os.sep)
    return full != PROJECT and not full.startswith(PROJECT + os.sep)

def is_refused(event, given):
    if event.startswith("socket.") or event in PROGRAMS:
        return True
    if event == "open":
        return bool(given[2] & WRITES) and is_outside(given[0])
    # where a symlink leads to is not changed by it; a number is that of the folder that a name is in
    paths, folder = given[1:] if event == "os.symlink" else given, given[-1]
    base = f"/proc/self/fd/{folder}" if event in ("os.remove", "os.rmdir") and folder != -1 else ""
    return event in CHANGES and any(is_outside(path, base, event in NAMES) for path in paths)

def guard(event, given):
    if is_refused(event, given):
        os.write(2, f"refused: {event} {given}\\n".encode())
        os._exit(99)

sys.addaudithook(guard)
"""


@pytest.fixture
def guard(tmp_path: Path) -> Path:
    folder = tmp_path / "guard"
    folder.mkdir()
    (folder / "sitecustomize.py").write_text(GUARD, encoding="utf-8")
    return folder


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    made = project(tmp_path / "p", USERS, SEGMENTS, SETTINGS)
    (made / "purchases.csv").write_text(
        "user_id,at\na,2026-06-14T10:00:00Z\nz,2026-06-14T11:00:00Z\n", encoding="utf-8"
    )
    return made


def guarded(folder: Path, guard: Path, *words: str) -> Answer:
    environment = {"PYTHONPATH": str(guard), "GUARDED": str(folder), "PYTHONDONTWRITEBYTECODE": "1"}
    return run(folder, *words, **environment)


def test_no_command_opens_a_connection_runs_a_program_or_writes_outside_of_the_project(
    folder: Path, guard: Path
) -> None:
    commands = [
        "check",
        "import",
        f"evaluate --as-of {AS_OF}",
        f"freeze buyers --as buyers_june --as-of {AS_OF}",
        "list",
        "show buyers",
        "members --all",
        "changes",
        "history -o json",
        "schema",
    ]
    for command in commands:
        answer = guarded(folder, guard, *command.split())
        assert (answer.code, "refused" in answer.err) == (0, False), (command, answer.err)
    assert (folder / "snapshots/buyers_june.csv").read_text(encoding="utf-8") == "user_id\na\n"


@pytest.mark.parametrize("words", [f"plan --as-of {AS_OF}", f"backtest buyers --since 2026-06-01 --as-of {AS_OF}"])
@pytest.mark.parametrize("is_evaluated", [False, True])
def test_a_command_that_keeps_nothing_writes_to_the_temporary_folder_and_clears_it(
    words: str, is_evaluated: bool, folder: Path, guard: Path, tmp_path: Path
) -> None:
    if is_evaluated:
        run(folder, "evaluate", "--as-of", AS_OF)
        (folder / "users.csv").write_text(USERS + "d,UA,y\n", encoding="utf-8")
    aside = tmp_path / "aside"
    aside.mkdir()
    environment = {"PYTHONPATH": str(guard), "GUARDED": str(aside), "TMPDIR": str(aside)}
    answer = run(folder, *words.split(), PYTHONDONTWRITEBYTECODE="1", **environment)
    assert (answer.code, "refused" in answer.err, list(aside.iterdir())) == (0, False, [])


@pytest.mark.parametrize(
    "attempt",
    [
        "import socket; socket.socket()",
        "import socket; socket.getaddrinfo('localhost', 80)",
        "import subprocess; subprocess.run(['true'])",
        "import os; os.system('true')",
        "open('../outside', 'w')",
        "import os; os.mkdir('../outside')",
        "import os; os.rename('users.csv', '../users.csv')",
    ],
)
def test_the_guard_ends_a_process_that_does_what_it_must_not(attempt: str, folder: Path, guard: Path) -> None:
    environment = {**os.environ, "PYTHONPATH": str(guard), "GUARDED": str(folder)}
    ended = subprocess.run([sys.executable, "-c", attempt], cwd=folder, env=environment, capture_output=True)
    assert (ended.returncode, ended.stderr[:9]) == (99, b"refused: ")


@pytest.mark.parametrize("umask", [0, 0o022, 0o077])
def test_what_is_kept_is_private_whatever_the_umask(folder: Path, umask: int) -> None:
    before = os.umask(umask)
    try:
        answers = [run(folder, "evaluate", "--as-of", AS_OF), run(folder, "freeze", "buyers", "--as", "june")]
    finally:
        os.umask(before)
    assert [answer.code for answer in answers] == [0, 0]
    kept = [folder / ".segtool", *(folder / ".segtool").rglob("*"), *(folder / "snapshots").iterdir()]
    assert len(kept) > 20
    modes = {(path.is_dir(), stat.S_IMODE(path.stat().st_mode)) for path in kept}
    assert modes == {(True, 0o700), (False, 0o600)}


def test_a_record_of_the_log_holds_no_key_and_no_value(folder: Path) -> None:
    users = USERS.replace("a,UA", "ann@example.com,Ukraine")
    (folder / "users.csv").write_text(users, encoding="utf-8")
    assert run(folder, "evaluate", "--as-of", AS_OF).code == 0
    log = (folder / ".segtool/log/1.json").read_text(encoding="utf-8")
    assert "ukraine" in log
    assert "ann@example.com" not in log
    assert "Ukraine" not in log


def test_a_value_at_fault_is_told_and_no_other_of_its_row(folder: Path) -> None:
    (folder / "purchases.csv").write_text("user_id,at\nsecret-key,yesterday\n", encoding="utf-8")
    answer = run(folder, "evaluate", "--as-of", AS_OF)
    assert answer.code == 3
    assert "yesterday" in answer.err
    assert "secret-key" not in answer.err
