"""The features made of the log of e-mails, and the tests on them, as `features.py` tells."""

from __future__ import annotations

from bench.features import Feature

EMAIL = (
    Feature(
        "opens_1d",
        "count(*) FILTER (WHERE event = 'email_open' AND occurred_at > as_of() - INTERVAL 1 DAY)",
        "opened",
        "since(1).sum()",
        (("did: {event: email_open, in_last: 1d}", "opens_1d >= 1", "col.opens_1d >= 1"),),
    ),
    Feature(
        "opens_7d",
        "count(*) FILTER (WHERE event = 'email_open' AND occurred_at > as_of() - INTERVAL 7 DAY)",
        "opened",
        "since(7).sum()",
        (
            ("did: {event: email_open, in_last: 7d, count: {gte: 1}}", "opens_7d >= 1", "col.opens_7d >= 1"),
            (
                "did_not: {event: email_open, in_last: 7d}",
                "coalesce(opens_7d, 0) = 0",
                "col.opens_7d.fill_null(0) == 0",
            ),
        ),
    ),
    Feature(
        "opens_90d",
        "count(*) FILTER (WHERE event = 'email_open' AND occurred_at > as_of() - INTERVAL 90 DAY)",
        "opened",
        "since(90).sum()",
        (
            ("did: {event: email_open, in_last: 90d, count: {gte: <2>}}", "opens_90d >= <2>", "col.opens_90d >= <2>"),
            (
                "did: {event: email_open, in_last: 90d, count: {lte: 1}}",
                "coalesce(opens_90d, 0) <= 1",
                "col.opens_90d.fill_null(0) <= 1",
            ),
        ),
    ),
    Feature(
        "clicks_30d",
        "count(*) FILTER (WHERE event = 'email_click' AND occurred_at > as_of() - INTERVAL 30 DAY)",
        "clicked",
        "since(30).sum()",
        (("did: {event: email_click, in_last: 30d}", "clicks_30d >= 1", "col.clicks_30d >= 1"),),
    ),
    Feature(
        "clicks_180d",
        "count(*) FILTER (WHERE event = 'email_click' AND occurred_at > as_of() - INTERVAL 180 DAY)",
        "clicked",
        "since(180).sum()",
        (
            (
                "did: {event: email_click, in_last: 180d, count: {between: [1, <3>]}}",
                "clicks_180d BETWEEN 1 AND <3>",
                "col.clicks_180d.is_between(1, <3>)",
            ),
            (
                "did: {event: email_click, in_last: 180d, count: 0}",
                "coalesce(clicks_180d, 0) = 0",
                "col.clicks_180d.fill_null(0) == 0",
            ),
        ),
    ),
    Feature(
        "sent_365d",
        "count(*) FILTER (WHERE event = 'email_sent' AND occurred_at > as_of() - INTERVAL 365 DAY)",
        "sent",
        "since(365).sum()",
        (
            ("did: {event: email_sent, in_last: 365d, count: {gte: <5>}}", "sent_365d >= <5>", "col.sent_365d >= <5>"),
            (
                "did: {event: email_sent, in_last: 365d, count: {is_not: 1}}",
                "coalesce(sent_365d, 0) <> 1",
                "col.sent_365d.fill_null(0) != 1",
            ),
        ),
    ),
    Feature(
        "bounces_365d",
        "count(*) FILTER (WHERE event = 'email_bounce' AND occurred_at > as_of() - INTERVAL 365 DAY)",
        "bounced",
        "pl.len()",
        (
            (
                "did_not: {event: email_bounce, in_last: 365d}",
                "coalesce(bounces_365d, 0) = 0",
                "col.bounces_365d.is_null()",
            ),
        ),
    ),
    Feature(
        "emails_30d",
        "count(*) FILTER (WHERE starts_with(event, 'email_') AND occurred_at > as_of() - INTERVAL 30 DAY)",
        "mailed",
        "pl.len()",
        (('did: {event: "email_*", in_last: 30d, count: {gte: <2>}}', "emails_30d >= <2>", "col.emails_30d >= <2>"),),
    ),
    Feature(
        "engaged_90d",
        "count(*) FILTER (WHERE event IN ('email_open', 'email_click') AND occurred_at > as_of() - INTERVAL 90 DAY)",
        "engaged",
        "pl.len()",
        (
            (
                "did: {event: [email_open, email_click], in_last: 90d, count: {gte: <3>}}",
                "engaged_90d >= <3>",
                "col.engaged_90d >= <3>",
            ),
            (
                "did_not: {event: [email_open, email_click], in_last: 90d}",
                "coalesce(engaged_90d, 0) = 0",
                "col.engaged_90d.is_null()",
            ),
        ),
    ),
    Feature(
        "spring_opens_365d",
        "count(*) FILTER (WHERE event = 'email_open' AND starts_with(campaign, 'spring-')"
        " AND occurred_at > as_of() - INTERVAL 365 DAY)",
        "opened",
        "(since(365) & col.campaign.str.starts_with('spring-')).sum()",
        (
            (
                'did: {event: email_open, where: {campaign: {starts_with: "spring-"}}, in_last: 365d}',
                "spring_opens_365d >= 1",
                "col.spring_opens_365d >= 1",
            ),
        ),
    ),
    Feature(
        "other_sent_180d",
        "count(*) FILTER (WHERE event = 'email_sent' AND campaign IS DISTINCT FROM 'spring-sale'"
        " AND occurred_at > as_of() - INTERVAL 180 DAY)",
        "sent",
        "(since(180) & col.campaign.ne_missing('spring-sale')).sum()",
        (
            (
                "did: {event: email_sent, where: {campaign: {is_not: spring-sale}}, in_last: 180d, count: {lt: <2>}}",
                "coalesce(other_sent_180d, 0) < <2>",
                "col.other_sent_180d.fill_null(0) < <2>",
            ),
        ),
    ),
    Feature(
        "last_open",
        "max(occurred_at) FILTER (WHERE event = 'email_open')",
        "opened",
        "col.at.max()",
        (
            (
                "did: {event: email_open, last: {more_than_ago: <60>d}}",
                "last_open <= as_of() - INTERVAL <60> DAY",
                "col.last_open <= AS_OF - days(<60>)",
            ),
            ("did: {event: email_open, last: {is_set: false}}", "last_open IS NULL", "col.last_open.is_null()"),
        ),
    ),
    Feature(
        "last_sent_other",
        "max(occurred_at) FILTER (WHERE event = 'email_sent' AND campaign IS DISTINCT FROM 'spring-sale')"
        " IS NOT DISTINCT FROM max(occurred_at) FILTER (WHERE event = 'email_sent')",
        "sent",
        "pl.when(col.campaign.ne_missing('spring-sale')).then(col.at).max() == col.at.max()",
        (
            # NULL for whoever has no e-mail at all, false for whose last one was another: missing is no spring-sale
            (
                "did: {event: email_sent, last_value: {campaign: {is_not: spring-sale}}}",
                "coalesce(last_sent_other, true)",
                "col.sent_365d.is_null() | col.last_sent_other",
            ),
        ),
    ),
)
