"""One run writes at a time; the next is told so, may wait, and is never blocked by a killed one."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from segtool.errors import BusyError
from segtool.store.lock import is_held
from segtool.store.writer import writing

from .builders import facts, first_run, second_run, tree

HOLD = """
import sys, time
from pathlib import Path
from segtool.store.writer import writing
with writing(Path(sys.argv[1])) as writer:
    writer.add_bytes(b"half done")
    print("held", flush=True)
    time.sleep(60)
"""

SPAWN = """
import subprocess, sys, time
from pathlib import Path
from segtool.store.writer import writing
with writing(Path(sys.argv[1])):
    child = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(60)"], close_fds=False)
    print(child.pid, flush=True)
    time.sleep(60)
"""


def test_the_second_of_two_writers_is_told_that_another_run_is_there_and_changes_nothing(
    tmp_path: Path,
) -> None:
    with writing(tmp_path) as writer:
        first_run(writer)
        before = tree(tmp_path)
        with pytest.raises(BusyError, match=r"another run holds \.segtool/lock"), writing(tmp_path):
            pass
        assert tree(tmp_path) == before


def test_readers_need_no_lock(tmp_path: Path) -> None:
    with writing(tmp_path) as writer:
        first_run(writer)
        assert facts(tmp_path)[0] == {"buyers": ("dynamic", 2)}


def test_a_writer_that_waits_goes_on_when_the_first_is_done(tmp_path: Path) -> None:
    entered, leave = threading.Event(), threading.Event()

    def hold() -> None:
        with writing(tmp_path) as writer:
            first_run(writer)
            entered.set()
            leave.wait(10)

    thread = threading.Thread(target=hold)
    thread.start()
    entered.wait(10)
    threading.Timer(0.2, leave.set).start()
    with writing(tmp_path, wait=10) as writer:
        assert second_run(writer).number == 2
    thread.join()


def test_waiting_ends(tmp_path: Path) -> None:
    with writing(tmp_path), pytest.raises(BusyError), writing(tmp_path, wait=0.15):
        pass


def test_a_killed_run_blocks_nobody_and_leaves_nothing(tmp_path: Path) -> None:
    with writing(tmp_path) as writer:
        first_run(writer)
    before = tree(tmp_path)
    with subprocess.Popen([sys.executable, "-c", HOLD, str(tmp_path)], stdout=subprocess.PIPE) as holder:
        assert holder.stdout is not None
        assert holder.stdout.readline() == b"held\n"
        with pytest.raises(BusyError), writing(tmp_path):
            pass
        os.kill(holder.pid, signal.SIGKILL)
    assert tree(tmp_path) != before
    with writing(tmp_path):
        pass
    assert tree(tmp_path) == before


def test_the_lock_file_stays(tmp_path: Path) -> None:
    with writing(tmp_path):
        inode = (tmp_path / ".segtool/lock").stat().st_ino
    with writing(tmp_path):
        pass
    assert (tmp_path / ".segtool/lock").stat().st_ino == inode


def test_a_child_that_outlives_a_killed_run_does_not_hold_its_lock(tmp_path: Path) -> None:
    with subprocess.Popen([sys.executable, "-c", SPAWN, str(tmp_path)], stdout=subprocess.PIPE) as holder:
        assert holder.stdout is not None
        child = int(holder.stdout.readline())
        os.kill(holder.pid, signal.SIGKILL)
        try:
            with writing(tmp_path, wait=5):
                pass
        finally:
            os.kill(child, signal.SIGKILL)


def test_who_asks_for_the_lock_is_told_whether_a_run_holds_it_and_keeps_nobody_out(tmp_path: Path) -> None:
    lock = tmp_path / ".segtool/lock"
    assert not is_held(lock)
    assert tree(tmp_path) == {}
    with writing(tmp_path):
        assert is_held(lock)
    assert not is_held(lock)
    with writing(tmp_path):
        pass
