"""Rows of users to their keys and values as text, exact and the same on every machine."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime
from decimal import Decimal
from typing import Any

import polars as pl
from numpy.typing import NDArray

from segtool.engine.rows import held
from segtool.model.columns import Coded, Plain, UserTable, unpack
from segtool.model.time import utc_text


def value_text(value: Any, separator: str = "|") -> str | None:
    """One value as a snapshot holds it; None where it is missing."""
    match value:
        case None:
            return None
        case bool():
            return "true" if value else "false"
        case datetime():
            return utc_text(value)
        case date():
            return value.isoformat()
        case float() | Decimal():
            return number_text(value)
        case list() | pl.Series():
            return separator.join(value_text(item, separator) or "" for item in value)
        case dict():
            return ", ".join(f"{name}: {value_text(item)}" for name, item in value.items())
        case _:
            return str(value)


def number_text(value: float | Decimal) -> str:
    """The shortest decimal that reads back equal, without an exponent."""
    text = format(Decimal(repr(value)) if isinstance(value, float) else value, "f")
    text = text.rstrip("0").rstrip(".") if "." in text else text
    return "0" if text in ("-0", "") else text


def column_texts(name: str, rows: NDArray[Any], users: UserTable) -> list[str | None]:
    """The values of a column at the given rows as text; each distinct value is written once."""
    data = users.column(name)
    separator = data.column.separator
    if isinstance(data, Coded):
        codes = data.codes[rows].tolist()
        texts = {code: value_text(data.domain[code], separator) for code in set(codes)}
        return [texts[code] for code in codes]
    values = held(data).gather(rows)
    written = {value: value_text(_scaled(value, data), separator) for value in values.unique().to_list()}
    valid = unpack(data.valid, users.size)[rows].tolist()
    return [written[value] if there else None for value, there in zip(values.to_list(), valid, strict=True)]


def _scaled(value: Any, data: Plain) -> Any:
    return Decimal(value).scaleb(-data.scale) if data.scale else value


def snapshot_frame(
    users: UserTable, rows: NDArray[Any], strangers: Iterable[str], columns: tuple[str, ...]
) -> pl.DataFrame:
    """A snapshot's table: the key, then the columns as text, sorted by key (by bytes); strangers have no values."""
    strange = pl.Series(sorted(strangers), dtype=pl.String)
    kept = [name for name in dict.fromkeys(columns) if name != users.schema.key]
    data = {users.schema.key: pl.concat([users.keys.gather(rows).cast(pl.String), strange])}
    for name in kept:
        texts = [*column_texts(name, rows, users), *[None] * len(strange)]
        data[name] = pl.Series(texts, dtype=pl.String)
    return pl.DataFrame(data).sort(users.schema.key)


def csv_bytes(frame: pl.DataFrame) -> bytes:
    """RFC 4180 with lines that end in \\n; only what needs quotes has them."""
    return frame.write_csv(quote_style="necessary", line_terminator="\n").encode()
