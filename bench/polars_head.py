"""What the program of hand-written Polars begins with; `polars_program.py` writes the rest of it."""

from __future__ import annotations

import sys
import time
from datetime import UTC, date, datetime, timedelta
from hashlib import sha256

import numpy as np
import polars as pl

FOLDER, NOW, OUT = sys.argv[1:]
AS_OF = datetime.fromisoformat(NOW)
RUN_DAY: date = AS_OF.date()
col = pl.col


def days(number: int) -> timedelta:
    return timedelta(days=number)


def since(number: int) -> pl.Expr:
    return col.at > AS_OF - days(number)


def utc(year: int, month: int, day: int) -> datetime:
    return datetime(year, month, day, tzinfo=UTC)


def has_any(column: pl.Expr, *items: str) -> pl.Expr:
    return pl.any_horizontal([column.list.contains(item) for item in items])


def total(column: pl.Expr, condition: pl.Expr) -> pl.Expr:
    value = pl.when(condition).then(column)
    return pl.when(value.count() > 0).then(value.sum())


def average(column: pl.Expr, condition: pl.Expr) -> pl.Expr:
    # summed as decimals: a sum of floats is off by a bit where the exact average is a round number
    value = pl.when(condition).then(column)
    return pl.when(value.count() > 0).then(value.sum().cast(pl.Float64) / value.count())


def percentile(column: pl.Expr) -> pl.Expr:
    return column.rank("max") / column.count()


def joined(people: pl.DataFrame, found: pl.LazyFrame) -> pl.DataFrame:
    """What was found of each user, in the order of the users."""
    keys = people.lazy().select("user_id")
    return keys.join(found, on="user_id", how="left", maintain_order="left").drop("user_id").collect()


def counted(name: str, values: pl.LazyFrame) -> pl.LazyFrame:
    return values.drop_nulls().unique().group_by("user_id").agg(pl.len().alias(name))


def drawn(keys: pl.Series, *salts: str) -> pl.DataFrame:
    """The first 32 bits of SHA-256 of each salted key; prints the seconds that they take."""
    began = time.process_time()
    found = pl.DataFrame({f"drawn_{salt}": heads_of(keys, salt) for salt in salts})
    print(time.process_time() - began)
    return found


def heads_of(keys: pl.Series, salt: str) -> pl.Series:
    heads = b"".join([sha256(f"{salt}:{key}".encode()).digest()[:4] for key in keys])
    return pl.Series(np.frombuffer(heads, ">u4").astype(np.uint32))


def first_number(frame: pl.DataFrame, name: str, by: str, number: int) -> pl.Series:
    """The first of a segment's users that have a value: the highest, and of equal ones the smaller key."""
    chosen = valued(frame, name, by).top_k(number, by=[by, "user_id"], reverse=[False, True]).collect()
    flags = np.zeros(len(frame), np.bool_)
    flags[chosen["row"].to_numpy()] = True
    return pl.Series(name, flags)


def first_percent(frame: pl.DataFrame, name: str, by: str, percent: int) -> pl.Series:
    number = valued(frame, name, by).select(pl.len()).collect().item()
    return first_number(frame, name, by, -(-number * percent // 100))


def valued(frame: pl.DataFrame, name: str, by: str) -> pl.LazyFrame:
    return frame.lazy().filter(f"for_{name}").drop_nulls(by).select("row", "user_id", by)


users = pl.scan_parquet(f"{FOLDER}/users/*.parquet").with_row_index("row")
email = pl.scan_parquet(f"{FOLDER}/email/*.parquet").rename({"occurred_at": "at"}).filter(col.at <= AS_OF)
bought = pl.scan_parquet(f"{FOLDER}/purchase/*.parquet").rename({"customer": "user_id", "paid_at": "at"})
bought = bought.filter(col.at <= AS_OF)
opened = email.filter(col.event == "email_open")
clicked = email.filter((col.event == "email_click") & since(180))
sent = email.filter(col.event == "email_sent")
bounced = email.filter((col.event == "email_bounce") & since(365))
mailed = email.filter(col.event.str.starts_with("email_") & since(30))
engaged = email.filter(col.event.is_in(["email_open", "email_click"]) & since(90))
