"""Tables of events as people import them: what became of the rows is told, on the right stream and in both forms."""

from __future__ import annotations

import csv
import io
import json
from pathlib import Path

import pytest

from segtool.verbs import ledger
from tests.cli.running import AS_OF, NEXT, files, project, run

USERS = "user_id,country\na,UA\nb,PL\n"
SETTINGS = """\
version: 1
timezone: Europe/Kyiv
users: {path: users.csv, key: user_id}
events:
  email: {path: email.ndjson, user: user, time: at, name: event}
  purchase: {path: "buys/*.csv", user: user, time: at, unique: [id]}
"""
SEGMENTS = """\
bought:
  kind: dynamic
  where: {did: purchase}
opened:
  kind: dynamic
  where: {did: {event: [open, "click*"]}}
"""
EMAIL = """\
{"user": "a", "at": "2026-06-01T10:00:00Z", "event": "open"}
{"user": "z", "at": "2026-06-02T10:00:00Z", "event": "open"}
{"user": "a", "at": "2026-06-03T10:00:00Z", "event": "click"}
{"at": "2026-06-03T10:00:00Z", "event": "click"}
{"user": "a", "at": "2026-06-03T10:00:00Z"}
"""
BUYS = "user,at,id,amount\na,2026-03-29 03:30,1,5\na,2026-03-30 03:30,1,6\nb,,2,7\n"

NOBODY_DID = "nobody did it, and `did_not` holds for everyone"


def shop(folder: Path, segments: str = SEGMENTS) -> Path:
    made = project(folder / "p", USERS, segments, SETTINGS)
    (made / "email.ndjson").write_text(EMAIL, encoding="utf-8")
    (made / "buys").mkdir()
    (made / "buys" / "1.csv").write_text(BUYS, encoding="utf-8")
    return made


def members(folder: Path, segment: str) -> list[str]:
    return ledger.members(folder, (segment,)).to_series().to_list()


def test_an_import_tells_what_became_of_every_row(tmp_path: Path) -> None:
    answer = run(shop(tmp_path), "import")
    assert answer.code == 0
    assert answer.out == (
        "table     column   read as   note\n"
        "users     user_id  text\n"
        "users     country  text\n"
        "email     user     text\n"
        "email     at       datetime\n"
        "email     event    text\n"
        "purchase  user     text\n"
        "purchase  at       datetime\n"
        "purchase  id       integer\n"
        "purchase  amount   integer\n"
    )
    assert answer.err == (
        "users: 2 rows read = 2 kept\n"
        "email: 5 rows read = 3 kept + 1 without a name + 1 without a user\n"
        "  event open: 2\n"
        "  event click: 1\n"
        "  of users that the table of users does not hold: 1\n"
        "purchase: 3 rows read = 1 kept + 1 repeated + 1 without a time\n"
        "  times in a clock change's gap: 1\n"
    )


def test_an_import_as_json_holds_the_same_facts(tmp_path: Path) -> None:
    answer = run(shop(tmp_path), "import", "-o", "json")
    assert (answer.code, answer.err) == (0, "")
    users, email, purchase = json.loads(answer.out)["tables"]
    assert (users["name"], users["changed"], users["names"]) == ("users", True, {})
    assert {name: email[name] for name in ("changed", "added", "read", "kept", "dropped", "notes", "names")} == {
        "changed": True,
        "added": None,
        "read": 5,
        "kept": 3,
        "dropped": {"without a user": 1, "without a name": 1},
        "notes": {"of users that the table of users does not hold": 1},
        "names": {"click": 1, "open": 2},
    }
    assert (purchase["kept"], purchase["names"]) == (1, {"purchase": 1})
    assert purchase["columns"][1] == {"name": "at", "kind": "datetime"}


def test_rows_that_came_are_told_as_added_in_both_forms(tmp_path: Path) -> None:
    folder = shop(tmp_path)
    assert run(folder, "import").code == 0
    with (folder / "email.ndjson").open("a") as file:
        file.write('{"user": "b", "at": "2026-06-05T10:00:00Z", "event": "click_2"}\n{"event": "open"}\n')
    evaluated = run(folder, "evaluate", "--as-of", AS_OF)
    assert evaluated.err.splitlines()[:3] == [
        "users: 2 rows, unchanged",
        "email: 4 rows, 1 added",
        "purchase: 1 row, unchanged",
    ]
    assert members(folder, "opened") == ["a", "b"]
    (folder / "buys" / "2.csv").write_text("user,at,id,amount\nb,2026-06-04 10:00,3,1\n", encoding="utf-8")
    answer = run(folder, "import")
    assert "email: 7 rows read = 4 kept + 1 without a name + 2 without a user (unchanged)" in answer.err
    assert "purchase: 4 rows read = 2 kept + 1 repeated + 1 without a time (1 of them added now)" in answer.err
    (folder / "buys" / "3.csv").write_text("user,at,id,amount\nb,2026-06-04 10:00,3,1\n", encoding="utf-8")
    data = json.loads(run(folder, "evaluate", "--as-of", AS_OF, "-o", "json").out)
    assert [(one["name"], one["changed"], one["added"]) for one in data["tables"]] == [
        ("users", False, None),
        ("email", False, None),
        ("purchase", True, 0),
    ]


def test_a_file_imported_by_name_stands_in_until_the_declared_ones_change(tmp_path: Path) -> None:
    folder = shop(tmp_path)
    assert run(folder, "evaluate", "--as-of", AS_OF).code == 0
    (folder / "other.csv").write_text("user,at,id,amount\nb,2026-06-05,4,9\n", encoding="utf-8")
    answer = run(folder, "import", "purchase", "other.csv")
    assert answer.err.splitlines()[1] == "purchase from other.csv: 1 row read = 1 kept"
    stands = run(folder, "evaluate", "--as-of", AS_OF)
    assert "purchase: 1 row, unchanged (from other.csv, imported by name)" in stands.err
    assert members(folder, "bought") == ["b"]
    with (folder / "buys" / "1.csv").open("a") as file:
        file.write("a,2026-06-06 10:00,5,1\n")
    returned = run(folder, "evaluate", "--as-of", NEXT)
    assert "purchase: 2 rows, imported" in returned.err
    assert members(folder, "bought") == ["a"]


def test_one_table_is_imported_alone_and_goes_back_to_its_declared_files(tmp_path: Path) -> None:
    folder = shop(tmp_path)
    (folder / "other.csv").write_text("user,at,id,amount\nb,2026-06-05,4,9\n", encoding="utf-8")
    assert run(folder, "import", "purchase", "other.csv").code == 0
    with (folder / "email.ndjson").open("a") as file:
        file.write('{"user": "b", "at": "soon", "event": "click"}\n')
    answer = run(folder, "import", "purchase")
    assert answer.code == 0
    assert [line.split(":")[0] for line in answer.err.splitlines()] == [
        "users",
        "purchase",
        "  times in a clock change's gap",
    ]
    assert "purchase: 3 rows read = 1 kept" in answer.err
    refused = run(folder, "import")
    assert (refused.code, refused.out) == (3, "")
    assert refused.err.startswith('error: email.ndjson:6: "soon" in column `at` is not a date and time')


@pytest.mark.parametrize(
    ("words", "code", "said"),
    [
        (("purchse",), 2, "error: there is no table `purchse` (did you mean `purchase`?)\n"),
        (("open",), 2, "error: there is no table `open` (tables: users, email, purchase)\n"),
        (("email", "none.csv"), 3, "error: none.csv: no such file (paths are relative to the project's folder)\n"),
        (
            ("email", "buys/1.csv"),
            3,
            "error: buys/1.csv: no column `event`, which is the name of each event"
            " (the columns are `user`, `at`, `id`, `amount`)\n",
        ),
    ],
)
def test_an_import_that_cannot_be_changes_nothing(tmp_path: Path, words: tuple[str, ...], code: int, said: str) -> None:
    folder = shop(tmp_path)
    before = files(folder)
    answer = run(folder, "import", *words)
    assert (answer.code, answer.out, answer.err) == (code, "", said)
    assert files(folder) == before


def test_an_import_of_one_table_whose_event_another_one_names_is_refused(tmp_path: Path) -> None:
    folder = shop(tmp_path)
    assert run(folder, "evaluate", "--as-of", AS_OF).code == 0
    with (folder / "email.ndjson").open("a") as file:
        file.write('{"user": "b", "at": "2026-06-05T10:00:00Z", "event": "purchase"}\n')
    before = files(folder)
    answer = run(folder, "import", "email")
    assert answer.code == 3
    assert "the event `purchase` is named by two tables" in answer.err
    assert files(folder) == before


def test_an_event_that_nobody_has_is_warned_of_until_somebody_does(tmp_path: Path) -> None:
    segments = "s:\n  kind: dynamic\n  where: {did: {event: [opne, 'x*']}}\n"
    folder = shop(tmp_path, segments)
    warnings = [
        f"segments/all.yaml:3:25: no event is named `opne`: {NOBODY_DID} (did you mean `open`?)",
        f"segments/all.yaml:3:31: no event is named `x*`: {NOBODY_DID}",
    ]
    checked = run(folder, "check")
    assert (checked.code, checked.out) == (0, "")
    assert checked.err.splitlines() == [*(f"warning: {text}" for text in warnings), "1 segment, 2 warnings"]
    evaluated = json.loads(run(folder, "evaluate", "--as-of", AS_OF, "-o", "json").out)
    assert (evaluated["warnings"], members(folder, "s")) == (warnings, [])
    with (folder / "email.ndjson").open("a") as file:
        file.write('{"user": "b", "at": "2026-06-05T10:00:00Z", "event": "xyz"}\n')
    assert [warning["column"] for warning in json.loads(run(folder, "check", "-o", "json").out)["warnings"]] == [25]
    answer = run(folder, "evaluate", "--as-of", AS_OF)
    assert answer.err.splitlines()[0] == f"warning: {warnings[0]}"
    assert members(folder, "s") == ["b"]


def test_quiet_leaves_the_results_and_the_warnings(tmp_path: Path) -> None:
    folder = shop(tmp_path, SEGMENTS.replace("open,", "opne,"))
    quiet = run(folder, "import", "-q")
    assert (quiet.code, quiet.err) == (0, "")
    assert quiet.out.startswith("table     column   read as   note\n")
    answer = run(folder, "evaluate", "--as-of", AS_OF, "-q")
    told = f"warning: segments/all.yaml:6:25: no event is named `opne`: {NOBODY_DID} (did you mean `open`?)\n"
    assert answer.err == told
    assert [line.split()[0] for line in answer.out.splitlines()] == ["segment", "bought", "opened"]


def test_a_user_whom_only_events_named_matches_and_has_not_returned(tmp_path: Path) -> None:
    folder = shop(tmp_path)
    assert run(folder, "evaluate", "--as-of", AS_OF).code == 0
    (folder / "users.csv").write_text("user_id,country\nz,UA\nb,PL\n", encoding="utf-8")
    assert run(folder, "evaluate", "--as-of", AS_OF).code == 0
    (folder / "users.csv").write_text(USERS + "z,UA\n", encoding="utf-8")
    assert run(folder, "evaluate", "--as-of", NEXT).code == 0
    rows = list(csv.DictReader(io.StringIO(run(folder, "changes", "opened").out)))
    assert [(row["user_id"], row["change"], row["reason"], row["run"]) for row in rows] == [
        ("a", "entered", "initial", "1"),
        ("z", "entered", "matches", "2"),
        ("a", "left", "gone", "2"),
        ("a", "entered", "returned", "3"),
    ]


def test_a_bad_file_of_events_stops_a_run_and_the_store_stays_as_it_was(tmp_path: Path) -> None:
    folder = shop(tmp_path)
    before = files(folder)
    (folder / "buys" / "2.csv").write_text("user,at,id\nb,2026-06-05,4\n", encoding="utf-8")
    first = run(folder, "evaluate", "--as-of", AS_OF)
    said = "error: buys/2.csv:1: no column `amount`, which buys/1.csv has (files of one table need the same columns)\n"
    assert (first.code, first.out, first.err) == (3, "", said)
    (folder / "buys" / "2.csv").unlink()
    assert files(folder) == before
    assert run(folder, "evaluate", "--as-of", AS_OF).code == 0
    (folder / "email.ndjson").write_text(EMAIL + "[]\n", encoding="utf-8")
    before = files(folder)
    second = run(folder, "evaluate", "--as-of", AS_OF)
    assert (second.code, second.err.split(" (")[0]) == (3, "error: email.ndjson:6: this is no JSON object")
    assert files(folder) == before
