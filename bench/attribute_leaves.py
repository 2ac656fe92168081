"""The tests on attributes, each as a person writes it for segtool and for DuckDB.

In the SQL, `as_of()` and `run_day()` are macros of the runner. A test may be NULL where a value is missing;
the query turns that into false, so the negative tests say themselves that a missing value passes.
"""

from __future__ import annotations

from bench.trees import Leaf

LOW_TEXT = (
    Leaf("country: UA", "country = 'UA'"),
    Leaf("country: PL", "country = 'PL'"),
    Leaf("country: NO", "country = 'NO'"),
    Leaf("country: [UA, PL, DE]", "country IN ('UA', 'PL', 'DE')"),
    Leaf("country: [CZ, SK, LT, RO]", "country IN ('CZ', 'SK', 'LT', 'RO')"),
    Leaf("country: {is_not: US}", "country IS DISTINCT FROM 'US'"),
    Leaf("country: {not_in: [ES, IT, FR]}", "(country IN ('ES', 'IT', 'FR')) IS NOT TRUE"),
    Leaf("city: Novagrad", "city = 'Novagrad'"),
    Leaf("city: [Altburg, Altmont, Bilagrad]", "city IN ('Altburg', 'Altmont', 'Bilagrad')"),
    Leaf("city: {ends_with: burg}", "ends_with(city, 'burg')"),
    Leaf("city: {contains: mont}", "contains(city, 'mont')"),
    Leaf("city: {starts_with: [Nova, San]}", "starts_with(city, 'Nova') OR starts_with(city, 'San')"),
    Leaf("city: {is_set: false}", "city IS NULL"),
    Leaf("language: uk", "language = 'uk'"),
    Leaf("language: [pl, de]", "language IN ('pl', 'de')"),
    Leaf("language: {is_not: en}", "language IS DISTINCT FROM 'en'"),
    Leaf("gender: f", "gender = 'f'"),
    Leaf("gender: {is_set: true}", "gender IS NOT NULL"),
    Leaf("plan: pro", "plan = 'pro'"),
    Leaf("plan: [plus, pro]", "plan IN ('plus', 'pro')"),
    Leaf("plan: {is_not: free}", "plan IS DISTINCT FROM 'free'"),
    Leaf("device: ios", "device = 'ios'"),
    Leaf("device: web", "device = 'web'"),
    Leaf("device: {is_not: android}", "device IS DISTINCT FROM 'android'"),
    Leaf("source: [search, social]", "source IN ('search', 'social')"),
    Leaf("source: {starts_with: s}", "starts_with(source, 's')"),
    Leaf("source: {is_set: false}", "source IS NULL"),
)
HIGH_TEXT = (
    Leaf('email: {ends_with: "@example.com"}', "ends_with(email, '@example.com')"),
    Leaf(
        'email: {ends_with: ["@example.org", "@example.net"]}',
        "ends_with(email, '@example.org') OR ends_with(email, '@example.net')",
    ),
    Leaf("email: {contains: 77}", "contains(email, '77')"),
    Leaf("email: {starts_with: p1}", "starts_with(email, 'p1')"),
    Leaf("email: {not_contains: example}", "contains(email, 'example') IS NOT TRUE"),
    Leaf("email: {is_set: true}", "email IS NOT NULL"),
    Leaf("phone: {is_set: true}", "phone IS NOT NULL"),
    Leaf("phone: {starts_with: +38050}", "starts_with(phone, '+38050')"),
    Leaf("phone: {ends_with: [1, 3, 5]}", "right(phone, 1) IN ('1', '3', '5')"),
    Leaf("last_page: {starts_with: /shoes/}", "starts_with(last_page, '/shoes/')"),
    Leaf(
        "last_page: {starts_with: [/books/, /toys/]}",
        "starts_with(last_page, '/books/') OR starts_with(last_page, '/toys/')",
    ),
    Leaf("last_page: {contains: item-1}", "contains(last_page, 'item-1')"),
    Leaf("last_page: {ends_with: 0}", "ends_with(last_page, '0')"),
    Leaf("last_page: {not_contains: phones}", "contains(last_page, 'phones') IS NOT TRUE"),
)
NUMBERS = (
    Leaf("points: {gte: 500}", "points >= 500"),
    Leaf("points: {lt: 50}", "points < 50"),
    Leaf("points: {between: [100, 300]}", "points BETWEEN 100 AND 300"),
    Leaf("points: {gt: 1000}", "points > 1000"),
    Leaf("points: {is_not: 0}", "points IS DISTINCT FROM 0"),
    Leaf("orders: 0", "orders = 0"),
    Leaf("orders: {gte: 3}", "orders >= 3"),
    Leaf("orders: {between: [1, 4]}", "orders BETWEEN 1 AND 4"),
    Leaf("orders: [2, 5, 7]", "orders IN (2, 5, 7)"),
    Leaf("orders: {is_set: false}", "orders IS NULL"),
    Leaf("lifetime_value: {gte: 99.99}", "lifetime_value >= 99.99"),
    Leaf("lifetime_value: {lt: 20}", "lifetime_value < 20"),
    Leaf("lifetime_value: {between: [50, 250]}", "lifetime_value BETWEEN 50 AND 250"),
    Leaf("lifetime_value: {gt: 500.50}", "lifetime_value > 500.50"),
    Leaf("average_basket: {gte: 60}", "average_basket >= 60"),
    Leaf("average_basket: {lte: 19.90}", "average_basket <= 19.90"),
    Leaf("average_basket: {between: [25.50, 75]}", "average_basket BETWEEN 25.50 AND 75"),
    Leaf("average_basket: {is_set: false}", "average_basket IS NULL"),
)
FLAGS = (
    Leaf("email_opt_in: true", "email_opt_in"),
    Leaf("email_opt_in: false", "NOT email_opt_in"),
    Leaf("sms_opt_in: true", "sms_opt_in"),
    Leaf("sms_opt_in: {is_not: true}", "sms_opt_in IS NOT TRUE"),
    Leaf("sms_opt_in: {is_set: true}", "sms_opt_in IS NOT NULL"),
)
LISTS = (
    Leaf("interests: fashion", "list_contains(interests, 'fashion')"),
    Leaf("interests: {has: books}", "list_contains(interests, 'books')"),
    Leaf("interests: {has_any: [shoes, sport]}", "list_has_any(interests, ['shoes', 'sport'])"),
    Leaf("interests: {has_any: [home, garden, pets]}", "list_has_any(interests, ['home', 'garden', 'pets'])"),
    Leaf("interests: {has_all: [books, music]}", "list_has_all(interests, ['books', 'music'])"),
    Leaf("interests: {has_all: [kids, food]}", "list_has_all(interests, ['kids', 'food'])"),
    Leaf("interests: {has_none: [beauty, shoes]}", "list_has_any(interests, ['beauty', 'shoes']) IS NOT TRUE"),
    Leaf("interests: {is_set: true}", "len(interests) > 0"),
)
DATES = (
    Leaf("birth_date: {before: 1990-01-01}", "birth_date < DATE '1990-01-01'"),
    Leaf(
        "birth_date: {between: [1985-01-01, 1999-12-31]}",
        "birth_date BETWEEN DATE '1985-01-01' AND DATE '1999-12-31'",
    ),
    Leaf("birth_date: {gte: 2000-01-01}", "birth_date >= DATE '2000-01-01'"),
    Leaf("birth_date: {is_set: false}", "birth_date IS NULL"),
    Leaf("last_visit_on: {in_last: 7d}", "last_visit_on > run_day() - 7 AND last_visit_on <= run_day()"),
    Leaf("last_visit_on: {in_last: 30d}", "last_visit_on > run_day() - 30 AND last_visit_on <= run_day()"),
    Leaf("last_visit_on: {more_than_ago: 90d}", "last_visit_on <= run_day() - 90"),
    Leaf("last_visit_on: {more_than_ago: 6mo}", "last_visit_on <= run_day() - INTERVAL 6 MONTH"),
)
TIMES = (
    Leaf("signed_up_at: {in_last: 30d}", "signed_up_at > as_of() - INTERVAL 30 DAY AND signed_up_at <= as_of()"),
    Leaf("signed_up_at: {in_last: 1y}", "signed_up_at > as_of() - INTERVAL 1 YEAR AND signed_up_at <= as_of()"),
    Leaf("signed_up_at: {more_than_ago: 365d}", "signed_up_at <= as_of() - INTERVAL 365 DAY"),
    Leaf("signed_up_at: {before: 2025-01-01}", "signed_up_at < TIMESTAMPTZ '2025-01-01 00:00:00Z'"),
    Leaf("signed_up_at: {after: 2025-12-31}", "signed_up_at >= TIMESTAMPTZ '2026-01-01 00:00:00Z'"),
    Leaf(
        "last_purchase_at: {in_last: 30d}",
        "last_purchase_at > as_of() - INTERVAL 30 DAY AND last_purchase_at <= as_of()",
    ),
    Leaf(
        "last_purchase_at: {in_last: 90d}",
        "last_purchase_at > as_of() - INTERVAL 90 DAY AND last_purchase_at <= as_of()",
    ),
    Leaf("last_purchase_at: {more_than_ago: 90d}", "last_purchase_at <= as_of() - INTERVAL 90 DAY"),
    Leaf("last_purchase_at: {more_than_ago: 180d}", "last_purchase_at <= as_of() - INTERVAL 180 DAY"),
    Leaf(
        "last_purchase_at: {between: [2026-01-01, 2026-03-31]}",
        "last_purchase_at >= TIMESTAMPTZ '2026-01-01 00:00:00Z'"
        " AND last_purchase_at < TIMESTAMPTZ '2026-04-01 00:00:00Z'",
    ),
    Leaf("last_purchase_at: {is_set: false}", "last_purchase_at IS NULL"),
)
LEAVES = LOW_TEXT + HIGH_TEXT + NUMBERS + FLAGS + LISTS + DATES + TIMES
