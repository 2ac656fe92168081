"""Writes made-up users, with the same values as one CSV and as Parquet files of a million rows each.

They are drawn chunk by chunk, each from a seed of its own, so that any number of them takes the same memory.
"""

from __future__ import annotations

import argparse
from collections.abc import Iterable, Iterator, Sequence
from math import gcd
from pathlib import Path

import numpy as np
import polars as pl
import polars.selectors as cs

SEED = 20260615
CHUNK = 1_000_000
NOW = np.datetime64("2026-06-15T12:00:00", "us")
TODAY = np.datetime64("2026-06-15", "D")

COUNTRIES = ["UA", "PL", "DE", "CZ", "RO", "SK", "LT", "FR", "ES", "IT", "NO", "US"]
CITIES = [
    f"{start}{end}" for start in ("Nova", "Alt", "Bila", "Port", "San") for end in ("grad", "burg", "mont", "dal")
]
LANGUAGES = ["uk", "pl", "de", "en", "cs", "ro"]
GENDERS = ["f", "m", "x"]
PLANS = ["free", "basic", "plus", "pro"]
DEVICES = ["ios", "android", "web"]
SOURCES = ["search", "social", "email", "friend", "partner", "fair", "store", "other"]
HOSTS = ["example.com", "example.org", "example.net", "mail.example", "post.example"]
TOPICS = [
    "fashion",
    "shoes",
    "beauty",
    "sport",
    "books",
    "home",
    "kids",
    "electronics",
    "garden",
    "music",
    "food",
    "pets",
]
SHELVES = ["shoes", "coats", "books", "lamps", "toys", "phones"]


LISTS = 2_000
"""Different lists of topics: a few thousand, as in real data."""


class Columns:
    """Draws the columns of one chunk; each is asked for the percentage of its values that are missing."""

    def __init__(self, first: int, users: int) -> None:
        self.first = first
        self.users = users
        self.random = np.random.default_rng([SEED, first])

    def missing(self, values: pl.Series, percent: float) -> pl.Series:
        gone = pl.Series(self.random.random(self.users) * 100 < percent)
        return pl.select(pl.when(~gone).then(values)).to_series()

    def category(self, choices: Sequence[str], missing: float = 0) -> pl.Series:
        """Text of few values; the first are the most frequent."""
        share = self.random.random(self.users) ** 1.6
        codes = pl.Series((share * len(choices)).astype(np.uint32))
        return self.missing(pl.Series(list(choices)).gather(codes), missing)

    def integer(self, scale: float, missing: float = 0) -> pl.Series:
        return self.missing(pl.Series(self.random.exponential(scale, self.users).astype(np.int64)), missing)

    def money(self, scale: float, missing: float = 0) -> pl.Series:
        cents = self.random.exponential(scale * 100, self.users).astype(np.int64)
        return self.missing(pl.Series(cents / 100), missing)

    def flag(self, true: float, missing: float = 0) -> pl.Series:
        return self.missing(pl.Series(self.random.random(self.users) * 100 < true), missing)

    def ago(self, days: float) -> np.ndarray[tuple[int], np.dtype[np.int64]]:
        """Whole seconds before now, most of them few."""
        longest = days * 86_400
        return (self.random.random(self.users) ** 2 * longest).astype(np.int64)

    def moment(self, days: float, missing: float = 0) -> pl.Series:
        times = pl.Series(NOW - self.ago(days).astype("timedelta64[s]"))
        return self.missing(times.dt.replace_time_zone("UTC"), missing)

    def day(self, days: float, missing: float = 0, least: int = 0) -> pl.Series:
        """Dates at least `least` days ago."""
        dates = TODAY - (least + self.ago(days) // 86_400).astype("timedelta64[D]")
        return self.missing(pl.Series(dates), missing)

    def topics(self, missing: float) -> pl.Series:
        """Lists of one to four different topics."""
        rows = pl.Series(self.random.integers(0, LISTS, self.users))
        return self.missing(topic_lists().gather(rows), missing)


def topic_lists() -> pl.Series:
    random = np.random.default_rng(SEED)
    lists = [random.permutation(TOPICS)[: 1 + number % 4].tolist() for number in range(LISTS)]
    return pl.Series(lists, dtype=pl.List(pl.String))


def users(count: int) -> Iterator[pl.DataFrame]:
    for first in range(0, count, CHUNK):
        yield chunk(Columns(first, min(CHUNK, count - first)), count)


def chunk(draw: Columns, count: int) -> pl.DataFrame:
    numbers = np.arange(draw.first, draw.first + draw.users)
    return pl.DataFrame(
        {
            "user_id": keys(numbers),
            **contact(draw, scattered(numbers, count)),
            "country": draw.category(COUNTRIES, missing=4),
            "city": draw.category(CITIES, missing=8),
            "language": draw.category(LANGUAGES, missing=2),
            "gender": draw.category(GENDERS, missing=10),
            "plan": draw.category(PLANS),
            "device": draw.category(DEVICES, missing=5),
            "source": draw.category(SOURCES, missing=12),
            "interests": draw.topics(missing=15),
            "points": draw.integer(400),
            "orders": draw.integer(3, missing=3),
            "lifetime_value": draw.money(180),
            "average_basket": draw.money(45, missing=25),
            "email_opt_in": draw.flag(62, missing=6),
            "sms_opt_in": draw.flag(35, missing=12),
            "birth_date": draw.day(20_000, missing=9, least=5_800),
            "last_visit_on": draw.day(500, missing=2),
            "signed_up_at": draw.moment(1_500),
            "last_purchase_at": draw.moment(700, missing=30),
        }
    )


def keys(numbers: np.ndarray[tuple[int], np.dtype[np.int64]]) -> pl.Series:
    number = pl.Series(numbers).cast(pl.String).str.zfill(8)
    return pl.select(pl.format("u{}", number)).to_series()


def scattered(numbers: np.ndarray[tuple[int], np.dtype[np.int64]], count: int) -> pl.Series:
    """Other numbers below `count`, a different one for each."""
    step = next(step for step in range(count * 5 // 8 + 1, 2 * count + 2) if gcd(step, count) == 1)
    return pl.Series(numbers * step % count)


def contact(draw: Columns, shuffled: pl.Series) -> dict[str, pl.Series]:
    """The texts of many values."""
    host, shelf, page = draw.category(HOSTS), draw.category(SHELVES), draw.integer(900)
    operator = draw.category(["50", "63", "67", "93"])
    line = shuffled.cast(pl.String).str.zfill(7)
    return {
        "email": draw.missing(pl.select(pl.format("p{}@{}", shuffled, host)).to_series(), 7),
        "phone": draw.missing(pl.select(pl.format("+380{}{}", operator, line)).to_series(), 25),
        "last_page": draw.missing(pl.select(pl.format("/{}/item-{}", shelf, page)).to_series(), 10),
    }


def write(count: int, folder: Path) -> None:
    write_table(users(count), folder)


def write_table(chunks: Iterable[pl.DataFrame], folder: Path) -> None:
    """Writes each chunk to a Parquet file of its own, and all of them to one CSV."""
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / "all.csv").open("wb") as file:
        for number, table in enumerate(chunks):
            # DuckDB reads row groups of its own size in parallel.
            table.write_parquet(folder / f"{number:03d}.parquet", row_group_size=122_880)
            flat = table.with_columns(cs.by_dtype(pl.List(pl.String)).list.join("|"))
            header = number == 0
            flat.write_csv(file, include_header=header, datetime_format="%Y-%m-%dT%H:%M:%SZ", float_precision=2)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--users", type=int, required=True)
    parser.add_argument("--out", type=Path, required=True)
    given = parser.parse_args()
    write(given.users, given.out)


if __name__ == "__main__":
    main()
