"""An export that cannot be made as it is asked for ends with its exit code, all problems, and no file."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.cli.exports import SEGMENTS, SETTINGS, USERS, evaluate, export, exported, rewritten, shop
from tests.cli.running import AS_OF, NEXT, files, project, run

SPLIT = "tested: {kind: dynamic, where: {everyone: true}, split: {a: 45, b: 45, control: 10}}\n"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return evaluate(shop(tmp_path / "shop", segments=SEGMENTS + SPLIT))


def assert_refused(folder: Path, *words: str, code: int = 2, told: list[str]) -> None:
    """The command ends with that code and these problems, and every file is as it was."""
    before = files(folder)
    answer = export(folder, *words)
    assert (answer.code, answer.out) == (code, "")
    assert [line.removeprefix("error: ") for line in answer.err.splitlines()] == told
    assert files(folder) == before


def test_all_that_is_asked_for_and_is_not_there_is_told_at_once(folder: Path) -> None:
    words = ("nobody", "everybdy", "tested", "--channel", "emial", "--columns", "nam,city", "--variant", "contrl")
    told = [
        "there is no segment `nobody` (see `segtool list`)",
        "there is no segment `everybdy` (did you mean `everybody`?)",
        "several segments in one export (give --first-match, which puts a user in the first of them)",
        "there is no channel `emial` (did you mean `email`?)",
        "there is no column `nam` (did you mean `name`?)",
        "there is no column `city`",
        "`tested` has no variant `contrl` (did you mean `control`?)",
    ]
    assert_refused(folder, *words, "--to", "out/x.csv", "--held-back", "out/held.csv", told=told)
    answer = export(folder, *words, "--to", "out/x.csv", "-o", "json")
    assert json.loads(answer.out)["exit_code"] == 2
    assert [one["fact"] for one in json.loads(answer.out)["problems"]] == [one.split(" (")[0] for one in told]


def test_an_unknown_channel_is_told_with_those_that_there_are(tmp_path: Path) -> None:
    told = "there is no channel `fax` (channels: {})"
    folder = evaluate(shop(tmp_path / "shop"))
    assert_refused(folder, "ukraine", "--channel", "fax", told=[told.format("email, sms")])
    without = evaluate(project(tmp_path / "without", USERS, SEGMENTS))
    assert_refused(without, "ukraine", "--channel", "fax", told=[told.format("none is declared")])


def test_a_segment_that_no_run_has_decided_cannot_be_exported(folder: Path) -> None:
    rewritten(folder / "segments/all.yaml", "spring:", "later: {kind: dynamic, where: {country: PL}}\nspring:")
    assert_refused(folder, "later", told=["`later` has not been decided yet (run `segtool evaluate`)"])


def test_a_split_segment_needs_a_variant_or_a_column_that_tells_it(folder: Path) -> None:
    told = ["`tested` is split into a, b, control (give --variant, or --columns variant)"]
    assert_refused(folder, "tested", "--to", "out.csv", told=told)
    assert_refused(folder, "ukraine", "--variant", "a", told=["`ukraine` has no variant `a`"])
    assert_refused(folder, "tested", "--variant", "z", told=["`tested` has no variant `z` (variants: a, b, control)"])


def test_an_unknown_preset_is_told_with_the_nearest_one(folder: Path) -> None:
    told = ["there is no preset `mailchmp` (did you mean `mailchimp`?)"]
    assert_refused(folder, "ukraine", "--channel", "email", "--preset", "mailchmp", told=told)


def test_a_preset_is_refused_for_a_channel_that_it_does_not_serve(folder: Path) -> None:
    words = ("ukraine", "--preset", "sendios", "--to", "out.csv", "--held-back", "held.csv")
    assert_refused(folder, *words, "--channel", "sms", told=["the preset is not for `sms` (it is for email)"])
    told = ["the preset is for a channel, and none was chosen (it is for email)"]
    assert_refused(folder, *words, told=told)


def test_what_a_preset_needs_and_the_users_lack_is_told_at_its_place(folder: Path) -> None:
    (folder / "presets").mkdir()
    (folder / "presets/ours.yaml").write_text("columns:\n  - {header: City, attribute: cty}\n", encoding="utf-8")
    told = ["presets/ours.yaml:2:31: there is no column `cty`"]
    assert_refused(folder, "ukraine", "--preset", "ours", code=4, told=told)


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (("--since", "0"), "`--since` is of those who moved (give --only entered, or --only left)"),
        (("--also", "initial"), "`--also` is of those who entered (give --only entered)"),
        (("--only", "left", "--also", "initial"), "`--also` is of those who entered (give --only entered)"),
        (("--only", "left", "--since", "7"), "there is no run 7 (see `segtool history`)"),
    ],
)
def test_who_moved_is_asked_for_as_a_whole(words: tuple[str, ...], told: str, folder: Path) -> None:
    assert_refused(folder, "ukraine", *words, told=[told])


def test_several_files_do_not_go_to_stdout(folder: Path) -> None:
    told = ["it takes 2 files, and stdout is one (name a file with --to)"]
    assert_refused(folder, "ukraine", "--split-rows", "4", "--held-back", "held.csv", told=told)
    assert exported(folder, "ukraine", "--split-rows", "8").count("\n") == 9


@pytest.mark.parametrize(
    ("place", "told"),
    [
        ("users.csv", "users.csv is an input of this project (name another file)"),
        ("sent.csv", "sent.csv is an input of this project (name another file)"),
        ("never.csv", "never.csv is an input of this project (name another file)"),
        ("fair.csv", "fair.csv is an input of this project (name another file)"),
        ("segtool.yaml", "segtool.yaml is named as definitions are (name a file of another ending)"),
        ("segments/all.yaml", "segments/all.yaml is named as definitions are (name a file of another ending)"),
        ("segments", "segments is a folder (name a file in it)"),
    ],
)
@pytest.mark.parametrize("option", ["--to", "--held-back"])
def test_nothing_takes_the_place_of_what_the_project_reads(option: str, place: str, told: str, folder: Path) -> None:
    (folder / "fair.csv").write_text("user_id\n01\n", encoding="utf-8")
    rewritten(folder / "segments/all.yaml", "spring:", "fair: {kind: static, list: fair.csv}\nspring:")
    other = "--held-back" if option == "--to" else "--to"
    assert_refused(folder, "ukraine", option, place, other, "other.csv", told=[told])


def test_one_file_cannot_be_both_the_rows_and_those_held_back(folder: Path) -> None:
    told = ["two files would be x.csv (name them apart)"]
    assert_refused(folder, "ukraine", "--to", "x.csv", "--held-back", "x.csv", told=told)


def test_those_held_back_do_not_go_to_stdout(folder: Path) -> None:
    before = files(folder)
    answer = export(folder, "ukraine", "--held-back", "-")
    assert (answer.code, answer.out) == (2, "")
    assert "--held-back takes the name of a file" in answer.err
    assert files(folder) == before


def test_an_answer_in_another_form_needs_a_file_for_the_rows(folder: Path) -> None:
    answer = export(folder, "ukraine", "-o", "json")
    assert answer.code == 2
    assert "the rows go to stdout: name a file with --to" in answer.err


def test_a_definition_at_fault_ends_with_4_at_its_place(folder: Path) -> None:
    rewritten(folder / "segtool.yaml", "consent: opted", "consent: name")
    told = ["segtool.yaml:6:36: `name` is text, and consent is true or false "]
    told[0] += '(write a condition, such as `consent: {name: "yes"}`)'
    assert_refused(folder, "ukraine", "--to", "out.csv", code=4, told=told)


def test_a_list_that_cannot_be_read_ends_with_3(folder: Path) -> None:
    (folder / "never.csv").write_text("mail\nida@example.com\n", encoding="utf-8")
    told = ["never.csv:1: the header names none of `user_id`, `email`, `phone` "]
    told[0] += "(name the column of keys as the users' key is, one of addresses as theirs is)"
    assert_refused(folder, "ukraine", "--to", "out.csv", code=3, told=told)
    (folder / "never.csv").unlink()
    assert_refused(
        folder, "ukraine", "--to", "out.csv", code=3, told=["never.csv: no such file (did you mean `users.csv`?)"]
    )


def test_a_table_with_a_wrong_row_ends_with_3(folder: Path) -> None:
    with (folder / "users.csv").open("a", encoding="utf-8") as lines:
        lines.write("12,UA\n")
    before = files(folder)
    answer = export(folder, "ukraine", "--to", "out.csv")
    assert (answer.code, answer.out) == (3, "")
    assert answer.err.startswith("error: users.csv:13: ")
    assert files(folder) == before
    assert "12" not in exported(folder, "ukraine", "--max-errors", "1")


def test_a_feed_without_consent_stops_unless_it_is_let_through(folder: Path) -> None:
    blank = [",".join([*line.split(",")[:3], "", *line.split(",")[4:]]) for line in USERS.splitlines()[1:]]
    (folder / "users.csv").write_text("\n".join([USERS.splitlines()[0], *blank, ""]), encoding="utf-8")
    told = ["segtool.yaml:6:36: `opted` is missing for every user now, and was not before "]
    told[0] += "(see users.csv, or let it through with `--allow-blank`)"
    assert_refused(folder, "ukraine", "--channel", "email", "--to", "out.csv", code=3, told=told)
    assert exported(folder, "ukraine", "--channel", "email", "--allow-blank") == "user_id,email\n"


def test_before_the_first_run_nothing_can_be_exported(tmp_path: Path) -> None:
    folder = shop(tmp_path / "shop")
    told = ["`ukraine` has not been decided yet (run `segtool evaluate`)"]
    assert_refused(folder, "ukraine", "--to", "out.csv", told=told)
    assert SETTINGS in (folder / "segtool.yaml").read_text()
    assert run(folder, "evaluate", "--as-of", AS_OF).code == 0
    assert exported(folder, "ukraine", as_of=NEXT).count("\n") == 9
