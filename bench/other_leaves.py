"""The tests of samples and of the highest among all users, by hand for segtool, DuckDB and Polars.

`drawn_SALT` is what a user draws in the samples of a salt: the first 32 bits of SHA-256 of `SALT:key`. Whose
percentile is at least 90, has at least SQL's `quantile_disc(…, 0.9)`; `percentile` is a function of the Polars program.
"""

from __future__ import annotations

from typing import NamedTuple

from bench.attribute_leaves import LEAVES
from bench.trees import Leaf

SALTS = ("spring", "autumn", "control")


def sample(percent: int, salt: str) -> Leaf:
    share = f"<{percent}> / 100 * 4294967296"
    return Leaf(
        f"sample: {{percent: <{percent}>, salt: {salt}}}",
        f"drawn_{salt} < {share}",
        f"col.drawn_{salt} < {share}",
    )


SAMPLES = (
    sample(10, "spring"),
    sample(50, "spring"),
    sample(20, "autumn"),
    sample(5, "control"),
    sample(30, "spring"),
    sample(80, "autumn"),
    sample(25, "control"),
    sample(60, "autumn"),
    sample(90, "control"),
    sample(75, "spring"),
)


class Top(NamedTuple):
    """Of those for whom `where` holds, the first `number` (or so many percent) by a column."""

    where: Leaf
    by: str
    number: int
    unit: str


ATTRIBUTES = {leaf.yaml: leaf for leaf in LEAVES}
EVERYBODY = Leaf("everyone: true", "true", "pl.lit(True)")
TOPS = (
    Top(ATTRIBUTES["plan: [plus, pro]"], "points", 1000, "count"),
    Top(ATTRIBUTES["email_opt_in: true"], "lifetime_value", 5000, "count"),
    Top(ATTRIBUTES["country: UA"], "orders", 2000, "count"),
    Top(ATTRIBUTES["language: [pl, de]"], "last_purchase_at", 2, "percent"),
    Top(ATTRIBUTES["gender: f"], "average_basket", 10, "percent"),
    Top(EVERYBODY, "lifetime_value", 5, "percent"),
)

# Of counts, a 0 is no value.
HIGHEST = (
    Leaf(
        "did: {event: purchase, in_last: 365d, sum: {amount: {percentile: {gte: <90>}}}}",
        "spent_365d >= quantile_disc(spent_365d, <90> / 100) OVER ()",
        "percentile(col.spent_365d) >= <90> / 100",
        "spent_365d",
    ),
    Leaf(
        "did: {event: email_open, in_last: 90d, count: {percentile: {gte: <95>}}}",
        "opens_90d >= quantile_disc(nullif(opens_90d, 0), <95> / 100) OVER ()",
        "percentile(col.opens_90d.replace(0, None)) >= <95> / 100",
        "opens_90d",
    ),
    Leaf(
        "did: {event: purchase, in_last: 180d, days: {percentile: {gte: <80>}}}",
        "buying_days_180d >= quantile_disc(nullif(buying_days_180d, 0), <80> / 100) OVER ()",
        "percentile(col.buying_days_180d.replace(0, None)) >= <80> / 100",
        "buying_days_180d",
    ),
    Leaf(
        "did: {event: email_open, last: {percentile: {gte: <75>}}}",
        "last_open >= quantile_disc(last_open, <75> / 100) OVER ()",
        "percentile(col.last_open) >= <75> / 100",
        "last_open",
    ),
)
