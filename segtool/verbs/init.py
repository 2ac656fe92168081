"""An empty folder to a small project that works at once, with made-up users and purchases."""

from __future__ import annotations

import random
from datetime import date, datetime, timedelta
from pathlib import Path

from segtool.errors import Problem, UsageError
from segtool.model.results import Made
from segtool.store.trial import tried

SETTINGS = """\
version: 1
timezone: UTC                    # whose midnight `today` means, such as Europe/Kyiv
users:
  path: data/users.csv
  key: user_id
  columns:
    interests: {list: text, separator: "|"}
events:                          # what people did, and when: any number of tables
  purchase: {path: data/purchases.csv, user: user_id, time: paid_at}
"""

SEGMENTS = """\
lapsed_buyers:
  kind: dynamic                  # decided anew at every run
  description: Bought before, but not in the last 90 days
  where:
    - did: purchase
    - did_not: {event: purchase, in_last: 90d}

best_buyers:
  kind: dynamic
  where:
    did: {event: purchase, in_last: 1y, count: {gte: 3}, sum: {amount: {gte: 100}}}

fashion_readers:
  kind: dynamic
  where:
    - interests: {has_any: [fashion, shoes]}
    - email_opt_in: true

launch_in_kyiv:
  kind: static                   # frozen at the first run, and the same for ever after
  where: {city: Kyiv}
  columns: [email]
"""

TESTS = """\
tests:                           # `segtool test` tries the definitions on rows of your own
  - segment: lapsed_buyers
    as_of: 2026-06-15T12:00:00Z
    users: [{user_id: long_ago}, {user_id: lately}, {user_id: never}]
    events:
      - {user_id: long_ago, event: purchase, at: 2026-01-10T09:00:00Z}
      - {user_id: lately, event: purchase, at: 2026-06-14T09:00:00Z}
    members: [long_ago]
"""

CITIES = {"Kyiv": "UA", "Lviv": "UA", "Warsaw": "PL", "Oslo": "NO", "Berlin": "DE"}
INTERESTS = ("fashion", "shoes", "sport", "books", "home")
USERS = 500


def init(folder: Path, today: date) -> Made:
    """Writes the project; UsageError where there is one already, or where its files would overwrite others."""
    files = {
        "segtool.yaml": SETTINGS,
        "segments/first.yaml": SEGMENTS,
        "tests/first.yaml": TESTS,
        "data/users.csv": users_csv(),
        "data/purchases.csv": purchases_csv(today),
    }
    if folder.exists() and not folder.is_dir():
        raise UsageError(Problem(f"{folder} is a file", "name a folder"))
    taken = [name for name in files if (folder / name).exists()]
    if taken:
        raise UsageError([Problem(f"{folder / name} is there already", "choose another folder") for name in taken])
    for name, text in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8", newline="\n")
    lacks = tuple(finding.fact for finding in tried(folder) if finding.state == "wrong")
    return Made(str(folder), tuple(files), lacks)


def users_csv() -> str:
    """Made-up users."""
    draw = random.Random(1)
    lines = ["user_id,email,city,country,interests,email_opt_in"]
    for number in range(1, USERS + 1):
        city = draw.choice(list(CITIES))
        interests = "|".join(one for one in INTERESTS if draw.random() < 0.3)
        opt_in = draw.choice(["true", "true", "false", ""])
        lines.append(f"{number:05},user{number}@example.com,{city},{CITIES[city]},{interests},{opt_in}")
    return "\n".join(lines) + "\n"


def purchases_csv(today: date) -> str:
    """Made-up purchases in the year before `today`, in the order of time; some users have none."""
    draw = random.Random(2)
    bought: list[str] = []
    for number in range(1, USERS + 1):
        for _ in range(draw.choice([0, 0, 1, 1, 2, 3, 5])):
            moment = datetime(today.year, today.month, today.day) - timedelta(minutes=draw.randrange(365 * 24 * 60))
            bought.append(f"{moment.isoformat()}Z,{number:05},{draw.randrange(500, 9_000) / 100:.2f}")
    return "\n".join(["paid_at,user_id,amount", *sorted(bought)]) + "\n"
