"""`segtool test` in a project: what it says, with which code, with data and without."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.cli.running import run
from tests.shell import Answer

SETTINGS = """\
version: 1
timezone: Europe/Kyiv
users: {path: users.csv, key: user_id}
events:
  purchase: {path: purchases.csv, user: customer, time: paid_at, unique: [order_id]}
  mail: {path: mail.csv, user: user_id, time: sent_at, name: type}
"""
SEGMENTS = """\
lapsed:
  kind: dynamic
  where:
    - country: [UA, NO]
    - did: purchase
    - did_not: {event: purchase, in_last: 90d}
vip: {kind: dynamic, where: {points: {gte: 100}}}
both: {kind: dynamic, where: [{in_segment: vip}, {in_segment: lapsed}]}
town: {kind: static, where: {zip: "01001"}}
best: {kind: dynamic, where: {everyone: true}, exclude: [x], top: {by: points, count: 1}, include: [i]}
readers: {kind: dynamic, where: [{address.city: Kyiv}, {interests: {has_any: [fashion]}}]}
"""
DATA = {
    "users.csv": "user_id,country,points,zip,address.city,interests\na,UA,5,01001,Kyiv,fashion\n",
    "purchases.csv": "customer,paid_at,order_id,amount\na,2026-01-10T09:00:00Z,1,5\n",
    "mail.csv": "user_id,sent_at,type,at\na,2026-01-10T09:00:00Z,mail_open,top\n",
}
AS_OF = "as_of: 2026-06-15T12:00:00Z"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "segments").mkdir()
    (tmp_path / "tests").mkdir()
    (tmp_path / "segtool.yaml").write_text(SETTINGS, encoding="utf-8")
    (tmp_path / "segments" / "s.yaml").write_text(SEGMENTS, encoding="utf-8")
    return tmp_path


def answer_of(folder: Path, tests: str, *words: str, **environment: str) -> Answer:
    (folder / "tests" / "t.yaml").write_text(f"tests:\n{tests}", encoding="utf-8")
    return run(folder, "test", *words, **environment)


def passes(folder: Path, tests: str) -> None:
    answer = answer_of(folder, tests, "-o", "json")
    assert answer.err == ""
    assert answer.code == 0
    assert json.loads(answer.out)["passed"] == tests.count("segment:")


LAPSED = f"""\
  - segment: lapsed
    {AS_OF}
    users: [{{user_id: a, country: UA}}, {{user_id: b, country: NO}}, {{user_id: c}}]
    events:
      - {{user_id: a, event: purchase, at: 2026-01-10T09:00:00Z}}
      - {{user_id: b, event: purchase, at: 2026-01-10}}
      - {{user_id: b, event: purchase, at: 2026-06-20}}
      - {{customer: c, event: purchase, paid_at: "2026-01-10 09:00"}}
    members: [a, b]
"""


def with_data(folder: Path) -> Path:
    for name, text in DATA.items():
        (folder / name).write_text(text, encoding="utf-8")
    return folder


def test_tests_pass_without_data_with_files_and_with_a_store_and_nothing_is_written(folder: Path) -> None:
    passes(folder, LAPSED)
    assert not (folder / ".segtool").exists()
    passes(with_data(folder), LAPSED)
    (folder / "segtool.yaml").write_text(
        SETTINGS.replace("key: user_id}", "key: user_id, columns: {interests: {list: text}}}")
    )
    assert run(folder, "import", "-q").code == 0
    for name in DATA:
        (folder / name).unlink()
    passes(folder, LAPSED)


def test_a_wrong_member_is_told_with_place_members_and_the_lines_of_the_definition(folder: Path) -> None:
    answer = answer_of(folder, LAPSED.replace("[a, b]", "[a, c]"))
    assert answer.code == 4
    assert (
        answer.out
        == """\
tests/t.yaml:2:5: `lapsed`: expected a, c, and the members are a, b: missing c; unexpected b

tests/t.yaml:2:5: b is a member of `lapsed`
  ✓ all of these:
    ✓ country is UA or NO
        country: NO
    ✓ did purchase
        purchase: 1 time; the last purchase: 2026-01-09T22:00:00Z (156 days ago)
    ✓ did not do purchase (time is in the last 90 days)
        purchase: 0 times in the window; the last purchase: 2026-01-09T22:00:00Z (156 days ago)
        after 2026-03-17T13:00:00Z, 90 days before the as-of
tests/t.yaml:2:5: c is no member of `lapsed`
  ✗ all of these:
    ✗ country is UA or NO
        country: missing
    ✓ did purchase
        purchase: 1 time; the last purchase: 2026-01-10T07:00:00Z (156 days ago)
    ✓ did not do purchase (time is in the last 90 days)
        purchase: 0 times in the window; the last purchase: 2026-01-10T07:00:00Z (156 days ago)
        after 2026-03-17T13:00:00Z, 90 days before the as-of
  the smallest change found that makes a member:
    country: missing; in at NO

not tried both ways:
  segments/s.yaml:5:7: `lapsed`: did purchase: never false
  segments/s.yaml:6:7: `lapsed`: did not do purchase (time is in the last 90 days): never false
"""
    )
    assert answer.err == "1 test, 1 failed; 1 of 3 clauses tried both ways; 5 segments without a test\n"


def test_segments_that_are_referred_to_are_decided_or_given(folder: Path) -> None:
    decided = LAPSED.replace("segment: lapsed", "segment: both").replace("country: UA}", "country: UA, points: 100}")
    given = LAPSED.replace("segment: lapsed", "segment: both").replace("users:", "segments: {vip: [b]}\n    users:")
    passes(
        folder, decided.replace("members: [a, b]", "members: [a]") + given.replace("members: [a, b]", "members: [b]")
    )


def test_static_segments_lists_and_cuts_are_tried_and_nobody_may_be_expected(folder: Path) -> None:
    passes(
        folder,
        """\
  - {segment: town, users: [{user_id: a, zip: 01001}, {user_id: b, zip: 1001}], members: a}
  - {segment: town, users: [{user_id: b, zip: null}], members: []}
  - segment: best
    users: [{user_id: x, points: 9}, {user_id: y, points: 8.5}, {user_id: z, points: 7}, {user_id: i}]
    members: [y, i]
  - segment: readers
    users:
      - {user_id: a, address: {city: Kyiv}, interests: [fashion, home]}
      - {user_id: b, address.city: Kyiv, interests: []}
    members: [a]
""",
    )


def test_who_is_excluded_or_cut_is_told_so(folder: Path) -> None:
    answer = answer_of(
        folder,
        "  - {segment: best, users: [{user_id: x, points: 9}, {user_id: y, points: 8}, {user_id: z, points: 7}, "
        "{user_id: i}], members: [x, z]}\n",
    )
    assert (
        answer.out.split("\n\n")[1]
        == """\
tests/t.yaml:2:5: i is a member of `best`
  ✓ everyone
  ✓ not excluded: x
  ✓ or included: i
  ✗ of these the highest 1 by points
      points: missing; the last of 1 who are kept has 8
tests/t.yaml:2:5: x is no member of `best`
  ✓ everyone
  ✗ not excluded: x
  ✗ or included: i
  ✗ of these the highest 1 by points
      points: 9; would be place 1 of 2; the last of 1 who are kept has 8
tests/t.yaml:2:5: y is a member of `best`
  ✓ everyone
  ✓ not excluded: x
  ✗ or included: i
  ✓ of these the highest 1 by points
      points: 8; place 1 of 2; the last of 1 who are kept has 8
tests/t.yaml:2:5: z is no member of `best`
  ✓ everyone
  ✓ not excluded: x
  ✗ or included: i
  ✗ of these the highest 1 by points
      points: 7; place 2 of 2; the last of 1 who are kept has 8
  the smallest change found that makes a member:
    points: 7; in at 9 or more"""
    )


def test_all_that_is_wrong_with_tests_is_told_at_once(folder: Path) -> None:
    answer = answer_of(
        with_data(folder),
        f"""\
  - {{segment: lapsed, users: [{{user_id: a}}], members: [a]}}
  - {{segment: vip, as_of: noon, users: [{{user_id: a}}], members: []}}
  - {{segment: vip, users: [{{user_id: a, points: many}}, {{user_id: a}}, {{contry: UA}}], members: [b]}}
  - {{segment: vip, users: [{{user_id: a, contry: UA}}], segments: {{lapsed: [c]}}, members: []}}
  - segment: lapsed
    {AS_OF}
    users: [{{user_id: a}}]
    events:
      - {{user_id: a, event: purchase}}
      - {{user_id: z, event: purchase, at: 2026-01-01}}
      - {{user_id: a, at: 2026-01-01}}
      - {{user_id: a, event: purchase, at: 2026-01-01, paid_at: 2026-01-01}}
      - {{user_id: a, event: mail_open, at: 2026-01-01}}
      - {{user_id: a, event: purchase, at: monday, amount: [1]}}
    members: []
""",
    )
    assert answer.code == 4
    assert (
        answer.err
        == """\
error: tests/t.yaml:2:5: `as_of` is missing, and what `lapsed` says depends on the time (add for example `as_of: \
2026-06-15T12:00:00Z`)
error: tests/t.yaml:3:27: `noon` is no as-of (write 2026-06-15T12:00:00Z, or a date, of the years 1900 to 2999)
error: tests/t.yaml:4:49: `many` does not fit: `points` is integer (write a number such as 18)
error: tests/t.yaml:4:56: the user `a` stands twice; first on line 4 (keep one)
error: tests/t.yaml:4:70: `user_id` is missing (give every user a key)
error: tests/t.yaml:4:71: `users` has no column `contry` (did you mean `country`?)
error: tests/t.yaml:4:95: there is no user `b` in this test (add it under `users:`)
error: tests/t.yaml:5:41: `users` has no column `contry` (did you mean `country`?)
error: tests/t.yaml:5:75: there is no user `c` in this test (add it under `users:`)
error: tests/t.yaml:10:9: `at` is missing (it says when it was)
error: tests/t.yaml:11:10: there is no user `z` in this test (an event of a test is of one of its users)
error: tests/t.yaml:12:9: `event` is missing (say which event it is)
error: tests/t.yaml:13:39: `paid_at` and `at` say both when it was (keep one)
error: tests/t.yaml:14:40: `at` is a column of `mail`, and does not say when it was (add `sent_at`)
error: tests/t.yaml:15:43: `monday` does not fit: `paid_at` is datetime (write a date, or a date and time such as \
2026-08-01T09:30:00Z)
error: tests/t.yaml:15:59: a list does not fit: `amount` is integer (write a number such as 18)
"""
    )


FAULTS_OF_FORM = """\
  - segment: vip
    user: []
    users: [a, {user_id: a, points: many}]
    members: [b]
  - {segment: vip, users: [{user_id: a, points: lots}]}
  - {segment: vop, as_of: [1], users: [{user_id: a, pionts: 1}], members: [b]}
  - segment: [vip]
    as_of: nope
    users: [{user_id: a}]
    events:
      - {user_id: a, event: purchase, at: nope}
      - {user_id: a, event: purchase, when: 1, amount: some}
      - {user_id: a, event: purchase, at: 2026-01-01, amuont: 1}
      - {event: purchase, at: never}
    segments: {vip: [null, b], nobody: [a]}
    members: null
"""
TOLD_OF_FORM = """\
error: tests/t.yaml:3:5: unknown key `user` (did you mean `users`?)
error: tests/t.yaml:4:13: `a` is not a row (write `{COLUMN: value, …}`)
error: tests/t.yaml:4:37: `many` does not fit: `points` is integer (write a number such as 18)
error: tests/t.yaml:6:5: `members` is missing (add it)
error: tests/t.yaml:6:49: `lots` does not fit: `points` is integer (write a number such as 18)
error: tests/t.yaml:7:15: there is no segment `vop` (see `segtool list`)
error: tests/t.yaml:7:27: a single value is expected here, not a list
error: tests/t.yaml:7:53: `users` has no column `pionts` (did you mean `points`?)
error: tests/t.yaml:7:76: there is no user `b` in this test (add it under `users:`)
error: tests/t.yaml:8:14: a single value is expected here, not a list
error: tests/t.yaml:9:12: `nope` is no as-of (write 2026-06-15T12:00:00Z, or a date, of the years 1900 to 2999)
error: tests/t.yaml:12:43: `nope` does not fit: `paid_at` is datetime (write a date, or a date and time such as \
2026-08-01T09:30:00Z)
error: tests/t.yaml:13:9: `at` is missing (it says when it was)
error: tests/t.yaml:13:39: `purchase` has no column `when` (columns: customer, paid_at, order_id, amount)
error: tests/t.yaml:13:56: `some` does not fit: `amount` is integer (write a number such as 18)
error: tests/t.yaml:14:55: `purchase` has no column `amuont` (did you mean `amount`?)
error: tests/t.yaml:15:9: `user_id` is missing (it says whose event it is)
error: tests/t.yaml:15:31: `never` does not fit: `paid_at` is datetime (write a date, or a date and time such as \
2026-08-01T09:30:00Z)
error: tests/t.yaml:16:22: a key is missing here (write one, or take it out)
error: tests/t.yaml:16:28: there is no user `b` in this test (add it under `users:`)
error: tests/t.yaml:16:41: there is no segment `nobody` (see `segtool list`)
error: tests/t.yaml:17:14: keys are missing here (write `[]` for nobody)
"""


def with_lists(folder: Path) -> Path:
    """With data that all definitions fit."""
    settings = SETTINGS.replace("key: user_id}", "key: user_id, columns: {interests: {list: text}}}")
    (folder / "segtool.yaml").write_text(settings, encoding="utf-8")
    return with_data(folder)


def test_what_cannot_be_read_of_a_test_hides_nothing_and_check_tells_the_same(folder: Path) -> None:
    answer = answer_of(with_lists(folder), FAULTS_OF_FORM, "vip")
    assert (answer.code, answer.out, answer.err) == (4, "", TOLD_OF_FORM)
    assert run(folder, "check") == Answer(4, "", TOLD_OF_FORM)


def test_faults_of_definitions_of_lists_and_of_tests_are_told_together(folder: Path) -> None:
    broken = (
        SEGMENTS.replace("gte: 100", "gte: many").replace("kind: static", "kind: sttic").replace("[x]", "{list: x.csv}")
    )
    (folder / "segments" / "s.yaml").write_text(broken, encoding="utf-8")
    tests = """\
  - {segment: town, users: [{user_id: a, zip: 1}], members: [b]}
  - {segment: both, as_of: 2026-01-01, users: [{user_id: a}], members: [c]}
  - {segment: best, users: [{user_id: a}], members: []}
"""
    answer = answer_of(with_data(folder), tests)
    assert answer.code == 4
    assert (
        answer.err
        == """\
error: segments/s.yaml:7:44: `many` does not fit: `points` is integer (write a number such as 18)
error: segments/s.yaml:9:14: `sttic` is not static or dynamic (did you mean `static`?)
error: tests/t.yaml:2:62: there is no user `b` in this test (add it under `users:`)
error: tests/t.yaml:3:73: there is no user `c` in this test (add it under `users:`)
error: x.csv: no such file (did you mean `mail.csv`?)
"""
    )


def test_check_needs_no_run_of_a_test_that_fails(folder: Path) -> None:
    assert answer_of(with_lists(folder), "  - {segment: vip, users: [{user_id: a}], members: [a]}\n").code == 4
    assert run(folder, "check", "-q").code == 0


def test_without_data_a_column_that_nothing_else_names_is_told(folder: Path) -> None:
    answer = answer_of(folder, "  - {segment: vip, users: [{user_id: a, pionts: 5}], members: []}\n")
    assert answer.err == (
        "error: tests/t.yaml:2:41: no definition and no other test names a column `pionts` (did you mean `points`?)\n"
    )


def test_tests_in_segments_files_are_run_and_chosen_by_their_segments(folder: Path) -> None:
    own = "tests:\n  - {segment: vip, users: [{user_id: a, points: 100}], members: [a]}\n"
    (folder / "segments" / "s.yaml").write_text(SEGMENTS + own, encoding="utf-8")
    assert answer_of(folder, LAPSED).err.startswith("2 tests, none failed")
    told = "1 test, none failed; 0 of 1 clause tried both ways; of the 1 segment asked for, 0 without a test\n"
    assert answer_of(folder, LAPSED, "vip").err == told
    assert "of the 2 segments asked for, 1 without a test" in answer_of(folder, LAPSED, "vip", "town").err
    assert answer_of(folder, LAPSED, "nobody").code == 2


def test_failures_are_facts_in_json_and_annotations_under_github(folder: Path) -> None:
    wrong = "  - {segment: vip, users: [{user_id: a, points: 1}], members: [a]}\n"
    answer = answer_of(folder, wrong, "-o", "json")
    assert answer.code == 4
    facts = json.loads(answer.out)
    assert {name: facts[name] for name in ("version", "passed", "failed")} == {"version": 1, "passed": 0, "failed": 1}
    assert facts["tests"][0] == {
        "segment": "vip",
        "file": "tests/t.yaml",
        "line": 2,
        "column": 5,
        "passed": False,
        "expected": ["a"],
        "actual": [],
        "missing": ["a"],
        "unexpected": [],
        "why": [
            {
                "key": "a",
                "is_member": False,
                "lines": [
                    {
                        "words": "points is at least 100",
                        "depth": 0,
                        "holds": False,
                        "found": ["points: 1"],
                        "boundaries": [],
                    }
                ],
                "change": [
                    {
                        "action": "set",
                        "text": "points: 1; in at 100 or more",
                        "name": "points",
                        "at": None,
                        "values": {"points": "100"},
                    }
                ],
            }
        ],
    }
    assert facts["coverage"][1]["gaps"] == [
        {"file": "segments/s.yaml", "line": 7, "column": 30, "words": "points is at least 100", "never": True}
    ]
    answer = answer_of(folder, wrong, "-q", GITHUB_ACTIONS="true")
    assert answer.err == (
        "::error file=tests/t.yaml,line=2,col=5::`vip`: expected a, and the members are nobody: missing a\n"
    )
    assert answer_of(folder, wrong, "-o", "csv").out.startswith("segment,file,line,column,passed,expected,actual")


def test_rows_of_one_order_count_once(folder: Path) -> None:
    segments = "often: {kind: dynamic, where: {did: {event: purchase, count: {gte: 2}}}}\n"
    (folder / "segments" / "s.yaml").write_text(segments, encoding="utf-8")
    passes(
        folder,
        f"""\
  - segment: often
    {AS_OF}
    users: [{{user_id: a}}, {{user_id: b}}]
    events:
      - {{user_id: a, event: purchase, at: 2026-01-01, order_id: 1}}
      - {{user_id: a, event: purchase, at: 2026-01-02, order_id: 1}}
      - {{user_id: b, event: purchase, at: 2026-01-01, order_id: 2}}
      - {{user_id: b, event: purchase, at: 2026-01-02, order_id: 3}}
      - {{user_id: b, event: purchase, at: 2026-01-03}}
    members: [b]
""",
    )


def test_without_data_columns_are_what_rows_and_definitions_fit(folder: Path) -> None:
    where = "[{zip: {starts_with: 94}}, {none: [{age: {lt: 18}}, {seen: {in_last: 1d}}, {tags: {has: x}}]}]"
    (folder / "segments" / "s.yaml").write_text(f"s: {{kind: dynamic, where: {where}}}\n", encoding="utf-8")
    passes(
        folder,
        f"  - {{segment: s, {AS_OF}, users: [{{user_id: a, zip: 94110}}, {{user_id: b, zip: 1}}], members: [a]}}\n",
    )


def test_a_project_without_tests_says_so(folder: Path) -> None:
    (folder / "segments" / "s.yaml").write_text(SEGMENTS, encoding="utf-8")
    answer = run(folder, "test")
    assert answer == Answer(0, "", "0 tests, none failed; 0 of 0 clauses tried both ways; 6 segments without a test\n")
