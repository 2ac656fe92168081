"""Everything kept is looked at: what was edited, lost or damaged is named, and snapshots come back."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from segtool.model.progress import untold
from segtool.store.lock import locked
from segtool.store.verification import examined
from tests.cli.running import files, run
from tests.cli.upkeep import done, facts, holding

KILLED = """
import os
from segtool.cli.app import main
from segtool.store import writer
writer.publish = lambda *_: os._exit(9)
main()
"""
"""A command that is killed between its commit and what follows."""


def problems(folder: Path, *, quick: bool = False) -> list[str]:
    return [str(problem) for problem in examined(folder, quick=quick, progress=untold).problems]


def kept(folder: Path) -> Iterator[Path]:
    for place in (folder / ".segtool", folder / "snapshots"):
        yield from sorted(path for path in place.rglob("*") if path.is_file())


def test_what_nobody_touched_is_as_it_was_written(folder: Path) -> None:
    before = files(folder)
    found = facts(folder, "verify")
    assert (found["version"], found["runs"], found["strays"], found["restored"]) == (1, 3, [], [])
    quick = done(run(folder, "verify", "--quick"))
    assert quick.err == "3 runs, 3 files: sizes, modes and the newest run as they were written\n"
    assert files(folder) == before


def test_a_byte_that_is_another_one_is_noticed_wherever_it_stands(folder: Path) -> None:
    unnoticed = []
    for path in kept(folder):
        content = path.read_bytes()
        # what is hashed as a whole is flipped here and there, and the log and the snapshots at each byte
        step = 1 if path.parent.name in ("log", ".segtool") else 7 if path.parent.name == "snapshots" else 211
        for at in range(0, len(content), step):
            path.write_bytes(content[:at] + bytes([content[at] ^ 0x20]) + content[at + 1 :])
            if not problems(folder):
                unnoticed.append((path.name, at))
        path.write_bytes(content)
    assert unnoticed == []
    assert problems(folder) == []


def test_a_file_that_is_lost_or_cut_short_is_named(folder: Path) -> None:
    for path in kept(folder):
        content, name = path.read_bytes(), str(path.relative_to(folder))
        if name == ".segtool/lock":
            continue
        path.unlink()
        assert any(name in problem for problem in problems(folder)), name
        path.write_bytes(content[:-1])
        path.chmod(0o600)
        assert problems(folder), name
        path.write_bytes(content)
    assert problems(folder) == []


def test_the_quick_look_sees_lost_files_sizes_modes_and_the_chain(folder: Path) -> None:
    names = {
        "log/2.json": ".segtool/log/2.json",
        "a table": str(next((folder / ".segtool/tables").iterdir()).relative_to(folder)),
    }
    (folder / ".segtool/log/1.json").chmod(0o644)
    assert problems(folder, quick=True) == [
        ".segtool/log/1.json has the mode 0644, so others may read it (chmod 600 .segtool/log/1.json)"
    ]
    (folder / ".segtool/log/1.json").chmod(0o600)
    (folder / names["log/2.json"]).rename(folder / "away")
    assert any(".segtool/log/2.json is missing" in problem for problem in problems(folder, quick=True))
    (folder / "away").rename(folder / names["log/2.json"])
    shutil.rmtree(folder / names["a table"])
    assert any(names["a table"] in problem for problem in problems(folder, quick=True))


def test_a_snapshot_that_was_edited_or_lost_comes_back_from_the_store(folder: Path) -> None:
    csv, manifest = folder / "snapshots/spring.csv", folder / "snapshots/spring.json"
    before = files(folder)
    csv.write_bytes(csv.read_bytes().replace(b"ann@", b"ANN@"))
    manifest.unlink()
    answer = run(folder, "verify")
    assert answer.code == 8
    step = "(bring it back with `segtool verify --restore`)"
    changed = "(bring it back with `segtool verify --restore`; then erase again, if .segtool is an older copy)"
    assert answer.err.splitlines() == [
        f"error: snapshots/spring.csv was changed: its bytes are not the ones that were frozen {changed}",
        f"error: snapshots/spring.json is missing {step}",
    ]
    assert run(folder, "evaluate").code == 8
    answer = done(run(folder, "verify", "--restore"))
    assert answer.out == "snapshots/spring.csv was brought back\nsnapshots/spring.json was brought back\n"
    assert files(folder) == before


def test_members_that_the_changes_do_not_give_are_noticed(folder: Path) -> None:
    """A record and a state that somebody wrote, hashes and all, with other numbers than the members."""
    from dataclasses import replace

    from segtool.store.store import Store
    from segtool.store.writer import writing

    with writing(folder) as writer:
        segments = {**writer.state.segments}
        segments["openers"] = replace(segments["openers"], members=5)
        writer.commit(kind="evaluate", as_of="", at="", state=replace(writer.state, segments=segments))
    assert Store(folder).state.segments["openers"].members == 5
    fact = ".segtool/log/4.json counts 5 members of `openers`, who are 1 (restore .segtool from a copy)"
    assert problems(folder) == problems(folder, quick=True) == [fact]


@pytest.mark.parametrize("words", [["--quick"], []])
def test_an_erase_that_was_killed_after_its_commit_is_named_until_it_is_ended(folder: Path, words: list[str]) -> None:
    killed = subprocess.run([sys.executable, "-c", KILLED, "erase"], cwd=folder, input=b"out\n")
    assert killed.returncode == 9
    assert "snapshots/spring.csv" in holding(folder, "out,")
    answer = run(folder, "verify", *words)
    assert (answer.code, answer.err) == (
        8,
        "error: .segtool/unfinished: a run was stopped, and what it was to erase or publish may stand as it was "
        "(end it with `segtool verify --restore`; the next run does so too)\n",
    )
    done(run(folder, "verify", "--restore"))
    assert holding(folder, "out,") == []
    done(run(folder, "verify", *words))


def test_a_run_that_is_at_work_is_none_that_was_stopped(folder: Path) -> None:
    (folder / ".segtool/unfinished").touch(mode=0o600)
    with locked(folder / ".segtool/lock"):
        done(run(folder, "verify"))
    assert run(folder, "verify").code == 8


def test_a_link_in_the_store_is_damage_wherever_it_leads(folder: Path, tmp_path: Path) -> None:
    """One to a copy of what stood there, and one to nothing."""
    unexpected = []
    store = folder / ".segtool"
    for place in (*sorted(store.rglob("*")), folder / "snapshots/spring.csv"):
        aside, name = tmp_path / "aside", str(place.relative_to(folder))
        place.rename(aside)
        for target in (aside, tmp_path / "nothing"):
            place.symlink_to(target)
            before = files(tmp_path)
            found = problems(folder)
            if not any(problem.startswith(f"{name} is ") for problem in found) or "could not write" in str(found):
                unexpected.append((name, target.name, found))
            if place.parent == store and target == aside:
                answer = run(folder, "evaluate")
                assert (answer.code, answer.err.startswith(f"error: {name} is a link, and ")) == (8, True), answer
            assert files(tmp_path) == before
            place.unlink()
        aside.rename(place)
    assert unexpected == []


def test_doctor_names_links_and_gives_no_mode_to_them(folder: Path) -> None:
    (folder / ".segtool/objects/aside").symlink_to("nothing")
    answer = run(folder, "doctor")
    assert answer.code == 8
    assert (
        "links: nothing in the store is one, but for .segtool/objects/aside (put there what they lead to)" in answer.out
    )
    assert "others may read" not in answer.out


def test_snapshots_that_are_a_link_are_not_brought_back_through_it(folder: Path, tmp_path: Path) -> None:
    (folder / "snapshots").rename(tmp_path / "aside")
    (tmp_path / "aside/spring.csv").unlink()
    (folder / "snapshots").symlink_to(tmp_path / "aside")
    answer = run(folder, "verify", "--restore")
    assert (answer.code, answer.err) == (
        2,
        "error: snapshots is a link (put a folder in its place, inside the project)\n",
    )
    assert not (tmp_path / "aside/spring.csv").exists()


def test_a_file_that_nothing_needs_is_told_and_left(folder: Path) -> None:
    stray = folder / ".segtool/objects" / ("0" * 64)
    stray.write_bytes(b"x")
    stray.chmod(0o600)
    (folder / ".segtool/notes.txt").touch(mode=0o600)
    answer = done(run(folder, "verify"))
    assert f"warning: .segtool/objects/{'0' * 64} is not needed by any run" in answer.err
    assert "warning: .segtool/notes.txt is not needed by any run (remove it, if it is not yours)" in answer.err
    assert (folder / ".segtool/notes.txt").exists()


def test_an_empty_project_has_nothing_to_verify(folder: Path) -> None:
    shutil.rmtree(folder / ".segtool")
    assert facts(folder, "verify")["runs"] == 0
    assert not os.path.lexists(folder / ".segtool")
