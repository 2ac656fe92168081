"""What conditions on events say in words for people."""

from __future__ import annotations

import pytest
import yaml

from segtool.compile.words import to_words
from segtool.model.nodes import to_node
from segtool.model.project import Definition, Segment


def words(where: str) -> list[str]:
    node = to_node({"kind": "dynamic", "where": yaml.load(where, yaml.BaseLoader)})
    return to_words(Segment("s", Definition.model_validate(node), node, node.mark))


@pytest.mark.parametrize(
    ("where", "said"),
    [
        ("did: purchase", "did purchase"),
        ("did_not: purchase", "did not do purchase"),
        ("did: {event: [purchase, 'email_*']}", "did purchase or any event that starts with email_"),
        ("did: {event: '*', in_last: 7d}", "did any event (time is in the last 7 days)"),
        (
            "did: {event: purchase, where: {amount: {gte: 50}, sku: cap}, in_last: 30d, hour: {lt: 9}}",
            "did purchase (time is in the last 30 days and has an hour that is less than 9; "
            "amount is at least 50 and sku is cap)",
        ),
        (
            "did: {event: purchase, count: {gte: 3}, days: 2, sum: {amount: {gte: 500}}, distinct: {sku: 1}}",
            "did purchase: number of times is at least 3, number of days is 2, sum of amount is at least 500, "
            "number of different values of sku is 1",
        ),
        (
            "did: {event: purchase, min: {amount: 1}, max: {amount: 2}, avg: {amount: {percentile: {gt: 95}}}}",
            "did purchase: average of amount has a percentile among all users that is more than 95, "
            "lowest amount is 1, highest amount is 2",
        ),
        (
            "did_not: {event: plan, first: {in_last: 14d}, last_value: {any: [{plan: pro}, {seats: {gte: 2}}]}}",
            "not true: did plan: the first time is in the last 14 days, "
            "of the last one, plan is pro or seats is at least 2",
        ),
        (
            "sequence: {steps: [view, {event: cart, within: 1d}, {event: buy, where: {amount: 5}}], in_last: 30d}",
            "did in this order: view, then cart within 1 day, then buy (amount is 5); each time is in the last 30 days",
        ),
        (
            "regularly: {event: visit, every: 7d, periods: 3, of: 4, count: {gte: 2}}",
            "did visit: number of times is at least 2, in 3 or more of the last 4 spans of 7 days",
        ),
    ],
)
def test_a_condition_on_events_is_said_in_one_line(where: str, said: str) -> None:
    assert words(where) == [said]


@pytest.mark.parametrize(
    ("where", "said"),
    [
        ("seen: {lte: 2025-06-01}", "seen is on or before 2025-06-01"),
        ("seen: {lt: 2025-06-01}", "seen is before 2025-06-01"),
        ("seen: {gte: 2025-06-01T09:30:00Z}", "seen is on or after 2025-06-01T09:30:00Z"),
        ("seen: {gt: 2025-06-01}", "seen is after 2025-06-01"),
        ("seen: {between: [2025-06-01, 2025-06-30]}", "seen is from 2025-06-01 to 2025-06-30"),
        ("points: {gte: 20250601, lt: 20260601}", "points is at least 20250601 and is less than 20260601"),
        ("did: {event: buy, first: {gte: 2025-06-01}}", "did buy: the first time is on or after 2025-06-01"),
    ],
)
def test_dates_and_times_are_before_or_after_and_numbers_less_or_more(where: str, said: str) -> None:
    assert words(where) == [said]
