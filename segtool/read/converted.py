"""Text comes in beside the values read from it; goes out: which rows hold text that is no such value."""

from __future__ import annotations

from dataclasses import dataclass, field

import polars as pl


@dataclass(frozen=True)
class Converted:
    """A column read as a kind: null where a value is missing, and in the rows of `misfits`, where it does
    not fit.

    `mixed` holds the first row with an offset from UTC and the first without, where times have both; `offset` tells
    whether times written as text have one.
    """

    values: pl.Series
    misfits: pl.Series
    notes: dict[str, int] = field(default_factory=dict)
    mixed: tuple[int, int] | None = None
    offset: bool | None = None

    @property
    def fits(self) -> bool:
        return not len(self.misfits)


NO_ROWS = pl.Series([], dtype=pl.UInt32)


def compared(text: pl.Series, values: pl.Series, notes: dict[str, int] | None = None) -> Converted:
    """The values read from a text; rows that held one and now hold none are misfits."""
    misfits = NO_ROWS
    if values.null_count() != text.null_count():
        misfits = (text.is_not_null() & values.is_null()).arg_true()
    return Converted(values.alias(text.name), misfits, notes or {})


def evaluated(series: pl.Series, expression: pl.Expr) -> pl.Series:
    """An expression over one column, which it calls `v`: real names may look like patterns to Polars."""
    return series.alias("v").to_frame().select(expression.alias(series.name)).to_series()


def kept_where(mask: pl.Expr, values: pl.Expr) -> pl.Expr:
    return pl.when(mask).then(values)
