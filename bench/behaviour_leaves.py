"""The event features that the measured segments are made of, and the tests on them, by hand for segtool and DuckDB.

A feature's SQL is an aggregate over one user's rows up to as-of; of a feature that counts different values, the
SELECT of those values. Whoever has no row at all has NULL in every
feature, so a test that holds for nothing done says so itself; the query turns what stays NULL into false.
A last event's property is tested by two times: some last event passes if the last that passes is the last of all.
"""

from __future__ import annotations

from dataclasses import dataclass

from bench.trees import Leaf


@dataclass(frozen=True)
class Feature:
    """One aggregate, and tests on it as pairs of YAML and SQL."""

    name: str
    sql: str
    tests: tuple[tuple[str, str], ...]

    @property
    def leaves(self) -> list[Leaf]:
        return [Leaf(yaml, sql, feature=self.name) for yaml, sql in self.tests]


EMAIL = (
    Feature(
        "opens_1d",
        "count(*) FILTER (event = 'email_open' AND occurred_at > as_of() - INTERVAL 1 DAY)",
        (("did: {event: email_open, in_last: 1d}", "opens_1d >= 1"),),
    ),
    Feature(
        "opens_7d",
        "count(*) FILTER (event = 'email_open' AND occurred_at > as_of() - INTERVAL 7 DAY)",
        (
            ("did: {event: email_open, in_last: 7d, count: {gte: 1}}", "opens_7d >= 1"),
            ("did_not: {event: email_open, in_last: 7d}", "coalesce(opens_7d, 0) = 0"),
        ),
    ),
    Feature(
        "opens_90d",
        "count(*) FILTER (event = 'email_open' AND occurred_at > as_of() - INTERVAL 90 DAY)",
        (
            ("did: {event: email_open, in_last: 90d, count: {gte: 2}}", "opens_90d >= 2"),
            ("did: {event: email_open, in_last: 90d, count: {lte: 1}}", "coalesce(opens_90d, 0) <= 1"),
        ),
    ),
    Feature(
        "clicks_30d",
        "count(*) FILTER (event = 'email_click' AND occurred_at > as_of() - INTERVAL 30 DAY)",
        (("did: {event: email_click, in_last: 30d}", "clicks_30d >= 1"),),
    ),
    Feature(
        "clicks_180d",
        "count(*) FILTER (event = 'email_click' AND occurred_at > as_of() - INTERVAL 180 DAY)",
        (
            ("did: {event: email_click, in_last: 180d, count: {between: [1, 3]}}", "clicks_180d BETWEEN 1 AND 3"),
            ("did: {event: email_click, in_last: 180d, count: 0}", "coalesce(clicks_180d, 0) = 0"),
        ),
    ),
    Feature(
        "sent_365d",
        "count(*) FILTER (event = 'email_sent' AND occurred_at > as_of() - INTERVAL 365 DAY)",
        (
            ("did: {event: email_sent, in_last: 365d, count: {gte: 5}}", "sent_365d >= 5"),
            ("did: {event: email_sent, in_last: 365d, count: {is_not: 1}}", "coalesce(sent_365d, 0) <> 1"),
        ),
    ),
    Feature(
        "bounces_365d",
        "count(*) FILTER (event = 'email_bounce' AND occurred_at > as_of() - INTERVAL 365 DAY)",
        (("did_not: {event: email_bounce, in_last: 365d}", "coalesce(bounces_365d, 0) = 0"),),
    ),
    Feature(
        "emails_30d",
        "count(*) FILTER (starts_with(event, 'email_') AND occurred_at > as_of() - INTERVAL 30 DAY)",
        (('did: {event: "email_*", in_last: 30d, count: {gte: 2}}', "emails_30d >= 2"),),
    ),
    Feature(
        "engaged_90d",
        "count(*) FILTER (event IN ('email_open', 'email_click') AND occurred_at > as_of() - INTERVAL 90 DAY)",
        (
            ("did: {event: [email_open, email_click], in_last: 90d, count: {gte: 3}}", "engaged_90d >= 3"),
            ("did_not: {event: [email_open, email_click], in_last: 90d}", "coalesce(engaged_90d, 0) = 0"),
        ),
    ),
    Feature(
        "spring_opens_365d",
        "count(*) FILTER (event = 'email_open' AND starts_with(campaign, 'spring-')"
        " AND occurred_at > as_of() - INTERVAL 365 DAY)",
        (
            (
                'did: {event: email_open, where: {campaign: {starts_with: "spring-"}}, in_last: 365d}',
                "spring_opens_365d >= 1",
            ),
        ),
    ),
    Feature(
        "other_sent_180d",
        "count(*) FILTER (event = 'email_sent' AND campaign IS DISTINCT FROM 'spring-sale'"
        " AND occurred_at > as_of() - INTERVAL 180 DAY)",
        (
            (
                "did: {event: email_sent, where: {campaign: {is_not: spring-sale}}, in_last: 180d, count: {lt: 2}}",
                "coalesce(other_sent_180d, 0) < 2",
            ),
        ),
    ),
    Feature(
        "last_open",
        "max(occurred_at) FILTER (event = 'email_open')",
        (
            ("did: {event: email_open, last: {more_than_ago: 60d}}", "last_open <= as_of() - INTERVAL 60 DAY"),
            ("did: {event: email_open, last: {is_set: false}}", "last_open IS NULL"),
        ),
    ),
    Feature(
        "last_sent_other",
        "max(occurred_at) FILTER (event = 'email_sent' AND campaign IS DISTINCT FROM 'spring-sale')"
        " IS NOT DISTINCT FROM max(occurred_at) FILTER (event = 'email_sent')",
        (
            (
                "did: {event: email_sent, last_value: {campaign: {is_not: spring-sale}}}",
                "coalesce(last_sent_other, true)",
            ),
        ),
    ),
)

PURCHASE = (
    Feature(
        "bought_90d",
        "count(*) FILTER (paid_at > as_of() - INTERVAL 90 DAY)",
        (
            ("did: {event: purchase, in_last: 90d}", "bought_90d >= 1"),
            ("did_not: {event: purchase, in_last: 90d}", "coalesce(bought_90d, 0) = 0"),
        ),
    ),
    Feature(
        "bought_365d",
        "count(*) FILTER (paid_at > as_of() - INTERVAL 365 DAY)",
        (
            ("did: {event: purchase, in_last: 365d, count: {gte: 3}}", "bought_365d >= 3"),
            ("did: {event: purchase, in_last: 365d, count: {lte: 2}}", "coalesce(bought_365d, 0) <= 2"),
        ),
    ),
    Feature(
        "big_180d",
        "count(*) FILTER (amount >= 100 AND paid_at > as_of() - INTERVAL 180 DAY)",
        (("did: {event: purchase, where: {amount: {gte: 100}}, in_last: 180d}", "big_180d >= 1"),),
    ),
    Feature(
        "clothes_365d",
        "count(*) FILTER (category IN ('fashion', 'shoes') AND paid_at > as_of() - INTERVAL 365 DAY)",
        (
            (
                "did: {event: purchase, where: {category: [fashion, shoes]}, in_last: 365d, count: {gte: 2}}",
                "clothes_365d >= 2",
            ),
        ),
    ),
    Feature(
        "cheap_or_food_90d",
        "count(*) FILTER ((amount < 20 OR category = 'food') AND paid_at > as_of() - INTERVAL 90 DAY)",
        (
            (
                "did: {event: purchase, where: {any: [{amount: {lt: 20}}, {category: food}]}, in_last: 90d}",
                "cheap_or_food_90d >= 1",
            ),
        ),
    ),
    Feature(
        "spent_90d",
        "sum(amount) FILTER (paid_at > as_of() - INTERVAL 90 DAY)",
        (
            ("did: {event: purchase, in_last: 90d, sum: {amount: {gte: 75}}}", "spent_90d >= 75"),
            ("did: {event: purchase, in_last: 90d, sum: {amount: {lt: 100.50}}}", "spent_90d < 100.50"),
        ),
    ),
    Feature(
        "spent_365d",
        "sum(amount) FILTER (paid_at > as_of() - INTERVAL 365 DAY)",
        (
            (
                "did: {event: purchase, in_last: 365d, sum: {amount: {between: [100, 500]}}}",
                "spent_365d BETWEEN 100 AND 500",
            ),
            ("did_not: {event: purchase, in_last: 365d, sum: {amount: {gte: 200}}}", "(spent_365d >= 200) IS NOT TRUE"),
        ),
    ),
    Feature(
        "shoe_items_365d",
        "sum(items) FILTER (category = 'shoes' AND paid_at > as_of() - INTERVAL 365 DAY)",
        (
            (
                "did: {event: purchase, where: {category: shoes}, in_last: 365d, sum: {items: {gte: 2}}}",
                "shoe_items_365d >= 2",
            ),
            (
                "did: {event: purchase, where: {category: shoes}, in_last: 365d, sum: {items: {is_not: 3}}}",
                "shoe_items_365d IS DISTINCT FROM 3",
            ),
        ),
    ),
    Feature(
        "average_180d",
        "avg(amount) FILTER (paid_at > as_of() - INTERVAL 180 DAY)",
        (("did: {event: purchase, in_last: 180d, avg: {amount: {gte: 60}}}", "average_180d >= 60"),),
    ),
    Feature(
        "smallest_365d",
        "min(amount) FILTER (paid_at > as_of() - INTERVAL 365 DAY)",
        (("did: {event: purchase, in_last: 365d, min: {amount: {lt: 10}}}", "smallest_365d < 10"),),
    ),
    Feature(
        "largest",
        "max(amount)",
        (
            ("did: {event: purchase, max: {amount: {gte: 150}}}", "largest >= 150"),
            ("did: {event: purchase, max: {amount: {is_set: false}}}", "largest IS NULL"),
        ),
    ),
    Feature(
        "first_purchase",
        "min(paid_at)",
        (
            ("did: {event: purchase, first: {in_last: 180d}}", "first_purchase > as_of() - INTERVAL 180 DAY"),
            (
                "did: {event: purchase, first: {before: 2025-01-01}}",
                "first_purchase < TIMESTAMPTZ '2025-01-01 00:00:00Z'",
            ),
        ),
    ),
    Feature(
        "last_was_big_home",
        "max(paid_at) FILTER (category IN ('home', 'garden') AND amount >= 20) = max(paid_at)",
        (
            (
                "did: {event: purchase, last_value: {category: [home, garden], amount: {gte: 20}}}",
                "last_was_big_home",
            ),
        ),
    ),
)

# Apart from the others: `count(DISTINCT ...) FILTER` among them is slow.
DISTINCT = (
    Feature(
        "open_days_30d",
        "SELECT DISTINCT user_id, occurred_at::DATE AS value FROM email_rows"
        " WHERE event = 'email_open' AND occurred_at > as_of() - INTERVAL 30 DAY",
        (("did: {event: email_open, in_last: 30d, days: {gte: 2}}", "open_days_30d >= 2"),),
    ),
    Feature(
        "campaigns_365d",
        "SELECT DISTINCT user_id, campaign AS value FROM email_rows"
        " WHERE event = 'email_open' AND occurred_at > as_of() - INTERVAL 365 DAY",
        (
            ("did: {event: email_open, in_last: 365d, distinct: {campaign: {gte: 3}}}", "campaigns_365d >= 3"),
            (
                "did: {event: email_open, in_last: 365d, distinct: {campaign: {lt: 2}}}",
                "coalesce(campaigns_365d, 0) < 2",
            ),
        ),
    ),
    Feature(
        "categories_365d",
        "SELECT DISTINCT user_id, category AS value FROM purchase_rows WHERE paid_at > as_of() - INTERVAL 365 DAY",
        (("did: {event: purchase, in_last: 365d, distinct: {category: {gte: 3}}}", "categories_365d >= 3"),),
    ),
    Feature(
        "buying_days_180d",
        "SELECT DISTINCT user_id, paid_at::DATE AS value FROM purchase_rows WHERE paid_at > as_of() - INTERVAL 180 DAY",
        (("did: {event: purchase, in_last: 180d, days: {gte: 2}}", "buying_days_180d >= 2"),),
    ),
)

FEATURES = EMAIL + PURCHASE + DISTINCT
LEAVES = [leaf for feature in FEATURES for leaf in feature.leaves]
