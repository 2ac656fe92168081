"""Runs as people make them: snapshots stay, dynamic segments follow, changes add up, and the same is the same."""

from __future__ import annotations

import csv
import io
import json
import random
import re
from pathlib import Path

import pytest

from tests.cli.running import AS_OF, NEXT, files, project, run

USERS = "user_id,country,city,points\n00123,UA,Kyiv,5\n1e5,PL,Warsaw,7\n7,NO,Oslo,\n8,,Kyiv,9\n"
SEGMENTS = """\
ukraine:
  kind: dynamic
  where: {country: UA}
not_ukraine:
  kind: dynamic
  where: {not: {country: UA}}
in_kyiv:
  kind: static
  where: {city: Kyiv}
  columns: [country, points]
"""


def rows(text: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(text)))


def keys(folder: Path, segment: str) -> list[str]:
    return [row["user_id"] for row in rows(run(folder, "members", segment).out)]


def evaluated(folder: Path, as_of: str = AS_OF) -> None:
    answer = run(folder, "evaluate", "--as-of", as_of)
    assert answer.code == 0, answer.err


def test_a_snapshot_stays_while_a_dynamic_segment_follows(tmp_path: Path) -> None:
    folder = project(tmp_path / "p", USERS, SEGMENTS)
    evaluated(folder)
    snapshot = folder / "snapshots" / "in_kyiv.csv"
    assert snapshot.read_text(encoding="utf-8") == "user_id,country,points\n00123,UA,5\n8,,9\n"
    assert keys(folder, "ukraine") == ["00123"]
    (folder / "users.csv").write_text(
        "user_id,country,city,points\n00123,PL,Lviv,1\n1e5,UA,Kyiv,1\n7,UA,Kyiv,1\n9,UA,Kyiv,1\n", encoding="utf-8"
    )
    evaluated(folder, NEXT)
    assert snapshot.read_text(encoding="utf-8") == "user_id,country,points\n00123,UA,5\n8,,9\n"
    assert keys(folder, "in_kyiv") == ["00123", "8"]
    assert keys(folder, "ukraine") == ["1e5", "7", "9"]
    changed = rows(run(folder, "changes", "--since", "1").out)
    assert {(row["user_id"], row["segment"], row["change"], row["reason"]) for row in changed} == {
        ("1e5", "ukraine", "entered", "matches"),
        ("7", "ukraine", "entered", "matches"),
        ("9", "ukraine", "entered", "matches"),
        ("00123", "ukraine", "left", "no_longer_matches"),
        ("00123", "not_ukraine", "entered", "matches"),
        ("1e5", "not_ukraine", "left", "no_longer_matches"),
        ("7", "not_ukraine", "left", "no_longer_matches"),
        ("8", "not_ukraine", "left", "gone"),
    }


def test_changes_tell_run_by_run_and_segment_by_segment_who_entered_and_who_left_in_the_order_of_keys(
    tmp_path: Path,
) -> None:
    users = "user_id,country,city\nz,UA,Oslo\nb,UA,Kyiv\na,PL,Oslo\n"
    folder = project(tmp_path / "p", users, SEGMENTS.replace("  columns: [country, points]\n", ""))
    evaluated(folder)
    later = "user_id,country,city\nz,PL,Kyiv\nb,PL,Kyiv\na,UA,Kyiv\n0,UA,Lviv\n"
    (folder / "users.csv").write_text(later, encoding="utf-8")
    evaluated(folder, NEXT)
    assert run(folder, "changes", "ukraine", "in_kyiv").out == (
        "user_id,segment,change,reason,run,as_of\n"
        "b,in_kyiv,entered,initial,1,2026-06-15T12:00:00Z\n"
        "b,ukraine,entered,initial,1,2026-06-15T12:00:00Z\n"
        "z,ukraine,entered,initial,1,2026-06-15T12:00:00Z\n"
        "0,ukraine,entered,matches,2,2026-06-16T12:00:00Z\n"
        "a,ukraine,entered,matches,2,2026-06-16T12:00:00Z\n"
        "b,ukraine,left,no_longer_matches,2,2026-06-16T12:00:00Z\n"
        "z,ukraine,left,no_longer_matches,2,2026-06-16T12:00:00Z\n"
    )
    assert run(folder, "changes", "--since", "2").out == "user_id,segment,change,reason,run,as_of\n"


def test_who_comes_back_to_the_table_has_returned(tmp_path: Path) -> None:
    folder = project(tmp_path / "p", USERS, SEGMENTS)
    evaluated(folder)
    (folder / "users.csv").write_text(USERS.replace("00123,UA,Kyiv,5\n", ""), encoding="utf-8")
    evaluated(folder)
    (folder / "users.csv").write_text(USERS, encoding="utf-8")
    evaluated(folder, NEXT)
    changed = rows(run(folder, "changes", "ukraine").out)
    assert [(row["change"], row["reason"], row["run"]) for row in changed] == [
        ("entered", "initial", "1"),
        ("left", "gone", "2"),
        ("entered", "returned", "3"),
    ]


def test_an_edited_definition_is_the_reason_of_what_it_alone_changes(tmp_path: Path) -> None:
    folder = project(tmp_path / "p", USERS, SEGMENTS)
    evaluated(folder)
    (folder / "segments" / "all.yaml").write_text(
        SEGMENTS.replace("where: {country: UA}\nn", "where: {country: [UA, PL]}\nn"), encoding="utf-8"
    )
    (folder / "users.csv").write_text(USERS.replace("7,NO", "7,UA"), encoding="utf-8")
    evaluated(folder, NEXT)
    changed = rows(run(folder, "changes", "ukraine", "--since", "1").out)
    assert [(row["user_id"], row["reason"]) for row in changed] == [("1e5", "definition"), ("7", "matches")]


def test_lists_are_the_reason_of_what_they_change(tmp_path: Path) -> None:
    segments = "s:\n  kind: dynamic\n  where: {country: UA}\n  include: {list: in.csv}\n  exclude: {list: out.csv}\n"
    folder = project(tmp_path / "p", USERS, segments)
    (folder / "in.csv").write_text("user_id\n7\n", encoding="utf-8")
    (folder / "out.csv").write_text("user_id\nnobody\n", encoding="utf-8")
    evaluated(folder)
    assert keys(folder, "s") == ["00123", "7"]
    (folder / "in.csv").write_text("user_id\n8\n", encoding="utf-8")
    (folder / "out.csv").write_text("user_id\n00123\n", encoding="utf-8")
    evaluated(folder, NEXT)
    changed = rows(run(folder, "changes", "s", "--since", "1").out)
    assert [(row["user_id"], row["change"], row["reason"]) for row in changed] == [
        ("8", "entered", "list"),
        ("00123", "left", "list"),
        ("7", "left", "list"),
    ]


def test_a_removed_segment_lets_everybody_go(tmp_path: Path) -> None:
    folder = project(tmp_path / "p", USERS, SEGMENTS)
    evaluated(folder)
    rest = SEGMENTS.split("not_ukraine")[0]
    (folder / "segments" / "all.yaml").write_text(rest, encoding="utf-8")
    evaluated(folder, NEXT)
    changed = rows(run(folder, "changes", "--since", "1").out)
    assert {(row["segment"], row["change"], row["reason"]) for row in changed} == {
        ("not_ukraine", "left", "definition")
    }
    listed = json.loads(run(folder, "list", "-o", "json").out)["segments"]
    assert [one["name"] for one in listed] == ["in_kyiv", "ukraine"]


def test_the_same_run_again_adds_nothing_and_a_later_one_a_light_record(tmp_path: Path) -> None:
    folder = project(tmp_path / "p", USERS, SEGMENTS)
    evaluated(folder)
    before = files(folder)
    evaluated(folder)
    assert files(folder) == before
    evaluated(folder, NEXT)
    assert files(folder).keys() - before.keys() == {".segtool/log/2.json"}


@pytest.mark.parametrize("seed", range(3))
def test_the_history_adds_up_over_random_runs(seed: int, tmp_path: Path) -> None:
    draw = random.Random(seed)
    folder = project(tmp_path / "p", USERS, SEGMENTS)
    held: dict[str, set[str]] = {"ukraine": set(), "not_ukraine": set()}
    for number in range(1, 6):
        lines = [f"{key},{draw.choice(['UA', 'PL', ''])},Kyiv,{key}" for key in range(20) if draw.random() < 0.7]
        (folder / "users.csv").write_text("\n".join(["user_id,country,city,points", *lines]) + "\n", encoding="utf-8")
        evaluated(folder, f"2026-06-{number:02}T12:00:00Z")
        for row in rows(run(folder, "changes", "--since", str(number - 1)).out):
            if row["segment"] in held:
                change = held[row["segment"]].add if row["change"] == "entered" else held[row["segment"]].remove
                change(row["user_id"])
        assert {name: sorted(members) for name, members in held.items()} == {name: keys(folder, name) for name in held}


def test_the_same_inputs_give_the_same_bytes_whatever_the_order_zone_locale_and_threads(tmp_path: Path) -> None:
    header, *lines = USERS.splitlines()
    segments = SEGMENTS + "best:\n  kind: static\n  where: {everyone: true}\n  top: {by: points, percent: 40}\n"
    answers = []
    for number in range(4):
        random.Random(number).shuffle(lines)
        folder = project(tmp_path / str(number), "\n".join([header, *lines]) + "\n", segments)
        environment = {
            "TZ": ["UTC", "Asia/Tokyo", "America/St_Johns", "Europe/Kyiv"][number],
            "LC_ALL": ["C", "C.UTF-8", "C", "C.UTF-8"][number],
            "POLARS_MAX_THREADS": str(number % 2 + 1),
            "PYTHONHASHSEED": str(number),
        }
        assert run(folder, "evaluate", "--as-of", AS_OF, **environment).code == 0
        snapshots = {name: (folder / "snapshots" / name).read_bytes() for name in ("in_kyiv.csv", "best.csv")}
        answers.append((snapshots, run(folder, "members", "--all", **environment).out))
    assert all(answer == answers[0] for answer in answers)


def test_an_edited_definition_of_a_frozen_segment_changes_nothing_and_is_warned_of(tmp_path: Path) -> None:
    folder = project(tmp_path / "p", USERS, SEGMENTS)
    evaluated(folder)
    text = SEGMENTS.replace("{city: Kyiv}", "{city: Oslo}")
    (folder / "segments" / "all.yaml").write_text(text, encoding="utf-8")
    answer = run(folder, "evaluate", "--as-of", NEXT)
    assert answer.code == 0
    assert "warning: segments/all.yaml:7:1: `in_kyiv` is frozen" in answer.err
    assert keys(folder, "in_kyiv") == ["00123", "8"]


def test_a_clone_with_snapshots_and_an_empty_store_adopts_them(tmp_path: Path) -> None:
    folder = project(tmp_path / "p", USERS, SEGMENTS)
    evaluated(folder)
    clone = project(tmp_path / "clone", USERS.replace("Kyiv", "Odesa"), SEGMENTS)
    (clone / "snapshots").mkdir()
    for name in ("in_kyiv.csv", "in_kyiv.json"):
        (clone / "snapshots" / name).write_bytes((folder / "snapshots" / name).read_bytes())
    evaluated(clone, NEXT)
    assert keys(clone, "in_kyiv") == ["00123", "8"]


def test_a_clone_whose_snapshot_does_not_fit_its_manifest_is_refused(tmp_path: Path) -> None:
    folder = project(tmp_path / "p", USERS, SEGMENTS)
    evaluated(folder)
    clone = project(tmp_path / "clone", USERS, SEGMENTS)
    (clone / "snapshots").mkdir()
    (clone / "snapshots" / "in_kyiv.json").write_bytes((folder / "snapshots" / "in_kyiv.json").read_bytes())
    (clone / "snapshots" / "in_kyiv.csv").write_text("user_id\n1\n", encoding="utf-8")
    answer = run(clone, "evaluate", "--as-of", NEXT)
    assert answer.code == 8
    assert "snapshots/in_kyiv.csv is not what its manifest says" in answer.err


@pytest.mark.parametrize("damage", ["missing", "edited"])
def test_a_snapshot_that_is_missing_or_of_another_size_is_noticed(damage: str, tmp_path: Path) -> None:
    folder = project(tmp_path / "p", USERS, SEGMENTS)
    evaluated(folder)
    snapshot = folder / "snapshots" / "in_kyiv.csv"
    if damage == "missing":
        snapshot.unlink()
    else:
        snapshot.write_text(snapshot.read_text(encoding="utf-8") + "9,UA,1\n", encoding="utf-8")
    answer = run(folder, "evaluate", "--as-of", NEXT)
    assert answer.code == 8
    assert "snapshots/in_kyiv.csv" in answer.err


def test_a_dynamic_segment_is_frozen_under_a_new_name_only(tmp_path: Path) -> None:
    folder = project(tmp_path / "p", USERS, SEGMENTS)
    evaluated(folder)
    assert run(folder, "freeze", "ukraine", "--as-of", AS_OF).code == 2
    assert run(folder, "freeze", "ukraine", "--as", "ukraine_june", "--as-of", AS_OF).code == 0
    assert (folder / "snapshots" / "ukraine_june.csv").read_text(encoding="utf-8") == "user_id\n00123\n"
    again = run(folder, "freeze", "ukraine", "--as", "ukraine_june", "--as-of", AS_OF)
    assert again.code == 2
    assert "`ukraine_june` is frozen already" in again.err


def test_a_list_of_keys_becomes_a_static_segment_with_its_strangers(tmp_path: Path) -> None:
    folder = project(tmp_path / "p", USERS, SEGMENTS + "l:\n  kind: dynamic\n  where: {in_segment: fair}\n")
    (folder / "fair.csv").write_text("name,user_id\nx,7\ny,stranger\nz,7\n", encoding="utf-8")
    assert run(folder, "import", "--list", "fair", "fair.csv").code == 0
    assert keys(folder, "fair") == ["7", "stranger"]
    assert run(folder, "evaluate").code == 0
    assert keys(folder, "l") == ["7"]


def test_selected_segments_are_decided_with_those_they_refer_to_and_no_others(tmp_path: Path) -> None:
    folder = project(tmp_path / "p", USERS, SEGMENTS + "both:\n  kind: dynamic\n  where: {in_segment: ukraine}\n")
    answer = run(folder, "evaluate", "both", "--as-of", AS_OF, "-o", "json")
    assert [one["name"] for one in json.loads(answer.out)["segments"]] == ["both", "ukraine"]
    assert not (folder / "snapshots").exists()


def test_answers_go_to_stdout_and_talk_to_stderr(tmp_path: Path) -> None:
    folder = project(tmp_path / "p", USERS, SEGMENTS)
    answer = run(folder, "evaluate", "--as-of", AS_OF)
    assert answer.out.splitlines()[0].split() == ["segment", "kind", "before", "entered", "left", "after", "note"]
    assert answer.err.splitlines() == ["users: 4 rows, imported", f"run 1 committed, as of {AS_OF}"]
    assert run(folder, "evaluate", "--as-of", AS_OF, "-q").err == ""


def test_init_leaves_a_project_in_which_the_next_command_works(tmp_path: Path) -> None:
    assert run(tmp_path, "init", "mine").code == 0
    answer = run(tmp_path / "mine", "evaluate")
    assert answer.code == 0
    assert "launch_in_kyiv" in answer.out
    assert run(tmp_path, "init", "mine").code == 2


def test_a_hostile_description_reaches_the_terminal_as_plain_text(tmp_path: Path) -> None:
    text = 's:\n  kind: dynamic\n  description: "[red]\\e[2J[/] \\u202e"\n  where: {country: UA}\n'
    folder = project(tmp_path / "p", USERS, text)
    shown = run(folder, "list").out
    assert "[red]\\x1b[2J[/] \\u202e" in shown
    assert "\x1b" not in shown


def test_a_dynamic_segment_that_becomes_static_is_frozen_and_its_history_adds_up(tmp_path: Path) -> None:
    folder = project(tmp_path / "p", USERS, SEGMENTS)
    evaluated(folder)
    text = SEGMENTS.replace("kind: dynamic\n  where: {country: UA}", "kind: static\n  where: {country: [UA, PL]}")
    (folder / "segments" / "all.yaml").write_text(text, encoding="utf-8")
    evaluated(folder, NEXT)
    assert keys(folder, "ukraine") == ["00123", "1e5"]
    changed = rows(run(folder, "changes", "ukraine", "--since", "1").out)
    assert [(row["user_id"], row["change"], row["reason"]) for row in changed] == [
        ("00123", "entered", "initial"),
        ("1e5", "entered", "initial"),
        ("00123", "left", "definition"),
    ]
    listed = json.loads(run(folder, "show", "ukraine", "-o", "json").out)["sizes"][-1]
    assert (listed["before"], listed["entered"], listed["left"], listed["after"]) == (1, 2, 1, 2)


def test_a_file_imported_by_name_stands_until_the_declared_file_changes(tmp_path: Path) -> None:
    folder = project(tmp_path / "p", USERS, SEGMENTS)
    evaluated(folder)
    (tmp_path / "other.csv").write_text("user_id,country,city,points\nx,UA,Kyiv,1\n", encoding="utf-8")
    assert run(folder, "import", "users", "../other.csv").code == 0
    evaluated(folder, NEXT)
    assert keys(folder, "ukraine") == ["x"]
    (folder / "users.csv").write_text(USERS + "10,UA,Kyiv,1\n", encoding="utf-8")
    evaluated(folder, NEXT)
    assert keys(folder, "ukraine") == ["00123", "10"]


def test_only_what_changed_is_imported_again(tmp_path: Path) -> None:
    folder = project(tmp_path / "p", USERS, SEGMENTS)
    assert "imported" in run(folder, "evaluate", "--as-of", AS_OF).err
    (folder / "users.csv").touch()
    assert "unchanged" in run(folder, "evaluate", "--as-of", AS_OF).err
    (folder / "segtool.yaml").write_text(
        "version: 1\nusers: {path: users.csv, key: user_id, columns: {points: text}}\n", encoding="utf-8"
    )
    assert "imported" in run(folder, "evaluate", "--as-of", AS_OF).err


def test_every_step_is_told_where_that_is_asked_for(tmp_path: Path) -> None:
    folder = project(tmp_path / "p", USERS, SEGMENTS)
    answer = run(folder, "evaluate", "--as-of", AS_OF, "-v")
    steps = [line.partition(":")[0] for line in answer.err.splitlines()]
    assert steps[:5] == ["reading tables", "reading users", "deciding", "comparing", "committing"]
    assert re.fullmatch(r"reading tables: [0-9]+\.[0-9] s", answer.err.splitlines()[0])


@pytest.mark.parametrize("name", ["users.tsv", "users.csv.gz", "users.parquet", "users.ndjson"])
def test_users_come_from_every_kind_of_file(name: str, tmp_path: Path) -> None:
    import gzip

    import polars as pl

    settings = f"version: 1\nusers: {{path: {name}, key: user_id}}\n"
    folder = project(tmp_path / "p", USERS, SEGMENTS, settings)
    frame = pl.read_csv(io.StringIO(USERS), schema_overrides={"user_id": pl.String})
    match name.split(".", 1)[1]:
        case "tsv":
            (folder / name).write_text(USERS.replace(",", "\t"), encoding="utf-8")
        case "csv.gz":
            (folder / name).write_bytes(gzip.compress(USERS.encode()))
        case "parquet":
            frame.write_parquet(folder / name)
        case _:
            frame.write_ndjson(folder / name)
    evaluated(folder)
    assert keys(folder, "not_ukraine") == ["1e5", "7", "8"]
    assert (folder / "snapshots" / "in_kyiv.csv").read_text(encoding="utf-8") == (
        "user_id,country,points\n00123,UA,5\n8,,9\n"
    )


def test_a_frozen_segment_without_a_definition_can_be_referred_to_in_a_fresh_clone(tmp_path: Path) -> None:
    folder = project(tmp_path / "p", USERS, SEGMENTS)
    evaluated(folder)
    assert run(folder, "freeze", "ukraine", "--as", "june", "--as-of", AS_OF).code == 0
    clone = project(tmp_path / "clone", USERS, SEGMENTS + "uses:\n  kind: dynamic\n  where: {in_segment: june}\n")
    (clone / "snapshots").mkdir()
    for path in (folder / "snapshots").iterdir():
        (clone / "snapshots" / path.name).write_bytes(path.read_bytes())
    assert run(clone, "check").code == 0
    evaluated(clone, NEXT)
    assert keys(clone, "uses") == ["00123"]


def test_an_import_without_a_file_goes_back_to_the_declared_one(tmp_path: Path) -> None:
    folder = project(tmp_path / "p", USERS, SEGMENTS)
    (folder / "other.csv").write_text("user_id,country,city,points\nx,UA,Kyiv,1\n", encoding="utf-8")
    assert run(folder, "import", "users", "other.csv").code == 0
    assert "(from other.csv, imported by name)" in run(folder, "evaluate", "--as-of", AS_OF).err
    assert run(folder, "import").code == 0
    evaluated(folder, NEXT)
    assert keys(folder, "ukraine") == ["00123"]


def test_keys_of_lists_that_the_users_lack_are_counted(tmp_path: Path) -> None:
    text = "s:\n  kind: dynamic\n  where: {country: UA}\n  include: [nobody, '7']\n"
    folder = project(tmp_path / "p", USERS, text)
    answer = run(folder, "evaluate", "--as-of", AS_OF)
    assert "1 not among the users" in answer.out
    assert keys(folder, "s") == ["00123", "7"]


def test_the_run_of_a_change_is_a_number_for_machines(tmp_path: Path) -> None:
    folder = project(tmp_path / "p", USERS, SEGMENTS)
    run(folder, "evaluate", "--as-of", AS_OF)
    answer = run(folder, "changes", "-o", "jsonl")
    assert {json.loads(line)["run"] for line in answer.out.splitlines()} == {1}
