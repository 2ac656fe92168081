"""Events come through from every form of file, and the report tells what became of each row."""

from __future__ import annotations

import gzip
from collections.abc import Callable
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from zoneinfo import ZoneInfo

import polars as pl
import pytest

from segtool.model.kinds import DATE, DATETIME, INTEGER, TEXT, list_of
from segtool.model.tables import DeclaredColumn
from tests.read.logs import events, utc
from tests.read.reading import column, kinds, rows

BUYS = "user,at,amount\na,2026-06-01T10:00:00Z,12.50\n007,2026-06-02T10:00:00Z,3\n"
LOG = (
    "user,at,event,plan\na,2026-06-01T10:00:00Z,open,\nb,2026-06-02T10:00:00Z,click,pro\na,2026-06-03T10:00:00Z,open,\n"
)


def test_every_row_of_a_table_without_a_column_of_names_is_an_event_of_the_tables_name(tmp_path: Path) -> None:
    read = events(tmp_path, BUYS)
    assert rows(read) == [
        ("a", utc(2026, 6, 1, 10), Decimal("12.50")),
        ("007", utc(2026, 6, 2, 10), Decimal(3)),
    ]
    assert kinds(read) == {"user": "text", "at": "datetime", "amount": "number"}
    assert (read.schema.key, read.schema.time, read.schema.event) == ("user", "at", "")
    assert read.report.names == {"buy": 2}


def test_the_column_of_names_names_each_row_of_a_log(tmp_path: Path) -> None:
    read = events(tmp_path, LOG, event="event")
    assert column(read, "event") == ["open", "click", "open"]
    assert read.schema.event == "event"
    assert read.report.names == {"click": 1, "open": 2}


@pytest.mark.parametrize("name", ["event", "events", "count", "index", "literal", "names", "row"])
def test_the_column_of_names_may_have_any_name(tmp_path: Path, name: str) -> None:
    read = events(tmp_path, LOG.replace("event", name), event=name)
    assert read.report.names == {"click": 1, "open": 2}


def test_columns_that_look_like_patterns_to_polars_are_plain_names(tmp_path: Path) -> None:
    read = events(tmp_path, "user,at,*,^.*$\na,2026-06-01,x,1\na,2026-06-01,x,2\n", event="*", unique=("^.*$",))
    assert (read.report.names, column(read, "^.*$")) == ({"x": 2}, [1, 2])


def _tsv(folder: Path) -> str:
    (folder / "buy.tsv").write_text(BUYS.replace(",", "\t"))
    return "buy.tsv"


def _gzip(folder: Path) -> str:
    (folder / "buy.csv.gz").write_bytes(gzip.compress(BUYS.encode()))
    return "buy.csv.gz"


def _parquet(folder: Path) -> str:
    amounts = pl.Series([Decimal("12.50"), Decimal(3)], dtype=pl.Decimal(10, 2))
    moments = pl.Series([utc(2026, 6, 1, 10), utc(2026, 6, 2, 10)], dtype=pl.Datetime("ns", "Europe/Kyiv"))
    frame = pl.DataFrame({"user": ["a", "007"], "at": moments, "amount": amounts})
    frame.write_parquet(folder / "buy.parquet")
    return "buy.parquet"


def _ndjson(folder: Path) -> str:
    lines = (
        '{"user": "a", "at": "2026-06-01T13:00:00+03:00", "amount": 12.5}\n',
        '{"amount": 3.0, "at": "2026-06-02T10:00:00Z", "user": "007"}\n',
    )
    (folder / "buy.ndjson").write_text("".join(lines))
    return "buy.ndjson"


def _glob(folder: Path) -> str:
    header, first, second = BUYS.splitlines(keepends=True)
    (folder / "buy-1.csv").write_text(header + first)
    (folder / "buy-2.csv").write_text(header + second)
    return "buy-*.csv"


@pytest.mark.parametrize("write", [_tsv, _gzip, _parquet, _ndjson, _glob])
def test_every_form_of_file_gives_the_same_events(tmp_path: Path, write: Callable[[Path], str]) -> None:
    read = events(tmp_path, name=write(tmp_path))
    assert column(read, "user") == ["a", "007"]
    assert column(read, "at") == [utc(2026, 6, 1, 10), utc(2026, 6, 2, 10)]
    assert [float(value) for value in column(read, "amount")] == [12.5, 3]
    assert kinds(read) == {"user": "text", "at": "datetime", "amount": "number"}
    assert (read.report.read, read.report.kept, read.report.names) == (2, 2, {"buy": 2})


def test_users_and_names_that_are_integers_in_the_file_are_texts(tmp_path: Path) -> None:
    read = events(tmp_path, '{"user": 7, "at": "2026-06-01T10:00:00Z", "code": 404}\n', name="l.ndjson", event="code")
    assert rows(read) == [("7", utc(2026, 6, 1, 10), "404")]
    assert kinds(read) == {"user": "text", "at": "datetime", "code": "text"}


def test_users_and_names_of_a_csv_stay_byte_for_byte(tmp_path: Path) -> None:
    read = events(tmp_path, "user,at,code\n007,2026-06-01,01\n1e5,2026-06-01,1.0\n", event="code")
    assert (column(read, "user"), read.report.names) == (["007", "1e5"], {"01": 1, "1.0": 1})


def test_lines_of_ndjson_may_lack_any_field(tmp_path: Path) -> None:
    lines = (
        '{"user": "a", "at": "2026-06-01T10:00:00Z", "event": "open", "props": {"plan": "pro"}}\n',
        '{"user": "b", "at": "2026-06-01T10:00:00Z", "event": "open", "n": 1}\n',
        '{"at": "2026-06-01T10:00:00Z", "event": "open"}\n',
        '{"user": "a", "event": "open"}\n',
        '{"user": "a", "at": "2026-06-01T10:00:00Z"}\n',
    )
    read = events(tmp_path, "".join(lines), name="l.ndjson", event="event")
    assert column(read, "props.plan") == ["pro", None]
    assert column(read, "n") == [None, 1]
    assert (read.report.read, read.report.kept) == (5, 2)
    assert read.report.dropped == {"without a user": 1, "without a time": 1, "without a name": 1}


def test_files_of_ndjson_may_lack_columns_that_others_have(tmp_path: Path) -> None:
    (tmp_path / "l1.ndjson").write_text('{"user": "a", "at": "2026-06-01T10:00:00Z", "x": 1}\n')
    (tmp_path / "l2.ndjson").write_text('{"user": "b", "at": "2026-06-01T10:00:00Z", "y": "u"}\n')
    read = events(tmp_path, name="l*.ndjson")
    assert (column(read, "x"), column(read, "y")) == ([1, None], [None, "u"])


def test_a_row_is_left_out_for_one_reason_and_read_is_kept_and_every_reason(tmp_path: Path) -> None:
    content = (
        "user,at,event,order\n"
        "a,2026-06-01,buy,1\n"
        "a,2026-06-02,buy,1\n"
        ",2026-06-01,buy,2\n"
        ",,,\n"
        "b,,buy,3\n"
        "b,,,3\n"
        'b,2026-06-01,"",4\n'
        "b,2026-06-01,buy,5\n"
    )
    read = events(tmp_path, content, event="event", unique=("order",))
    assert rows(read) == [("a", utc(2026, 5, 31, 21), "buy", 1), ("b", utc(2026, 5, 31, 21), "buy", 5)]
    dropped = {"without a user": 2, "without a time": 2, "without a name": 1, "repeated": 1}
    assert read.report.dropped == dropped
    assert read.report.read == 8 == read.report.kept + sum(dropped.values())
    assert read.report.names == {"buy": 2}


def test_what_is_left_out_for_no_reason_is_not_in_the_report(tmp_path: Path) -> None:
    assert events(tmp_path, BUYS, unique=("amount",)).report.dropped == {}


def test_events_later_than_as_of_are_kept_and_counted(tmp_path: Path) -> None:
    content = "user,at\na,2026-06-15T12:00:00Z\na,2026-06-15T12:00:00.000001Z\na,2027-01-01T00:00:00Z\n"
    read = events(tmp_path, content)
    assert (read.report.kept, read.report.notes) == (3, {"later than as-of when they were read": 2})


def test_a_header_alone_is_a_table_of_no_events(tmp_path: Path) -> None:
    read = events(tmp_path, "user,at,amount\n", unique=("amount",))
    assert (rows(read), read.report.read, read.report.kept, read.report.names) == ([], 0, 0, {"buy": 0})
    assert events(tmp_path, "user,at,event\n", event="event").report.names == {}


def test_a_file_of_which_nothing_is_kept_is_a_table_of_no_events(tmp_path: Path) -> None:
    read = events(tmp_path, "user,at,event\n,2026-06-01,x\n,2026-06-01,x\n", event="event")
    assert (read.report.kept, read.report.dropped, read.report.names) == (0, {"without a user": 2}, {})


@pytest.mark.parametrize(
    ("written", "moment", "notes"),
    [
        ("2026-06-01", utc(2026, 5, 31, 21), {"dates read as the start of their day": 1}),
        ("2026-06-01T10:00", utc(2026, 6, 1, 7), {}),
        ("2026-06-01 10:00:00.5", datetime.fromisoformat("2026-06-01T07:00:00.5+00:00"), {}),
        ("2026-06-01T10:00:00+05:30", utc(2026, 6, 1, 4, 30), {}),
        ("2026-06-01T10:00:00Z", utc(2026, 6, 1, 10), {}),
        # clocks of Kyiv go from 03:00 to 04:00 on this day, and from 04:00 to 03:00 on the second
        ("2026-03-29T03:30:00", utc(2026, 3, 29, 1, 30), {"times in a clock change's gap": 1}),
        ("2025-10-26T03:30:00", utc(2025, 10, 26, 0, 30), {"times in a clock change's overlap": 1}),
    ],
)
def test_a_time_is_an_instant_in_the_projects_zone_or_of_its_offset(
    tmp_path: Path, written: str, moment: datetime, notes: dict[str, int]
) -> None:
    read = events(tmp_path, f"user,at\na,{written}\n")
    assert (column(read, "at"), read.report.notes) == ([moment], notes)


def test_dates_and_times_without_offset_may_stand_in_one_column(tmp_path: Path) -> None:
    read = events(tmp_path, "user,at\na,2026-06-01\nb,2026-06-01T10:00:00\n")
    assert column(read, "at") == [utc(2026, 5, 31, 21), utc(2026, 6, 1, 7)]


def test_the_start_of_a_day_in_a_gap_is_the_first_moment_of_that_day_and_is_counted(tmp_path: Path) -> None:
    # in Cairo the clocks went from 00:00 to 01:00 on this day
    read = events(tmp_path, "user,at\na,2026-04-24\n", zone=ZoneInfo("Africa/Cairo"))
    assert column(read, "at") == [utc(2026, 4, 23, 22)]
    assert read.report.notes["times in a clock change's gap"] == 1


@pytest.mark.parametrize(
    ("said", "written", "moment"),
    [
        (DeclaredColumn(DATETIME, format="%d.%m.%Y %H:%M"), "01.06.2026 10:00", utc(2026, 6, 1, 7)),
        (DeclaredColumn(DATETIME, format="%d.%m.%Y %H:%M %z"), "01.06.2026 10:00 +0000", utc(2026, 6, 1, 10)),
        (DeclaredColumn(DATE, format="%Y%m%d"), "20260601", utc(2026, 5, 31, 21)),
        (DeclaredColumn(DATE), "2026-06-01", utc(2026, 5, 31, 21)),
        (DeclaredColumn(DATETIME), "2026-06-01 10:00", utc(2026, 6, 1, 7)),
        (DeclaredColumn(DATETIME, format="%s"), "1780308000", utc(2026, 6, 1, 10)),
    ],
)
def test_the_column_of_times_is_read_as_it_is_declared(
    tmp_path: Path, said: DeclaredColumn, written: str, moment: datetime
) -> None:
    read = events(tmp_path, f"user,at\na,{written}\nb,\n", columns={"at": said})
    assert (rows(read), kinds(read)["at"]) == ([("a", moment)], "datetime")
    assert read.report.dropped == {"without a time": 1}


def test_dates_and_naive_times_of_parquet_are_of_the_projects_zone(tmp_path: Path) -> None:
    for at in (date(2026, 6, 1), datetime(2026, 6, 1)):
        pl.DataFrame({"user": [7], "at": [at]}).write_parquet(tmp_path / "l.parquet")
        assert rows(events(tmp_path, name="l.parquet")) == [("7", utc(2026, 5, 31, 21))]


def test_other_columns_are_read_as_those_of_users_are(tmp_path: Path) -> None:
    said = {"tags": DeclaredColumn(list_of(INTEGER), "|"), "zip": DeclaredColumn(TEXT)}
    content = "user,at,tags,zip,n,on,ok,code\na,2026-06-01T10:00:00Z,1|2,01,5,2026-01-02,true,007\n"
    read = events(tmp_path, content, columns=said)
    assert rows(read) == [("a", utc(2026, 6, 1, 10), [1, 2], "01", 5, date(2026, 1, 2), True, "007")]


BLANK = {
    "first": '\n{"user": "a", "at": "2026-06-01T10:00:00Z"}\n',
    "last": '{"user": "a", "at": "2026-06-01T10:00:00Z"}\n\n',
    "of blanks": '{"user": "a", "at": "2026-06-01T10:00:00Z"}\n  \n{"user": "b", "at": "2026-06-01T10:00:00Z"}\n',
    "between": '{"user": "a", "at": "2026-06-01T10:00:00Z"}\n\n{"user": "b", "at": "2026-06-01T10:00:00Z"}\n',
}


@pytest.mark.parametrize("place", BLANK)
def test_a_blank_line_of_ndjson_is_counted_wherever_it_stands(tmp_path: Path, place: str) -> None:
    assert events(tmp_path, BLANK[place], name="l.ndjson").report.notes == {"blank lines": 1}
