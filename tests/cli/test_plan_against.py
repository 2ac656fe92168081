"""The definitions of a git revision and those in the folder, on the same data: what differs is the edit's doing."""

from __future__ import annotations

import json
import os
import shutil
from pathlib import Path
from typing import Any

import pytest

from tests.cli.repository import committed, git
from tests.cli.running import AS_OF, files, run
from tests.cli.test_plan import LATER, SEGMENTS, edit, fresh
from tests.cli.upkeep import done
from tests.shell import Answer

EDITED = SEGMENTS.replace("country: UA", "country: [UA, NO]")
SUFFIX = f"as of {AS_OF}, compared with the definitions of main; nothing was written\n"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A project without a store, on a branch `main`."""
    return committed(fresh(tmp_path))


def against(folder: Path, *words: str, ref: str = "main", **environment: str) -> Answer:
    return run(folder, "plan", "--against", ref, "--as-of", AS_OF, *words, **environment)


def rows(folder: Path, *words: str) -> dict[str, dict[str, Any]]:
    return {one["name"]: one for one in json.loads(done(against(folder, *words, "-o", "json")).out)["segments"]}


def moves(folder: Path, *words: str) -> dict[str, tuple[str, int, int, int, int]]:
    found = rows(folder, *words)
    return {
        name: (one["status"], one["before"], one["entered"], one["left"], one["after"]) for name, one in found.items()
    }


def test_an_edit_is_told_on_the_data_of_the_folder_and_no_store_is_made(folder: Path) -> None:
    edit(folder, EDITED, LATER)
    before = files(folder)
    answer = done(against(folder, "--keys", "3"))
    assert answer.out == (
        "segment  kind     before  entered  left  after  note\n"
        "east     dynamic       2        2     0      4\n"
        "east by definition +2: dan, eve\n"
    )
    assert answer.err == f"2 segments would not change\n{SUFFIX}"
    assert (files(folder), (folder / ".segtool").exists()) == (before, False)


def test_exit_code_tells_whether_the_edit_changes_a_segment(folder: Path) -> None:
    edit(folder, users=LATER)
    same = against(folder, "--exit-code")
    assert (same.code, same.out, same.err) == (0, "", f"no segment would change\n{SUFFIX}")
    edit(folder, SEGMENTS.replace("gte: 20", "gt: 19"))
    assert (against(folder, "--exit-code").code, moves(folder)["rich"]) == (0, ("redefined", 2, 0, 0, 2))
    edit(folder, EDITED)
    assert against(folder, "--exit-code").code == 7


def test_what_refers_to_an_edited_segment_changes_with_it(folder: Path) -> None:
    edit(folder, SEGMENTS + "both: {kind: dynamic, where: {in_segment: [east, rich]}}\n")
    git(folder, "commit", "--quiet", "--all", "--message", "second")
    edit(folder, (folder / "segments/all.yaml").read_text().replace("country: UA", "country: PL"))
    assert moves(folder)["both"] == ("changed", 3, 1, 1, 3)
    assert moves(folder, "east")["east"] == ("changed", 2, 1, 2, 1)
    assert set(moves(folder, "+both")) == {"both", "east", "rich"}
    assert set(moves(folder, "state:changed")) == {"both", "east", "rich"}
    assert set(moves(folder, "rich")) == {"rich"}


def test_segments_of_either_side_alone_are_added_or_removed(folder: Path) -> None:
    edit(folder, SEGMENTS.replace("rich:", "wealthy:"))
    assert moves(folder) == {
        "east": ("unchanged", 2, 0, 0, 2),
        "fair": ("unchanged", 2, 0, 0, 2),
        "rich": ("removed", 2, 0, 2, 0),
        "wealthy": ("added", 0, 2, 0, 2),
    }
    assert set(moves(folder, "rich")) == {"rich"}
    assert set(moves(folder, "state:new")) == {"wealthy"}


def test_the_revision_has_lists_of_its_own(folder: Path) -> None:
    (folder / "fair.csv").write_text("user_id\nbob\nzoe\nyan\n", encoding="utf-8")
    fair = rows(folder, "--keys", "9")["fair"]
    assert [fair[one] for one in ("before", "entered", "left", "after", "strangers")] == [2, 2, 1, 3, 2]
    assert (fair["keys"]["entered_by_definition"], fair["keys"]["left_by_definition"]) == (["bob", "yan"], ["ann"])


def test_what_is_frozen_is_the_same_on_both_sides(folder: Path) -> None:
    done(run(folder, "evaluate", "--as-of", AS_OF))
    edit(folder, SEGMENTS.replace("fair.csv}", "fair.csv, exclude: [ann]}"))
    assert moves(folder)["fair"] == ("kept", 2, 0, 0, 2)
    shutil.rmtree(folder / ".segtool")
    assert moves(folder)["fair"] == ("kept", 2, 0, 0, 2)
    shutil.rmtree(folder / "snapshots")
    assert moves(folder)["fair"] == ("changed", 2, 0, 1, 1)


def test_what_of_the_revision_fits_the_data_no_more_is_told_and_the_rest_compared(folder: Path) -> None:
    edit(folder, EDITED.replace("points: {gte: 20}", "country: NO"), "user_id,country\nann,UA\ndan,NO\n")
    assert moves(folder) == {
        "east": ("changed", 1, 1, 0, 2),
        "fair": ("unchanged", 2, 0, 0, 2),
        "rich": ("added", 0, 1, 0, 1),
    }
    assert against(folder, "-q").err == (
        "warning: `rich` at main cannot be decided on today's tables: segments/all.yaml:2:31:"
        " there is no column `points` (columns: user_id, country)\n"
    )


def test_what_of_the_revision_is_wrong_is_told_and_the_rest_compared(folder: Path) -> None:
    edit(folder, SEGMENTS.replace("kind: dynamic, where: {points", "kind: dynamo, where: {points"))
    git(folder, "commit", "--quiet", "--all", "--message", "broken")
    edit(folder, EDITED)
    assert {name: one[0] for name, one in moves(folder).items()} == {
        "east": "changed",
        "fair": "unchanged",
        "rich": "added",
    }
    assert "warning: at main: segments/all.yaml:2:" in against(folder).err


def test_settings_that_were_others_are_told(folder: Path) -> None:
    settings = folder / "segtool.yaml"
    settings.write_text(
        "version: 1\ntimezone: Europe/Kyiv\nusers: {path: users.csv, key: user_id, columns: {points: number}}\n"
    )
    assert against(folder).err.splitlines()[:2] == [
        "warning: the time zone at main is UTC; both are decided in Europe/Kyiv",
        "warning: main declares users otherwise; both are decided on the tables of today",
    ]


def test_a_revision_without_the_project_has_no_segments(folder: Path) -> None:
    git(folder, "checkout", "--quiet", "--orphan", "empty")
    git(folder, "commit", "--quiet", "--allow-empty", "--message", "nothing")
    git(folder, "rm", "--quiet", "-r", "--cached", ".")
    git(folder, "commit", "--quiet", "--message", "nothing at all")
    answer = done(against(folder, ref="empty"))
    assert answer.out.count(" new") == 3
    assert "warning: nothing of empty can be compared, so that every segment is told as added\n" in answer.err


def test_a_project_below_the_top_of_its_repository_is_found(tmp_path: Path) -> None:
    folder = fresh(tmp_path / "deep" / "er")
    committed(tmp_path)
    edit(folder, EDITED)
    assert moves(folder)["east"] == ("changed", 2, 1, 0, 3)
    # as a hook of git is called
    assert against(folder, GIT_DIR=str(tmp_path / ".git")).out == against(folder).out


def test_a_revision_is_whatever_git_takes_for_a_commit(folder: Path) -> None:
    edit(folder, EDITED)
    git(folder, "commit", "--quiet", "--all", "--message", "second")
    git(folder, "tag", "--annotate", "v2", "--message", "two")
    assert [
        done(against(folder, "--exit-code" if ref == "v2" else "-q", ref=ref)).code for ref in ("v2", "HEAD~1")
    ] == [
        0,
        0,
    ]
    assert "east" in against(folder, ref="HEAD~1").out
    assert against(folder, ref="v2").out == ""


def test_a_symlink_of_the_revision_is_not_followed(folder: Path, tmp_path: Path) -> None:
    (tmp_path / "other.yaml").write_text("other: {kind: dynamic, where: {everyone: true}}\n", encoding="utf-8")
    (folder / "segments/link.yaml").symlink_to(tmp_path / "other.yaml")
    git(folder, "add", "--all")
    git(folder, "commit", "--quiet", "--message", "a link")
    (folder / "segments/link.yaml").unlink()
    assert "warning: at main: `segments/link.yaml` is a symlink, which is not followed" in against(folder).err
    assert "other" not in moves(folder)


@pytest.mark.parametrize(
    ("ref", "said"),
    [
        ("nope", "git finds no revision `nope` here (see `git branch --all` and `git log`)"),
        ("HEAD:segments", "git finds no revision `HEAD:segments` here (see `git branch --all` and `git log`)"),
        ("--all", "`--all` is no git revision (write for example `--against origin/main`)"),
        ("", "`` is no git revision (write for example `--against origin/main`)"),
    ],
)
def test_what_is_no_revision_is_told(ref: str, said: str, folder: Path) -> None:
    answer = run(folder, "plan", f"--against={ref}")
    assert (answer.code, answer.out, answer.err) == (2, "", f"error: {said}\n")


def test_a_shallow_clone_is_told_what_to_fetch(folder: Path, tmp_path: Path) -> None:
    git(tmp_path, "clone", "--quiet", "--depth", "1", f"file://{folder}", "clone")
    answer = against(tmp_path / "clone", ref="HEAD~1")
    assert answer.err == (
        "error: git finds no revision `HEAD~1` here"
        " (this clone is shallow: fetch all of it, in a workflow with `fetch-depth: 0`)\n"
    )


def test_where_there_is_no_repository_or_no_git_that_is_told(tmp_path: Path) -> None:
    folder = fresh(tmp_path)
    answer = against(folder, GIT_CEILING_DIRECTORIES=str(tmp_path))
    assert (answer.code, answer.err) == (
        2,
        "error: git cannot read this project's repository:"
        " not a git repository (or any of the parent directories): .git\n",
    )
    answer = against(folder, PATH=os.devnull)
    assert (answer.code, answer.err) == (
        2,
        "error: git cannot be run: Not a directory (install it: `--against` needs it)\n",
    )


def test_no_filter_and_no_hook_of_the_repository_is_run(folder: Path, tmp_path: Path) -> None:
    trace = tmp_path / "ran"
    (folder / ".gitattributes").write_text("*.yaml filter=spy\n*.csv filter=spy\n", encoding="utf-8")
    git(folder, "config", "filter.spy.smudge", f"touch {trace}; cat")
    hook = folder / ".git/hooks/post-checkout"
    hook.write_text(f"#!/bin/sh\ntouch {trace}\n", encoding="utf-8")
    hook.chmod(0o755)
    edit(folder, EDITED)
    assert moves(folder)["east"] == ("changed", 2, 1, 0, 3)
    assert not trace.exists()
