"""A column of text is of the narrowest kind that loses nothing, or of the kind that is declared or known."""

from __future__ import annotations

import random
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import polars as pl
import pytest

from segtool.model.kinds import (
    BOOLEAN,
    DATE,
    DATETIME,
    INTEGER,
    NUMBER,
    TEXT,
    Column,
    Kind,
    Schema,
    list_of,
)
from segtool.model.tables import DeclaredColumn
from segtool.model.time import to_instant
from segtool.model.zones import to_instants
from segtool.read.times import exact_datetimes
from tests.read.reading import KYIV, column, kinds, problems, table


def with_values(*values: str) -> str:
    return "user_id,v\n" + "".join(f'{number},"{value}"\n' for number, value in enumerate(values, 1))


def known(kind: Kind, blank: bool = False) -> Schema:
    return Schema("user_id", (Column("user_id", TEXT), Column("v", kind, blank=blank)))


@pytest.mark.parametrize(
    ("values", "kind"),
    [
        (["1", "-3", "0", "9223372036854775807"], "integer"),
        (["1", "007"], "text"),
        (["1", "+380501234567"], "text"),
        (["1", "1e5"], "text"),
        (["1", "-0"], "number"),
        (["1", " 2"], "text"),
        (["10000000000000000000", "1"], "number"),
        (["12345678901234567891", "1"], "text"),
        (["12.50", "3"], "number"),
        (["12.50", "03.1"], "text"),
        (["12.50", ".5"], "text"),
        (["12,50", "3,10"], "text"),
        (["0.1", "1e-7"], "text"),
        (["0.1", "NaN"], "text"),
        (["0.30000000000000004", "123456.25"], "number"),
        (["0.1234567890123456789"], "text"),
        (["true", "false"], "boolean"),
        (["True", "false"], "text"),
        (["2026-02-28", "1999-12-31"], "date"),
        (["2026-02-28", "2026-02-30"], "text"),
        (["2026-02-28", "2026-2-8"], "text"),
        (["2026-02-28", "+2026-1-01"], "text"),
        (["0000-01-01"], "text"),
        (["2026-02-28T10:00", "2026-02-28 10:00:00"], "datetime"),
        (["2026-02-28T10:00:60", "2026-02-28 10:00:00"], "text"),
        (["2026-02-28T24:00:00"], "text"),
        (["2026-02-28T10:00:00Z", "2026-02-28"], "text"),
        (["NO", "null", "yes"], "text"),
    ],
)
def test_a_column_is_of_the_narrowest_kind_that_loses_nothing(tmp_path: Path, values: list[str], kind: str) -> None:
    assert kinds(table(tmp_path, with_values(*values)))["v"] == kind


def test_numbers_keep_the_scale_of_their_column(tmp_path: Path) -> None:
    read = table(tmp_path, with_values("12.50", "3", "-0.125"))
    assert read.frame.schema["v"] == pl.Decimal(18, 3)
    assert column(read, "v") == [Decimal("12.5"), Decimal(3), Decimal("-0.125")]


def test_numbers_beyond_eighteen_digits_are_floats_when_these_are_equal(tmp_path: Path) -> None:
    read = table(tmp_path, with_values("0.30000000000000004", "123456.25"))
    assert column(read, "v") == [0.30000000000000004, 123456.25]


def test_times_of_iso_8601_are_instants(tmp_path: Path) -> None:
    read = table(
        tmp_path,
        with_values(
            "2026-01-02T10:00:00Z",
            "2026-01-02 10:00+03:00",
            "2026-01-02T10:00:00.25+0300",
            "2026-01-02T10:00:00-03",
        ),
    )
    assert column(read, "v") == [
        datetime(2026, 1, 2, 10, tzinfo=UTC),
        datetime(2026, 1, 2, 7, tzinfo=UTC),
        datetime(2026, 1, 2, 7, 0, 0, 250_000, tzinfo=UTC),
        datetime(2026, 1, 2, 13, tzinfo=UTC),
    ]
    assert read.frame.schema["v"] == pl.Datetime("us", "UTC")


def test_times_without_an_offset_are_the_projects_and_clock_changes_are_counted(tmp_path: Path) -> None:
    read = table(tmp_path, with_values("2026-03-29 03:30:00", "2026-10-25T03:30:00", "2026-07-01T12:00"))
    assert column(read, "v") == [
        datetime(2026, 3, 29, 1, 30, tzinfo=UTC),
        datetime(2026, 10, 25, 0, 30, tzinfo=UTC),
        datetime(2026, 7, 1, 9, tzinfo=UTC),
    ]
    assert read.report.notes == {
        "times in a clock change's gap": 1,
        "times in a clock change's overlap": 1,
    }


def test_nanoseconds_are_cut_and_counted(tmp_path: Path) -> None:
    read = table(tmp_path, with_values("2026-01-01T00:00:00.123456789Z", "2026-01-01T00:00:00.123456000Z"))
    assert column(read, "v") == [datetime(2026, 1, 1, 0, 0, 0, 123_456, tzinfo=UTC)] * 2
    assert read.report.notes == {"times cut to microseconds": 1}


@pytest.mark.parametrize(
    "name", ["Europe/Kyiv", "America/New_York", "Africa/Casablanca", "Australia/Lord_Howe", "Pacific/Apia"]
)
def test_local_times_are_read_as_python_reads_them(name: str) -> None:
    zone = ZoneInfo(name)
    days = [
        datetime(year, month, day)
        for year in (1, 1986, 2011, 2026, 9998)
        for month in (3, 4, 10, 12)
        for day in (1, 5, 25, 29, 30)
    ]
    times = [day.replace(hour=hour, minute=minute) for day in days for hour in range(4) for minute in (0, 30)]
    found, _ = to_instants(pl.Series(times, dtype=pl.Datetime("us")), zone)
    assert found.to_list() == [to_instant(time, zone) for time in times]


def test_the_place_that_made_a_column_text_is_noted(tmp_path: Path) -> None:
    read = table(tmp_path, with_values("12", "15", "1e5", "7"))
    assert [(c.kind, c.note) for c in read.schema.columns[1:]] == [(TEXT, 'line 4: "1e5"')]


@pytest.mark.parametrize(
    ("values", "fact"),
    [
        (
            ["TRUE", "FALSE", "", "TRUE"],
            "`v` is text, as only `true` and `false` are booleans unasked; declare `v: boolean` to read it so",
        ),
        (["12,50", "", "3,1"], "`v` is text, as numbers with a comma are not read; write 12.50 to have numbers"),
        (["1.234,50", "-0,5"], "`v` is text, as numbers with a comma are not read; write 12.50 to have numbers"),
    ],
)
def test_a_column_that_was_meant_to_be_something_else_than_text_is_told(
    tmp_path: Path, values: list[str], fact: str
) -> None:
    read = table(tmp_path, with_values(*values))
    assert (kinds(read)["v"], read.report.notes) == ("text", {fact: 1})


@pytest.mark.parametrize("values", [["TRUE", "maybe"], ["12,50", "12.50"], ["a,1"], ["Kyiv, 7"], ["no 7,5"], ["1,2,3"]])
def test_of_other_text_nothing_is_told(tmp_path: Path, values: list[str]) -> None:
    assert table(tmp_path, with_values(*values)).report.notes == {}


def test_what_a_column_was_meant_to_be_is_told_once_and_never_where_it_is_declared(tmp_path: Path) -> None:
    assert table(tmp_path, with_values("TRUE"), known=known(TEXT)).report.notes == {}
    assert table(tmp_path, with_values("TRUE"), columns={"v": DeclaredColumn(TEXT)}).report.notes == {}


def test_text_without_a_narrower_majority_has_no_note(tmp_path: Path) -> None:
    read = table(tmp_path, with_values("12", "red", "blue"))
    assert read.schema.columns[1].note == ""


DECLARATIONS: list[tuple[DeclaredColumn, list[str], list[Any]]] = [
    (DeclaredColumn(TEXT), ["12", "007"], ["12", "007"]),
    (DeclaredColumn(INTEGER), ["007", "+5", ""], [7, 5, None]),
    (DeclaredColumn(NUMBER), ["+007.50", "3"], [Decimal("7.5"), Decimal(3)]),
    (DeclaredColumn(NUMBER), ["1e3", ".5"], [1000.0, 0.5]),
    (DeclaredColumn(BOOLEAN), ["TRUE", "no", "1", "0"], [True, False, True, False]),
    (DeclaredColumn(DATE), ["2026-01-02"], [date(2026, 1, 2)]),
    (DeclaredColumn(DATE, format="%Y%m%d"), ["20260102"], [date(2026, 1, 2)]),
    (
        DeclaredColumn(DATETIME, format="%d.%m.%Y %H:%M"),
        ["02.01.2026 10:00"],
        [datetime(2026, 1, 2, 8, tzinfo=UTC)],
    ),
    (DeclaredColumn(DATETIME), ["2026-01-02"], [datetime(2026, 1, 1, 22, tzinfo=UTC)]),
    (DeclaredColumn(list_of(TEXT), ";"), ["a;b", "a;;", ";", ""], [["a", "b"], ["a"], None, None]),
    (DeclaredColumn(list_of(INTEGER), "|"), ["1|2", "", "|7"], [[1, 2], None, [7]]),
    (
        DeclaredColumn(list_of(DATE), ", "),
        ["2026-01-02, 2026-01-03"],
        [[date(2026, 1, 2), date(2026, 1, 3)]],
    ),
]


@pytest.mark.parametrize(("declared", "values", "expected"), DECLARATIONS)
def test_a_declared_kind_holds_whatever_the_values_look_like(
    tmp_path: Path, declared: DeclaredColumn, values: list[str], expected: list[Any]
) -> None:
    read = table(tmp_path, with_values(*values), columns={"v": declared})
    assert (column(read, "v"), kinds(read)["v"]) == (expected, str(declared.kind))


def test_a_declared_date_in_another_form_is_refused_with_the_form(tmp_path: Path) -> None:
    declared = {"v": DeclaredColumn(DATE, format="%d.%m.%Y")}
    assert problems(tmp_path, with_values("01.02.2026", "2026-02-01"), columns=declared) == [
        'users.csv:3: "2026-02-01" in column `v` is not a date as `%d.%m.%Y` writes it'
        " (correct it, or declare `v: text` under `columns:`)"
    ]


def test_a_declared_column_that_the_file_lacks_is_refused_with_a_near_name(tmp_path: Path) -> None:
    assert problems(tmp_path, with_values("x"), columns={"V1": DeclaredColumn(TEXT)}) == [
        "users.csv: no column `V1`, which is declared under `columns:` (the columns are `user_id`, `v`)"
    ]


@pytest.mark.parametrize(
    ("kind", "values", "stays", "notes"),
    [
        (TEXT, ["1", "2"], "text", {}),
        (INTEGER, ["", ""], "integer", {}),
        (list_of(TEXT), ["a|b"], "list of text", {}),
        (NUMBER, ["1", "2"], "number", {}),
        (INTEGER, ["1", "2.5"], "number", {"`v` is now number, was integer": 1}),
        (DATE, ["2026-01-01T10:00:00Z"], "datetime", {"`v` is now datetime, was date": 1}),
        (DATETIME, ["2026-01-01"], "datetime", {"dates read as the start of their day": 1}),
    ],
)
def test_a_known_kind_stays_as_long_as_every_value_fits(
    tmp_path: Path, kind: Kind, values: list[str], stays: str, notes: dict[str, int]
) -> None:
    read = table(tmp_path, with_values(*values), known=known(kind))
    assert (kinds(read)["v"], read.report.notes) == (stays, notes)


def test_a_value_that_does_not_fit_a_known_kind_is_refused(tmp_path: Path) -> None:
    assert problems(tmp_path, with_values("1", "abc"), known=known(INTEGER)) == [
        'users.csv:3: "abc" in column `v`, integer so far, is not an integer'
        " (correct it, or declare `v: text` under `columns:`)"
    ]


def test_a_declaration_overrules_a_known_kind(tmp_path: Path) -> None:
    read = table(tmp_path, with_values("1", "abc"), known=known(INTEGER), columns={"v": DeclaredColumn(TEXT)})
    assert kinds(read)["v"] == "text"


def test_a_column_known_as_blank_is_inferred_afresh(tmp_path: Path) -> None:
    read = table(tmp_path, with_values("1"), known=known(TEXT, blank=True))
    assert (kinds(read)["v"], read.report.notes) == ("integer", {})


def test_a_column_of_nothing_is_blank_text(tmp_path: Path) -> None:
    assert table(tmp_path, with_values("", "")).schema.columns[1] == Column("v", TEXT, blank=True)


def test_a_column_that_vanished_is_noted(tmp_path: Path) -> None:
    read = table(tmp_path, "user_id\n1\n", known=known(INTEGER))
    assert (kinds(read), read.report.notes) == ({"user_id": "text"}, {"`v` is no longer in the file": 1})


def test_a_kind_is_decided_on_the_whole_column_and_not_on_its_start(tmp_path: Path) -> None:
    read = table(tmp_path, with_values(*["1"] * 5000, "x"), zone=KYIV)
    assert (read.schema.columns[1].kind, read.schema.columns[1].note) == (TEXT, 'line 5002: "x"')


SIGNS = ["0", "9", "-", "+", " ", "T", ":", "Z", "."]


def test_times_written_as_most_are_are_read_by_the_rule_for_all() -> None:
    draw = random.Random(4)
    plain = "2026-08-01T10:00:00Z"
    for _ in range(2_000):
        value = list(plain)
        for _ in range(draw.randrange(1, 4)):
            value[draw.randrange(len(value))] = draw.choice(SIGNS)
        written = pl.Series([plain, "".join(value)])
        # a time of another form beside them keeps the shorter way from being taken
        other = pl.Series([plain, "".join(value), "2026-08-01T10:00:00.5Z"])
        found, expected = exact_datetimes(written, KYIV), exact_datetimes(other, KYIV)
        assert found.values.to_list() == expected.values.to_list()[:2], value
        assert found.misfits.to_list() == expected.misfits.to_list(), value
