"""A shell is told the names of segments, and the words that choose them."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.cli.running import project, run

SEGMENTS = """\
vip: {kind: dynamic, tags: [winback, top], owner: crm, where: {points: {gte: 9}}}
vip_ua: {kind: dynamic, where: {in_segment: vip}}
spring: {kind: static, where: {everyone: true}}
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return project(tmp_path / "p", "user_id,points\na,10\n", SEGMENTS)


def offered(folder: Path, typed: str) -> list[str]:
    """What bash offers for the last of the words."""
    told = {"COMP_WORDS": typed, "COMP_CWORD": str(len(typed.split(" ")) - 1)}
    return run(folder, _SEGTOOL_COMPLETE="complete_bash", **told).out.split()


@pytest.mark.parametrize(
    ("typed", "words"),
    [
        ("segtool show v", ["vip", "vip_ua"]),
        ("segtool show x", []),
        ("segtool evaluate sp", ["spring"]),
        ("segtool evaluate +v", ["+vip", "+vip_ua"]),
        ("segtool evaluate vip ta", ["tag:top", "tag:winback"]),
        ("segtool members --exclude owner", ["owner:crm"]),
        ("segtool list kind:", ["kind:dynamic", "kind:static"]),
        ("segtool changes state:", ["state:new"]),
        ("segtool freeze s", ["spring"]),
        ("segtool backtest s", ["spring"]),
        ("segtool test spr", ["spring"]),
    ],
)
def test_words_of_segments_are_offered(typed: str, words: list[str], folder: Path) -> None:
    assert offered(folder, typed) == words


def test_segments_that_the_store_alone_holds_are_offered(folder: Path) -> None:
    run(folder, "evaluate")
    (folder / "segments" / "all.yaml").write_text("new: {kind: dynamic, where: {everyone: true}}\n", encoding="utf-8")
    assert offered(folder, "segtool show ") == ["new", "spring", "vip", "vip_ua"]


def test_the_project_that_is_named_is_asked(folder: Path, tmp_path: Path) -> None:
    assert offered(tmp_path, f"segtool evaluate --project {folder} vip_") == ["vip_ua"]


def test_where_something_is_wrong_nothing_is_offered_and_nothing_said(folder: Path, tmp_path: Path) -> None:
    (folder / "segments" / "all.yaml").write_text("vip: {kind: dynamic, where: [", encoding="utf-8")
    assert offered(folder, "segtool show ") == []
    told = {"COMP_WORDS": "segtool show v", "COMP_CWORD": "2"}
    answer = run(tmp_path, _SEGTOOL_COMPLETE="complete_bash", **told)
    assert (answer.out.split(), answer.err) == ([], "")


def in_bash(folder: Path, *words: str) -> list[str]:
    """What bash puts in for the last of its words, by the script that it is given."""
    script = run(folder, "--show-completion", "bash").out
    typed = f"COMP_WORDS=({' '.join(map(repr, words))}); COMP_CWORD={len(words) - 1}"
    shown = f"{script}\n{typed}\n_segtool_completion segtool\nprintf '%s\\n' \"${{COMPREPLY[@]}}\""
    path = os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]])
    known = {"PATH": path, "LC_ALL": "C.UTF-8"}
    return subprocess.run(["bash", "-c", shown], cwd=folder, env=known, capture_output=True, text=True).stdout.split()


@pytest.mark.parametrize(
    ("words", "put_in"),
    [
        (["show", "v"], ["vip", "vip_ua"]),
        (["evaluate", "tag", ":"], ["top", "winback"]),
        (["evaluate", "tag", ":", "w"], ["winback"]),
        (["evaluate", "vip", "kind", ":", "s"], ["static"]),
        (["evaluate", "kind", ":", "static", "vip_"], ["vip_ua"]),
        (["members", "--exclude", "owner", ":", "c"], ["crm"]),
    ],
)
def test_bash_takes_a_colon_for_a_word_and_keeps_what_stands_before_it(
    words: list[str], put_in: list[str], folder: Path
) -> None:
    assert in_bash(folder, "segtool", *words) == put_in
