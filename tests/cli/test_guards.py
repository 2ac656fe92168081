"""Tables that look wrong stop a run before anything is committed; each has a flag of its own, and the log keeps it."""

from __future__ import annotations

import json
import os
import re
import time
from pathlib import Path

import pytest

from segtool.verbs import ledger
from tests.cli.running import AS_OF, NEXT, files, project, run

HEADER = "user_id,country,city\n"
SEGMENTS = """\
ukraine:
  kind: dynamic
  where: {country: UA}
in_kyiv:
  kind: dynamic
  where:
    all:
      - city: Kyiv
      - country: UA
"""
SETTINGS = "version: 1\nusers: {path: users.csv, key: user_id}\n"
OF_EVENTS = SETTINGS + "events:\n  buy: {path: buy.csv, user: user, time: at}\n"
BUYERS = "buyers:\n  kind: dynamic\n  where: {did: {event: buy, where: {sku: cap}}}\n"
BUYS = "user,at,sku\nu0,2026-06-01,cap\nu1,2026-06-02,hat\n"


def users(count: int, city: str = "Kyiv") -> str:
    return HEADER + "".join(f"u{i},UA,{city}\n" for i in range(count))


def evaluated(folder: Path, content: str, segments: str = SEGMENTS, settings: str = SETTINGS) -> Path:
    """A project that has been evaluated once."""
    made = project(folder / "p", content, segments, settings)
    (made / "buy.csv").write_text(BUYS, encoding="utf-8")
    answer = run(made, "evaluate", "--as-of", AS_OF)
    assert answer.code == 0, answer.err
    return made


def allowed(folder: Path) -> list[str]:
    """What the newest run was allowed to let through."""
    runs = json.loads(run(folder, "history", "-o", "json").out)["runs"]
    found: list[str] = runs[-1]["allowed"]
    return found


def assert_stops(folder: Path, *words: str, said: str) -> None:
    """The command ends with 3 and this one problem, and leaves all files as they were."""
    before = files(folder)
    answer = run(folder, *words)
    assert (answer.code, answer.out) == (3, ""), answer.err
    assert len(answer.err.splitlines()) == 1
    assert re.search(said, answer.err), answer.err
    assert files(folder) == before


EVALUATE, IMPORT = ("evaluate", "--as-of", NEXT), ("import",)
FREEZE, KEEP = (
    ("freeze", "in_kyiv", "--as", "kept", "--as-of", NEXT),
    ("import", "--list", "fair", "keys.csv", "--as-of", NEXT),
)
COMMANDS = {"evaluate": EVALUATE, "import": IMPORT, "freeze": FREEZE, "import --list": KEEP}


@pytest.mark.parametrize("command", COMMANDS)
def test_a_table_of_users_without_rows_stops_every_run_that_takes_it(command: str, tmp_path: Path) -> None:
    folder = evaluated(tmp_path, users(3))
    (folder / "keys.csv").write_text("user_id\nu1\n", encoding="utf-8")
    (folder / "users.csv").write_text(HEADER, encoding="utf-8")
    assert_stops(folder, *COMMANDS[command], said=r"^error: users\.csv: the table of users has no rows .*--allow-empty")
    answer = run(folder, *COMMANDS[command], "--allow-empty")
    assert answer.code == 0, answer.err
    assert allowed(folder) == ["empty"]


def test_where_nobody_is_left_everybody_has_gone_and_returns_later(tmp_path: Path) -> None:
    folder = evaluated(tmp_path, users(2))
    (folder / "users.csv").write_text(HEADER, encoding="utf-8")
    assert run(folder, *EVALUATE, "--allow-empty").code == 0
    assert ledger.members(folder, ("ukraine",)).height == 0
    left = ledger.changes(folder, ("ukraine",), since=1).select("user_id", "change", "reason").rows()
    assert left == [("u0", "left", "gone"), ("u1", "left", "gone")]
    (folder / "users.csv").write_text(users(2), encoding="utf-8")
    assert run(folder, *EVALUATE).code == 0
    back = ledger.changes(folder, ("ukraine",), since=2).select("user_id", "change", "reason").rows()
    assert back == [("u0", "entered", "returned"), ("u1", "entered", "returned")]


def test_a_first_run_without_users_decides_that_nobody_is_in(tmp_path: Path) -> None:
    kept = "kept:\n  kind: static\n  where: {city: Kyiv}\n"
    folder = project(tmp_path / "p", HEADER, SEGMENTS + BUYERS + kept, OF_EVENTS)
    (folder / "buy.csv").write_text(BUYS, encoding="utf-8")
    assert_stops(folder, *EVALUATE, said="the table of users has no rows")
    assert run(folder, *EVALUATE, "--allow-empty").code == 0
    assert (folder / "snapshots" / "kept.csv").read_text(encoding="utf-8") == "user_id\n"
    (folder / "users.csv").write_text(users(2), encoding="utf-8")
    assert run(folder, *EVALUATE).code == 0
    assert ledger.members(folder, ("buyers",)).to_series().to_list() == ["u0"]


def test_what_was_let_through_without_rows_stops_no_later_run(tmp_path: Path) -> None:
    folder = evaluated(tmp_path, users(2))
    (folder / "users.csv").write_text(HEADER, encoding="utf-8")
    assert run(folder, *EVALUATE, "--allow-empty").code == 0
    assert run(folder, "evaluate", "--as-of", "2026-06-17").code == 0
    (folder / "users.csv").write_text(HEADER.replace("city", "town"), encoding="utf-8")
    assert run(folder, "import").code == 0
    assert allowed(folder) == []


def test_a_table_of_events_without_rows_stops_a_run_the_first_time_too(tmp_path: Path) -> None:
    folder = project(tmp_path / "p", users(2), BUYERS, OF_EVENTS)
    (folder / "buy.csv").write_text("user,at,sku\n", encoding="utf-8")
    assert_stops(folder, *EVALUATE, said=r"buy\.csv: the table `buy` has no rows .*--allow-empty")
    assert run(folder, *EVALUATE, "--allow-empty").code == 0
    assert allowed(folder) == ["empty"]
    (folder / "buy.csv").write_text(BUYS, encoding="utf-8")
    assert run(folder, *EVALUATE).code == 0
    (folder / "buy.csv").write_text("user,at,sku\n", encoding="utf-8")
    assert_stops(folder, *EVALUATE, said=r"the table `buy` has no rows")


@pytest.mark.parametrize("command", COMMANDS)
def test_a_table_that_lost_most_of_its_rows_stops_every_run_that_takes_it(command: str, tmp_path: Path) -> None:
    folder = evaluated(tmp_path, users(200))
    (folder / "keys.csv").write_text("user_id\nu1\n", encoding="utf-8")
    (folder / "users.csv").write_text(users(99), encoding="utf-8")
    said = r"^error: users\.csv: the table of users had 200 rows and has 99: it lost more than 50 % .*--allow-shrink"
    assert_stops(folder, *COMMANDS[command], said=said)
    assert run(folder, *COMMANDS[command], "--allow-shrink").code == 0
    assert allowed(folder) == ["shrink"]
    assert run(folder, *EVALUATE[:2], "2026-06-18").code == 0


def padded(first: int, count: int, width: int) -> str:
    return HEADER + "".join(f"{i:0{width}},UA,Kyiv\n" for i in range(first, first + count))


@pytest.mark.parametrize("command", [*COMMANDS, "check", "plan"])
def test_a_table_whose_keys_lost_their_zeros_lost_all_its_users(command: str, tmp_path: Path) -> None:
    folder = evaluated(tmp_path, padded(1, 200, 5))
    (folder / "keys.csv").write_text("user_id\n1\n", encoding="utf-8")
    (folder / "users.csv").write_text(padded(1, 200, 0), encoding="utf-8")
    words = COMMANDS.get(command, (command, "--as-of", NEXT))
    said = (
        r"^error: users\.csv: the table of users had 200 users, and all of them are gone \(200 new\): it lost more "
        r"than 50 % \(see whether the file is whole and its `user_id` as it was, or let it through with `--allow-shr"
    )
    assert_stops(folder, *words, said=said)
    if command in COMMANDS:
        assert run(folder, *words, "--allow-shrink").code == 0
        assert allowed(folder) == ["shrink"]
        assert run(folder, *EVALUATE[:2], "2026-06-18").code == 0


@pytest.mark.parametrize("command", ["evaluate", "check"])
def test_another_column_as_the_key_loses_all_users(command: str, tmp_path: Path) -> None:
    content = "user_id,email,country,city\n" + "".join(f"u{i},{i}@x.org,UA,Kyiv\n" for i in range(200))
    folder = evaluated(tmp_path, content)
    (folder / "segtool.yaml").write_text(SETTINGS.replace("user_id", "email"), encoding="utf-8")
    said = r"200 users, and all of them are gone \(200 new\).* its `email` as it was"
    assert_stops(folder, command, "--as-of", NEXT, said=said)


@pytest.mark.parametrize("command", ["evaluate", "check"])
@pytest.mark.parametrize(("first", "stops"), [(100, False), (101, True)])
def test_users_may_come_and_go_up_to_the_limit(first: int, stops: bool, command: str, tmp_path: Path) -> None:
    """In the order of the last version and in another one, with rows that changed beside their keys."""
    folder = evaluated(tmp_path, padded(0, 200, 5))
    lines = padded(first, 200, 5).replace("9,UA", "9,PL").splitlines(keepends=True)
    (folder / "users.csv").write_text("".join([lines[0], *reversed(lines[1:])]), encoding="utf-8")
    if stops:
        assert_stops(folder, command, "--as-of", NEXT, said=r"and 101 of them are gone \(101 new\)")
    else:
        assert run(folder, command, "--as-of", NEXT).code == 0


def test_the_project_says_how_much_a_table_may_lose(tmp_path: Path) -> None:
    settings = SETTINGS + "inputs: {max_shrink: 20%}\n"
    folder = evaluated(tmp_path, users(10), settings=settings)
    (folder / "users.csv").write_text(users(8), encoding="utf-8")
    assert run(folder, *EVALUATE).code == 0
    (folder / "users.csv").write_text(users(6), encoding="utf-8")
    assert_stops(folder, *EVALUATE, said="had 8 rows and has 6: it lost more than 20 % \\(segtool.yaml:3:10\\) \\(see")


@pytest.mark.parametrize("command", ["evaluate", "freeze"])
def test_a_used_column_that_nobody_has_a_value_of_any_more_stops_a_run(command: str, tmp_path: Path) -> None:
    folder = evaluated(tmp_path, users(3))
    (folder / "users.csv").write_text(users(3, city=""), encoding="utf-8")
    said = r"^error: segments/all\.yaml:8:9: `city` is missing for every user now, .*users\.csv.*--allow-blank"
    assert_stops(folder, *COMMANDS[command], said=said)
    assert run(folder, *COMMANDS[command], "--allow-blank").code == 0
    assert allowed(folder) == ["blank"]
    assert run(folder, *EVALUATE[:2], "2026-06-18").code == 0
    assert allowed(folder) == []


def test_a_blank_column_that_no_chosen_segment_names_stops_nothing_until_one_does(tmp_path: Path) -> None:
    folder = evaluated(tmp_path, users(3))
    (folder / "users.csv").write_text(users(3, city=""), encoding="utf-8")
    assert run(folder, *EVALUATE, "ukraine").code == 0
    assert_stops(folder, *EVALUATE, said=r"all\.yaml:8:9: `city` is missing")
    (folder / "users.csv").write_text(users(3), encoding="utf-8")
    assert run(folder, *EVALUATE).code == 0


def test_an_import_does_not_hide_that_a_column_is_blank(tmp_path: Path) -> None:
    folder = evaluated(tmp_path, users(3))
    (folder / "users.csv").write_text(users(3, city=""), encoding="utf-8")
    assert run(folder, "import").code == 0
    assert_stops(folder, *EVALUATE, said=r"all\.yaml:8:9: `city` is missing")
    assert run(folder, *EVALUATE, "--allow-blank").code == 0


def test_a_column_is_blank_where_those_without_a_value_stay_as_they_were(tmp_path: Path) -> None:
    """Only the rows that changed are typed again; what the others hold counts all the same."""
    some = users(9, city="") + "u9,UA,Kyiv\nv,UA,Oslo\n"
    folder = evaluated(tmp_path, some)
    (folder / "users.csv").write_text(some.replace("Oslo", ""), encoding="utf-8")
    assert run(folder, *EVALUATE).code == 0
    (folder / "users.csv").write_text(some.replace("Oslo", "").replace("Kyiv", ""), encoding="utf-8")
    assert_stops(folder, *EVALUATE, said=r"all\.yaml:8:9: `city` is missing")
    assert_stops(folder, "check", said=r"all\.yaml:8:9: `city` is missing")


def test_a_used_column_of_events_that_is_blank_stops_a_run(tmp_path: Path) -> None:
    folder = evaluated(tmp_path, users(3), BUYERS, OF_EVENTS)
    (folder / "buy.csv").write_text("user,at,sku\nu0,2026-06-01,\nu1,2026-06-02,\n", encoding="utf-8")
    said = r"all\.yaml:3:37: `sku` is missing for every event of `buy` now, .*buy\.csv.*--allow-blank"
    assert_stops(folder, *EVALUATE, said=said)
    assert run(folder, *EVALUATE, "--allow-blank").code == 0


def test_new_events_without_a_value_do_not_make_a_column_blank(tmp_path: Path) -> None:
    folder = evaluated(tmp_path, users(3), BUYERS, OF_EVENTS)
    (folder / "buy.csv").write_text(BUYS + "u2,2026-06-03,\n", encoding="utf-8")
    assert run(folder, *EVALUATE).code == 0


def aged(path: Path, hours: float) -> None:
    moment = time.time() - hours * 3600
    os.utime(path, (moment, moment))


@pytest.mark.parametrize("command", COMMANDS)
def test_a_file_that_nobody_wrote_to_for_long_stops_every_run_that_takes_it(command: str, tmp_path: Path) -> None:
    folder = evaluated(tmp_path, users(3), settings=SETTINGS + "inputs: {max_age: 36h}\n")
    (folder / "keys.csv").write_text("user_id\nu1\n", encoding="utf-8")
    aged(folder / "users.csv", 37)
    said = r"^error: users\.csv: .* was last written to at .*Z, longer ago than `max_age: 36h` \(segtool\.yaml:3:10\) "
    said += r"allows .*--allow-stale"
    assert_stops(folder, *COMMANDS[command], said=said)
    (folder / "users.csv").write_text(users(4), encoding="utf-8")
    aged(folder / "users.csv", 37)
    assert_stops(folder, *COMMANDS[command], said=said)
    assert run(folder, *COMMANDS[command], "--allow-stale").code == 0
    assert allowed(folder) == ["stale"]
    aged(folder / "users.csv", 35)
    assert run(folder, *EVALUATE[:2], "2026-06-18").code == 0


def test_an_import_of_one_table_does_not_ask_how_old_others_are(tmp_path: Path) -> None:
    folder = evaluated(tmp_path, users(3), BUYERS, OF_EVENTS + "inputs: {max_age: 36h}\n")
    aged(folder / "buy.csv", 37)
    assert run(folder, "import", "users").code == 0
    assert_stops(folder, "import", "buy", said=r"buy\.csv: the file was last written to")


def test_the_age_of_a_file_is_of_the_day_of_the_run_whatever_its_as_of(tmp_path: Path) -> None:
    folder = evaluated(tmp_path, users(3), settings=SETTINGS + "inputs: {max_age: 36h}\n")
    assert run(folder, "evaluate", "--as-of", "2999-01-01").code == 0


def test_all_tables_are_told_at_once_and_only_what_was_needed_is_kept(tmp_path: Path) -> None:
    settings = OF_EVENTS + "inputs: {max_shrink: 40%, max_age: 36h}\n"
    folder = evaluated(tmp_path, users(10), SEGMENTS + BUYERS, settings)
    (folder / "users.csv").write_text(users(5, city=""), encoding="utf-8")
    (folder / "buy.csv").write_text("user,at,sku\n", encoding="utf-8")
    aged(folder / "buy.csv", 40)
    before = files(folder)
    answer = run(folder, *EVALUATE, "-o", "json")
    assert answer.code == 3
    problems = json.loads(answer.out)["problems"]
    assert [(one["file"], one["line"], re.findall("--allow-[a-z]+", one["next"])) for one in problems] == [
        ("users.csv", None, ["--allow-shrink"]),
        ("buy.csv", None, ["--allow-empty"]),
        ("buy.csv", None, ["--allow-stale"]),
        ("segments/all.yaml", 8, ["--allow-blank"]),
    ]
    assert files(folder) == before
    flags = ["--allow-empty", "--allow-shrink", "--allow-stale"]
    assert_stops(folder, *EVALUATE, *flags, said="`city` is missing")
    assert run(folder, *EVALUATE, *flags, "--allow-blank").code == 0
    assert allowed(folder) == ["empty", "shrink", "blank", "stale"]
    assert "empty, shrink, blank, stale" in run(folder, "history").out
    (folder / "users.csv").write_text(users(2), encoding="utf-8")
    aged(folder / "buy.csv", 1)
    assert run(folder, *EVALUATE, *flags, "--allow-blank").code == 0
    assert allowed(folder) == ["shrink"]


def test_check_tells_what_would_stop_a_run(tmp_path: Path) -> None:
    folder = evaluated(tmp_path, users(200), settings=SETTINGS + "inputs: {max_age: 36h}\n")
    assert run(folder, "check").code == 0
    (folder / "users.csv").write_text(users(20, city=""), encoding="utf-8")
    aged(folder / "users.csv", 40)
    before = files(folder)
    answer = run(folder, "check")
    assert (answer.code, answer.out) == (3, "")
    assert re.findall("--allow-[a-z]+", answer.err) == ["--allow-shrink", "--allow-stale", "--allow-blank"]
    assert files(folder) == before


def test_a_table_that_is_cut_off_is_told_before_the_definitions_that_it_no_longer_fits(tmp_path: Path) -> None:
    folder = project(tmp_path / "p", HEADER, "s:\n  kind: dynamic\n  where: {city: {gte: 3}}\n")
    assert_stops(folder, "check", said="the table of users has no rows")
    answer = run(folder, *EVALUATE, "--allow-empty")
    assert answer.code == 4
    assert "`gte` does not go with `city`, which is text" in answer.err


@pytest.mark.parametrize(
    ("inputs", "said"),
    [
        ("{max_shrink: 120%}", r"3:22: `120%` is not a percentage \(write a number from 0 to 100\)"),
        ("{max_shrink: -1}", r"3:22: `-1` is not a percentage"),
        ("{max_shrink: some}", r"3:22: `some` is not a percentage"),
        ("{max_shrink: }", r"3:22: a value is missing here"),
        ("{max_age: 36 hours}", r"3:19: `36 hours` is not a duration \(write 36h\)"),
        ("{max_age: 0h}", r"3:19: `0h` is no age \(write for example 36h\)"),
        ("{max_age: 9999y}", r"3:19: `9999y` reaches beyond the calendar \(write less\)"),
        ("{max_rows: 3}", r"3:10: unknown key `max_rows`"),
        ("20%", r"3:9: `20%` is not a mapping \(expected keys: `max_shrink`, `max_age`\)"),
    ],
)
def test_limits_that_cannot_be_are_told_with_their_place(inputs: str, said: str, tmp_path: Path) -> None:
    folder = project(tmp_path / "p", users(1), SEGMENTS, f"{SETTINGS}inputs: {inputs}\n")
    answer = run(folder, "check")
    assert answer.code == 4
    assert re.search(f"^error: segtool.yaml:{said}", answer.err), answer.err


@pytest.mark.parametrize("limits", ["{max_shrink: 0}", "{max_shrink: 100%}", "{max_age: 1y}", "{}"])
def test_limits_at_their_ends_are_taken(limits: str, tmp_path: Path) -> None:
    folder = project(tmp_path / "p", users(1), SEGMENTS, f"{SETTINGS}inputs: {limits}\n")
    assert run(folder, "check").code == 0
