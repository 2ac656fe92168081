"""What `explain` prints of users who are in, and of those who are not."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests import test_readme
from tests.cli.running import AS_OF, NEXT, files, project, run

DOCS = Path(__file__).parent.parent.parent / "docs"
USERS = """\
user_id,country,points,interests,born
ann,UA,12,fashion|books,2000-06-16
bob,PL,30,,1990-01-01
eve,,,shoes,
"""
LOG = "user_id,at,amount\nann,2026-03-01T10:00:00Z,20\nbob,2026-06-10T10:00:00Z,70\nbob,2026-05-10T10:00:00Z,5\n"
SETTINGS = """\
version: 1
users: {path: users.csv, key: user_id, columns: {interests: {list: text}}}
events:
  purchase: {path: log.csv, user: user_id, time: at}
"""
SEGMENTS = """\
buyers:
  kind: dynamic
  where: {did: {event: purchase, in_last: 90d}}
lapsed:
  kind: dynamic
  where:
    - {did: purchase}
    - {did_not: {event: purchase, in_last: 90d}}
    - any: [{country: UA}, {points: {gte: 20}}]
best: {kind: dynamic, where: {points: {is_set: true}}, top: {by: points, count: 1}}
first: {kind: dynamic, where: {everyone: true}, top: {by: points, count: 2}}
best_of_first: {kind: dynamic, where: {in_segment: first}, top: {by: points, count: 1}}
upper: {kind: dynamic, where: {country: [UA, PL], points: {percentile: {gt: 50}}}}
chosen: {kind: dynamic, where: {country: [UA, PL]}, exclude: [ann], include: [eve]}
ukraine: {kind: static, where: {country: UA}}
adults: {kind: dynamic, where: {born: {age: {gte: 26}}}}
few: {kind: dynamic, where: {everyone: true}, guard: {max_size: 2}}
"""


@pytest.fixture
def shop(tmp_path: Path) -> Path:
    folder = project(tmp_path / "shop", USERS, SEGMENTS, SETTINGS)
    (folder / "log.csv").write_text(LOG, encoding="utf-8")
    return folder


def told(folder: Path, *words: str, as_of: str = AS_OF) -> str:
    answer = run(folder, "explain", *words, "--as-of", as_of)
    assert answer.code == 0, answer.err
    return answer.out


def test_a_window_is_told_with_its_boundary_and_the_nearest_event_that_would_do(shop: Path) -> None:
    assert (
        told(shop, "ann", "buyers")
        == """\
ann, as of 2026-06-15T12:00:00Z
✗ no member of buyers (dynamic)
  not decided by any run yet

  ✗ did purchase (time is in the last 90 days)
      purchase: 0 times in the window; the last purchase: 2026-03-01T10:00:00Z (106 days ago)
      after 2026-03-17T12:00:00Z, 90 days before the as-of

the smallest change found that makes a member:
  purchase 106 days ago (2026-03-01T10:00:00Z); in at 89 days ago (2026-03-17T12:00:01Z)
"""
    )


def test_of_a_tree_every_line_is_told_and_of_alternatives_the_cheapest_is_offered(shop: Path) -> None:
    assert (
        told(shop, "bob", "lapsed")
        == """\
bob, as of 2026-06-15T12:00:00Z
✗ no member of lapsed (dynamic)
  not decided by any run yet

  ✗ all of these:
    ✓ did purchase
        purchase: 2 times; the last purchase: 2026-06-10T10:00:00Z (5 days ago)
    ✗ did not do purchase (time is in the last 90 days)
        purchase: 2 times in the window; the last purchase: 2026-06-10T10:00:00Z (5 days ago)
        after 2026-03-17T12:00:00Z, 90 days before the as-of
    ✓ any of these:
      ✗ country is UA
          country: PL
      ✓ points is at least 20
          points: 30

the smallest change found that makes a member:
  purchase 36 days ago (2026-05-10T10:00:00Z); in at 90 days ago (2026-03-17T12:00:00Z) or earlier
  purchase 5 days ago (2026-06-10T10:00:00Z); in at 90 days ago (2026-03-17T12:00:00Z) or earlier
"""
    )


def test_a_birthday_is_moved_by_the_day_that_is_lacking(shop: Path) -> None:
    assert told(shop, "ann", "adults").endswith(
        "  born: 2000-06-16 (9,495 days ago); in at 2000-06-15 (9,496 days ago)\n"
    )


def test_who_is_below_the_top_is_told_the_place_and_the_value_at_the_cut(shop: Path) -> None:
    assert told(shop, "ann", "best").split("\n\n")[1:] == [
        "  ✓ points is set\n"
        "      points: 12\n"
        "  ✗ of these the highest 1 by points\n"
        "      points: 12; place 2 of 2; the last of 1 who are kept has 30",
        "the smallest change found that makes a member:\n  points: 12; in at 30 or more\n",
    ]
    assert told(shop, "eve", "best").endswith(
        "the smallest change found that makes a member:\n  points: missing; in at 31 or more\n"
    )


def test_a_cut_among_users_whom_a_cut_leaves_is_no_matter_of_one_users_values(shop: Path) -> None:
    assert told(shop, "ann", "best_of_first").endswith(
        "what stands in the way:\n  below the top, which others decide too\n"
    )


def test_a_percentile_is_told_by_the_value_that_reaches_it(shop: Path) -> None:
    assert told(shop, "ann", "upper").split("\n\n")[1:] == [
        "  ✗ all of these:\n"
        "    ✓ country is UA or PL\n"
        "        country: UA\n"
        "    ✗ points has a percentile among all users that is more than 50\n"
        "        percentile of points: 50",
        "the smallest change found that makes a member:\n  points: 12; in at 30 or more\n",
    ]


def test_lists_are_told_and_nobody_who_is_excluded_is_offered_a_change(shop: Path) -> None:
    assert told(shop, "ann", "chosen").endswith(
        "  ✗ not excluded: ann\n  ✗ or included: eve\n\nwhat stands in the way:\n  excluded\n"
    )
    assert "✓ a member of chosen" in told(shop, "eve", "chosen")


def test_what_the_last_run_left_is_told_and_what_the_next_one_would_change(shop: Path) -> None:
    assert run(shop, "evaluate", "--as-of", AS_OF).code == 6
    assert told(shop, "bob", "buyers", as_of=NEXT).splitlines()[1:3] == [
        "✓ a member of buyers (dynamic)",
        "  a member after the last run since run 1, as of 2026-06-15T12:00:00Z",
    ]
    before = files(shop)
    assert told(shop, "bob", "buyers", as_of="2026-12-15T12:00:00Z").splitlines()[1:4] == [
        "✗ no member of buyers (dynamic)",
        "  a member after the last run since run 1, as of 2026-06-15T12:00:00Z",
        "  would leave at the next run",
    ]
    assert files(shop) == before
    (shop / "users.csv").write_text(USERS.replace("ann,UA", "ann,PL"), encoding="utf-8")
    assert told(shop, "ann", "ukraine", as_of=NEXT) == (
        "ann, as of 2026-06-16T12:00:00Z\n"
        "✓ a member of ukraine (static)\n"
        "  decided by the snapshot of run 1, and by no condition any more\n"
        "  a member after the last run since run 1, as of 2026-06-15T12:00:00Z\n"
    )


def test_a_guard_that_would_keep_a_segment_is_told(shop: Path) -> None:
    assert "  `few` is not decided: it would have 3, and `max_size: 2` allows 2 or fewer\n" in told(shop, "ann", "few")


def test_an_as_of_before_the_last_run_is_told_of(shop: Path) -> None:
    run(shop, "evaluate", "--as-of", AS_OF)
    assert "✓ a member of buyers" in told(shop, "ann", "buyers", as_of="2026-03-02T12:00:00Z")


def test_without_a_segment_there_is_a_line_for_each(shop: Path) -> None:
    assert [line.split()[:2] for line in told(shop, "ann").splitlines()[2:]] == [
        ["✗", "adults"],
        ["✗", "best"],
        ["✗", "best_of_first"],
        ["✗", "buyers"],
        ["✗", "chosen"],
        ["✗", "few"],
        ["✓", "first"],
        ["✓", "lapsed"],
        ["✓", "ukraine"],
        ["✗", "upper"],
    ]


def test_a_change_is_told_in_json_as_it_would_stand_in_the_data(shop: Path) -> None:
    answer = run(shop, "explain", "eve", "buyers", "--as-of", AS_OF, "-o", "json")
    (facts,) = json.loads(answer.out)["segments"]
    assert facts["change"] == [
        {
            "action": "add",
            "text": "one more purchase at 2026-06-15T12:00:00Z (now)",
            "name": "purchase",
            "at": "2026-06-15T12:00:00Z",
            "values": {},
        }
    ]


@pytest.mark.parametrize(
    ("words", "error"),
    [
        (("an", "buyers"), "error: there is no user `an` (did you mean `ann`?)\n"),
        (("00 Ann", "buyers"), "error: there is no user `00 Ann` (did you mean `ann`?)\n"),
        (("anne7", "buyers"), "error: there is no user `anne7` (keys are compared letter by letter)\n"),
        (("ann", "buyer"), "error: there is no segment `buyer` (did you mean `buyers`?)\n"),
    ],
)
def test_an_unknown_user_or_segment_is_a_mistake(words: tuple[str, ...], error: str, shop: Path) -> None:
    answer = run(shop, "explain", *words, "--as-of", AS_OF)
    assert (answer.code, answer.out, answer.err) == (2, "", error)


def test_of_somebody_who_was_erased_nothing_is_told(shop: Path) -> None:
    run(shop, "evaluate", "--as-of", AS_OF)
    (shop / "gone.txt").write_text("ann\n")
    assert run(shop, "erase", "gone.txt", "--suppress").code == 0
    answer = run(shop, "explain", "ann", "buyers", "--as-of", NEXT)
    assert (answer.code, answer.out) == (2, "")
    assert answer.err == "error: `ann` was erased and stays out (nothing is kept that could be explained)\n"


def test_the_page_on_explanations_shows_what_is_printed(tmp_path: Path) -> None:
    page = (DOCS / "explain.md").read_text(encoding="utf-8")
    assert test_readme.rendered(page, test_readme.prepare(tmp_path)) == page


def test_a_day_is_told_by_its_first_instant_and_a_list_as_one(shop: Path) -> None:
    where = "[{did: {event: purchase, on: 2026-06-14}}, {interests: {has: music}}]"
    (shop / "segments/more.yaml").write_text(f"onday: {{kind: dynamic, where: {where}}}\n", encoding="utf-8")
    (one,) = json.loads(told(shop, "bob", "onday", "-o", "json"))["segments"]
    assert one["lines"][1]["boundaries"] == [
        "at or after 2026-06-14T00:00:00Z, 1 day before the as-of",
        "before 2026-06-15T00:00:00Z, 12 hours before the as-of",
    ]
    assert [edit["values"] for edit in one["change"]] == [{"interests": ["music"]}, {"at": "2026-06-14T00:00:00Z"}]


def test_one_new_event_is_told_where_two_tests_ask_for_one_each(shop: Path) -> None:
    where = "{did: {event: purchase, max: {amount: {gte: 100}}, distinct: {amount: {gte: 2}}}}"
    (shop / "segments/more.yaml").write_text(f"both: {{kind: dynamic, where: {where}}}\n", encoding="utf-8")
    assert told(shop, "ann", "both").endswith(
        "makes a member:\n  one more purchase at 2026-06-15T12:00:00Z (now) with amount: 100\n"
    )


def test_an_average_is_reached_by_one_value_of_as_many_places_as_money_has(shop: Path) -> None:
    (shop / "log.csv").write_text(LOG + "bob,2026-06-11T10:00:00Z,21.37\n", encoding="utf-8")
    where = "{did: {event: purchase, avg: {amount: {lt: 12.34}}}}"
    (shop / "segments/more.yaml").write_text(f"cheap: {{kind: dynamic, where: {where}}}\n", encoding="utf-8")
    # 70, 5 and -38 are 37 together, 12.33 each
    assert told(shop, "bob", "cheap").endswith(
        "  amount of the purchase of 2026-06-11T10:00:00Z (4 days ago): 21.37; in at -38\n"
    )


def test_a_weekday_and_an_anniversary_are_told_as_people_write_them(shop: Path) -> None:
    where = "[{born: {anniversary: {in_next: 7d}}}, {born: {weekday: sun}}]"
    (shop / "segments/more.yaml").write_text(f"party: {{kind: dynamic, where: {where}}}\n", encoding="utf-8")
    found = told(shop, "ann", "party")
    assert "month and day of born: 06-16; born" in found
    assert "weekday of born: fri; born" in found


def test_who_is_kept_out_by_a_file_is_told_which(shop: Path) -> None:
    (shop / "out.csv").write_text("user_id\nann\n", encoding="utf-8")
    (shop / "in.csv").write_text("user_id\nbob\n", encoding="utf-8")
    (shop / "segments/more.yaml").write_text(
        "kept_out: {kind: dynamic, where: {everyone: true}, exclude: {list: out.csv}}\n"
        "fair: {kind: static, list: in.csv}\n",
        encoding="utf-8",
    )
    assert told(shop, "ann", "kept_out").endswith("what stands in the way:\n  excluded by out.csv\n")
    assert told(shop, "ann", "fair").endswith("what stands in the way:\n  not in in.csv\n")


if __name__ == "__main__":  # writes the output into the page, to be read before it is committed
    import tempfile

    with tempfile.TemporaryDirectory() as made:
        path = DOCS / "explain.md"
        path.write_text(
            test_readme.rendered(path.read_text(encoding="utf-8"), test_readme.prepare(Path(made))), encoding="utf-8"
        )
