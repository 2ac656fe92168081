"""A project of 2,000 random users with events and segments of every sort, which is made anew from a seed."""

from __future__ import annotations

import random
from datetime import UTC, datetime, timedelta
from pathlib import Path

AS_OF = "2026-06-15T12:00:00Z"
NOW = datetime(2026, 6, 15, 12, tzinfo=UTC)
USERS = 2_000
SETTINGS = """\
version: 1
timezone: Europe/Kyiv
users:
  path: users.csv
  key: user_id
  columns: {born: date, joined: datetime, interests: {list: text}}
events:
  purchase: {path: purchases.csv, user: user_id, time: at}
  email: {path: email.csv, user: user_id, time: at, name: what}
"""
SEGMENTS = """\
adults: {kind: dynamic, where: {born: {age: {gte: 18}}}}
lapsed:
  kind: dynamic
  where:
    - country: [UA, PL]
    - did: purchase
    - did_not: {event: purchase, in_last: 90d}
readers:
  kind: dynamic
  where:
    any:
      - did: {event: open, count: {gte: 3}, in_last: 60d}
      - interests: {has_any: [fashion, shoes]}
spenders: {kind: dynamic, where: {did: {event: purchase, in_last: 1y, sum: {amount: {gte: 250}}}}}
best:
  kind: dynamic
  where: {in_segment: spenders}
  top: {by: points, count: 40}
  include: [u0001, nobody]
weakest_fifth: {kind: dynamic, where: {points: {is_set: true}}, bottom: {by: points, percent: 20}}
upper_tenth: {kind: dynamic, where: {points: {percentile: {gt: 90}}, in_segment: adults}}
tenth: {kind: dynamic, where: [{sample: {percent: 10, salt: spring}}, {not: {country: NO}}]}
without_some: {kind: dynamic, where: {everyone: true}, exclude: [u0003, u0005], include: [u0003, u0006]}
kept_small: {kind: dynamic, where: {email: {is_set: true}}, guard: {max_size: 100}}
of_all_sorts:
  kind: dynamic
  where:
    - none: [{in_segment: [best, kept_small]}, {country: {not_in: [UA, NO]}}]
    - any: [{in_segment: tenth}, {in_segment: early}, {points: {lt: 20}}]
clicked:
  kind: dynamic
  where:
    sequence: {steps: [click, {event: purchase, where: {amount: {gte: 20}}, within: 14d}], in_last: 1y}
often: {kind: dynamic, where: {regularly: {event: open, every: 30d, periods: 2, of: 4}}}
last_was_big: {kind: dynamic, where: {did: {event: purchase, last_value: {amount: {gte: 60}}, days: {gte: 2}}}}
fresh: {kind: dynamic, where: {joined: {in_last: 30d}, email: {contains: "@example."}}}
early: {kind: static, where: {joined: {before: 2025-08-01}}}
fair: {kind: static, list: fair.csv}
"""
LATE = "late_spring: {kind: static, where: {joined: {after: 2026-05-01}}}\n"
"""A static segment that comes after the first run, and is frozen by none yet."""


def make_shop(folder: Path, seed: int) -> Path:
    """Writes the project."""
    chance = random.Random(seed)
    keys = [f"u{number:04}" for number in range(USERS)]
    (folder / "segments").mkdir(parents=True)
    (folder / "segtool.yaml").write_text(SETTINGS)
    (folder / "segments" / "all.yaml").write_text(SEGMENTS)
    (folder / "fair.csv").write_text("user_id\n" + "".join(f"{key}\n" for key in [*keys[::9], "stranger"]))
    users = [_user(key, chance) for key in keys]
    (folder / "users.csv").write_text("user_id,country,born,joined,interests,email,points\n" + "".join(users))
    buys = [
        f"{key},{_moment(chance)},{chance.randint(1, 100)}\n"
        for key in keys
        for _ in range(chance.choice([0, 0, 1, 3, 6]))
    ]
    (folder / "purchases.csv").write_text("user_id,at,amount\n" + "".join(buys))
    mails = [
        f"{key},{_moment(chance)},{chance.choice(['open', 'click'])}\n"
        for key in keys
        for _ in range(chance.choice([0, 2, 8]))
    ]
    (folder / "email.csv").write_text("user_id,at,what\n" + "".join(mails))
    return folder


def _user(key: str, chance: random.Random) -> str:
    born = f"{chance.randint(1950, 2015)}-{chance.randint(1, 12):02}-{chance.randint(1, 28):02}"
    cells = (
        chance.choice(["UA", "PL", "NO", ""]),
        chance.choice([born, born, ""]),
        _moment(chance),
        chance.choice(["", "fashion", "shoes|books", "books"]),
        chance.choice(["", f"{key}@example.com"]),
        chance.choice(["", str(chance.randint(0, 99))]),
    )
    return ",".join([key, *cells]) + "\n"


def _moment(chance: random.Random) -> str:
    moment = NOW - timedelta(seconds=chance.randint(0, 500 * 86400))
    return moment.strftime("%Y-%m-%dT%H:%M:%SZ")
