"""Progress: a bar on a terminal after a while, a line for each step with -v, and nothing where nobody looks."""

from __future__ import annotations

import os
import pty
import re
import sys
from collections.abc import Callable

import pytest

from segtool.output.progress import progress, standing


class Clock:
    """Seconds that pass when a test says so."""

    now = 0.0

    def __call__(self) -> float:
        return self.now


Run = Callable[[Clock], None]


def seen(run: Run, monkeypatch: pytest.MonkeyPatch) -> str:
    """What a run writes to a terminal, without what moves the cursor."""
    monkeypatch.setenv("COLUMNS", "120")
    monkeypatch.setenv("TERM", "xterm")
    read, write = pty.openpty()
    with os.fdopen(write, "w", encoding="utf-8") as stream, monkeypatch.context() as patch:
        patch.setattr(sys, "stderr", stream)
        run(Clock())
        stream.write("<end>")
        stream.flush()
        found = b""
        while b"<end>" not in found:
            found += os.read(read, 4096)
    os.close(read)
    return re.sub(r"\x1b\[[0-9;?]*[A-Za-z]", "", found.decode()).removesuffix("<end>")


def test_a_step_is_shown_with_how_far_how_fast_and_how_long_still(monkeypatch: pytest.MonkeyPatch) -> None:
    def run(clock: Clock) -> None:
        with progress(clock) as tell:
            tell("reading events.csv", 0, 400_000_000, "bytes")
            clock.now = 2.0
            tell("reading events.csv", 100_000_000, 400_000_000, "bytes")

    text = seen(run, monkeypatch)
    assert "reading events.csv" in text
    assert "100.0 of 400.0 MB, 50.0 MB/s, 6 s left" in text


def test_a_run_that_ends_soon_shows_no_bar(monkeypatch: pytest.MonkeyPatch) -> None:
    def run(clock: Clock) -> None:
        with progress(clock) as tell:
            tell("deciding", 0, 10, "leaves")
            clock.now = 0.4
            tell("deciding", 9, 10, "leaves")

    assert seen(run, monkeypatch) == ""


def test_the_name_of_a_file_is_shown_as_it_is_and_moves_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    def run(clock: Clock) -> None:
        with progress(clock) as tell:
            clock.now = 1.0
            tell("reading [red]a\x1b[2J.csv", 1, 2, "bytes")

    assert "reading [red]a\\x1b[2J.csv" in seen(run, monkeypatch)


def test_verbose_tells_how_long_each_step_took(capsys: pytest.CaptureFixture[str]) -> None:
    clock = Clock()
    with progress(clock, verbose=True) as tell:
        tell("reading tables", 0, 0)
        clock.now = 2.0
        tell("reading events.csv", 0, 0, "rows")
        clock.now = 6.0
        tell("reading events.csv", 6_000_000, 0, "rows")
    assert capsys.readouterr().err == "reading tables: 2.0 s\nreading events.csv: 4.0 s, 1,500,000 rows/s\n"


def test_verbose_tells_the_step_that_failed(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(ValueError, match="bad"), progress(Clock(), verbose=True) as tell:
        tell("reading tables", 0, 0)
        raise ValueError("bad")
    assert capsys.readouterr().err == "reading tables: 0.0 s\n"


@pytest.mark.parametrize("quiet", [True, False])
def test_nothing_is_shown_where_nobody_looks(quiet: bool, capsys: pytest.CaptureFixture[str]) -> None:
    clock = Clock()
    with progress(clock, quiet=quiet) as tell:
        clock.now = 9.0
        tell("deciding", 1, 2, "leaves")
    assert capsys.readouterr().err == ""


def test_what_nobody_knows_is_left_out() -> None:
    assert standing(0, 0, "", 3.0) == []
    assert standing(0, 311, "leaves", 0.0) == ["0 of 311 leaves"]
    assert standing(5, 10, "", 2.0) == ["5 of 10", "2 s left"]
    assert standing(1_000, 0, "rows", 0.5) == ["2,000 rows/s"]
    assert standing(1_000, 61_000, "rows", 2.0) == ["1,000 of 61,000 rows", "500 rows/s", "2:00 min left"]
