"""A segment that would move too far stays as it was while the others are committed; a flag lets it through."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from segtool.verbs import ledger
from tests.cli.running import AS_OF, NEXT, files, project, run
from tests.shell import Answer

HEADER = "user_id,country,city\n"
LATER, LAST = "2026-06-17T12:00:00Z", "2026-06-18T12:00:00Z"
SEGMENTS = """\
ukraine:
  kind: dynamic
  where: {country: UA}
  guard: {max_shrink: 30%, max_growth: 50%}
kyiv:
  kind: dynamic
  where: {in_segment: ukraine, city: Kyiv}
everybody:
  kind: dynamic
  where: {everyone: true}
"""
SETTINGS = "version: 1\nusers: {path: users.csv, key: user_id}\n"


def people(*countries: str, city: str = "Kyiv") -> str:
    return HEADER + "".join(f"u{i},{country},{city}\n" for i, country in enumerate(countries))


def evaluated(folder: Path, users: str = "", segments: str = SEGMENTS, settings: str = SETTINGS) -> Path:
    """A project of ten Ukrainians, evaluated once."""
    made = project(folder / "p", users or people(*["UA"] * 10), segments, settings)
    assert run(made, "evaluate", "--as-of", AS_OF).code == 0
    return made


def evaluate(folder: Path, as_of: str, users: str, *words: str) -> Answer:
    (folder / "users.csv").write_text(users, encoding="utf-8")
    return run(folder, "evaluate", "--as-of", as_of, *words)


def members(folder: Path, name: str) -> list[str]:
    return ledger.members(folder, (name,)).to_series().to_list()


def moved(folder: Path, name: str, since: int) -> list[tuple[str, ...]]:
    return ledger.changes(folder, (name,), since=since).select("user_id", "change", "reason").rows()


def result(answer: Answer, name: str) -> dict[str, Any]:
    found: dict[str, Any] = next(one for one in json.loads(answer.out)["segments"] if one["name"] == name)
    return found


def errors(answer: Answer) -> list[str]:
    return [line for line in answer.err.splitlines() if line.startswith("error: ")]


ALL = [f"u{i}" for i in range(10)]
SIX = people(*["UA"] * 6, "", "", "PL", "PL")
LET = "(see whether that is right, then let it through with `--allow-movement`)"
TOLD = (
    "error: segments/all.yaml:4:3: `ukraine` keeps its 10 members: it would have 6, and `max_shrink: 30%` allows 7 or "
    "more; most moved since run 1: at segments/all.yaml:3:11, `country is UA` holds for 60 % of users, 100 % before, "
    f"and `country` is missing for 20 % of users, 0 % before {LET}"
)


def test_a_segment_that_shrinks_too_far_keeps_its_members_and_the_others_are_committed(tmp_path: Path) -> None:
    folder = evaluated(tmp_path)
    answer = evaluate(folder, NEXT, SIX + "u10,PL,Kyiv\n")
    assert answer.code == 6
    assert [line.split() for line in answer.out.splitlines()[1:]] == [
        ["everybody", "dynamic", "10", "1", "0", "11"],
        ["kyiv", "dynamic", "10", "0", "0", "10"],
        ["ukraine", "dynamic", "10", "0", "0", "10", "kept,", "would", "be", "6:", "max_shrink:", "30%"],
    ]
    assert len(errors(answer)) == 1
    assert "`country is UA` holds for 54.5 % of users, 100 % before" in answer.err
    assert members(folder, "ukraine") == ALL
    assert moved(folder, "everybody", 1) == [("u10", "entered", "matches")]
    assert run(folder, "verify").code == 0


def test_the_message_names_the_guard_the_figures_the_clause_and_the_column_that_moved_most(tmp_path: Path) -> None:
    assert errors(evaluate(evaluated(tmp_path), NEXT, SIX)) == [TOLD]


def test_the_same_run_trips_again_and_adds_nothing(tmp_path: Path) -> None:
    folder = evaluated(tmp_path)
    assert evaluate(folder, NEXT, SIX).code == 6
    before = files(folder)
    answer = run(folder, "evaluate", "--as-of", NEXT)
    assert (answer.code, errors(answer)) == (6, [TOLD])
    assert "run 2 stands: nothing has changed since" in answer.err
    assert files(folder) == before


def test_later_runs_hold_it_against_the_run_before_it_was_held(tmp_path: Path) -> None:
    folder = evaluated(tmp_path)
    evaluate(folder, NEXT, SIX)
    answer = evaluate(folder, LATER, people(*["UA"] * 5, *[""] * 5))
    assert answer.code == 6
    assert "it would have 5, and `max_shrink: 30%` allows 7 or more; most moved since run 1: " in answer.err
    assert "`country` is missing for 50 % of users, 0 % before" in answer.err
    assert "kept by its guard since run 2" in run(folder, "show", "ukraine").out
    assert json.loads(run(folder, "show", "ukraine", "-o", "json").out)["held_since"] == 2


def test_when_the_data_is_right_again_the_segment_is_decided_as_if_nothing_had_been(tmp_path: Path) -> None:
    folder = evaluated(tmp_path)
    evaluate(folder, NEXT, SIX)
    assert evaluate(folder, LATER, people(*["UA"] * 10)).code == 0
    assert json.loads(run(folder, "show", "ukraine", "-o", "json").out)["held_since"] is None
    assert evaluate(folder, LAST, people(*["UA"] * 8)).code == 0
    assert moved(folder, "ukraine", 2) == [("u8", "left", "gone"), ("u9", "left", "gone")]


def test_the_flag_lets_it_through_and_the_log_keeps_that(tmp_path: Path) -> None:
    folder = evaluated(tmp_path)
    assert evaluate(folder, NEXT, SIX, "--allow-movement").code == 0
    assert members(folder, "ukraine") == ALL[:6]
    assert "movement" in run(folder, "history").out
    assert run(folder, "evaluate", "--as-of", LATER, "--allow-movement").code == 0
    runs = json.loads(run(folder, "history", "-o", "json").out)["runs"]
    assert [one["allowed"] for one in runs] == [[], ["movement"], []]


def test_a_segment_that_was_let_through_is_decided_by_every_later_run(tmp_path: Path) -> None:
    folder = evaluated(tmp_path)
    evaluate(folder, NEXT, SIX)
    assert evaluate(folder, LATER, SIX, "--allow-movement").code == 0
    assert moved(folder, "ukraine", 1) == [(f"u{i}", "left", "no_longer_matches") for i in range(6, 10)]
    assert run(folder, "evaluate", "--as-of", LAST).code == 0


@pytest.mark.parametrize(("countries", "code"), [(["UA"] * 7, 0), (["UA"] * 15, 0), (["UA"] * 16, 6), (["UA"] * 6, 6)])
def test_the_sizes_at_its_ends_are_allowed(countries: list[str], code: int, tmp_path: Path) -> None:
    assert evaluate(evaluated(tmp_path), NEXT, people(*countries)).code == code


def test_as_many_may_enter_as_leave(tmp_path: Path) -> None:
    folder = evaluated(tmp_path)
    assert evaluate(folder, NEXT, people(*["PL"] * 10, *["UA"] * 10)).code == 0


def test_those_that_refer_to_it_see_the_members_it_keeps_who_are_users_still(tmp_path: Path) -> None:
    folder = evaluated(tmp_path)
    users = "".join(f"u{i},{'UA' if i < 3 else 'PL'},{'Kyiv' if i < 8 else 'Lviv'}\n" for i in range(9))
    assert evaluate(folder, NEXT, HEADER + users).code == 6
    assert members(folder, "ukraine") == ALL
    assert members(folder, "kyiv") == ALL[:8]
    assert moved(folder, "kyiv", 1) == [("u8", "left", "no_longer_matches"), ("u9", "left", "gone")]
    assert run(folder, "verify").code == 0


SMALL = """\
few:
  kind: dynamic
  where: {country: PL}
  guard: {min_size: 3}
of_few:
  kind: dynamic
  where: {in_segment: few}
of_those:
  kind: dynamic
  where: {not: {in_segment: of_few}}
frozen_of_few:
  kind: static
  where: {in_segment: few}
others:
  kind: dynamic
  where: {country: UA}
  guard: {max_shrink: 0, max_growth: 0}
"""


def test_a_new_segment_that_is_too_small_is_not_decided_nor_are_those_that_refer_to_it(tmp_path: Path) -> None:
    folder = project(tmp_path / "p", people("UA", "PL", "PL"), SMALL)
    answer = run(folder, "evaluate", "--as-of", AS_OF, "-o", "json")
    assert answer.code == 6
    assert errors(answer) == [
        "error: segments/all.yaml:4:3: `few` is not decided: it would have 2, and `min_size: 3` allows 3 or more "
        + LET,
        "error: segments/all.yaml:11:1: `frozen_of_few` is not frozen: it refers to `few`, which is not decided",
        "error: segments/all.yaml:5:1: `of_few` is not decided: it refers to `few`, which is not decided",
        "error: segments/all.yaml:8:1: `of_those` is not decided: it refers to `of_few`, which is not decided",
    ]
    assert result(answer, "of_few")["held"]["waits_for"] == ["few"]
    assert result(answer, "others")["after"] == 1
    assert not (folder / "snapshots").exists()
    assert "has not been decided yet" in run(folder, "members", "few").err
    before = files(folder)
    assert run(folder, "evaluate", "--as-of", AS_OF).code == 6
    assert files(folder) == before
    assert evaluate(folder, NEXT, people("UA", *["PL"] * 3)).code == 0
    assert members(folder, "of_few") == members(folder, "frozen_of_few") == ["u1", "u2", "u3"]
    assert moved(folder, "few", 1) == [(f"u{i}", "entered", "initial") for i in (1, 2, 3)]


def test_one_that_comes_to_refer_to_a_segment_that_is_not_decided_keeps_its_members(tmp_path: Path) -> None:
    folder = evaluated(tmp_path)
    more = SEGMENTS.replace("{everyone: true}", "{in_segment: few}") + SMALL[: SMALL.index("of_few:")]
    (folder / "segments/all.yaml").write_text(more, encoding="utf-8")
    answer = run(folder, "evaluate", "--as-of", NEXT)
    assert answer.code == 6
    said = "`everybody` keeps its 10 members: it refers to `few`, which is not decided"
    assert said in answer.err
    assert members(folder, "everybody") == ALL


def test_where_nobody_enters_or_leaves_no_guard_is_asked(tmp_path: Path) -> None:
    folder = project(tmp_path / "p", people("UA", "PL"), SMALL)
    assert run(folder, "evaluate", "--as-of", AS_OF, "--allow-movement").code == 0
    assert run(folder, "evaluate", "--as-of", NEXT).code == 0
    assert evaluate(folder, LATER, people("UA", "PL", "PL")).code == 6
    assert members(folder, "few") == ["u1"]


def test_a_segment_that_had_nobody_may_grow_by_any_number(tmp_path: Path) -> None:
    folder = evaluated(tmp_path, people("PL"))
    assert evaluate(folder, NEXT, people(*["UA"] * 10)).code == 0


def test_the_projects_guard_is_the_default_of_each_limit(tmp_path: Path) -> None:
    settings = SETTINGS + "guard: {max_shrink: 10%, min_size: 4}\n"
    folder = evaluated(tmp_path, settings=settings)
    answer = evaluate(folder, NEXT, people(*["UA"] * 8, "PL", city="Lviv"))
    assert answer.code == 6
    assert errors(answer)[0].startswith(
        "error: segtool.yaml:3:1: `kyiv` keeps its 10 members: it would have 0, and `min_size: 4` allows 4 or more "
        "and `max_shrink: 10%` allows 9 or more; most moved since run 1: at segments/all.yaml:7:32, `city is Kyiv` "
        "holds for 0 % of users, 100 % before"
    )
    assert members(folder, "ukraine") == ALL[:8]


def test_a_guard_that_leaves_no_size_with_the_projects_is_told(tmp_path: Path) -> None:
    folder = project(
        tmp_path / "p", people("UA"), SEGMENTS + "  guard: {max_size: 3}\n", SETTINGS + "guard: {min_size: 4}\n"
    )
    answer = run(folder, "check")
    assert (answer.code, answer.err) == (
        4,
        "error: segments/all.yaml:11:3: `min_size: 4` is more than `max_size: 3`; one of them is the project's "
        "(give both here)\n",
    )


def test_a_definition_that_is_edited_too_far_waits_and_its_changes_are_told_as_its_own_later(tmp_path: Path) -> None:
    folder = evaluated(tmp_path, people(*["UA"] * 8, "PL", "PL"))
    edited = SEGMENTS.replace("{country: UA}", "{country: PL}")
    (folder / "segments/all.yaml").write_text(edited, encoding="utf-8")
    answer = evaluate(folder, NEXT, people(*["UA"] * 7, "NO", "PL", "PL"))
    assert answer.code == 6
    assert "its definition is another one than in the last run; most moved" not in answer.err
    assert "`max_shrink: 30%` allows 6 or more; its definition is another one than in the last run (" in answer.err
    assert moved(folder, "kyiv", 1) == []
    assert run(folder, "evaluate", "--as-of", LATER, "--allow-movement").code == 0
    left = [(f"u{i}", "left", "no_longer_matches" if i == 7 else "definition") for i in range(8)]
    entered = [("u8", "entered", "definition"), ("u9", "entered", "definition")]
    assert moved(folder, "ukraine", 1) == entered + left
    assert moved(folder, "kyiv", 1) == entered + left


def test_a_held_segment_does_not_change_the_reasons_of_those_that_refer_to_it(tmp_path: Path) -> None:
    folder = evaluated(tmp_path)
    edited = SEGMENTS.replace("{country: UA}", "{country: PL}")
    (folder / "segments/all.yaml").write_text(edited, encoding="utf-8")
    lviv = people(*["UA"] * 9) + "u9,UA,Lviv\n"
    assert evaluate(folder, NEXT, lviv).code == 6
    assert moved(folder, "kyiv", 1) == [("u9", "left", "no_longer_matches")]
    assert evaluate(folder, LATER, people(*["UA"] * 10)).code == 6
    assert moved(folder, "kyiv", 2) == [("u9", "entered", "matches")]


FROZEN = "spring:\n  kind: static\n  where: {country: UA}\n  include: [zoe]\n  guard: {max_size: 10, max_shrink: 0%}\n"


def test_a_static_segment_of_another_size_is_not_frozen(tmp_path: Path) -> None:
    folder = project(tmp_path / "p", people(*["UA"] * 10), FROZEN)
    before = "`spring` is not frozen: it would have 11, and `max_size: 10` allows 10 or fewer"
    answer = run(folder, "evaluate", "--as-of", AS_OF)
    assert (answer.code, before in answer.err) == (6, True)
    assert not (folder / "snapshots").exists()
    kept = files(folder)
    answer = run(folder, "freeze", "spring", "--as-of", AS_OF)
    assert (answer.code, answer.out, before in answer.err) == (6, "", True)
    assert files(folder) == kept
    assert run(folder, "freeze", "spring", "--as-of", AS_OF, "--allow-movement").code == 0
    assert (folder / "snapshots/spring.csv").read_text(encoding="utf-8").count("\n") == 12
    assert json.loads(run(folder, "history", "-o", "json").out)["runs"][-1]["allowed"] == ["movement"]
    assert run(folder, "evaluate", "--as-of", NEXT).code == 0


def test_a_list_is_held_against_the_projects_guard(tmp_path: Path) -> None:
    folder = evaluated(tmp_path, settings=SETTINGS + "guard: {min_size: 3}\n")
    (folder / "fair.csv").write_text("user_id\nu1\nu2\n", encoding="utf-8")
    assert run(folder, "import", "--list", "fair", "fair.csv", "--as-of", AS_OF).code == 6
    assert run(folder, "import", "--list", "fair", "fair.csv", "--as-of", AS_OF, "--allow-movement").code == 0


def test_no_snapshot_is_taken_of_what_a_guard_holds_and_one_of_what_refers_to_it_is_told(tmp_path: Path) -> None:
    folder = evaluated(tmp_path)
    evaluate(folder, NEXT, SIX)
    answer = run(folder, "freeze", "ukraine", "--as", "kept", "--as-of", NEXT)
    assert (answer.code, errors(answer)) == (6, [TOLD])
    answer = run(folder, "freeze", "kyiv", "--as", "kept", "--as-of", NEXT)
    assert (answer.code, "warning: segments/all.yaml:4:3: `ukraine` keeps its 10" in answer.err) == (0, True)
    assert (folder / "snapshots/kept.csv").read_text(encoding="utf-8").count("\n") == 11
    assert run(folder, "verify").code == 0


OF_EVENTS = SETTINGS + "events:\n  buy: {path: buy.csv, user: user, time: at}\n"
BUYERS = """\
buyers:
  kind: dynamic
  where:
    any:
      - did: {event: buy, where: {sku: cap}, in_last: 30d}
      - country: PL
  guard: {max_shrink: 30%}
"""


def test_of_events_the_column_is_told_too(tmp_path: Path) -> None:
    folder = project(tmp_path / "p", people(*["UA"] * 10), BUYERS, OF_EVENTS)
    (folder / "buy.csv").write_text("user,at,sku\n" + "".join(f"u{i},2026-06-01,cap\n" for i in range(8)))
    assert run(folder, "evaluate", "--as-of", AS_OF).code == 0
    (folder / "buy.csv").write_text("user,at,sku\n" + "".join(f"u{i},2026-06-01,{'cap' * (i < 2)}\n" for i in range(8)))
    answer = run(folder, "evaluate", "--as-of", NEXT)
    clause = "did buy (time is in the last 30 days; sku is cap)"
    assert (
        f"`{clause}` holds for 20 % of users, 80 % before, "
        "and `sku` is missing for 75 % of events of `buy`, 0 % before" in answer.err
    )


def test_a_window_that_moves_on_is_told_at_the_as_of_of_each_run(tmp_path: Path) -> None:
    folder = project(tmp_path / "p", people(*["UA"] * 10), BUYERS, OF_EVENTS)
    (folder / "buy.csv").write_text("user,at,sku\n" + "".join(f"u{i},2026-06-01,cap\n" for i in range(8)))
    assert run(folder, "evaluate", "--as-of", AS_OF).code == 0
    answer = run(folder, "evaluate", "--as-of", "2026-08-01")
    assert (answer.code, "holds for 0 % of users, 80 % before (" in answer.err) == (6, True)


def test_where_an_import_came_between_nothing_is_said_to_have_moved(tmp_path: Path) -> None:
    folder = evaluated(tmp_path)
    (folder / "users.csv").write_text(SIX, encoding="utf-8")
    assert run(folder, "import").code == 0
    answer = run(folder, "evaluate", "--as-of", NEXT)
    assert (answer.code, f"`max_shrink: 30%` allows 7 or more {LET}" in answer.err) == (6, True)


def test_json_tells_why_it_is_held(tmp_path: Path) -> None:
    answer = evaluate(evaluated(tmp_path), NEXT, SIX, "-o", "json")
    assert answer.code == 6
    assert result(answer, "ukraine") == {
        "reached": {},
        "name": "ukraine",
        "kind": "dynamic",
        "status": "held",
        "before": 10,
        "entered": 0,
        "left": 0,
        "after": 10,
        "strangers": 0,
        "held": {
            "limits": ["max_shrink: 30%"],
            "would_be": 6,
            "since": 2,
            "waits_for": [],
            "redefined": False,
            "cause": {
                "clause": "country is UA",
                "file": "segments/all.yaml",
                "line": 3,
                "column": 11,
                "since": 1,
                "moved": [
                    {
                        "phrase": "`country is UA` holds",
                        "number": 6,
                        "of": 10,
                        "things": "users",
                        "before": {"number": 10, "of": 10},
                    },
                    {
                        "phrase": "`country` is missing",
                        "number": 2,
                        "of": 10,
                        "things": "users",
                        "before": {"number": 0, "of": 10},
                    },
                ],
            },
        },
    }
    assert [one["line"] for one in json.loads(answer.out)["problems"]] == [4]
    assert result(answer, "kyiv")["held"] is None


def test_who_is_erased_leaves_a_held_segment_too(tmp_path: Path) -> None:
    folder = evaluated(tmp_path)
    evaluate(folder, NEXT, SIX.replace("u9,PL,Kyiv\n", ""))
    (folder / "asked.txt").write_text("u9\n", encoding="utf-8")
    assert run(folder, "erase", "asked.txt").code == 0
    assert members(folder, "ukraine") == ALL[:9]
    assert run(folder, "verify").code == 0
    assert run(folder, "evaluate", "--as-of", LATER).code == 6
    assert members(folder, "ukraine") == ALL[:9]
