"""Writes made-up events of made-up users: a log `email` and a table `purchase`, each as CSV and as Parquet.

The times end a day after `make.py`'s present: of that day, the first run must not see anything yet.
"""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import polars as pl

from bench.make import NOW

SEED = 20260616
END = NOW + np.timedelta64(1, "D")
SECONDS = 730 * 86_400

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

Numbers = np.ndarray[tuple[int], np.dtype[np.int64]]


class Events:
    """Draws the columns of one event table, its rows in the order of time."""

    def __init__(self, random: np.random.Generator, rows: int) -> None:
        self.random = random
        self.rows = rows

    def users(self, keys: pl.Series, weights: Sequence[float]) -> pl.Series:
        known = self.random.multinomial(self.rows - int(self.rows * STRANGER_SHARE), weights)
        who = np.repeat(np.arange(len(known), dtype=np.int32), known)
        strangers = self.random.integers(len(known), len(keys), self.rows - len(who), dtype=np.int32)
        return keys.gather(pl.Series(self.random.permutation(np.concatenate([who, strangers]))))

    def times(self) -> pl.Series:
        ago = self.random.integers(0, SECONDS, self.rows)
        ago[::-1].sort()
        return pl.Series(END - ago.astype("timedelta64[s]")).dt.replace_time_zone("UTC")

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


def activity(random: np.random.Generator, users: int) -> Sequence[float]:
    """Each user's share of the events: nothing for many, hundreds of times the usual for a few."""
    weights = random.lognormal(0, 1.2, users) * (random.random(users) > SILENT_SHARE)
    shares: Sequence[float] = weights / weights.sum()
    return shares


def keys(users: int) -> pl.Series:
    """As `make.py` writes them, and after them those that the table of users lacks."""
    number = pl.Series(np.arange(users + users // 100 + 1)).cast(pl.String).str.zfill(8)
    return pl.select(pl.format("u{}", number)).to_series()


def email(draw: Events, known: pl.Series, weights: Sequence[float]) -> pl.DataFrame:
    return pl.DataFrame(
        {
            "user_id": draw.users(known, weights),
            "event": draw.category(EMAIL),
            "occurred_at": draw.times(),
            "campaign": draw.category(falling(CAMPAIGNS), missing=6),
        }
    )


def purchase(draw: Events, known: pl.Series, weights: Sequence[float]) -> pl.DataFrame:
    return pl.DataFrame(
        {
            "order_id": pl.Series(np.arange(1, draw.rows + 1)),
            "customer": draw.users(known, weights),
            "paid_at": draw.times(),
            "amount": draw.money(55, missing=3),
            "category": draw.category(falling(CATEGORIES)),
            "items": pl.Series(draw.random.geometric(0.55, draw.rows)),
        }
    )


def write(users: int, events: int, folder: Path) -> None:
    random = np.random.default_rng(SEED)
    known, weights = keys(users), activity(random, users)
    emails = int(events * EMAIL_SHARE)
    # One table after the other: both together would take the memory of both.
    write_table(email(Events(random, emails), known, weights), folder / "email")
    write_table(purchase(Events(random, events - emails), known, weights), folder / "purchase")


def write_table(table: pl.DataFrame, path: Path) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    table.write_parquet(path.with_suffix(".parquet"), row_group_size=122_880)
    table.write_csv(path.with_suffix(".csv"), datetime_format="%Y-%m-%dT%H:%M:%SZ")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--users", type=int, required=True)
    parser.add_argument("--events", type=int, required=True)
    parser.add_argument("--out", type=Path, required=True)
    given = parser.parse_args()
    write(given.users, given.events, given.out)


if __name__ == "__main__":
    main()
