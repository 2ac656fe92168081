"""Writes made-up events of made-up users: a log `email` and a table `purchase`, each as CSV and as Parquet.

The times end a day after `make.py`'s present: of that day, the first run must not see anything yet. A further day
stands in files of its own, for the import of files that came later. As with users, memory does not grow with the
number of rows, but for some bytes a user.
"""

from __future__ import annotations

import argparse
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import polars as pl

from bench import make

SEED = 20260616
CHUNK = 2_000_000
END = make.NOW + np.timedelta64(1, "D")
DAYS = 730

EMAIL_SHARE = 0.75
STRANGER_SHARE = 0.01
SILENT_SHARE = 0.3

EMAIL = {"email_sent": 0.58, "email_open": 0.29, "email_click": 0.10, "email_bounce": 0.03}
CAMPAIGNS = [
    f"{season}-{kind}"
    for season in ("spring", "summer", "autumn", "winter", "always")
    for kind in ("sale", "news", "welcome", "survey", "gift", "restock", "winback", "birthday")
]
CATEGORIES = ["fashion", "shoes", "beauty", "books", "electronics", "home", "toys", "food", "garden", "gifts"]
TICKETS = 4
"""How many tickets there are for every user, on average, where events draw whose they are."""

Numbers = np.ndarray[tuple[int], np.dtype[np.int32]]
Clock = tuple[np.datetime64, int]
"""When a span of time begins, and its seconds."""


@dataclass(frozen=True)
class People:
    """Whose an event can be: the keys of users and of strangers, and the tickets, each a user's number."""

    keys: pl.Series
    tickets: Numbers
    users: int


class Events:
    """Draws the columns of one chunk of one table, its rows in the order of time."""

    def __init__(self, seed: Sequence[int], people: People, first: int, rows: int, clock: Clock) -> None:
        self.random = np.random.default_rng([SEED, *seed])
        self.people, self.first, self.rows = people, first, rows
        self.begin, self.seconds = clock

    def users(self) -> pl.Series:
        who = self.people.tickets[self.random.integers(0, len(self.people.tickets), self.rows)]
        strange = self.random.random(self.rows) < STRANGER_SHARE
        who[strange] = self.random.integers(self.people.users, len(self.people.keys), strange.sum())
        return self.people.keys.gather(pl.Series(who))

    def times(self) -> pl.Series:
        after = np.sort(self.random.integers(1, self.seconds + 1, self.rows))
        return pl.Series(self.begin + after.astype("timedelta64[s]")).dt.replace_time_zone("UTC")

    def category(self, shares: dict[str, float], missing: float = 0) -> pl.Series:
        """Text, `missing` percent of it null."""
        steps = np.cumsum([*shares.values()]) / sum(shares.values())
        codes = np.searchsorted(steps, self.random.random(self.rows), side="right").astype(np.uint32)
        return self.missing(pl.Series([*shares]).gather(pl.Series(codes)), missing)

    def money(self, scale: float, missing: float) -> pl.Series:
        """Decimals, so that sums are exact for everybody."""
        cents = pl.Series(50 + self.random.exponential(scale * 100, self.rows).astype(np.int64))
        # 18 digits, as a division by 100 would need more than the values do.
        exact = pl.select(cents.cast(pl.Decimal(18, 2)) / pl.lit(100, pl.Decimal(18, 2))).to_series()
        return self.missing(exact.cast(pl.Decimal(10, 2)), missing)

    def missing(self, values: pl.Series, percent: float) -> pl.Series:
        gone = pl.Series(self.random.random(self.rows) * 100 < percent)
        return pl.select(pl.when(~gone).then(values)).to_series()


def falling(names: Sequence[str]) -> dict[str, float]:
    """Shares that make the first names the most frequent."""
    return {name: 1 / place for place, name in enumerate(names, start=2)}


def people(users: int) -> People:
    """Users as `make.py` writes them, and after them those that the table of users lacks.

    Some hold no ticket, and so do nothing; a few hold hundreds of times as many as others.
    """
    random = np.random.default_rng(SEED)
    weights = random.lognormal(0, 1.2, users) * (random.random(users) > SILENT_SHARE)
    held = random.multinomial(users * TICKETS, weights / weights.sum())
    tickets = np.repeat(np.arange(users, dtype=np.int32), held)
    return People(make.keys(np.arange(users + users // 100 + 1)), tickets, users)


def email(draw: Events) -> pl.DataFrame:
    return pl.DataFrame(
        {
            "user_id": draw.users(),
            "event": draw.category(EMAIL),
            "occurred_at": draw.times(),
            "campaign": draw.category(falling(CAMPAIGNS), missing=6),
        }
    )


def purchase(draw: Events) -> pl.DataFrame:
    return pl.DataFrame(
        {
            "order_id": pl.Series(np.arange(draw.first + 1, draw.first + draw.rows + 1)),
            "customer": draw.users(),
            "paid_at": draw.times(),
            "amount": draw.money(55, missing=3),
            "category": draw.category(falling(CATEGORIES)),
            "items": pl.Series(draw.random.geometric(0.55, draw.rows)),
        }
    )


TABLES = {"email": (email, EMAIL_SHARE), "purchase": (purchase, 1 - EMAIL_SHARE)}


def write(users: int, events: int, folder: Path) -> None:
    known = people(users)
    day = (END, 86_400)
    for number, (name, (table, share)) in enumerate(TABLES.items()):
        rows, later = round(events * share), max(1, round(events * share / DAYS))
        chunks = (table(draw) for draw in in_order(number, known, rows))
        make.write_table(chunks, folder / name)
        make.write_table([table(Events([number, rows], known, rows, later, day))], folder / "later" / name)


def in_order(number: int, known: People, rows: int) -> Iterator[Events]:
    """Each chunk has its share of the two years, one after the other."""
    for first in range(0, rows, CHUNK):
        size = min(CHUNK, rows - first)
        begin, end = (DAYS * 86_400 * place // rows for place in (first, first + size))
        start = END - np.timedelta64(DAYS * 86_400 - begin, "s")
        yield Events([number, first], known, first, size, (start, end - begin))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--users", type=int, required=True)
    parser.add_argument("--events", type=int, required=True)
    parser.add_argument("--out", type=Path, required=True)
    given = parser.parse_args()
    write(given.users, given.events, given.out)


if __name__ == "__main__":
    main()
