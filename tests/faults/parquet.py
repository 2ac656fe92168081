"""Parquet files that no case could spell, by the names that cases give them."""

from __future__ import annotations

import base64
import io
import re
from collections.abc import Callable, Sequence
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

import polars as pl

KEYS = [f"u{number:02}" for number in range(1, 13)]


def packed(frame: pl.DataFrame, **options: Any) -> bytes:
    stream = io.BytesIO()
    frame.write_parquet(stream, **options)
    return stream.getvalue()


def users(**columns: pl.Series | Sequence[Any]) -> bytes:
    """The users of the project with what else is given; what is shorter is repeated."""
    size = len(KEYS)
    told: dict[str, Any] = {
        "user_id": KEYS,
        "name": [f"User {key}" for key in KEYS],
        "country": ["UA", "PL", "NO"] * 4,
        "age": list(range(20, 44, 2)),
    }
    held = {name: pl.Series(values) for name, values in {**told, **columns}.items()}
    return packed(pl.DataFrame({name: _long(values, size) for name, values in held.items()}))


def _long(values: pl.Series, size: int) -> pl.Series:
    return values if len(values) >= size else values.gather([row % len(values) for row in range(size)])


def unknown_zone() -> bytes:
    """A zone that nobody knows, under the name of one that is known and as long."""
    data = users(seen_at=pl.Series([datetime(2026, 6, 1)]).dt.replace_time_zone("Europe/Kyiv"))
    found = re.search(rb"ARROW:schema.{0,8}?([A-Za-z0-9+/=]{100,})", data, re.DOTALL)
    assert found
    arrow = base64.b64decode(found[1]).replace(b"Europe/Kyiv", b"Mars/\x1b[31mX")
    return data.replace(found[1], base64.b64encode(arrow))


def broken_footer() -> bytes:
    data = users()
    return data[:-200] + bytes(reversed(data[-200:-8])) + data[-8:]


def endless_footer() -> bytes:
    """The length of the footer is more than the file has."""
    return users()[:-8] + b"\xff\xff\xff\x7fPAR1"


def broken_pages() -> bytes:
    """The footer is sound, and what it leads to is not."""
    data = packed(pl.DataFrame({"user_id": KEYS * 500}))
    return data[:4] + b"\xee" * 400 + data[404:]


def long_texts() -> bytes:
    return users(name=["x" * 4_000_000])


def many_columns() -> bytes:
    return users(**{f"c{number}": [number] for number in range(300)})


def deep_lists() -> bytes:
    inner: Any = 1
    for _ in range(60):
        inner = [inner]
    return users(deep=[inner])


PARQUET: dict[str, Callable[[], bytes]] = {
    "users": users,
    "no columns": lambda: packed(pl.DataFrame()),
    "no rows": lambda: packed(
        pl.DataFrame({"user_id": [], "country": [], "age": []}, schema_overrides={"age": pl.Int64})
    ),
    "unknown zone": unknown_zone,
    "broken footer": broken_footer,
    "endless footer": endless_footer,
    "broken pages": broken_pages,
    "cut": lambda: users()[:-300],
    "other magic": lambda: users()[:-4] + b"PAR2",
    "encrypted": lambda: b"PARE" + users()[4:-4] + b"PARE",
    "long texts": long_texts,
    "many columns": many_columns,
    "deep lists": deep_lists,
    "long decimals": lambda: users(balance=pl.Series([Decimal("9" * 38), Decimal(1)], dtype=pl.Decimal(38, 0))),
    "exact decimals": lambda: users(balance=pl.Series([Decimal("12.50")], dtype=pl.Decimal(38, 20))),
    "durations": lambda: users(waited=[timedelta(days=3)]),
    "duration as age": lambda: users(age=[timedelta(days=30)]),
    "binary": lambda: users(token=[b"\x00\xff\x1b"]),
    "binary key": lambda: users(user_id=[key.encode() for key in KEYS]),
    "list key": lambda: users(user_id=[[key] for key in KEYS]),
    "struct key": lambda: users(user_id=[{"id": key} for key in KEYS]),
    "number key": lambda: users(user_id=[float(row) for row in range(12)]),
    "date key": lambda: users(user_id=[date(2026, 1, 1 + row) for row in range(12)]),
    "empty key": lambda: users(user_id=pl.Series([None] * 12, dtype=pl.String)),
    "categories": lambda: users(country=pl.Series(["UA", "PL", None], dtype=pl.Categorical)),
    "lists of lists": lambda: users(grid=[[[1, 2], []], [], None]),
    "lists of structs": lambda: users(orders=[[{"sku": "a", "lines": [{"n": 1}]}], []]),
    "clash of names": lambda: users(**{"place.city": pl.Series(["Kyiv"]), "place": pl.Series([{"city": "Lviv"}])}),
    "far dates": lambda: users(born=pl.Series([2_000_000_000, 0], dtype=pl.Int32).cast(pl.Date)),
    "only far dates": lambda: users(born=pl.Series([2_000_000_000], dtype=pl.Int32).cast(pl.Date)),
    "far times": lambda: users(seen_at=pl.Series([2**62, 0]).cast(pl.Datetime("ms", "UTC"))),
    "not numbers": lambda: users(balance=[float("nan"), float("inf"), -float("inf"), 1.5]),
    "hostile names": lambda: users(**{"\x1b[31mred\u202e": ["x"], "[/]": ["[bold]"], "^.*$": ["all"]}),
    "unsigned": lambda: users(age=pl.Series([2**64 - 1, 20], dtype=pl.UInt64)),
}
