"""A column of telephone numbers comes in, as text or as integers; go out: the numbers in the form of E.164."""

from __future__ import annotations

from collections.abc import Iterator

import polars as pl

from segtool.channels.addresses import Addresses, trimmed
from segtool.model.progress import Progress, untold

BLANKS = r"[\s.()\[\]\p{Pd}\u{2212}]"
"""What people put into numbers to read them: blanks, dots, brackets, dashes of every length."""
E164 = r"^\+[1-9][0-9]{7,14}$"
READABLE = r"^\+?[\p{Nd}/]+$"
"""What the library is asked for. It reads letters too, as a keypad does, and stops at words: that would be a guess."""
_CODE = (
    r"[17]|2[07]|3[0-469]|4[013-9]|5[1-8]|6[0-6]|8[1246]|9[0-58]|(?:2[1-689]|3[578]|42|5[09]|6[7-9]|8[03578]|9[679])\d"
)
DOUBTFUL = rf"^\+(?:{_CODE})0"
"""A 0 after the code of a country, as in +44 (0)20, is dialled at home alone in most countries, and is part of the
number in some. The library knows which."""


def phones(numbers: pl.Series, region: str = "", progress: Progress = untold) -> Addresses:
    """Numbers in international form (+ and the country) are taken as they are; others are read as they are dialled in
    `region` (two letters, as UA), and without one are invalid."""
    held = trimmed(numbers)
    dialled = held.str.replace_all(BLANKS, "")
    plain = (dialled.str.contains(E164) & ~dialled.str.contains(DOUBTFUL)).fill_null(False)
    rest = dialled.filter(~plain).drop_nulls().unique()
    read = {one: number for one, number in _read(rest.filter(rest.str.contains(READABLE)), region, progress) if number}
    found = _joined(dialled, plain, read)
    return Addresses(found, found.is_null() & held.is_not_null(), found)


def _joined(dialled: pl.Series, plain: pl.Series, read: dict[str, str]) -> pl.Series:
    others = pl.col("dialled").replace_strict(read, default=None, return_dtype=pl.String)
    frame = pl.DataFrame([dialled.alias("dialled"), plain.alias("plain")])
    return frame.select(pl.when("plain").then("dialled").otherwise(others).alias("values")).to_series()


def known_regions() -> frozenset[str]:
    """The regions whose numbers can be read: two capital letters each."""
    import phonenumbers

    return frozenset(phonenumbers.SUPPORTED_REGIONS)


def _read(numbers: pl.Series, region: str, progress: Progress) -> Iterator[tuple[str, str | None]]:
    """Each number and its form of E.164, None where nobody can have that number."""
    if numbers.is_empty():
        return
    import phonenumbers  # here, as most columns do without

    for done, number in enumerate(numbers.to_list()):
        if done % 10_000 == 0:
            progress("reading telephone numbers", done, len(numbers))
        try:
            parsed = phonenumbers.parse(number, region or None)
        except phonenumbers.NumberParseException:
            continue
        if phonenumbers.is_valid_number(parsed):
            yield number, phonenumbers.format_number(parsed, phonenumbers.PhoneNumberFormat.E164)
