"""What holds of sums, values and names over several tables of events, whatever the order of their rows."""

from __future__ import annotations

import csv
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from random import Random

import pytest

from segtool.engine.behaviour import Behaviour
from segtool.errors import DefinitionError
from segtool.model.algebra import Aggregate
from segtool.model.columns import Plain
from segtool.verbs.evaluate import evaluate
from segtool.verbs.ledger import members
from segtool.verbs.run import Run

AS_OF = datetime(2026, 6, 15, 12, tzinfo=UTC)
Rows = Sequence[Sequence[str]]

SETTINGS = """\
version: 1
timezone: Europe/Kyiv
users: {path: users.csv, key: id}
events:
"""


def decided(
    folder: Path, tables: dict[str, Rows], where: str, users: Sequence[str] = "abcd", name: str = ""
) -> set[str]:
    """Who fulfils a condition, with tables of events whose first rows are their headers: id, at and others."""
    folder.mkdir(exist_ok=True)
    (folder / "segments").mkdir(exist_ok=True)
    (folder / "segments" / "s.yaml").write_text(f"s:\n  kind: dynamic\n  where: {where}\n", encoding="utf-8")
    write(folder / "users.csv", [["id"], *([user] for user in users)])
    for table, rows in tables.items():
        write(folder / f"{table}.csv", rows)
    named = f", name: {name}" if name else ""
    listed = "".join(f"  {table}: {{path: {table}.csv, user: id, time: at{named}}}\n" for table in tables)
    (folder / "segtool.yaml").write_text(SETTINGS + listed, encoding="utf-8")
    evaluate(folder, Run(AS_OF, AS_OF))
    return set(members(folder, ("s",))["id"])


def write(path: Path, rows: Rows) -> None:
    with path.open("w", newline="", encoding="utf-8") as file:
        csv.writer(file, lineterminator="\n").writerows(rows)


def bought(*amounts: str, user: str = "a") -> Rows:
    rows = [[user, f"2026-06-01T10:00:{second:02}Z", amount] for second, amount in enumerate(amounts)]
    return [["id", "at", "amount"], *rows]


def test_sums_of_floats_are_the_same_in_any_order_of_rows(tmp_path: Path) -> None:
    # too many digits for exact sums, so these are floats, which have another sum in almost every order
    amounts = ["0.123456789012345", "10000000000000000", "-10000000000000000", "0.3", "7.1", "2.25"]
    total = sum(sorted(map(float, amounts)))
    assert total != sum(map(float, amounts))
    draw = Random(1)
    for number in range(6):
        tables = {"buy": bought(*draw.sample(amounts, len(amounts)))}
        assert decided(tmp_path / str(number), tables, f"{{did: {{event: buy, sum: {{amount: {total!r}}}}}}}") == {"a"}


@pytest.mark.parametrize(
    ("amounts", "total", "beside"),
    [
        (["0.1", "0.2"], "0.3", "0.30000000000000004"),
        (["9007199254740993", "1"], "9007199254740994", "9007199254740995"),
        (["4611686018427387904", "4611686018427387903"], "9223372036854775807", "9223372036854775806"),
        (["-4611686018427387904", "-4611686018427387903"], "-9223372036854775807", "-9223372036854775806"),
        (["99999999999999.99", "0.01"], "100000000000000.00", "100000000000000.01"),
        (["5", "-5"], "0", "0.01"),
    ],
)
def test_sums_of_whole_numbers_and_decimals_are_exact(
    tmp_path: Path, amounts: list[str], total: str, beside: str
) -> None:
    tables = {"buy": bought(*amounts)}
    assert decided(tmp_path, tables, f"{{did: {{event: buy, sum: {{amount: {total}}}}}}}") == {"a"}
    assert decided(tmp_path, tables, f"{{did: {{event: buy, sum: {{amount: {beside}}}}}}}") == set()


def test_a_sum_beyond_64_bits_is_the_nearest_float(tmp_path: Path) -> None:
    tables = {"buy": bought(*["9000000000000000000"] * 3)}
    assert decided(tmp_path, tables, "{did: {event: buy, sum: {amount: 27000000000000000000}}}") == {"a"}
    assert decided(tmp_path, tables, "{did: {event: buy, sum: {amount: {gt: 27000000000000010000}}}}") == set()


def test_a_sum_of_decimals_beyond_64_bits_is_the_nearest_float(tmp_path: Path) -> None:
    tables = {"buy": bought(*["9000000000000000.25"] * 20)}
    between = "{between: [179999999999999900, 180000000000000100]}"
    assert decided(tmp_path, tables, f"{{did: {{event: buy, sum: {{amount: {between}}}}}}}") == {"a"}
    assert decided(tmp_path, tables, "{did: {event: buy, avg: {amount: {gt: 9000000000000001}}}}") == set()


@pytest.mark.parametrize(
    ("amounts", "average"),
    [
        (["0.1", "0.2"], "0.15"),
        (["9007199254740993", "0", "3", "1", "1", "1"], "1501199875790166.5"),
        (["90071992547409.99", "0.01", "0.02", "0"], "22517998136852.505"),
        (["-9007199254740993", "-6", "-3"], "-3002399751580334"),
    ],
)
def test_averages_are_the_nearest_floats(tmp_path: Path, amounts: list[str], average: str) -> None:
    where = f"{{did: {{event: buy, avg: {{amount: {average}}}}}}}"
    assert decided(tmp_path, {"buy": bought(*amounts)}, where) == {"a"}


@pytest.mark.parametrize(("function", "only"), [("min", 2**63 - 1), ("max", -(2**63) + 1)])
def test_the_only_value_of_a_user_counts_where_no_other_can_be_beyond_it(
    tmp_path: Path, function: str, only: int
) -> None:
    tables = {"buy": bought(str(only))}
    assert decided(tmp_path, tables, f"{{did: {{event: buy, {function}: {{amount: {only}}}}}}}") == {"a"}


def test_numbers_far_apart_are_different_values(tmp_path: Path) -> None:
    far = [str(sign * (2**50 + step)) for sign in (-1, 1) for step in (0, 1)]
    rows = [*bought(*far, *far), *bought(*far[:2], user="b")[1:], *bought(far[0], far[0], user="c")[1:]]
    for number, user in ((4, "a"), (2, "b"), (1, "c"), (0, "d")):
        assert decided(tmp_path, {"buy": rows}, f"{{did: {{event: buy, distinct: {{amount: {number}}}}}}}") == {user}


def test_the_day_of_a_first_event_is_asked_of_those_who_have_one(tmp_path: Path) -> None:
    assert decided(tmp_path, {"buy": bought("1")}, "{did: {event: buy, first: {weekday: mon}}}") == {"a"}
    assert decided(tmp_path, {"buy": bought("1")}, "{did_not: {event: buy, last: {hour: {lt: 24}}}}") == set("bcd")


VISITS: Rows = [["id", "at", "page"], ["a", "2026-06-01T10:00:00Z", "x"], ["b", "2026-06-02T10:00:00Z", "y"]]
ORDERS: Rows = [
    ["id", "at", "amount", "page"],
    ["a", "2026-06-03T10:00:00Z", "12.5", "x"],
    ["a", "2026-06-04T10:00:00Z", "7", "z"],
    ["c", "2026-06-05T10:00:00Z", "0.25", ""],
]
REFUNDS: Rows = [["id", "at", "amount"], ["a", "2026-06-06T10:00:00Z", "-20"], ["d", "2026-06-07T10:00:00Z", "3.125"]]
TABLES = {"visit": VISITS, "order": ORDERS, "refund": REFUNDS}


@pytest.mark.parametrize(
    ("did", "expected"),
    [
        ("event: [visit, order], count: {gte: 3}", {"a"}),
        ("event: '*', count: 1", {"b", "c", "d"}),
        ("event: [order, refund], sum: {amount: -0.5}", {"a"}),
        ("event: [order, refund], sum: {amount: 3.125}", {"d"}),
        ("event: [order, refund], avg: {amount: {lt: 0}}", {"a"}),
        ("event: [order, refund], min: {amount: -20}", {"a"}),
        ("event: [order, refund], max: {amount: {between: [0.2, 4]}}", {"c", "d"}),
        ("event: [order, refund], where: {amount: {gte: 3.125}}, count: 2", {"a"}),
        ("event: [visit, order], distinct: {page: 2}", {"a"}),
        ("event: [visit, order], distinct: {page: 0}", {"c", "d"}),
        ("event: [visit, refund], where: {page: x}", {"a"}),
        ("event: [visit, refund], where: {page: {is_not: x}}", {"a", "b", "d"}),
        ("event: [visit, order, refund], last_value: {amount: -20}", {"a"}),
        ("event: [visit, order, refund], last_value: {amount: {is_set: false}}", {"b"}),
        ("event: [visit, order, refund], last: {on: 2026-06-05}", {"c"}),
        ("event: order, max: {at: {on: 2026-06-04}}", {"a"}),
        ("event: order, where: {id: c}", {"c"}),
        ("event: order, distinct: {id: 1}", {"a", "c"}),
        ("event: order, where: {at: {weekday: fri}}", {"c"}),
    ],
)
def test_events_of_several_tables_are_taken_together(tmp_path: Path, did: str, expected: set[str]) -> None:
    assert decided(tmp_path, TABLES, f"{{did: {{{did}}}}}") == expected


def test_a_sequence_goes_from_table_to_table(tmp_path: Path) -> None:
    assert decided(tmp_path, TABLES, "{sequence: {steps: [visit, order, refund]}}") == {"a"}
    assert decided(tmp_path, TABLES, "{sequence: {steps: [visit, {event: refund, within: 4d}]}}") == set()


def as_log(tables: dict[str, Rows]) -> Rows:
    """The same events as one log."""
    names = ["amount", "page"]
    rows = [
        [row[0], row[1], event, *(dict(zip(header, row, strict=True)).get(name, "") for name in names)]
        for event, (header, *held) in tables.items()
        for row in held
    ]
    return [["id", "at", "event", *names], *rows]


@pytest.mark.parametrize(
    "did",
    ["event: order, sum: {amount: 19.5}", "event: 'r*'", "event: [visit, order], distinct: {page: 2}", "event: visit"],
)
def test_a_log_and_a_table_for_each_event_say_the_same(tmp_path: Path, did: str) -> None:
    condition = f"{{did: {{{did}}}}}"
    apart = decided(tmp_path / "apart", TABLES, condition)
    assert decided(tmp_path / "log", {"log": as_log(TABLES)}, condition, name="event") == apart != set()


def test_users_in_many_blocks_have_their_own_events(tmp_path: Path) -> None:
    users = [f"u{number:06}" for number in range(150_000)]
    rows = [["id", "at"], *([user, "2026-06-01T10:00:00Z"] for user in users[::1000] for _ in range(2))]
    rows += [["nobody", "2026-06-01T10:00:00Z"]] * 3
    found = decided(tmp_path, {"buy": rows}, "{did: {event: buy, count: 2}}", users=users)
    assert found == set(users[::1000])


def test_columns_of_other_kinds_in_other_tables_are_refused_where_they_are_asked_together(tmp_path: Path) -> None:
    tables = {"visit": VISITS, "order": bought("x", "y")}
    with pytest.raises(DefinitionError, match="`amount` is text in `order` and number in `refund`"):
        decided(tmp_path, {**tables, "refund": REFUNDS}, "{did: {event: [order, refund], where: {amount: x}}}")
    assert decided(tmp_path, {**tables, "refund": REFUNDS}, "{did: {event: order, where: {amount: x}}}") == {"a"}


def test_an_aggregate_that_several_conditions_ask_for_is_computed_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    computed: list[Aggregate] = []
    compute = Behaviour._computed

    def noted(behaviour: Behaviour, aggregate: Aggregate) -> Plain:
        computed.append(aggregate)
        return compute(behaviour, aggregate)

    monkeypatch.setattr(Behaviour, "_computed", noted)
    asked = ["count: {gte: 1, percentile: {gt: 5}}", "last: {in_last: 30d}", "last_value: {amount: 1}", "count: 2"]
    conditions = [f"did: {{event: {event}, {one}}}" for one in asked for event in ("buy", "visit")]
    tables = {"buy": bought("1"), "visit": bought("1", "2")}
    assert decided(tmp_path, tables, f"{{any: [{', '.join(f'{{{one}}}' for one in conditions)}]}}") == {"a"}
    assert len(computed) == len(set(computed)) == 6
