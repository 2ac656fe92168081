"""Of files that only grew what is new is read alone; whatever else happened, all is read anew."""

from __future__ import annotations

import gzip
import os
from collections.abc import Callable
from decimal import Decimal
from pathlib import Path

import pytest

from tests.read.growing import BUY, Place, keys, place
from tests.read.logs import AS_OF

HEADER = "user,at,n\n"
ROWS = HEADER + "a,2026-06-01T10:00:00Z,1\nb,2026-06-02T10:00:00Z,2\n"
NEW = "c,2026-06-03T10:00:00Z,3\n"
LINE = '{"user": "a", "at": "2026-06-01T10:00:00Z", "n": 1, "p": {"q": "x"}}\n'
FILES = BUY.replace("buy.csv", '"buy*.csv"')
LINES = BUY.replace("buy.csv", "buy.ndjson")
PACKED = BUY.replace("buy.csv", '"buy*.csv*"')
PARQUETS = BUY.replace("buy.csv", '"buy*.parquet"')
Change = Callable[[Place], None]


def changed(folder: Path, events: str, name: str, content: str | bytes, change: Change) -> tuple[Place, int | None]:
    """A project with a run before and one after a change, and how many rows the second one added (None: all anew)."""
    made = place(folder, events)
    made.write(name, content)
    made.evaluated()
    change(made)
    result = made.table()
    assert result.changed
    assert made.is_as_anew()
    return made, result.added


def appended(content: str) -> Change:
    return lambda at: at.append("buy.csv", content)


def written(name: str, content: str | bytes) -> Change:
    return lambda at: at.write(name, content)


def both(one: Change, other: Change) -> Change:
    def change(at: Place) -> None:
        one(at)
        other(at)

    return change


def touched(at: Place) -> None:
    os.utime(at.folder / "buy.csv", (1, 1))


def renamed(at: Place) -> None:
    (at.folder / "buy.csv").rename(at.folder / "buy2.csv")


def removed(at: Place) -> None:
    (at.folder / "buy.csv").unlink()


OTHER = HEADER + NEW
GROWN: dict[str, tuple[str, Change, str, int]] = {
    "a row": (BUY, appended(NEW), "abc", 1),
    "rows in CRLF": (BUY, appended((NEW + NEW).replace("\n", "\r\n")), "abc", 2),
    "a row after blank lines": (BUY, appended("\n\n" + NEW), "abc", 1),
    "a row without its line end": (BUY, appended(NEW.strip()), "abc", 1),
    "a row in quotes": (BUY, appended('c,"2026-06-03T10:00:00Z","3"\n'), "abc", 1),
    "a row that is no event": (BUY, appended(",2026-06-03T10:00:00Z,3\n"), "ab", 0),
    "a row without a value": (BUY, appended("c,2026-06-03T10:00:00Z,\n"), "abc", 1),
    "a row of another offset": (BUY, appended("c,2026-06-03T10:00:00+02:00,3\n"), "abc", 1),
    "a file": (FILES, written("buy2.csv", OTHER), "abc", 1),
    "a file of columns in another order": (
        FILES,
        written("buy2.csv", "n,user,at\n3,c,2026-06-03T10:00:00Z\n"),
        "abc",
        1,
    ),
    "a file before the known one": (FILES, written("buy-1.csv", OTHER), "abc", 1),
    "a file of no rows": (FILES, written("buy2.csv", HEADER), "ab", 0),
    "a packed file": (PACKED, written("buy2.csv.gz", gzip.compress(OTHER.encode())), "abc", 1),
    "a file and a row": (FILES, both(appended(NEW), written("buy2.csv", OTHER.replace("c,", "d,"))), "abcd", 2),
    "a file beside a touched one": (FILES, both(touched, written("buy2.csv", OTHER)), "abc", 1),
}


@pytest.mark.parametrize("name", GROWN)
def test_what_a_csv_has_gained_is_read_alone(tmp_path: Path, name: str) -> None:
    events, change, held, added = GROWN[name]
    made, found = changed(tmp_path, events, "buy.csv", ROWS, change)
    assert (keys(made), found) == (held, added)


GROWN_LINES = {
    "a line": LINE.replace('"a"', '"c"'),
    "a line that lacks fields": '{"at": "2026-06-03T10:00:00Z", "user": "c"}\n',
    "a line of missing values": '{"user": "c", "at": "2026-06-03T10:00:00Z", "n": null, "p": {"q": null}}\n',
    "a line with an empty object": '{"user": "c", "at": "2026-06-03T10:00:00Z", "p": {}}\n',
    "a line after a blank one": "\n" + LINE.replace('"a"', '"c"'),
    "a line without its end": LINE.replace('"a"', '"c"').strip(),
    "a line in CRLF": LINE.replace('"a"', '"c"').replace("\n", "\r\n"),
}


@pytest.mark.parametrize("name", GROWN_LINES)
def test_what_ndjson_has_gained_is_read_alone(tmp_path: Path, name: str) -> None:
    made, added = changed(tmp_path, LINES, "buy.ndjson", LINE, lambda at: at.append("buy.ndjson", GROWN_LINES[name]))
    assert (keys(made), added) == ("ac", 1)


def test_a_new_file_of_parquet_is_read_alone(tmp_path: Path) -> None:
    made = place(tmp_path, PARQUETS)
    made.write_parquet("buy1.parquet", user=["a"], at=[AS_OF], n=[Decimal("1.5")])
    made.evaluated()
    made.write_parquet("buy2.parquet", user=["b", "c"], at=[AS_OF, None], n=[None, Decimal("2.25")])
    assert made.table().added == 1
    assert keys(made) == "ab"


ANEW: dict[str, tuple[str, Change, str]] = {
    "edited": (BUY, written("buy.csv", ROWS.replace("b,", "d,")), "ad"),
    "edited and grown": (BUY, written("buy.csv", ROWS.replace("b,", "d,") + NEW), "acd"),
    "cut": (BUY, written("buy.csv", ROWS[: ROWS.index("b,")]), "a"),
    "of other columns": (BUY, written("buy.csv", "at,user\n2026-06-01T10:00:00Z,c\n"), "c"),
    "a kind that widens": (BUY, appended("c,2026-06-03T10:00:00Z,2.5\n"), "abc"),
    "renamed": (FILES, renamed, "ab"),
    "replaced": (FILES, both(removed, written("buy2.csv", OTHER)), "c"),
    "packed": (PACKED, both(removed, written("buy.csv.gz", gzip.compress((ROWS + NEW).encode()))), "abc"),
}


@pytest.mark.parametrize("name", ANEW)
def test_a_file_that_changed_otherwise_is_read_anew(tmp_path: Path, name: str) -> None:
    events, change, held = ANEW[name]
    made, added = changed(tmp_path, events, "buy.csv", ROWS, change)
    assert (keys(made), added) == (held, None)


def test_a_line_that_was_unfinished_is_read_as_it_was_finished(tmp_path: Path) -> None:
    made, added = changed(
        tmp_path, BUY, "buy.csv", ROWS + "c,2026-06-03T10:00:00Z,1", lambda at: at.append("buy.csv", "2\n")
    )
    assert (keys(made), added) == ("abc", None)


def test_a_packed_file_that_grew_is_read_anew(tmp_path: Path) -> None:
    events = BUY.replace("buy.csv", "buy.csv.gz")
    packed = gzip.compress(ROWS.encode())
    made, added = changed(
        tmp_path, events, "buy.csv.gz", packed, lambda at: at.write("buy.csv.gz", packed + gzip.compress(NEW.encode()))
    )
    assert (keys(made), added) == ("abc", None)


def test_a_file_that_is_gone_takes_its_events_along(tmp_path: Path) -> None:
    made = place(tmp_path, FILES)
    made.write("buy1.csv", ROWS)
    made.write("buy2.csv", "user,at,n\n" + NEW)
    made.evaluated()
    (made.folder / "buy1.csv").unlink()
    assert made.table().added is None
    assert keys(made) == "c"


@pytest.mark.parametrize("field", ['"m": 5', '"p": {"r": 1}', '"p": null'])
def test_a_new_field_of_ndjson_makes_all_be_read_anew(tmp_path: Path, field: str) -> None:
    line = '{"user": "c", "at": "2026-06-03T10:00:00Z", ' + field + "}\n"
    made, added = changed(tmp_path, LINES, "buy.ndjson", LINE, lambda at: at.append("buy.ndjson", line))
    assert (keys(made), added) == ("ac", None)


def test_a_touched_file_is_unchanged(tmp_path: Path) -> None:
    made = place(tmp_path)
    made.write("buy.csv", ROWS)
    made.evaluated()
    os.utime(made.folder / "buy.csv", (1, 1))
    made.write("users.csv", (made.folder / "users.csv").read_text())
    evaluation = made.evaluated()
    assert [table.changed for table in evaluation.tables] == [False, False]
    assert not evaluation.committed


def test_a_table_that_had_no_events_gets_its_first_ones(tmp_path: Path) -> None:
    made, _ = changed(tmp_path, BUY, "buy.csv", "user,at,n\n", lambda at: at.append("buy.csv", NEW))
    assert keys(made) == "c"
    made.append("buy.csv", NEW.replace("c,", "d,"))
    assert (made.table().added, keys(made)) == (1, "cd")


def test_the_report_is_of_all_rows_and_tells_how_many_came(tmp_path: Path) -> None:
    made = place(tmp_path, "  log: {path: log.csv, user: user, time: at, name: e, unique: [id]}\n")
    made.write(
        "log.csv", "user,at,e,id\na,2026-06-01,buy,1\n,2026-06-01,buy,2\nz,2026-06-01,buy,3\na,2026-06-01,buy,1\n"
    )
    made.evaluated()
    made.append(
        "log.csv", "a,2026-06-01,buy,1\nb,2027-06-01,open,4\n\nb,,open,5\nb,2026-06-01,,5\ny,2026-06-01,open,6\n"
    )
    result = made.table("log")
    assert (result.added, result.report.read, result.report.kept) == (2, 9, 4)
    assert result.report.dropped == {"repeated": 2, "without a name": 1, "without a time": 1, "without a user": 1}
    assert result.report.names == {"buy": 2, "open": 2}
    assert result.report.notes == {
        "blank lines": 1,
        "dates read as the start of their day": 8,
        "later than as-of when they were read": 1,
        "of users that the table of users does not hold": 2,
    }


def test_users_that_come_later_have_done_what_events_said_before(tmp_path: Path) -> None:
    made = place(tmp_path, users="user\na\n")
    made.write("buy.csv", ROWS)
    made.evaluated()
    assert keys(made) == "a"
    made.append("buy.csv", NEW)
    made.write("users.csv", "user\nc\nb\n")
    assert made.table().added == 1
    assert keys(made) == "bc"
    assert made.is_as_anew()


BAD_ROWS = {
    "a value of another kind": ("d,2026-06-04T10:00:00Z,x\n", '"x" in column `n`, integer so far, is not an integer'),
    "no time": ("d,soon,4\n", '"soon" in column `at` is not a date and time'),
    "ragged": ("d,2026-06-04T10:00:00Z\n", "2 fields where the header has 3"),
    "a stray quote": ('d,2026-06-04T10:00:00Z,4"\n', "a quote"),
    "an open quote": ('d,2026-06-04T10:00:00Z,"4\n', "a quote is opened and never closed"),
    "a NUL": ("d,2026-06-04T10:00:00Z,\0\n", "a NUL byte"),
}


@pytest.mark.parametrize("name", BAD_ROWS)
@pytest.mark.parametrize("before", [NEW, "\n", "", 'c,2026-06-03T10:00:00Z,"3"\n\n'])
def test_a_bad_row_that_came_is_told_with_its_line_in_the_file(tmp_path: Path, name: str, before: str) -> None:
    made = place(tmp_path)
    made.write("buy.csv", ROWS.replace(HEADER, HEADER + "\n"))
    made.evaluated()
    row, said = BAD_ROWS[name]
    made.append("buy.csv", before + row)
    (problem,) = made.problems()
    assert problem.startswith(f"buy.csv:{5 + before.count(chr(10))}: {said}")


def test_bytes_that_are_no_text_are_told_with_their_line_in_the_file(tmp_path: Path) -> None:
    made = place(tmp_path)
    made.write("buy.csv", ROWS)
    made.evaluated()
    made.write("buy.csv", ROWS.encode() + NEW.encode() + b"d,2026-06-04T10:00:00Z,\xff\n")
    assert made.problems() == ["buy.csv:5: byte 0xff is not UTF-8 (save the file as UTF-8)"]


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ('{"user": "c"', "broken JSON at column 13"),
        ("[1]", "this is no JSON object"),
        ('{"user": "c", "at": "soon"}', '"soon" in column `at` is not a date and time'),
        (
            '{"user": "c", "at": "2026-06-03T10:00:00Z", "n": "x"}',
            '"x" in column `n`, integer so far, is not an integer',
        ),
    ],
)
def test_a_bad_line_of_ndjson_that_came_is_told_with_its_line_in_the_file(tmp_path: Path, line: str, said: str) -> None:
    made = place(tmp_path, LINES)
    made.write("buy.ndjson", "\n" + LINE + "\n")
    made.evaluated()
    made.append("buy.ndjson", LINE + "\n" + line + "\n")
    (problem,) = made.problems()
    assert problem.startswith(f"buy.ndjson:6: {said}")


def test_a_bad_new_file_and_a_bad_row_are_told_together(tmp_path: Path) -> None:
    made = place(tmp_path, FILES)
    made.write("buy1.csv", ROWS)
    made.evaluated()
    made.append("buy1.csv", "c,2026-06-03T10:00:00Z\n")
    made.write("buy2.csv", "user,at,n\nc\n")
    assert [problem.split(":")[:2] for problem in made.problems()] == [["buy1.csv", "4"], ["buy2.csv", "2"]]
