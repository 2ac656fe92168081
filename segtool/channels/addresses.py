"""A column as the table of users has it comes in; go out: the address of each row, and which rows hold none that is."""

from __future__ import annotations

from dataclasses import dataclass

import polars as pl


@dataclass(frozen=True)
class Addresses:
    """The addresses of a channel, one for each row of the column that they were read from, in its order."""

    values: pl.Series
    """Text in the form that is sent to; null where there is nothing, or nothing that is an address."""
    invalid: pl.Series
    """True where there is something that is no address."""
    compared: pl.Series
    """Equal for two rows whose addresses are one and the same; null where there is no address."""


def trimmed(texts: pl.Series) -> pl.Series:
    """Without the white space around each; null where nothing is left. What is no text is written as text."""
    held = texts.cast(pl.String).str.strip_chars()
    return held.replace("", None)


def tokens(texts: pl.Series) -> Addresses:
    """Tokens of push messages, which only their issuer can check: whatever there is is one."""
    found = trimmed(texts)
    return Addresses(found, pl.repeat(False, len(found), eager=True), found)
