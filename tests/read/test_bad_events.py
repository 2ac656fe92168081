"""Files and declarations of events that are wrong are told with place, fact and next step."""

from __future__ import annotations

import random
from datetime import UTC, datetime, timedelta
from pathlib import Path

import polars as pl
import pytest

from segtool.errors import DefinitionError, InputError
from segtool.model.kinds import DATETIME, INTEGER, TEXT
from segtool.model.tables import DeclaredColumn
from segtool.read.project import read_project
from segtool.store.store import Store
from segtool.verbs.importing import import_tables
from segtool.verbs.run import Run
from tests.read.logs import AS_OF, events, problems

FORMAT = 'declare its format under `columns:`, such as `at: {datetime: "%d.%m.%Y %H:%M"}`, or "%s" for seconds'

BAD: dict[str, tuple[str, dict[str, object], list[str]]] = {
    "no column of users": (
        "usr,at\na,2026-06-01\n",
        {},
        ["buy.csv: no column `user`, which is the user of each event (did you mean `usr`?)"],
    ),
    "no column of times": (
        "user,when\na,2026-06-01\n",
        {},
        ["buy.csv: no column `at`, which is the time of each event (the columns are `user`, `when`)"],
    ),
    "no column of names": (
        "user,at\na,2026-06-01\n",
        {"event": "event"},
        ["buy.csv: no column `event`, which is the name of each event (the columns are `user`, `at`)"],
    ),
    "no column of unique": (
        "user,at,order_id\na,2026-06-01,1\n",
        {"unique": ("order",)},
        ["buy.csv: no column `order`, which is named under `unique:` (did you mean `order_id`?)"],
    ),
    "times that are text": (
        "user,at\na,yesterday\nb,\nc,today\n",
        {},
        [
            f'buy.csv:2: "yesterday" in column `at` is not a date and time (correct it, or {FORMAT})',
            f'buy.csv:4: "today" in column `at` is not a date and time (correct it, or {FORMAT})',
        ],
    ),
    "users of two lines": (
        'user,at\n"a\nb",2026-06-01\nc,2026-06-01\n',
        {},
        [r'buy.csv:2: a line break or NUL in key "a\nb" (keys must be of one line)'],
    ),
    "one value that is no time": (
        'user,at,note\na,2026-06-01,"x\ny"\n\nb,2026-02-30,x\n',
        {},
        [f'buy.csv:5: "2026-02-30" in column `at` is not a date and time (correct it, or {FORMAT})'],
    ),
    "times with and without offset": (
        "user,at\na,2026-06-01T10:00:00Z\nb,2026-06-01T10:00:00\n",
        {},
        [
            'buy.csv:2: column `at` mixes times with an offset (line 2: "2026-06-01T10:00:00Z") and without'
            f' (line 3: "2026-06-01T10:00:00") (write an offset in all or in none, or {FORMAT})'
        ],
    ),
    "times declared as text": (
        "user,at\na,2026-06-01\n",
        {"columns": {"at": DeclaredColumn(TEXT)}},
        [
            "buy.csv: `at`, the time of each event, is declared as text"
            " (declare it as `datetime`, or as a date or datetime with its format)"
        ],
    ),
    "times declared as integer": (
        "user,at\na,20260601\n",
        {"columns": {"at": DeclaredColumn(INTEGER)}},
        [
            "buy.csv: `at`, the time of each event, is declared as integer"
            " (declare it as `datetime`, or as a date or datetime with its format)"
        ],
    ),
    "times in another format": (
        "user,at\na,01.06.2026 10:00\nb,2026-06-01\n",
        {"columns": {"at": DeclaredColumn(DATETIME, format="%d.%m.%Y %H:%M")}},
        [
            'buy.csv:3: "2026-06-01" in column `at` is not a date and time as `%d.%m.%Y %H:%M` writes it'
            f" (correct it, or {FORMAT})"
        ],
    ),
    "ragged rows": (
        "user,at,n\na,2026-06-01\nb,2026-06-01,1\nc,2026-06-01,1,2\n",
        {},
        [
            "buy.csv:2: 2 fields where the header has 3 (the row is cut short; write it whole)",
            "buy.csv:4: 4 fields where the header has 3 (put quotes around values that hold `,`)",
        ],
    ),
    "an empty file": ("", {}, ["buy.csv: the file is empty (a header is needed)"]),
    "another declared kind": (
        "user,at,n\na,2026-06-01,x\n",
        {"columns": {"n": DeclaredColumn(INTEGER)}},
        ['buy.csv:2: "x" in column `n` is not an integer (correct it, or declare `n: text` under `columns:`)'],
    ),
}


@pytest.mark.parametrize("name", BAD)
def test_a_bad_file_of_events_is_told_with_its_place_and_the_next_step(tmp_path: Path, name: str) -> None:
    content, options, said = BAD[name]
    assert problems(tmp_path, content, **options) == said


def test_every_problem_of_a_table_is_told_at_once(tmp_path: Path) -> None:
    found = problems(tmp_path, "user,at,n\na,x,y\n", event="e", columns={"n": DeclaredColumn(INTEGER)})
    assert [text.split(" (")[0] for text in found] == [
        "buy.csv: no column `e`, which is the name of each event",
        'buy.csv:2: "x" in column `at` is not a date and time',
        'buy.csv:2: "y" in column `n` is not an integer',
    ]


def test_a_file_that_is_not_there_is_told(tmp_path: Path) -> None:
    (tmp_path / "buys.csv").write_text("")
    assert problems(tmp_path, name="buy.csv") == ["buy.csv: no such file (did you mean `buys.csv`?)"]
    assert problems(tmp_path, name="x/*.csv") == [
        "no file matches `x/*.csv` (there is no folder `x`; paths are relative to the project's folder)"
    ]


@pytest.mark.parametrize("user", [1.5, True])
def test_users_of_other_kinds_than_text_and_integers_are_refused(tmp_path: Path, user: object) -> None:
    pl.DataFrame({"user": [user], "at": [AS_OF]}).write_parquet(tmp_path / "l.parquet")
    (problem,) = problems(tmp_path, name="l.parquet")
    assert problem.startswith("l.parquet: column `user`, the user of each event, is a ")
    assert problem.endswith("and must be text or integers (write it as text in the file)")


@pytest.mark.parametrize("role", ["user", "at", "event", "order"])
@pytest.mark.parametrize("value", [b"x", timedelta(1)], ids=["bytes", "duration"])
def test_a_column_of_a_type_that_is_not_read_cannot_be_one_that_is_needed(
    tmp_path: Path, role: str, value: object
) -> None:
    row = {"user": "a", "at": AS_OF, "event": "x", "order": "1"} | {role: value}
    pl.DataFrame([row]).write_parquet(tmp_path / "l.parquet")
    (problem,) = problems(tmp_path, name="l.parquet", event="event", unique=("order",))
    assert problem.startswith(f"l.parquet: column `{role}`")


def test_more_than_ten_thousand_names_are_refused(tmp_path: Path) -> None:
    rows = [f"a,2026-06-01,n{number}\n" for number in range(10_001)]
    random.Random(1).shuffle(rows)
    assert problems(tmp_path, "user,at,event\n" + "".join(rows), event="event") == [
        "buy.csv: column `event` holds 10,001 names of events, and at most 10,000 are read (does it name the events?)"
    ]
    enough = events(tmp_path, "user,at,event\n" + "".join(rows[:10_000]) + rows[0], event="event")
    assert len(enough.report.names) == 10_000


def _settings(folder: Path, events: str) -> Path:
    (folder / "segtool.yaml").write_text(f"version: 1\nusers: {{path: users.csv, key: user}}\nevents:\n{events}")
    (folder / "users.csv").write_text("user\na\n")
    return folder


BUY = "path: buy.csv, user: user, time: at"

WRONG = {
    "the name users": (
        f"  users: {{{BUY}}}\n",
        "segtool.yaml:4:3: `users` cannot name a table of events (give it another name)",
    ),
    "a name that is a pattern": (
        f"  buy*: {{{BUY}}}\n",
        "segtool.yaml:4:3: `buy*` cannot name a table of events (give it another name)",
    ),
    "an unknown key": (
        f"  buy: {{{BUY}, unqiue: [id]}}\n",
        "segtool.yaml:4:46: unknown key `unqiue` (did you mean `unique`?)",
    ),
    "the users' key": (
        "  buy: {path: buy.csv, key: user, time: at}\n",
        "segtool.yaml:4:24: unknown key `key`",
    ),
    "no path": ("  buy: {user: user, time: at}\n", "segtool.yaml:4:8: `path` is missing"),
    "no time": ("  buy: {path: buy.csv, user: user}\n", "segtool.yaml:4:8: `time` is missing"),
    "one column for two": (
        "  buy: {path: buy.csv, user: user, time: at, name: user}\n",
        "segtool.yaml:4:8: `user`, `time` and `name` are columns of their own (name another one)",
    ),
    "a list of tables": (
        f"  - {{{BUY}}}\n",
        "segtool.yaml:4:3: a list is not a mapping of tables (write `NAME: {path: …, user: …, time: …}`)",
    ),
    "a table twice": (
        f"  buy: {{{BUY}}}\n  buy: {{{BUY}}}\n",
        "segtool.yaml:5:3: the key `buy` stands twice; first on line 4 (keep one of them)",
    ),
    "an empty name": (
        f'  "": {{{BUY}}}\n',
        "segtool.yaml:4:3: `` cannot name a table of events (give it another name)",
    ),
    "a separator of two letters": (f'  buy: {{{BUY}, separator: "ab"}}\n', "segtool.yaml:4:57: "),
    "a separator that is no ASCII": (f'  buy: {{{BUY}, separator: "é"}}\n', "segtool.yaml:4:57: "),
    "an unknown kind": (
        f"  buy: {{{BUY}, columns: {{n: int}}}}\n",
        "segtool.yaml:4:59: `int` is not a kind of column",
    ),
}


@pytest.mark.parametrize("name", WRONG)
def test_a_wrong_declaration_of_events_is_told_at_its_place(tmp_path: Path, name: str) -> None:
    text, said = WRONG[name]
    with pytest.raises(DefinitionError) as caught:
        read_project(_settings(tmp_path, text))
    assert caught.value.exit_code == 4
    assert any(str(problem).startswith(said) for problem in caught.value.problems), str(caught.value)


def test_an_event_that_two_tables_name_is_refused(tmp_path: Path) -> None:
    log = "path: log.csv, user: user, time: at, name: event"
    _settings(tmp_path, f"  buy: {{{BUY}}}\n  log: {{{log}}}\n  web: {{{log.replace('log', 'web')}}}\n")
    (tmp_path / "buy.csv").write_text("user,at\n")
    (tmp_path / "log.csv").write_text("user,at,event\na,2026-06-01,buy\na,2026-06-01,open\n")
    (tmp_path / "web.csv").write_text("user,at,event\na,2026-06-01,open\n")
    moment = datetime(2026, 6, 15, tzinfo=UTC)
    with pytest.raises(InputError) as caught:
        import_tables(tmp_path, Run(moment, moment))
    assert [str(problem) for problem in caught.value.problems] == [
        "segtool.yaml:5:3: the event `buy` is named by two tables, `buy` and `log`"
        " (name them apart, or make them one table)",
        "segtool.yaml:6:3: the event `open` is named by two tables, `log` and `web`"
        " (name them apart, or make them one table)",
    ]
    assert Store(tmp_path).head is None
