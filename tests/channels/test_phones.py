"""How telephone numbers are read, and what is no number."""

from __future__ import annotations

import subprocess
import sys

import phonenumbers
import polars as pl
import pytest

from segtool.channels.addresses import tokens
from segtool.channels.phones import known_regions, phones

FORMS = phonenumbers.PhoneNumberFormat
FOUND = {region: phonenumbers.example_number(region) for region in phonenumbers.SUPPORTED_REGIONS}
EXAMPLES = {region: number for region, number in FOUND.items() if number}


def written(number: phonenumbers.PhoneNumber, form: int) -> str:
    return phonenumbers.format_number(number, form)


def read(text: str | None, region: str = "") -> tuple[str | None, bool]:
    """The number in a text, and whether it is something else."""
    found = phones(pl.Series([text], dtype=pl.String), region)
    return found.values[0], found.invalid[0]


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("+380671234567", "+380671234567"),
        (" +380 67 123-45-67 ", "+380671234567"),
        ("+38 (067) 123.45.67", "+380671234567"),
        ("+1\u00a0[650]\u2013253\u22120000", "+16502530000"),
        ("+12345678", "+12345678"),
        ("+123456789012345", "+123456789012345"),
    ],
)
def test_a_number_with_its_country_is_taken_as_it_is(text: str, number: str) -> None:
    assert read(text) == (number, False)


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("+44 (0)20 7946 0958", "+442079460958"),
        ("+49 (0151) 12345678", "+4915112345678"),
        ("+39 06 1234 5678", "+390612345678"),
        ("+225 07 01 23 45 67", "+2250701234567"),
    ],
)
def test_a_0_after_the_country_stays_where_it_is_part_of_the_number(text: str, number: str) -> None:
    assert read(text) == (number, False)


def test_a_0_after_the_code_of_any_country_is_where_the_library_has_it() -> None:
    dialled = [f"+{one.country_code}0{phonenumbers.national_significant_number(one)}" for one in EXAMPLES.values()]
    parsed = [phonenumbers.parse(one) for one in dialled]
    known = [written(one, FORMS.E164) if phonenumbers.is_valid_number(one) else None for one in parsed]
    assert len([one for one in known if one]) > 80
    assert phones(pl.Series(dialled)).values.to_list() == known


@pytest.mark.parametrize("region", sorted(EXAMPLES))
def test_a_number_of_every_region_is_read_as_it_is_written_there_and_abroad(region: str) -> None:
    sent = written(EXAMPLES[region], FORMS.E164)
    assert read(written(EXAMPLES[region], FORMS.NATIONAL), region) == (sent, False)
    assert read(written(EXAMPLES[region], FORMS.INTERNATIONAL)) == (sent, False)


@pytest.mark.parametrize(
    ("text", "region", "number"),
    [
        ("067 123 45 67", "UA", "+380671234567"),
        ("067/1234567", "UA", "+380671234567"),
        ("671234567", "UA", "+380671234567"),
        ("380671234567", "UA", "+380671234567"),
        ("00380671234567", "UA", "+380671234567"),
        ("00 1 650 253 0000", "UA", "+16502530000"),
        ("٠٦٧١٢٣٤٥٦٧", "UA", "+380671234567"),
        ("(650) 253-0000", "US", "+16502530000"),
        ("8 (912) 345-67-89", "RU", "+79123456789"),
    ],
)
def test_a_number_is_read_as_it_is_dialled_in_the_region(text: str, region: str, number: str) -> None:
    assert read(text, region) == (number, False)


@pytest.mark.parametrize("text", ["067 123 45 67", "380671234567", "00380671234567", "671234567"])
def test_without_a_region_a_number_without_its_country_is_invalid(text: str) -> None:
    assert read(text) == (None, True)


@pytest.mark.parametrize(
    "text",
    [
        "123",
        "0671234567890",
        "16502530000",
        "+0671234567",
        "+1234567",
        "+1234567890123456",
        "++380671234567",
        "380+671234567",
        "no",
        "-",
        "1-800-FLOWERS",
        "+1 800 FLOWERS",
        "067 123 45 67 ext. 3",
        "tel:+380671234567",
        "067 123 45 67, 067 765 43 21",
        "067 123 45 67 (Anna)",
    ],
)
def test_what_nobody_can_dial_in_the_region_is_invalid_and_not_guessed(text: str) -> None:
    assert read(text, "UA") == (None, True)


@pytest.mark.parametrize("text", [None, "", "  "])
def test_where_nothing_stands_there_is_no_number_and_nothing_is_invalid(text: str | None) -> None:
    assert read(text, "UA") == (None, False)


def test_a_column_of_integers_is_read_by_the_region() -> None:
    found = phones(pl.Series([671234567, 380671234567, None, 16502530000]), "UA")
    assert found.values.to_list() == ["+380671234567", "+380671234567", None, None]
    assert found.invalid.to_list() == [False, False, False, True]


def test_numbers_are_compared_in_the_form_that_is_sent_to() -> None:
    found = phones(pl.Series(["067 123 45 67", "+380671234567", "x"]), "UA")
    assert found.compared.to_list() == ["+380671234567", "+380671234567", None]


def test_each_number_that_has_to_be_read_is_read_once() -> None:
    told: list[tuple[int, int]] = []
    numbers = pl.Series(["067 123 45 67", "067-123-45-67", "0671234567", "050 123 45 67", "+380671234567"])
    phones(numbers, "UA", lambda step, done, of, unit="": told.append((done, of)))
    assert told == [(0, 2)]


def test_regions_are_named_by_two_letters() -> None:
    assert {"UA", "PL", "US"} <= known_regions()
    assert "UK" not in known_regions()


def test_numbers_with_their_country_do_not_load_the_library() -> None:
    script = """
import sys, polars as pl
from segtool.channels.phones import phones
phones(pl.Series(["+380671234567", None, "none"]), "UA")
assert "phonenumbers" not in sys.modules
"""
    subprocess.run([sys.executable, "-c", script], check=True, timeout=60)


def test_a_token_is_the_text_without_white_space_around_it() -> None:
    found = tokens(pl.Series([" dGVzdA==:APA91b ", "", None, "  "]))
    assert found.values.to_list() == ["dGVzdA==:APA91b", None, None, None]
    assert found.invalid.to_list() == [False, False, False, False]
    assert found.compared.to_list() == ["dGVzdA==:APA91b", None, None, None]
