"""A column of text comes in; go out: the e-mail addresses in it, never altered but for the white space around them."""

from __future__ import annotations

import polars as pl

from segtool.channels.addresses import Addresses, trimmed

LONGEST, LONGEST_LOCAL, LONGEST_LABEL = 254, 64, 63
"""Bytes of an address, bytes of what stands before its @ (RFC 5321), and characters of a part of its domain."""
_WORD = r"[\p{L}\p{M}\p{Nd}!#$%&'*+/=?^_`{|}~-]+"
_LABEL = r"[\p{L}\p{Nd}](?:[\p{L}\p{M}\p{Nd}-]*[\p{L}\p{M}\p{Nd}])?"
_LAST_LABEL = r"\p{L}[\p{L}\p{M}\p{Nd}-]*[\p{L}\p{M}\p{Nd}]"
PATTERN = rf"^{_WORD}(?:\.{_WORD})*@(?:{_LABEL}\.)+{_LAST_LABEL}$"
"""What can be mailed to everywhere: dotted words, one @, a domain of at least two parts whose last begins with a
letter. Letters are those of any script. Quoted words and numeric hosts are lawful and refused: nobody has them."""


def emails(texts: pl.Series) -> Addresses:
    """Two addresses that differ in upper and lower case alone are compared as one: no mailbox tells them apart."""
    frame = pl.DataFrame([trimmed(texts).alias("held")])
    valid = _is_address(pl.col("held"))
    found = frame.select(
        pl.when(valid).then("held").alias("values"),
        (~valid).fill_null(False).alias("invalid"),
        pl.when(valid).then(pl.col("held").str.to_lowercase()).alias("compared"),
    )
    return Addresses(found["values"], found["invalid"], found["compared"])


def _is_address(held: pl.Expr) -> pl.Expr:
    domain = held.str.split_exact("@", 1).struct.field("field_1")
    return (
        held.str.contains(PATTERN)
        & (held.str.len_bytes() <= LONGEST)
        & (held.str.find("@", literal=True) <= LONGEST_LOCAL)
        & ~domain.str.contains(rf"[^.]{{{LONGEST_LABEL + 1}}}")
    )
