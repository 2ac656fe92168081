"""What `erase` cannot reach is told, wherever the key of somebody who was erased still stands."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from tests.cli.running import run
from tests.cli.upkeep import DAYS, done, erase, facts, holding

HOLDS = "still holds the key of somebody who was erased"
LOG = "version: 1\nusers: {path: users.csv, key: user_id}\nevents:\n  mail: {path: mail.csv, user: who, time: at"


def told(folder: Path, keys: str, *words: str) -> list[str]:
    """The places that erase warns of, but for the data files."""
    lines = done(erase(folder, keys, *words)).err.splitlines()
    places = [line.removeprefix("warning: ").removesuffix(f" {HOLDS}") for line in lines if line.endswith(HOLDS)]
    return [place for place in places if place not in ("users.csv", "mail.csv")]


def test_somebody_whom_events_alone_named_is_erased_beside_columns_of_text(folder: Path) -> None:
    (folder / "users.csv").write_text("user_id,country,email\nann,UA,out\neve,PL,e\n")
    done(run(folder, "import"))
    assert told(folder, "out\n") == ["column `email` of `users`", "segments/all.yaml:11:13"]
    done(run(folder, "verify"))


def test_columns_that_have_the_key_as_the_value_of_others_are_told(folder: Path) -> None:
    log = "who,what,at,note,own\nann,open,2026-06-01T10:00:00Z,bob,\nbob,open,2026-06-02T10:00:00Z,ann,bob\n"
    (folder / "mail.csv").write_text(log)
    (folder / "users.csv").write_text(
        "user_id,country,email,friends,own\nann,UA,bob,bob|eve,\neve,PL,e,ann,\nbob,,,,bob\n"
    )
    (folder / "segtool.yaml").write_text(
        "version: 1\n"
        "users: {path: users.csv, key: user_id, columns: {friends: {list: text, separator: '|'}}}\n"
        "events:\n  mail: {path: mail.csv, user: who, time: at, name: what}\n"
    )
    done(run(folder, "import"))
    assert told(folder, "bob\n", "--suppress") == [
        "column `email` of `users`",
        "column `friends` of `users`",
        "column `note` of `mail`",
    ]


def test_whole_numbers_that_are_a_key_are_told(folder: Path) -> None:
    (folder / "users.csv").write_text("user_id,country,by,far\n7,UA,,\n8,PL,7,70\n9,UA,10,7\n07,PL,,\n")
    (folder / "mail.csv").write_text("who,at,code,part\n8,2026-06-01T10:00:00Z,7,8\n7,2026-06-02T10:00:00Z,1,7\n")
    (folder / "segtool.yaml").write_text(LOG + "}\n")
    (folder / "segments/all.yaml").write_text("all: {kind: dynamic, where: {everyone: true}}\n")
    done(run(folder, "import"))
    assert told(folder, "7\n", "--suppress") == [f"column `{name}`" for name in ("by` of `users", "far` of `users")] + [
        "column `code` of `mail`"
    ]
    assert told(folder, "07\n", "--suppress") == []


def test_an_event_of_that_name_is_told(folder: Path) -> None:
    assert told(folder, "open\n") == [
        "the name of an event in `mail`",
        "segments/all.yaml:7:24",
        "the kept definition of `openers`",
    ]


def test_tests_of_definitions_that_hold_the_key_are_told(folder: Path) -> None:
    (folder / "tests").mkdir()
    (folder / "tests/t.yaml").write_text(
        "tests:\n  - segment: ukraine\n    as_of: 2026-06-15\n    users: [{user_id: bob, in: true, country: UA}]\n"
    )
    assert told(folder, "bob\n") == ["tests/t.yaml:4:23"]


def test_definitions_that_hold_the_key_in_another_place_are_told(folder: Path) -> None:
    more = "odd:\n  kind: static\n  where: {email: {matches: bob}}\n  exclude: [bob]\n"
    (folder / "segments/more.yaml").write_text(more)
    done(run(folder, "evaluate", "--as-of", DAYS[2]))
    places = told(folder, "bob\n")
    assert places == [
        "segments/more.yaml:3:28",
        "segments/more.yaml:4:13",
        "the kept definition of `odd`",
        "snapshots/odd.json",
    ]
    (folder / "segments/more.yaml").unlink()
    assert told(folder, "bob\n") == ["the kept definition of `odd`", "snapshots/odd.json"]


def test_a_column_of_a_snapshot_that_holds_the_key_is_told(folder: Path) -> None:
    (folder / "users.csv").write_text("user_id,country,email\nann,UA,bob\nbob,UA,b\n")
    (folder / "segments/more.yaml").write_text(
        "mine:\n  kind: static\n  where: {everyone: true}\n  columns: [country, email]\n"
    )
    done(run(folder, "evaluate", "--as-of", DAYS[2]))
    (folder / "users.csv").write_text("user_id,country,email\nann,UA,a\n")
    done(run(folder, "import"))
    assert told(folder, "bob\n") == ["column `email` of snapshots/mine.csv"]
    assert holding(folder, "bob") != []


def test_a_list_that_cannot_be_read_is_told_beside_those_that_can(folder: Path) -> None:
    (folder / "segments/more.yaml").write_text(
        "fair: {kind: static, list: fair.csv}\ncup: {kind: static, list: cup.csv}\n"
    )
    (folder / "fair.csv").write_text("user_id\nbob\n")
    os.mkfifo(folder / "cup.csv")
    unread = "cup.csv: this is a pipe, not a file (name a file)"
    answer = done(erase(folder, "bob\n"))
    assert f"warning: {unread}; whether a key stands in it is not known" in answer.err.splitlines()
    assert f"warning: fair.csv {HOLDS}" in answer.err.splitlines()
    (folder / "again.txt").write_text("bob\n")
    assert facts(folder, "erase", "again.txt")["unread"] == [unread]


@pytest.mark.parametrize("word", ["is", "starts_with"])
def test_a_test_of_the_key_is_not_kept_with_it(word: str, folder: Path) -> None:
    done(erase(folder, "bob\n", "--suppress"))
    (folder / "segments/more.yaml").write_text(f"odd: {{kind: static, where: {{user_id: {{{word}: bob}}}}}}\n")
    fact = "this holds the key of somebody who was erased and stays out (take it out of the definition)"
    answer = done(run(folder, "evaluate", "--as-of", DAYS[2]))
    assert f"warning: segments/more.yaml:1:{41 + len(word)}: {fact}" in answer.err.splitlines()
    assert holding(folder, "bob") == []


def test_a_list_of_whom_never_to_send_to_is_told_where_it_names_them(folder: Path) -> None:
    with (folder / "segtool.yaml").open("a") as settings:
        settings.write("suppress: [never.csv, other.csv, gone.csv]\n")
    (folder / "never.csv").write_text("user_id,why\nbob,asked\n")
    (folder / "other.csv").write_text("user_id\neve\n")
    answer = erase(folder, "bob\n", "--suppress")
    assert f"warning: never.csv {HOLDS}\n" in answer.err
    assert "warning: other.csv" not in answer.err
    assert "warning: gone.csv: " in answer.err
