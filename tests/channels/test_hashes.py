"""Hashes are those that Google and Meta publish for their own examples."""

from __future__ import annotations

from datetime import date

import polars as pl
import pytest

from segtool.channels.hashes import RULES, hashed
from segtool.model.presets import HASHES

ALEX = "509e933019bb285a134a9334b8bb679dff79d0ce023d529af4bd744d47b4fd8a"
PHONE = "fb4f73a6ec5fdb7077d564cdd22c3554b43ce49168550c3b12c547b78c517b30"
GIVEN = "128a07bfe2df877c52076e60d7774cf5baaa046c5a6c48daf30ff43ecca2f814"
FAMILY = "77762c287e61ce065bee5c15464012c6fbe088398b8057627d5577249430d574"
SMITH = "62a14e44f765419d10fea99367361a727c12365e2520f32218d505ed9aa0f62f"
PLAIN = "973dfe463ec85785f5f95af5ba3906eedb2d931c24e69824a89ea65dba4e813b"
"""SHA-256 of test@example.com, which is no example of Google or Meta."""


def of(text: str, rule: str) -> str | None:
    found: str | None = hashed(pl.Series([text]), rule)[0]
    return found


@pytest.mark.parametrize(
    ("text", "rule", "published"),
    [
        # github.com/googleads/data-manager-python, the tests of its Formatter
        ("alexz@example.com", "google_email", ALEX),
        ("  ALEXZ@example.com   ", "google_email", ALEX),
        ("  alexz@EXAMPLE.com   ", "google_email", ALEX),
        ("+18005550100", "google_phone", PHONE),
        ("   +1-800-555-0100", "google_phone", PHONE),
        ("  GivenName  ", "google_name", GIVEN),
        ("  FamilyName ", "google_name", FAMILY),
        # developers.facebook.com/docs/marketing-api/conversions-api/parameters/customer-information-parameters
        ("John_Smith@gmail.com", "meta_email", SMITH),
        ("16505551212", "meta_phone", "e323ec626319ca94ee8bff2e4c87cf613be6ea19919ed1364124e16807ab3176"),
        ("Mary", "meta_name", "6915771be1c5aa0c886870b6951b03d7eafc121fea0e80a5ea83beb7c449f4ec"),
        ("정", "meta_name", "8fa8cd9c440be61d0151429310034083132b35975c4bea67fdd74158eb51db14"),
        ("Valéry", "meta_name", "08e1996b5dd49e62a4b4c010d44e4345592a863bb9f8e3976219bac29417149c"),
        ("19970216", "meta_date", "01acdbf6ec7b4f478a225f1a246e5d6767eeab1a7ffa17f025265b5b94f40f0c"),
        ("us", "meta_place", "79adb2a2fce5c6ba215fe5f27f532d4e7edbac4b6a5e09e1ef3a08084a904621"),
    ],
)
def test_a_hash_is_the_one_that_its_receiver_publishes(text: str, rule: str, published: str) -> None:
    assert of(text, rule) == published


@pytest.mark.parametrize(
    ("text", "rule", "written"),
    [
        # examples of the same pages, which give the written form alone
        ("cloudy.sanfrancisco+shopping@gmail.com", "google_email", "cloudysanfrancisco@gmail.com"),
        ("user.name+NYC@Example.com", "google_email", "user.name+nyc@example.com"),
        ("Jefferson.Loves.hiking@gmail.com", "google_email", "jeffersonloveshiking@gmail.com"),
        ("Jefferson.LOVES.Hiking@googlemail.com", "google_email", "jeffersonloveshiking@googlemail.com"),
        ("+44-113-496-0987", "google_phone", "+441134960987"),
        ("New York", "meta_place", "newyork"),
        ("M1 1AE", "meta_zip", "m11ae"),
        ("94035", "meta_zip", "94035"),
        # of our own
        ("a.b@gmail.com.ua", "google_email", "a.b@gmail.com.ua"),
        ("+380671234567", "meta_phone", "380671234567"),
        ("00380671234567", "meta_phone", "380671234567"),
        ("John_Smith+News@gmail.com", "meta_email", "john_smith+news@gmail.com"),
        (" O'Brien-Smith ", "meta_name", "obriensmith"),
        ("Anna Maria", "meta_name", "anna maria"),
        ("Saint-Étienne", "meta_place", "saintétienne"),
        ("94035-1234", "meta_zip", "94035"),
        ("01310-100", "meta_zip", "01310100"),
        ("1997-02-16", "meta_date", "19970216"),
        (" As Is ", "plain", " As Is "),
    ],
)
def test_a_value_is_written_as_its_receiver_asks_before_it_is_hashed(text: str, rule: str, written: str) -> None:
    assert of(text, rule) == of(written, "plain")


def test_the_hash_is_sha_256_in_lower_case_hex() -> None:
    assert {of(" Test@Example.com", rule) for rule in ("google_email", "meta_email")} == {PLAIN}
    assert of("test@example.com", "plain") == PLAIN


@pytest.mark.parametrize("rule", RULES)
def test_where_there_is_no_value_there_is_no_hash(rule: str) -> None:
    assert hashed(pl.Series([None, ""], dtype=pl.String), rule).to_list() == [None, None]


def test_a_blank_name_and_a_number_without_digits_have_no_hash() -> None:
    assert of("  ", "meta_name") is None
    assert of("-", "google_phone") is None
    assert of("-", "meta_phone") is None


def test_a_date_and_an_integer_are_hashed_as_they_are_written() -> None:
    assert hashed(pl.Series([date(1997, 2, 16)]), "meta_date")[0] == of("19970216", "meta_date")
    assert hashed(pl.Series([94035]), "meta_zip")[0] == of("94035", "plain")


def test_rows_keep_their_order_and_equal_values_have_equal_hashes() -> None:
    found = hashed(pl.Series(["a@example.com", None, "test@example.com", "A@example.com"]), "meta_email")
    assert found[0] == found[3] == of("a@example.com", "plain")
    assert (found[1], found[2]) == (None, PLAIN)


def test_what_a_preset_may_ask_for_is_what_there_are_rules_for() -> None:
    assert list(RULES) == list(HASHES)
