"""What a run exports by itself: the files that segments ask for, noted in the log."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.cli.exports import SEGMENTS, evaluate, shop
from tests.cli.running import AS_OF, NEXT, files, run
from tests.shell import Answer

LATER = "2026-06-17T12:00:00Z"
OWN = """\
sent_to:
  kind: dynamic
  where: {country: UA}
  exports:
    - {channel: email, to: out/all.csv, held_back: out/held.csv}
    - {channel: sms, to: out/new.ndjson, only: entered, columns: [name]}
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return shop(tmp_path / "shop", segments=SEGMENTS + OWN)


def exporting(folder: Path, as_of: str, *words: str) -> Answer:
    return run(folder, "evaluate", "--export", "--as-of", as_of, *words)


def runs(folder: Path) -> list[tuple[str, list[str]]]:
    """The kinds of runs, and what each wrote."""
    told = json.loads(run(folder, "history", "-o", "json").out)["runs"]
    return [(one["kind"], [f"{file['path']} {file['rows']}" for file in one["exports"]]) for one in told]


def new(folder: Path) -> list[str]:
    """The keys in the file of those who are news."""
    return [json.loads(line)["user_id"] for line in (folder / "out/new.ndjson").read_text().splitlines()]


def moved(folder: Path, old: str, text: str) -> None:
    users = (folder / "users.csv").read_text(encoding="utf-8")
    assert old in users
    (folder / "users.csv").write_text(users.replace(old, text), encoding="utf-8")


def test_the_files_that_segments_ask_for_are_written_after_the_run_and_noted(folder: Path) -> None:
    answer = exporting(folder, AS_OF)
    assert answer.code == 0
    assert answer.err.splitlines()[-4:] == [
        "run 1 committed, as of 2026-06-15T12:00:00Z",
        "out/all.csv: 2 rows",
        "out/held.csv: 8 rows",
        "out/new.ndjson: 0 rows",
    ]
    assert (folder / "out/all.csv").read_text() == "user_id,email\n01,ann@example.com\n02,bob@example.com\n"
    assert runs(folder) == [("evaluate", []), ("export", ["out/all.csv 2", "out/held.csv 8", "out/new.ndjson 0"])]
    assert json.loads((folder / "out/all.csv.json").read_text())["run"] == 1
    assert run(folder, "verify").code == 0


def test_the_same_run_again_writes_the_same_and_notes_nothing(folder: Path) -> None:
    exporting(folder, AS_OF)
    before = files(folder)
    assert exporting(folder, AS_OF).code == 0
    assert files(folder) == before


def test_a_run_without_the_option_exports_nothing(folder: Path) -> None:
    evaluate(folder)
    assert not (folder / "out").exists()


def test_only_the_segments_that_are_asked_for_are_exported(folder: Path) -> None:
    assert exporting(folder, AS_OF, "everybody").code == 0
    assert not (folder / "out").exists()
    assert runs(folder) == [("evaluate", [])]


def test_who_entered_while_nothing_could_be_written_is_in_the_next_file(folder: Path) -> None:
    exporting(folder, AS_OF)
    moved(folder, "11,PL", "11,UA")
    (folder / "out/all.csv.json").write_text("somebody's")
    answer = exporting(folder, NEXT)
    assert (answer.code, new(folder)) == (2, [])
    assert answer.err.endswith(
        "error: out/all.csv.json exists and is no manifest of an export (move it away)\n"
        "error: run 3 is committed, and nothing was exported of it (then run `segtool evaluate --export` again)\n"
    )
    (folder / "out/all.csv.json").unlink()
    # a run that does not export passes by as well
    evaluate(folder, LATER)
    moved(folder, "07,UA,gus@example.com,true,0501112237,true,Gus\n", "07,PL,gus@example.com,true,,true,Gus\n")
    assert exporting(folder, "2026-06-18T12:00:00Z").code == 0
    assert new(folder) == ["11"]
    assert exporting(folder, "2026-06-18T12:00:00Z").code == 0
    assert new(folder) == ["11"]
    assert exporting(folder, "2026-06-19T12:00:00Z").code == 0
    assert new(folder) == []


def test_a_place_where_nothing_can_be_written_is_told_before_the_run(folder: Path) -> None:
    (folder / "out/all.csv").mkdir(parents=True)
    answer = exporting(folder, AS_OF)
    assert (answer.code, answer.err) == (
        4,
        "error: segments/all.yaml:8:28: out/all.csv is a folder (name a file in it)\n",
    )
    assert runs(folder) == []


def test_of_a_segment_that_its_guard_keeps_nothing_is_exported(folder: Path) -> None:
    exporting(folder, AS_OF)
    before = (folder / "out/all.csv").read_bytes()
    text = (folder / "segments/all.yaml").read_text(encoding="utf-8")
    guarded = text.replace("  where: {country: UA}\n", "  where: {country: UA}\n  guard: {max_size: 3}\n")
    (folder / "segments/all.yaml").write_text(guarded, encoding="utf-8")
    moved(folder, "11,PL", "11,UA")
    assert exporting(folder, NEXT).code == 6
    assert (folder / "out/all.csv").read_bytes() == before
    assert runs(folder)[2:] == [("evaluate", [])]


def test_json_tells_of_the_files(folder: Path) -> None:
    facts = json.loads(exporting(folder, AS_OF, "-o", "json").out)
    assert [[one["path"] for one in export["files"]] for export in facts["exports"]] == [
        ["out/all.csv", "out/held.csv"],
        ["out/new.ndjson"],
    ]
