"""Events by name: rows and values are exact however often parts are put together, and parts stay few."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from decimal import Decimal
from itertools import pairwise
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from segtool.model.columns import Coded, EventTable, Plain, unpack
from segtool.model.kinds import DATETIME, NUMBER, TEXT, Column, Kind, Schema, list_of, struct_of
from segtool.model.run import State, TableState
from segtool.model.tables import ImportReport
from segtool.store import merge, repeats
from segtool.store.additions import TWICE
from segtool.store.events import EventPart
from segtool.store.store import Store
from segtool.store.writer import Writer, writing
from tests.tabled import ReadTable

from .builders import FILE, commit, kind_of, users

DAY = dt.datetime(2026, 6, 1, tzinfo=dt.UTC)
Row = dict[str, Any]


def batch(
    who: Sequence[str], names: Sequence[str] | None = None, kinds: dict[str, Kind] | None = None, **columns: Any
) -> ReadTable:
    """Events a minute apart of these users; a log where they have names."""
    times = [DAY + dt.timedelta(minutes=number) for number in range(len(who))]
    frame = pl.DataFrame(
        {"user": pl.Series(who, dtype=pl.String), "at": times, **({"event": names} if names else {}), **columns}
    )
    frame = frame.cast({"at": pl.Datetime("us", "UTC")})
    given = {"at": DATETIME, **(kinds or {})}
    held = tuple(Column(name, given.get(name) or kind_of(dtype)) for name, dtype in frame.schema.items())
    counts = {name: list(names).count(name) for name in names} if names else {"log": len(who)}
    schema = Schema("user", held, "at", "event" if names else "")
    return ReadTable(schema, frame, (FILE,), ImportReport("log", len(who), len(who), names=counts))


def add(writer: Writer, reads: Sequence[ReadTable], before: TableState | None = None) -> TableState:
    for read in reads:
        before = writer.add_events(read, before)
    assert before
    return before


def stored(project: Path, *reads: ReadTable, among: Sequence[str] = ("a", "b", "c")) -> Store:
    """A store of users and of events that came in one run each."""
    with writing(project) as writer:
        commit(writer, State({"users": writer.add_users(users(among))}))
    for read in reads:
        with writing(project) as writer:
            tables = writer.state.tables
            commit(
                writer,
                State({**tables, "log": add(writer, [read], tables.get("log"))}, strangers=writer.state.strangers),
            )
    return Store(project)


def values(events: EventTable, name: str) -> list[Any]:
    """The values of a column, numbers as they are written."""
    data = events.column(name)
    if data is None:
        return [None] * events.size
    if isinstance(data, Coded):
        return [data.domain.to_list()[code] for code in data.codes]
    valid = unpack(data.valid, len(data.values))
    numbers = [Decimal(value.item()).scaleb(-data.scale) if data.scale else value.item() for value in data.values]
    return [number if there else None for number, there in zip(numbers, valid, strict=True)]


def held(store: Store, event: str = "log", *columns: str) -> list[tuple[Any, ...]]:
    """All events of a name, with their users, in the order of their users and values."""
    found: list[tuple[Any, ...]] = []
    for events in store.tables(["log"]).events(event):
        found += zip(*(values(events, name) for name in ("user", *columns)), strict=True)
    return sorted(found, key=repr)


def sizes(store: Store) -> list[int]:
    return [part.size for part in store.event_parts(store.state.tables["log"])]


def test_events_stand_name_by_name_in_the_order_of_time(tmp_path: Path) -> None:
    read = batch(["b", "a", "b", "c"], ["open", "buy", "open", "open"], n=[1, 2, None, 4])
    store = stored(tmp_path, ReadTable(read.schema, read.frame.reverse(), read.files, read.report))
    (opened,) = store.tables(["log"]).events("open")
    assert values(opened, "user") == ["b", "b", "c"]
    assert values(opened, "n") == [1, None, 4]
    assert values(opened, "event") == ["open"] * 3
    minutes = [(moment - int(DAY.timestamp() * 1e6)) // 60_000_000 for moment in values(opened, "at")]
    assert minutes == [0, 2, 3]
    assert values(opened, "") == values(opened, "at")
    assert (opened.rows.tolist(), opened.starts.tolist()) == ([1, 1, 2], [0, 3])
    assert store.tables(["log"]).events("nothing") == ()


def test_a_column_is_kept_for_the_names_alone_whose_events_have_values(tmp_path: Path) -> None:
    store = stored(tmp_path, batch(["a", "b", "a"], ["buy", "open", "buy"], n=[1, None, 2], plan=[None, "pro", None]))
    (bought,), (opened,) = (store.tables(["log"]).events(name) for name in ("buy", "open"))
    assert (values(bought, "n"), bought.column("plan")) == ([1, 2], None)
    assert (opened.column("n"), values(opened, "plan")) == (None, ["pro"])


def test_users_of_several_blocks_are_told_apart(tmp_path: Path) -> None:
    keys = [f"u{number}" for number in range(70_000)]
    store = stored(tmp_path, batch(["u69999", "u5", "u65536", "u65535"]), among=keys)
    (events,) = store.tables(["log"]).events("log")
    assert values(events, "user") == ["u5", "u65535", "u69999", "u65536"]
    assert (events.rows.tolist(), events.starts.tolist()) == ([5, 65_535, 4463, 0], [0, 2, 4])


def test_many_small_parts_become_few_and_lose_nothing(tmp_path: Path) -> None:
    with writing(tmp_path) as writer:
        commit(writer, State({"users": writer.add_users(users(["a", "b"]))}))
        state, most = None, 0
        for number in range(60):
            state = writer.add_events(batch(["a", "b"], n=[number, -number]), state)
            most = max(most, len(state.parts))
        assert state
        commit(writer, State({**writer.state.tables, "log": state}))
    store = Store(tmp_path)
    found = sizes(store)
    assert sum(found) == 120
    assert most <= 7
    assert all(one >= 2 * other for one, other in pairwise(found))
    assert held(store, "log", "n") == sorted([("a", n) for n in range(60)] + [("b", -n) for n in range(60)], key=repr)


def test_a_small_part_after_a_large_one_leaves_that_as_it_is(tmp_path: Path) -> None:
    store = stored(tmp_path, batch(["a"] * 8))
    (first,) = store.state.tables["log"].parts
    with writing(tmp_path) as writer:
        state = writer.add_events(batch(["b"] * 3), store.state.tables["log"])
        assert state.parts[0] == first
        assert [EventPart(writer.root, part, writer.keys).size for part in state.parts] == [8, 3]
        state = writer.add_events(batch(["b"]), state)
        assert [EventPart(writer.root, part, writer.keys).size for part in state.parts] == [8, 3, 1]
        state = writer.add_events(batch(["b"]), state)
        assert [EventPart(writer.root, part, writer.keys).size for part in state.parts] == [13]


def decimals(*texts: str | None, scale: int) -> pl.Series:
    return pl.Series([Decimal(text) if text else None for text in texts], dtype=pl.Decimal(18, scale))


STRUCTS = {"x": list_of(struct_of({"p": NUMBER, "q": TEXT}))}
DATED = pl.Series([dt.date(2026, 1, 2), None])
TIMED = pl.Series([DAY, None], dtype=pl.Datetime("us", "UTC"))
NUMBERS = {"x": NUMBER}

MERGED: dict[str, tuple[dict[str, Kind], Any, Any, list[Any]]] = {
    "integers": ({}, [1, None], [2**62, -5], [1, None, 2**62, -5]),
    "numbers of other scales": (
        NUMBERS,
        decimals("12.5", None, scale=1),
        decimals("0.125", "7", scale=3),
        [Decimal("12.5"), None, Decimal("0.125"), Decimal(7)],
    ),
    "whole numbers and others": (
        NUMBERS,
        decimals("12", None, scale=0),
        decimals("0.5", "1", scale=1),
        [12, None, Decimal("0.5"), 1],
    ),
    "floats beside decimals": (NUMBERS, decimals("12.25", None, scale=2), [0.1, -1e300], [12.25, None, 0.1, -1e300]),
    "texts": ({}, ["x", None], ["ї", "x"], ["x", None, "ї", "x"]),
    "booleans": ({}, [True, None], [False, True], [True, None, False, True]),
    "dates": ({}, DATED, DATED.reverse(), [20_455, None, None, 20_455]),
    "times": ({}, TIMED, TIMED.reverse(), [1_780_272_000_000_000, None, None, 1_780_272_000_000_000]),
    "lists": ({}, [["b", "a"], None], [[], ["a"]], [["b", "a"], None, [], ["a"]]),
    "lists of decimals of other scales": (
        {"x": list_of(NUMBER)},
        pl.Series([[Decimal("1.5")], None], dtype=pl.List(pl.Decimal(18, 1))),
        pl.Series([[Decimal("0.25"), Decimal("1.50")], [Decimal("1.50")]], dtype=pl.List(pl.Decimal(18, 2))),
        [[Decimal("1.5")], None, [Decimal("0.25"), Decimal("1.5")], [Decimal("1.5")]],
    ),
    "lists of objects with decimals of other scales": (
        STRUCTS,
        pl.Series(
            [[{"p": Decimal("1.5"), "q": "x"}], None],
            dtype=pl.List(pl.Struct({"p": pl.Decimal(18, 1), "q": pl.String})),
        ),
        pl.Series(
            [[{"p": Decimal("1.25"), "q": None}], [{"p": Decimal("1.50"), "q": "x"}]],
            dtype=pl.List(pl.Struct({"p": pl.Decimal(18, 2), "q": pl.String})),
        ),
        [
            [{"p": Decimal("1.5"), "q": "x"}],
            None,
            [{"p": Decimal("1.25"), "q": None}],
            [{"p": Decimal("1.5"), "q": "x"}],
        ],
    ),
    "nothing, and then texts": ({}, pl.Series([None, None], dtype=pl.String), ["x", None], [None, None, "x", None]),
    "numbers, and then nothing": (
        NUMBERS,
        decimals("1.5", "2", scale=1),
        pl.Series([None, None], dtype=pl.Float64),
        [Decimal("1.5"), Decimal(2), None, None],
    ),
    "lists of decimals, and then nothing": (
        {"x": list_of(NUMBER)},
        pl.Series([[Decimal("1.5")], None], dtype=pl.List(pl.Decimal(18, 1))),
        pl.Series([None, None], dtype=pl.List(pl.Float64)),
        [[Decimal("1.5")], None, None, None],
    ),
}


def test_numbers_too_far_apart_for_one_scale_stay_apart_and_exact(tmp_path: Path) -> None:
    one, other = decimals("100000000000000.5", None, scale=1), decimals("0.000001", "1", scale=6)
    store = stored(tmp_path, batch(["a", "b"], None, NUMBERS, x=one), batch(["c", "d"], None, NUMBERS, x=other))
    assert sizes(store) == [2, 2]
    assert dict(held(store, "log", "x")) == {
        "a": Decimal("100000000000000.5"),
        "b": None,
        "c": Decimal("0.000001"),
        "d": Decimal(1),
    }


@pytest.mark.parametrize("name", MERGED)
@pytest.mark.parametrize("names", [None, ["buy", "buy"], ["buy", "open"]])
def test_parts_that_are_put_together_keep_every_value(tmp_path: Path, name: str, names: list[str] | None) -> None:
    kinds, one, other, expected = MERGED[name]
    store = stored(tmp_path, batch(["a", "b"], names, kinds, x=one), batch(["c", "d"], names, kinds, x=other))
    assert sizes(store) == [4]
    found = [pair for event in sorted(set(names or ["log"])) for pair in held(store, event, "x")]
    assert dict(found) == dict(zip("abcd", expected, strict=True))
    (part,) = store.event_parts(store.state.tables["log"])
    assert part.schema == batch(["a", "b"], names, kinds, x=one).schema


def test_names_that_only_some_parts_have_are_put_together(tmp_path: Path) -> None:
    store = stored(tmp_path, batch(["a", "b"], ["open", "buy"], n=[1, 2]), batch(["c", "c"], ["web", "open"], n=[3, 4]))
    assert sizes(store) == [4]
    assert {name: held(store, name, "n") for name in ("buy", "open", "web")} == {
        "buy": [("b", 2)],
        "open": [("a", 1), ("c", 4)],
        "web": [("c", 3)],
    }


def test_whole_seconds_take_four_bytes_and_others_eight_and_both_come_together(tmp_path: Path) -> None:
    whole = batch(["a", "b"])
    parts = [whole.frame["at"], whole.frame["at"] + dt.timedelta(microseconds=7)]
    far = pl.Series("at", [dt.datetime(2040, 1, 1, tzinfo=dt.UTC), DAY], dtype=pl.Datetime("us", "UTC"))
    for times in (*parts, far):
        read = ReadTable(whole.schema, whole.frame.with_columns(times), whole.files, whole.report)
        project = tmp_path / str(times[0].microsecond + times[0].year)
        project.mkdir()
        (events,) = stored(project, read).tables(["log"]).events("log")
        assert sorted(values(events, "at")) == sorted(times.to_physical().to_list())
        assert events.ticks.dtype.str == ("<i4" if times is parts[0] else "<i8")
    reads = [ReadTable(whole.schema, whole.frame.with_columns(times), whole.files, whole.report) for times in parts]
    (events,) = stored(tmp_path, *reads).tables(["log"]).events("log")
    assert sorted(values(events, "at")) == sorted([*parts[0].to_physical(), *parts[1].to_physical()])


@pytest.mark.parametrize(
    ("numbers", "dtype"), [([1, -128], "|i1"), ([127, 128], "<i2"), ([2**31, -(2**31)], "<i8"), ([2**62, None], "<i8")]
)
def test_whole_numbers_take_as_few_bytes_as_hold_them(tmp_path: Path, numbers: list[int], dtype: str) -> None:
    (events,) = stored(tmp_path, batch(["a", "b"], n=numbers)).tables(["log"]).events("log")
    data = events.column("n")
    assert isinstance(data, Plain)
    assert (data.values.dtype.str, values(events, "n")) == (dtype, numbers)


def test_numbers_of_more_and_more_bytes_come_together(tmp_path: Path) -> None:
    store = stored(tmp_path, *(batch(["a", "b"], n=pair) for pair in ([1, -128], [127, 128], [2**62, -(2**31)])))
    assert sorted(n for _, n in held(store, "log", "n")) == [-(2**31), -128, 1, 127, 128, 2**62]


@pytest.mark.parametrize("most", [30, 300, 2**21])
def test_pieces_of_one_reading_become_one_part_in_the_order_of_names_blocks_and_times(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, most: int
) -> None:
    monkeypatch.setattr(merge, "MOST", most)
    keys = [f"u{number}" for number in range(300_000)]
    who = [f"u{number * 7919 % 300_000}" for number in range(2_000)]
    names = ["open" if number % 3 else "buy" for number in range(2_000)]
    texts = [f"order {number % 1_500}" if number % 3 else None for number in range(2_000)]
    read = batch(who, names, n=[number % 50 or None for number in range(2_000)], t=texts)
    read.rows = 130
    whole = stored(tmp_path, read, among=keys)
    assert sizes(whole) == [2_000]
    for name in ("open", "buy"):
        (events,) = whole.tables(["log"]).events(name)
        expected = sorted(
            (int(user[1:]) // 65_536, number, user, number % 50 or None, texts[number])
            for number, user in enumerate(who)
            if names[number] == name
        )
        minutes = [(at - int(DAY.timestamp() * 1e6)) // 60_000_000 for at in values(events, "at")]
        found = list(zip(minutes, values(events, "user"), values(events, "n"), values(events, "t"), strict=True))
        assert found == [tuple(row[1:]) for row in expected]


@pytest.mark.parametrize("most", [1, 3, 2**20])
def test_events_that_stand_there_twice_are_counted_however_many_are_looked_at_together(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, most: int
) -> None:
    monkeypatch.setattr(repeats, "MOST", most)
    one = batch(["a", "b", "a", "c", "a", "b"], n=[1, 2, 1, 4, 5, 2])
    twice = pl.concat([one.frame, one.frame[::2]])
    first = ReadTable(one.schema, twice, one.files, one.report)
    again = ReadTable(one.schema, one.frame.vstack(one.frame[:1]), one.files, one.report)
    counted = []
    with writing(tmp_path) as writer:
        writer.add_users(users(["a", "b", "c"]))
        state = None
        for read in (first, again):
            state = writer.add_events(read, state)
            counted.append(state.report.notes)
    assert counted == [{TWICE: 3}, {TWICE: 7}]
