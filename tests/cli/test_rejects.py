"""`--max-errors` as people use it: the run goes on, says what it left out and where that stands, and records it."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from segtool.store.store import Store
from segtool.verbs import ledger
from tests.cli.running import AS_OF, NEXT, files, project, run

USERS = "user_id,country\na,UA\nb,PL\nc\nd,UA\nd,PL\n"
BUYS = "user,at,amount\na,2026-06-01,5\nb,yesterday,6\n"
SETTINGS = """\
version: 1
users: {path: users.csv, key: user_id}
events:
  buy: {path: buys.csv, user: user, time: at}
"""
SEGMENTS = "bought:\n  kind: dynamic\n  where: {did: buy}\nall:\n  kind: dynamic\n  where: {everyone: true}\n"
REJECTS = ".segtool/rejects/users.csv"
WARNINGS = (
    "warning: users: 3 rows rejected, see .segtool/rejects/users.csv: "
    "rows with another number of fields than the header (1), keys that stand in several rows (2)\n"
    "warning: buy: 1 row rejected, see .segtool/rejects/buy.csv: "
    "values in column `at` that are not a date and time (1)\n"
)


def shop(folder: Path) -> Path:
    made = project(folder / "p", USERS, SEGMENTS, SETTINGS)
    (made / "buys.csv").write_text(BUYS, encoding="utf-8")
    return made


def rejected(folder: Path, table: str = "users") -> list[str]:
    """The lines of the file of rejected rows, without its header."""
    return (folder / f".segtool/rejects/{table}.csv").read_text(encoding="utf-8").splitlines()[1:]


def members(folder: Path, segment: str) -> list[str]:
    return ledger.members(folder, (segment,)).to_series().to_list()


def test_an_import_goes_on_without_bad_rows_and_says_where_they_are(tmp_path: Path) -> None:
    folder = shop(tmp_path)
    answer = run(folder, "import", "--max-errors", "4")
    assert (answer.code, answer.err) == (
        0,
        WARNINGS
        + "users: 5 rows read = 2 kept + 2 rejected (keys that stand in several rows) + "
        + "1 rejected (rows with another number of fields than the header)\n"
        + "buy: 2 rows read = 1 kept + 1 rejected (values in column `at` that are not a date and time)\n"
        + "  dates read as the start of their day: 1\n",
    )
    assert (folder / REJECTS).read_text(encoding="utf-8") == (
        "file,line,reason,row\n"
        "users.csv,4,1 field where the header has 2,c\n"
        'users.csv,5,"key ""d"" stands in line 5, line 6","d,UA"\n'
        'users.csv,6,"key ""d"" stands in line 5, line 6","d,PL"\n'
    )
    assert rejected(folder, "buy") == [
        'buys.csv,3,"""yesterday"" in column `at` is not a date and time","b,yesterday,6"'
    ]
    assert (folder / REJECTS).stat().st_mode & 0o777 == 0o600


def test_the_number_is_of_all_tables_together_and_beyond_it_nothing_changes(tmp_path: Path) -> None:
    folder = shop(tmp_path)
    before = files(folder)
    answer = run(folder, "evaluate", "--max-errors", "3", "--as-of", AS_OF)
    assert (answer.code, answer.out) == (3, "")
    assert [re.sub(r"\(.*", "", line).strip() for line in answer.err.splitlines()] == [
        'error: buys.csv:3: "yesterday" in column `at` is not a date and time',
        "error: of the 3 rows that `--max-errors` allows, 3 are of tables before this one",
    ]
    assert files(folder) == before


@pytest.mark.parametrize("words", [["evaluate"], ["freeze", "all", "--as", "now"]])
def test_evaluate_and_freeze_go_on_too_and_the_record_tells_it(words: list[str], tmp_path: Path) -> None:
    folder = shop(tmp_path)
    answer = run(folder, *words, "--max-errors", "10", "--as-of", AS_OF, "--quiet")
    assert (answer.code, answer.err) == (0, WARNINGS)
    (record,) = Store(folder).records()
    assert record.details.items() >= {"max_errors": 10, "rejected": {"users": 3, "buy": 1}}.items()
    assert "yesterday" not in (folder / ".segtool/log/1.json").read_text()


def test_json_tells_how_many_and_where(tmp_path: Path) -> None:
    answer = run(shop(tmp_path), "import", "--max-errors", "9", "-o", "json")
    tables = {table["name"]: table for table in json.loads(answer.out)["tables"]}
    assert (tables["users"]["rejected"], tables["users"]["rejects_file"]) == (3, REJECTS)
    assert (tables["users"]["read"], tables["users"]["kept"]) == (5, 2)
    assert answer.err == WARNINGS


def test_an_unchanged_file_is_not_read_again_and_its_rejects_stay_out(tmp_path: Path) -> None:
    folder = shop(tmp_path)
    assert run(folder, "evaluate", "--max-errors", "4", "--as-of", AS_OF).code == 0
    before = files(folder)
    again = run(folder, "evaluate", "--as-of", AS_OF)
    assert again.code == 0
    assert "rejected" not in again.err
    assert files(folder) == before
    assert "2 kept + 2 rejected" in run(folder, "import").err


def test_a_file_that_is_mended_takes_its_rejects_file_with_it(tmp_path: Path) -> None:
    folder = shop(tmp_path)
    assert run(folder, "evaluate", "--max-errors", "4", "--as-of", AS_OF).code == 0
    (folder / "users.csv").write_text("user_id,country\na,UA\nb,PL\nc,PL\nd,UA\n", encoding="utf-8")
    assert run(folder, "evaluate", "--as-of", NEXT).code == 0
    assert members(folder, "all") == ["a", "b", "c", "d"]
    assert sorted(path.name for path in (folder / ".segtool/rejects").iterdir()) == ["buy.csv"]


def test_a_changed_file_that_is_still_bad_is_an_error_without_the_option(tmp_path: Path) -> None:
    folder = shop(tmp_path)
    assert run(folder, "evaluate", "--max-errors", "4", "--as-of", AS_OF).code == 0
    (folder / "users.csv").write_text(USERS + "e,PL\n", encoding="utf-8")
    before = files(folder)
    assert run(folder, "evaluate", "--as-of", NEXT).code == 3
    assert files(folder) == before
    assert run(folder, "evaluate", "--max-errors", "3", "--as-of", NEXT).code == 0
    assert members(folder, "all") == ["a", "b", "e"]


def test_of_a_log_that_grows_only_the_new_rows_are_looked_at_and_added_to_the_file(tmp_path: Path) -> None:
    folder = shop(tmp_path)
    assert run(folder, "evaluate", "--max-errors", "4", "--as-of", AS_OF).code == 0
    with (folder / "buys.csv").open("a", encoding="utf-8") as file:
        file.write("b,2026-06-02,7\na,tomorrow,8\n")
    refused = run(folder, "evaluate", "--as-of", NEXT)
    assert (refused.code, refused.err.splitlines()[0][:19]) == (3, "error: buys.csv:5: ")
    answer = run(folder, "import", "buy", "--max-errors", "1")
    assert answer.code == 0
    assert "buy: 4 rows read = 2 kept + 2 rejected" in answer.err
    assert "(1 of them added now)" in answer.err
    assert [line.split(",")[1] for line in rejected(folder, "buy")] == ["3", "5"]
    assert run(folder, "evaluate", "--as-of", NEXT).code == 0
    assert members(folder, "bought") == ["a", "b"]


def test_a_run_that_is_refused_for_its_definitions_leaves_no_rejects(tmp_path: Path) -> None:
    folder = shop(tmp_path)
    (folder / "segments/all.yaml").write_text("s:\n  kind: dynamic\n  where: {nothing: 1}\n")
    assert run(folder, "evaluate", "--max-errors", "9").code == 4
    assert not (folder / ".segtool/rejects").exists()
