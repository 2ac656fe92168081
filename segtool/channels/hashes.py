"""A column comes in; go out: the SHA-256 (hex) of its values, each written first as the receiver asks for it."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping

import polars as pl

Rule = Callable[[pl.Expr], pl.Expr]
NOT_LETTERS = r"[^\p{L}\p{M}\p{Nd}]"


def _lower(text: pl.Expr) -> pl.Expr:
    return text.str.strip_chars().str.to_lowercase()


def _google_email(text: pl.Expr) -> pl.Expr:
    """Gmail delivers to one mailbox whatever dots stand in its name and whatever follows a +."""
    lower = text.str.replace_all(r"\s", "").str.to_lowercase()
    name = lower.str.extract(r"^([^@+]*)[^@]*@g(?:oogle)?mail\.com$").str.replace_all(".", "", literal=True)
    short = lower.str.ends_with("@gmail.com")
    return pl.coalesce(name + pl.when(short).then(pl.lit("@gmail.com")).otherwise(pl.lit("@googlemail.com")), lower)


def _digits(text: pl.Expr) -> pl.Expr:
    return text.str.replace_all(r"[^0-9]", "")


def _e164(text: pl.Expr) -> pl.Expr:
    return _digits(text).str.replace("^([0-9])", "+$1")


def _meta_zip(text: pl.Expr) -> pl.Expr:
    """Of the nine digits that only the United States have, the first five."""
    return _lower(text).str.replace(r"^([0-9]{5})-[0-9]{4}$", "$1").str.replace_all(NOT_LETTERS, "")


RULES: Mapping[str, Rule] = {
    "plain": lambda text: text,
    "google_email": _google_email,
    "google_phone": _e164,
    "google_name": _lower,
    "meta_email": _lower,
    "meta_phone": lambda text: _digits(text).str.strip_chars_start("0"),
    "meta_name": lambda text: _lower(text.str.replace_all(r"\p{P}", "")),
    "meta_place": lambda text: _lower(text).str.replace_all(NOT_LETTERS, ""),
    "meta_zip": _meta_zip,
    "meta_date": _digits,
}
"""How the receivers ask for what is hashed.
Google: developers.google.com/data-manager/api/devguides/concepts/formatting
Meta: developers.facebook.com/docs/marketing-api/conversions-api/parameters/customer-information-parameters"""


def hashed(values: pl.Series, rule: str) -> pl.Series:
    """Each distinct value is hashed once; null and what is blank once it is written by the rule stay without a hash."""
    written = values.to_frame("v").select(RULES[rule](pl.col("v").cast(pl.String)).replace("", None).alias("v"))
    distinct = written["v"].drop_nulls().unique()
    hexes = pl.Series([hashlib.sha256(text.encode()).hexdigest() for text in distinct.to_list()], dtype=pl.String)
    return written.join(pl.DataFrame({"v": distinct, "hash": hexes}), on="v", how="left", maintain_order="left")["hash"]
