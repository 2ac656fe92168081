"""The features made of purchases, and the tests on them, as `features.py` tells."""

from __future__ import annotations

from bench.features import Feature

PURCHASE = (
    Feature(
        "bought_90d",
        "count(*) FILTER (WHERE paid_at > as_of() - INTERVAL 90 DAY)",
        "bought",
        "since(90).sum()",
        (
            ("did: {event: purchase, in_last: 90d}", "bought_90d >= 1", "col.bought_90d >= 1"),
            (
                "did_not: {event: purchase, in_last: 90d}",
                "coalesce(bought_90d, 0) = 0",
                "col.bought_90d.fill_null(0) == 0",
            ),
        ),
    ),
    Feature(
        "bought_365d",
        "count(*) FILTER (WHERE paid_at > as_of() - INTERVAL 365 DAY)",
        "bought",
        "since(365).sum()",
        (
            (
                "did: {event: purchase, in_last: 365d, count: {gte: <3>}}",
                "bought_365d >= <3>",
                "col.bought_365d >= <3>",
            ),
            (
                "did: {event: purchase, in_last: 365d, count: {lte: <2>}}",
                "coalesce(bought_365d, 0) <= <2>",
                "col.bought_365d.fill_null(0) <= <2>",
            ),
        ),
    ),
    Feature(
        "big_180d",
        "count(*) FILTER (WHERE amount >= 100 AND paid_at > as_of() - INTERVAL 180 DAY)",
        "bought",
        "(since(180) & (col.amount >= 100)).sum()",
        (
            (
                "did: {event: purchase, where: {amount: {gte: 100}}, in_last: 180d}",
                "big_180d >= 1",
                "col.big_180d >= 1",
            ),
        ),
    ),
    Feature(
        "clothes_365d",
        "count(*) FILTER (WHERE category IN ('fashion', 'shoes') AND paid_at > as_of() - INTERVAL 365 DAY)",
        "bought",
        "(since(365) & col.category.is_in(['fashion', 'shoes'])).sum()",
        (
            (
                "did: {event: purchase, where: {category: [fashion, shoes]}, in_last: 365d, count: {gte: <2>}}",
                "clothes_365d >= <2>",
                "col.clothes_365d >= <2>",
            ),
        ),
    ),
    Feature(
        "cheap_or_food_90d",
        "count(*) FILTER (WHERE (amount < 20 OR category = 'food') AND paid_at > as_of() - INTERVAL 90 DAY)",
        "bought",
        "(since(90) & ((col.amount < 20) | (col.category == 'food'))).sum()",
        (
            (
                "did: {event: purchase, where: {any: [{amount: {lt: 20}}, {category: food}]}, in_last: 90d}",
                "cheap_or_food_90d >= 1",
                "col.cheap_or_food_90d >= 1",
            ),
        ),
    ),
    Feature(
        "spent_90d",
        "sum(amount) FILTER (WHERE paid_at > as_of() - INTERVAL 90 DAY)",
        "bought",
        "total(col.amount, since(90))",
        (
            (
                "did: {event: purchase, in_last: 90d, sum: {amount: {gte: <75>}}}",
                "spent_90d >= <75>",
                "col.spent_90d >= <75>",
            ),
            (
                "did: {event: purchase, in_last: 90d, sum: {amount: {lt: <100.50>}}}",
                "spent_90d < <100.50>",
                "col.spent_90d < <100.50>",
            ),
        ),
    ),
    Feature(
        "spent_365d",
        "sum(amount) FILTER (WHERE paid_at > as_of() - INTERVAL 365 DAY)",
        "bought",
        "total(col.amount, since(365))",
        (
            (
                "did: {event: purchase, in_last: 365d, sum: {amount: {between: [<100>, <500>]}}}",
                "spent_365d BETWEEN <100> AND <500>",
                "col.spent_365d.is_between(<100>, <500>)",
            ),
            (
                "did_not: {event: purchase, in_last: 365d, sum: {amount: {gte: <200>}}}",
                "(spent_365d >= <200>) IS NOT TRUE",
                "~(col.spent_365d >= <200>).fill_null(False)",
            ),
        ),
    ),
    Feature(
        "shoe_items_365d",
        "sum(items) FILTER (WHERE category = 'shoes' AND paid_at > as_of() - INTERVAL 365 DAY)",
        "bought",
        "total(col.items, since(365) & (col.category == 'shoes'))",
        (
            (
                "did: {event: purchase, where: {category: shoes}, in_last: 365d, sum: {items: {gte: <2>}}}",
                "shoe_items_365d >= <2>",
                "col.shoe_items_365d >= <2>",
            ),
            (
                "did: {event: purchase, where: {category: shoes}, in_last: 365d, sum: {items: {is_not: <3>}}}",
                "shoe_items_365d IS DISTINCT FROM <3>",
                "col.shoe_items_365d.ne_missing(<3>)",
            ),
        ),
    ),
    Feature(
        "average_180d",
        "avg(amount) FILTER (WHERE paid_at > as_of() - INTERVAL 180 DAY)",
        "bought",
        "average(col.amount, since(180))",
        (
            (
                "did: {event: purchase, in_last: 180d, avg: {amount: {gte: <60>}}}",
                "average_180d >= <60>",
                "col.average_180d >= <60>",
            ),
        ),
    ),
    Feature(
        "smallest_365d",
        "min(amount) FILTER (WHERE paid_at > as_of() - INTERVAL 365 DAY)",
        "bought",
        "pl.when(since(365)).then(col.amount).min()",
        (
            (
                "did: {event: purchase, in_last: 365d, min: {amount: {lt: <10>}}}",
                "smallest_365d < <10>",
                "col.smallest_365d < <10>",
            ),
        ),
    ),
    Feature(
        "largest",
        "max(amount)",
        "bought",
        "col.amount.max()",
        (
            ("did: {event: purchase, max: {amount: {gte: <150>}}}", "largest >= <150>", "col.largest >= <150>"),
            ("did: {event: purchase, max: {amount: {is_set: false}}}", "largest IS NULL", "col.largest.is_null()"),
        ),
    ),
    Feature(
        "first_purchase",
        "min(paid_at)",
        "bought",
        "col.at.min()",
        (
            (
                "did: {event: purchase, first: {in_last: <180>d}}",
                "first_purchase > as_of() - INTERVAL <180> DAY",
                "col.first_purchase > AS_OF - days(<180>)",
            ),
            (
                "did: {event: purchase, first: {before: 2025-01-01}}",
                "first_purchase < TIMESTAMPTZ '2025-01-01 00:00:00Z'",
                "col.first_purchase < utc(2025, 1, 1)",
            ),
        ),
    ),
    Feature(
        "last_was_big_home",
        "max(paid_at) FILTER (WHERE category IN ('home', 'garden') AND amount >= 20) = max(paid_at)",
        "bought",
        "pl.when(col.category.is_in(['home', 'garden']) & (col.amount >= 20)).then(col.at).max() == col.at.max()",
        (
            (
                "did: {event: purchase, last_value: {category: [home, garden], amount: {gte: 20}}}",
                "last_was_big_home",
                "col.last_was_big_home",
            ),
        ),
    ),
)
