"""The features that count different values, and the tests on them, as `features.py` tells.

They are apart from the others, as `count(DISTINCT ...) FILTER` among them is slow.
"""

from __future__ import annotations

from bench.features import Feature

DISTINCT = (
    Feature(
        "open_days_30d",
        "SELECT DISTINCT user_id, occurred_at::DATE AS value FROM email_rows"
        " WHERE event = 'email_open' AND occurred_at > as_of() - INTERVAL 30 DAY",
        "opened",
        "opened.filter(since(30)).select(col.user_id, value=col.at.dt.date())",
        (
            (
                "did: {event: email_open, in_last: 30d, days: {gte: <2>}}",
                "open_days_30d >= <2>",
                "col.open_days_30d >= <2>",
            ),
        ),
    ),
    Feature(
        "campaigns_365d",
        "SELECT DISTINCT user_id, campaign AS value FROM email_rows"
        " WHERE event = 'email_open' AND occurred_at > as_of() - INTERVAL 365 DAY",
        "opened",
        "opened.filter(since(365)).select(col.user_id, value=col.campaign)",
        (
            (
                "did: {event: email_open, in_last: 365d, distinct: {campaign: {gte: <3>}}}",
                "campaigns_365d >= <3>",
                "col.campaigns_365d >= <3>",
            ),
            (
                "did: {event: email_open, in_last: 365d, distinct: {campaign: {lt: <2>}}}",
                "coalesce(campaigns_365d, 0) < <2>",
                "col.campaigns_365d.fill_null(0) < <2>",
            ),
        ),
    ),
    Feature(
        "categories_365d",
        "SELECT DISTINCT user_id, category AS value FROM purchase_rows WHERE paid_at > as_of() - INTERVAL 365 DAY",
        "bought",
        "bought.filter(since(365)).select(col.user_id, value=col.category)",
        (
            (
                "did: {event: purchase, in_last: 365d, distinct: {category: {gte: <3>}}}",
                "categories_365d >= <3>",
                "col.categories_365d >= <3>",
            ),
        ),
    ),
    Feature(
        "buying_days_180d",
        "SELECT DISTINCT user_id, paid_at::DATE AS value FROM purchase_rows WHERE paid_at > as_of() - INTERVAL 180 DAY",
        "bought",
        "bought.filter(since(180)).select(col.user_id, value=col.at.dt.date())",
        (
            (
                "did: {event: purchase, in_last: 180d, days: {gte: <2>}}",
                "buying_days_180d >= <2>",
                "col.buying_days_180d >= <2>",
            ),
        ),
    ),
)
