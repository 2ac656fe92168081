"""`doctor` tells what is there and what is wrong with it, changes nothing, and ends with the gravest code."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from segtool.store.writer import writing
from tests.cli.running import AS_OF, project, run
from tests.shell import Answer

USERS = "user_id,country\na,UA\nb,PL\n"
SEGMENTS = "s:\n  kind: dynamic\n  where: {country: UA}\nf:\n  kind: static\n  where: {country: PL}\n"
NO_LINKS = """
import errno, os
def link(*given, **more): raise OSError(errno.EPERM, "Operation not permitted")
os.link = link
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A project with one run."""
    made = project(tmp_path / "p", USERS, SEGMENTS)
    answer = run(made, "evaluate", "--as-of", AS_OF)
    assert answer.code == 0, answer.err
    return made


def told(answer: Answer, mark: str) -> list[str]:
    return [line[4:] for line in answer.out.splitlines() if line.startswith(f"  {mark} ")]


def tree(folder: Path) -> dict[str, tuple[int, int, bytes]]:
    return {
        str(path): (path.stat().st_mode, path.stat().st_mtime_ns, path.read_bytes() if path.is_file() else b"")
        for path in folder.rglob("*")
    }


def test_a_healthy_project_is_told_line_by_line_and_left_as_it_is(folder: Path) -> None:
    before = tree(folder)
    answer = run(folder, "doctor")
    assert (answer.code, answer.err) == (0, "")
    assert tree(folder) == before
    assert told(answer, "✗") == []
    assert [line for line in answer.out.splitlines() if not line.startswith(" ")] == [
        "installed",
        "project",
        "tables",
        "store",
        "file system",
    ]
    assert "users: its files (1) are as they were read" in told(answer, "✓")
    assert "snapshots: frozen segments: 1; every file is there and of its size" in told(answer, "✓")
    assert "access: you may read all of it, and nobody else" in told(answer, "✓")
    assert "lock: no run is at work" in told(answer, "✓")
    assert "hard links: runs and snapshots are committed in one step, and never over another" in told(answer, "✓")
    assert re.search(r"✓ \.segtool: format 1; runs: 1, the newest written at \S+Z; 0\.\d MB on the disk\n", answer.out)
    for name in ("segtool", "Python", "polars", "numpy"):
        assert re.search(rf"^  ✓ {name}: \d+\.\d+", answer.out, re.M)


def test_json_has_the_same_facts(folder: Path) -> None:
    lines = run(folder, "doctor").out.splitlines()
    facts = json.loads(run(folder, "doctor", "-o", "json").out)
    assert (facts["version"], facts["exit_code"]) == (1, 0)
    marks = {"fine": "✓", "noted": "–", "wrong": "✗"}
    shown = [f"  {marks[one['state']]} {one['name']}: {one['fact']}" for one in facts["findings"]]
    assert shown == [line for line in lines if line.startswith(" ")]


def test_without_a_project_the_installation_is_told_alone(tmp_path: Path) -> None:
    answer = run(tmp_path, "doctor")
    assert answer.code == 0
    assert [line for line in answer.out.splitlines() if not line.startswith(" ")] == ["installed", "project"]
    assert f"segtool.yaml: there is no segtool.yaml in {tmp_path}" in told(answer, "–")[-1]
    assert list(tmp_path.iterdir()) == []


def test_a_folder_that_is_named_and_is_no_project_is_a_mistake(tmp_path: Path) -> None:
    answer = run(tmp_path, "doctor", "--project", str(tmp_path))
    assert answer.code == 2
    assert told(answer, "✗") == [
        f"segtool.yaml: there is no segtool.yaml in {tmp_path} (make a project with `segtool init`)"
    ]


def test_a_project_before_its_first_run_is_in_order(tmp_path: Path) -> None:
    made = project(tmp_path / "p", USERS, SEGMENTS)
    answer = run(made, "doctor")
    assert (answer.code, told(answer, "✗")) == (0, [])
    assert told(answer, "–")[-2:] == [
        "users: its files (1) were not read yet",
        ".segtool: is not there yet; the first run makes it",
    ]


def test_a_table_whose_files_changed_is_noted(folder: Path) -> None:
    (folder / "users.csv").write_text(USERS + "c,NO\n", encoding="utf-8")
    answer = run(folder, "doctor")
    assert answer.code == 0
    assert "users: its files (1) have changed since they were read; the next run reads them" in told(answer, "–")


def test_a_table_that_was_imported_by_name_is_told_with_its_file(folder: Path) -> None:
    (folder / "other.csv").write_text(USERS, encoding="utf-8")
    assert run(folder, "import", "users", "other.csv").code == 0
    assert "users: other.csv was imported by name" in told(run(folder, "doctor"), "✓")


def test_a_killed_run_is_told_by_what_it_left(folder: Path) -> None:
    (folder / ".segtool/unfinished").touch(0o600)
    (folder / ".segtool/log/.segtool-0123456789abcdef.tmp").touch(0o600)
    answer = run(folder, "doctor")
    assert answer.code == 0
    assert told(answer, "–")[-2:] == [
        ".segtool/unfinished: the last run did not end well;"
        " the next one ends what was committed and removes what was not",
        "temporary files: left by a killed run: .segtool/log/.segtool-0123456789abcdef.tmp (the next run removes them)",
    ]


def test_a_run_that_is_at_work_is_told_and_what_it_has_not_ended_is_no_debris(folder: Path) -> None:
    with writing(folder) as writer:
        writer.add_bytes(b"begun")
        answer = run(folder, "doctor")
    assert answer.code == 0
    assert told(answer, "–")[-1] == "lock: a run is at work"


def broken_format(folder: Path) -> None:
    (folder / ".segtool/format").write_text('{"format": 99}', encoding="utf-8")


def lost_table(folder: Path) -> None:
    (folder / "users.csv").unlink()


def bad_definition(folder: Path) -> None:
    (folder / "segments/all.yaml").write_text("s:\n  kind: some\n  where: {country: UA}\n", encoding="utf-8")


def bad_settings(folder: Path) -> None:
    (folder / "segtool.yaml").write_text("version: 2\n", encoding="utf-8")


def open_object(folder: Path) -> None:
    (folder / ".segtool/log/1.json").chmod(0o644)


def lost_snapshot(folder: Path) -> None:
    (folder / "snapshots/f.csv").unlink()


WRONG = {
    broken_format: (8, ".segtool: .segtool has format 99, made by a newer segtool; this one reads formats up to 1"),
    lost_snapshot: (8, "snapshots: snapshots/f.csv is missing (bring it back with `segtool verify --restore`)"),
    open_object: (8, "access: others may read .segtool/log/1.json (run `chmod -R go= .segtool`)"),
    lost_table: (3, "users: users.csv: no such file"),
    bad_definition: (4, "definitions: segments/all.yaml:2:9: `some` "),
    bad_settings: (4, "segtool.yaml: segtool.yaml:1:10: "),
}


@pytest.mark.parametrize("harm", WRONG)
def test_what_is_wrong_is_told_with_its_code_and_the_rest_is_looked_at_too(harm: object, folder: Path) -> None:
    assert callable(harm)
    harm(folder)
    code, fact = WRONG[harm]
    answer = run(folder, "doctor")
    assert answer.code == code
    assert told(answer, "✗")[0].startswith(fact)
    assert "locks: no two runs write at once" in told(answer, "✓")


def test_where_several_things_are_wrong_the_gravest_gives_the_code(folder: Path) -> None:
    bad_definition(folder)
    lost_table(folder)
    assert run(folder, "doctor").code == 3
    open_object(folder)
    assert run(folder, "doctor").code == 8


def test_a_disk_without_hard_links_is_told_by_doctor_by_init_and_by_the_run_that_fails(tmp_path: Path) -> None:
    (tmp_path / "sitecustomize.py").write_text(NO_LINKS, encoding="utf-8")
    lack = "snapshots and runs cannot be committed here: this file system has no hard links"
    made = run(tmp_path, "init", "mine", PYTHONPATH=str(tmp_path))
    assert made.code == 0
    assert [line for line in made.err.splitlines() if line.startswith("warning: ")] == [f"warning: {lack}"]
    examined = run(tmp_path / "mine", "doctor", PYTHONPATH=str(tmp_path))
    assert (examined.code, told(examined, "✗")) == (1, [f"hard links: {lack}"])
    failed = run(tmp_path / "mine", "evaluate", PYTHONPATH=str(tmp_path))
    assert (failed.code, failed.out) == (1, "")
    assert failed.err == (
        "error: could not write .segtool/log/1.json: this file system has no hard links; nothing was changed"
        " (keep the project on another disk; `segtool doctor` tells more)\n"
    )


def test_init_says_nothing_of_a_disk_that_can_do_all(tmp_path: Path) -> None:
    assert "warning" not in run(tmp_path, "init", "mine").err
