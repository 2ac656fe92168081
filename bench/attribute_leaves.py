"""The tests on attributes, each as a person writes it for segtool, for DuckDB and for Polars.

In the SQL, `as_of()` and `run_day()` are macros of the runner; so are `AS_OF` and `RUN_DAY` names of the Polars
program, and `col` is its `pl.col`. A test may be NULL where a value is missing; whoever runs it turns that into
false, so the negative tests say themselves that a missing value passes. `trees.py` tells what `<…>` marks.
"""

from __future__ import annotations

from bench.trees import Leaf

LOW_TEXT = (
    Leaf("country: UA", "country = 'UA'", "col.country == 'UA'"),
    Leaf("country: PL", "country = 'PL'", "col.country == 'PL'"),
    Leaf("country: NO", "country = 'NO'", "col.country == 'NO'"),
    Leaf("country: [UA, PL, DE]", "country IN ('UA', 'PL', 'DE')", "col.country.is_in(['UA', 'PL', 'DE'])"),
    Leaf(
        "country: [CZ, SK, LT, RO]",
        "country IN ('CZ', 'SK', 'LT', 'RO')",
        "col.country.is_in(['CZ', 'SK', 'LT', 'RO'])",
    ),
    Leaf("country: {is_not: US}", "country IS DISTINCT FROM 'US'", "col.country.ne_missing('US')"),
    Leaf(
        "country: {not_in: [ES, IT, FR]}",
        "(country IN ('ES', 'IT', 'FR')) IS NOT TRUE",
        "~col.country.is_in(['ES', 'IT', 'FR']).fill_null(False)",
    ),
    Leaf("city: Novagrad", "city = 'Novagrad'", "col.city == 'Novagrad'"),
    Leaf(
        "city: [Altburg, Altmont, Bilagrad]",
        "city IN ('Altburg', 'Altmont', 'Bilagrad')",
        "col.city.is_in(['Altburg', 'Altmont', 'Bilagrad'])",
    ),
    Leaf("city: {ends_with: burg}", "ends_with(city, 'burg')", "col.city.str.ends_with('burg')"),
    Leaf("city: {contains: mont}", "contains(city, 'mont')", "col.city.str.contains('mont', literal=True)"),
    Leaf(
        "city: {starts_with: [Nova, San]}",
        "starts_with(city, 'Nova') OR starts_with(city, 'San')",
        "col.city.str.starts_with('Nova') | col.city.str.starts_with('San')",
    ),
    Leaf("city: {is_set: false}", "city IS NULL", "col.city.is_null()"),
    Leaf("language: uk", "language = 'uk'", "col.language == 'uk'"),
    Leaf("language: [pl, de]", "language IN ('pl', 'de')", "col.language.is_in(['pl', 'de'])"),
    Leaf("language: {is_not: en}", "language IS DISTINCT FROM 'en'", "col.language.ne_missing('en')"),
    Leaf("gender: f", "gender = 'f'", "col.gender == 'f'"),
    Leaf("gender: {is_set: true}", "gender IS NOT NULL", "col.gender.is_not_null()"),
    Leaf("plan: pro", "plan = 'pro'", "col.plan == 'pro'"),
    Leaf("plan: [plus, pro]", "plan IN ('plus', 'pro')", "col.plan.is_in(['plus', 'pro'])"),
    Leaf("plan: {is_not: free}", "plan IS DISTINCT FROM 'free'", "col.plan.ne_missing('free')"),
    Leaf("device: ios", "device = 'ios'", "col.device == 'ios'"),
    Leaf("device: web", "device = 'web'", "col.device == 'web'"),
    Leaf("device: {is_not: android}", "device IS DISTINCT FROM 'android'", "col.device.ne_missing('android')"),
    Leaf("source: [search, social]", "source IN ('search', 'social')", "col.source.is_in(['search', 'social'])"),
    Leaf("source: {starts_with: s}", "starts_with(source, 's')", "col.source.str.starts_with('s')"),
    Leaf("source: {is_set: false}", "source IS NULL", "col.source.is_null()"),
)
HIGH_TEXT = (
    Leaf(
        'email: {ends_with: "@example.com"}',
        "ends_with(email, '@example.com')",
        "col.email.str.ends_with('@example.com')",
    ),
    Leaf(
        'email: {ends_with: ["@example.org", "@example.net"]}',
        "ends_with(email, '@example.org') OR ends_with(email, '@example.net')",
        "col.email.str.ends_with('@example.org') | col.email.str.ends_with('@example.net')",
    ),
    Leaf("email: {contains: 77}", "contains(email, '77')", "col.email.str.contains('77', literal=True)"),
    Leaf("email: {starts_with: p1}", "starts_with(email, 'p1')", "col.email.str.starts_with('p1')"),
    Leaf(
        "email: {not_contains: example}",
        "contains(email, 'example') IS NOT TRUE",
        "~col.email.str.contains('example', literal=True).fill_null(False)",
    ),
    Leaf("email: {is_set: true}", "email IS NOT NULL", "col.email.is_not_null()"),
    Leaf("phone: {is_set: true}", "phone IS NOT NULL", "col.phone.is_not_null()"),
    Leaf("phone: {starts_with: +38050}", "starts_with(phone, '+38050')", "col.phone.str.starts_with('+38050')"),
    Leaf(
        "phone: {ends_with: [1, 3, 5]}",
        "right(phone, 1) IN ('1', '3', '5')",
        "col.phone.str.tail(1).is_in(['1', '3', '5'])",
    ),
    Leaf(
        "last_page: {starts_with: /shoes/}",
        "starts_with(last_page, '/shoes/')",
        "col.last_page.str.starts_with('/shoes/')",
    ),
    Leaf(
        "last_page: {starts_with: [/books/, /toys/]}",
        "starts_with(last_page, '/books/') OR starts_with(last_page, '/toys/')",
        "col.last_page.str.starts_with('/books/') | col.last_page.str.starts_with('/toys/')",
    ),
    Leaf(
        "last_page: {contains: item-1}",
        "contains(last_page, 'item-1')",
        "col.last_page.str.contains('item-1', literal=True)",
    ),
    Leaf("last_page: {ends_with: 0}", "ends_with(last_page, '0')", "col.last_page.str.ends_with('0')"),
    Leaf(
        "last_page: {not_contains: phones}",
        "contains(last_page, 'phones') IS NOT TRUE",
        "~col.last_page.str.contains('phones', literal=True).fill_null(False)",
    ),
)
NUMBERS = (
    Leaf("points: {gte: <500>}", "points >= <500>", "col.points >= <500>"),
    Leaf("points: {lt: <50>}", "points < <50>", "col.points < <50>"),
    Leaf(
        "points: {between: [<100>, <300>]}",
        "points BETWEEN <100> AND <300>",
        "col.points.is_between(<100>, <300>)",
    ),
    Leaf("points: {gt: <1000>}", "points > <1000>", "col.points > <1000>"),
    Leaf("points: {is_not: 0}", "points IS DISTINCT FROM 0", "col.points.ne_missing(0)"),
    Leaf("orders: 0", "orders = 0", "col.orders == 0"),
    Leaf("orders: {gte: 3}", "orders >= 3", "col.orders >= 3"),
    Leaf("orders: {between: [1, 4]}", "orders BETWEEN 1 AND 4", "col.orders.is_between(1, 4)"),
    Leaf("orders: [2, 5, 7]", "orders IN (2, 5, 7)", "col.orders.is_in([2, 5, 7])"),
    Leaf("orders: {is_set: false}", "orders IS NULL", "col.orders.is_null()"),
    Leaf("lifetime_value: {gte: <99.99>}", "lifetime_value >= <99.99>", "col.lifetime_value >= <99.99>"),
    Leaf("lifetime_value: {lt: <20>}", "lifetime_value < <20>", "col.lifetime_value < <20>"),
    Leaf(
        "lifetime_value: {between: [<50>, <250>]}",
        "lifetime_value BETWEEN <50> AND <250>",
        "col.lifetime_value.is_between(<50>, <250>)",
    ),
    Leaf("lifetime_value: {gt: <500.50>}", "lifetime_value > <500.50>", "col.lifetime_value > <500.50>"),
    Leaf("average_basket: {gte: <60>}", "average_basket >= <60>", "col.average_basket >= <60>"),
    Leaf("average_basket: {lte: <19.90>}", "average_basket <= <19.90>", "col.average_basket <= <19.90>"),
    Leaf(
        "average_basket: {between: [<25.50>, <75>]}",
        "average_basket BETWEEN <25.50> AND <75>",
        "col.average_basket.is_between(<25.50>, <75>)",
    ),
    Leaf("average_basket: {is_set: false}", "average_basket IS NULL", "col.average_basket.is_null()"),
)
FLAGS = (
    Leaf("email_opt_in: true", "email_opt_in", "col.email_opt_in"),
    Leaf("email_opt_in: false", "NOT email_opt_in", "~col.email_opt_in"),
    Leaf("sms_opt_in: true", "sms_opt_in", "col.sms_opt_in"),
    Leaf("sms_opt_in: {is_not: true}", "sms_opt_in IS NOT TRUE", "col.sms_opt_in.ne_missing(True)"),
    Leaf("sms_opt_in: {is_set: true}", "sms_opt_in IS NOT NULL", "col.sms_opt_in.is_not_null()"),
)
LISTS = (
    Leaf("interests: fashion", "list_contains(interests, 'fashion')", "col.interests.list.contains('fashion')"),
    Leaf("interests: {has: books}", "list_contains(interests, 'books')", "col.interests.list.contains('books')"),
    Leaf(
        "interests: {has_any: [shoes, sport]}",
        "list_has_any(interests, ['shoes', 'sport'])",
        "has_any(col.interests, 'shoes', 'sport')",
    ),
    Leaf(
        "interests: {has_any: [home, garden, pets]}",
        "list_has_any(interests, ['home', 'garden', 'pets'])",
        "has_any(col.interests, 'home', 'garden', 'pets')",
    ),
    Leaf(
        "interests: {has_all: [books, music]}",
        "list_has_all(interests, ['books', 'music'])",
        "col.interests.list.contains('books') & col.interests.list.contains('music')",
    ),
    Leaf(
        "interests: {has_all: [kids, food]}",
        "list_has_all(interests, ['kids', 'food'])",
        "col.interests.list.contains('kids') & col.interests.list.contains('food')",
    ),
    Leaf(
        "interests: {has_none: [beauty, shoes]}",
        "list_has_any(interests, ['beauty', 'shoes']) IS NOT TRUE",
        "~has_any(col.interests, 'beauty', 'shoes').fill_null(False)",
    ),
    Leaf("interests: {is_set: true}", "len(interests) > 0", "col.interests.list.len() > 0"),
)
DATES = (
    Leaf("birth_date: {before: 1990-01-01}", "birth_date < DATE '1990-01-01'", "col.birth_date < date(1990, 1, 1)"),
    Leaf(
        "birth_date: {between: [1985-01-01, 1999-12-31]}",
        "birth_date BETWEEN DATE '1985-01-01' AND DATE '1999-12-31'",
        "col.birth_date.is_between(date(1985, 1, 1), date(1999, 12, 31))",
    ),
    Leaf("birth_date: {gte: 2000-01-01}", "birth_date >= DATE '2000-01-01'", "col.birth_date >= date(2000, 1, 1)"),
    Leaf("birth_date: {is_set: false}", "birth_date IS NULL", "col.birth_date.is_null()"),
    Leaf(
        "last_visit_on: {in_last: <7>d}",
        "last_visit_on > run_day() - <7> AND last_visit_on <= run_day()",
        "(col.last_visit_on > RUN_DAY - days(<7>)) & (col.last_visit_on <= RUN_DAY)",
    ),
    Leaf(
        "last_visit_on: {in_last: <30>d}",
        "last_visit_on > run_day() - <30> AND last_visit_on <= run_day()",
        "(col.last_visit_on > RUN_DAY - days(<30>)) & (col.last_visit_on <= RUN_DAY)",
    ),
    Leaf(
        "last_visit_on: {more_than_ago: <90>d}",
        "last_visit_on <= run_day() - <90>",
        "col.last_visit_on <= RUN_DAY - days(<90>)",
    ),
    Leaf(
        "last_visit_on: {more_than_ago: 6mo}",
        "last_visit_on <= run_day() - INTERVAL 6 MONTH",
        "col.last_visit_on <= pl.lit(RUN_DAY).dt.offset_by('-6mo')",
    ),
)
TIMES = (
    Leaf(
        "signed_up_at: {in_last: <30>d}",
        "signed_up_at > as_of() - INTERVAL <30> DAY AND signed_up_at <= as_of()",
        "(col.signed_up_at > AS_OF - days(<30>)) & (col.signed_up_at <= AS_OF)",
    ),
    Leaf(
        "signed_up_at: {in_last: 1y}",
        "signed_up_at > as_of() - INTERVAL 1 YEAR AND signed_up_at <= as_of()",
        "(col.signed_up_at > pl.lit(AS_OF).dt.offset_by('-1y')) & (col.signed_up_at <= AS_OF)",
    ),
    Leaf(
        "signed_up_at: {more_than_ago: <365>d}",
        "signed_up_at <= as_of() - INTERVAL <365> DAY",
        "col.signed_up_at <= AS_OF - days(<365>)",
    ),
    Leaf(
        "signed_up_at: {before: 2025-01-01}",
        "signed_up_at < TIMESTAMPTZ '2025-01-01 00:00:00Z'",
        "col.signed_up_at < utc(2025, 1, 1)",
    ),
    Leaf(
        "signed_up_at: {after: 2025-12-31}",
        "signed_up_at >= TIMESTAMPTZ '2026-01-01 00:00:00Z'",
        "col.signed_up_at >= utc(2026, 1, 1)",
    ),
    Leaf(
        "last_purchase_at: {in_last: <30>d}",
        "last_purchase_at > as_of() - INTERVAL <30> DAY AND last_purchase_at <= as_of()",
        "(col.last_purchase_at > AS_OF - days(<30>)) & (col.last_purchase_at <= AS_OF)",
    ),
    Leaf(
        "last_purchase_at: {in_last: <90>d}",
        "last_purchase_at > as_of() - INTERVAL <90> DAY AND last_purchase_at <= as_of()",
        "(col.last_purchase_at > AS_OF - days(<90>)) & (col.last_purchase_at <= AS_OF)",
    ),
    Leaf(
        "last_purchase_at: {more_than_ago: <90>d}",
        "last_purchase_at <= as_of() - INTERVAL <90> DAY",
        "col.last_purchase_at <= AS_OF - days(<90>)",
    ),
    Leaf(
        "last_purchase_at: {more_than_ago: <180>d}",
        "last_purchase_at <= as_of() - INTERVAL <180> DAY",
        "col.last_purchase_at <= AS_OF - days(<180>)",
    ),
    Leaf(
        "last_purchase_at: {between: [2026-01-01, 2026-03-31]}",
        "last_purchase_at >= TIMESTAMPTZ '2026-01-01 00:00:00Z'"
        " AND last_purchase_at < TIMESTAMPTZ '2026-04-01 00:00:00Z'",
        "col.last_purchase_at.is_between(utc(2026, 1, 1), utc(2026, 4, 1), closed='left')",
    ),
    Leaf("last_purchase_at: {is_set: false}", "last_purchase_at IS NULL", "col.last_purchase_at.is_null()"),
)
LEAVES = LOW_TEXT + HIGH_TEXT + NUMBERS + FLAGS + LISTS + DATES + TIMES
