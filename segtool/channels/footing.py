"""A column of addresses comes in; goes out: the rows that have an address, a good one, one that others have as well."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from importlib.metadata import version

import numpy as np
import polars as pl
from numpy.typing import NDArray

from segtool.channels.addresses import Addresses, tokens
from segtool.channels.emails import emails
from segtool.channels.phones import phones
from segtool.model.columns import Bits, Coded, ColumnData, pack, unpack

VERSION = "1"
"""Grows with every change of what is taken for an address."""


@dataclass(frozen=True)
class Footing:
    """Sets of rows: with something in the column, with an address, with one that another row has too, and with one that
    is on a list of whom never to send to."""

    given: Bits
    valid: Bits
    shared: Bits
    listed: Bits


def addresses_of(kind: str, region: str, texts: pl.Series) -> Addresses:
    """What stands in a column, as addresses of a kind: email, phone or token."""
    readers: dict[str, Callable[[], Addresses]] = {
        "email": lambda: emails(texts),
        "phone": lambda: phones(texts, region),
        "token": lambda: tokens(texts),
    }
    return readers[kind]()


def version_of(kind: str) -> str:
    """What decides whether there is an address of a kind: another version may find otherwise."""
    return f"{VERSION}, phonenumberslite {version('phonenumberslite')}" if kind == "phone" else VERSION


def footing(kind: str, region: str, data: ColumnData, present: Bits, listed: pl.Series) -> Footing:
    """`listed`: addresses never to send to, as people wrote them."""
    values, places = _distinct(data)
    found = addresses_of(kind, region, values)
    is_there = unpack(present, len(places))
    compared = found.compared.gather(np.where(is_there, places, 0))
    never = addresses_of(kind, region, listed).compared.drop_nulls()
    return Footing(
        given=pack((found.values.is_not_null() | found.invalid).to_numpy()[places] & is_there),
        valid=pack(found.values.is_not_null().to_numpy()[places] & is_there),
        shared=pack((compared.is_duplicated() & compared.is_not_null()).to_numpy() & is_there),
        listed=pack(compared.is_in(never.implode()).fill_null(False).to_numpy() & is_there),
    )


def at_rows(kind: str, region: str, data: ColumnData, rows: NDArray[np.integer]) -> Addresses:
    """The addresses of some rows."""
    values, places = _distinct(data)
    return addresses_of(kind, region, values.gather(places[rows]))


def _distinct(data: ColumnData) -> tuple[pl.Series, NDArray[np.integer]]:
    """Values, a missing one first, and the place of each row's among them."""
    if isinstance(data, Coded):
        return data.domain, data.codes
    held = pl.Series(data.values).cast(pl.Int64)
    places = np.where(unpack(data.valid, len(held)), np.arange(1, len(held) + 1), 0)
    return pl.Series([None], dtype=pl.Int64).append(held), places
