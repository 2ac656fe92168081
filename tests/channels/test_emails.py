"""What is an e-mail address, and what is done to it."""

from __future__ import annotations

from pathlib import Path

import polars as pl
import pytest

from segtool.channels.emails import LONGEST, LONGEST_LABEL, LONGEST_LOCAL, emails

PAGE = Path(__file__).parents[2] / "docs" / "addresses.md"


def read(text: str | None) -> tuple[str | None, bool]:
    """The address in a text, and whether it is something else."""
    found = emails(pl.Series([text], dtype=pl.String))
    return found.values[0], found.invalid[0]


LABEL = "b" * 60


@pytest.mark.parametrize(
    "address",
    [
        "anna@example.com",
        "Anna.Smith+news@Example.co.uk",
        "o'brien_99@mail-1.example.com",
        "!#$%&*/=?^`{|}~-@example.com",
        "юзер@почта.укр",
        "用户@例子.公司",
        "hindi.हिन्दी@उदाहरण.भारत",
        "a@xn--80a1acny.xn--j1amh",
        "1@1.example",
        "a" * 64 + "@example.com",
        "a@" + "b" * 63 + ".com",
        "a@" + f"{LABEL}." * 4 + "abcdefgh",
        "a@" + ("б" * 60 + ".") * 2 + "укр",
    ],
)
def test_an_address_is_valid_and_stays_as_it_is(address: str) -> None:
    assert read(address) == (address, False)


@pytest.mark.parametrize(
    "text",
    [
        "anna",
        "anna@example",
        "@example.com",
        "anna@",
        "an na@example.com",
        "anna@exam ple.com",
        "anna@@example.com",
        "anna@example.com@example.com",
        ".anna@example.com",
        "anna.@example.com",
        "an..na@example.com",
        "anna@example..com",
        "anna@.example.com",
        "anna@example.com.",
        "anna@-example.com",
        "anna@example-.com",
        "anna@exam_ple.com",
        "anna@example.c",
        "anna@example.1c",
        "anna@127.0.0.1",
        "anna@[127.0.0.1]",
        '"anna smith"@example.com',
        "Anna <anna@example.com>",
        "mailto:anna@example.com",
        "anna@example.com,olha@example.com",
        "anna@example.com; olha@example.com",
        "an\x00na@example.com",
        "an\u200bna@example.com",
        "anna\n@example.com",
        "a" * 65 + "@example.com",
        "é" * 33 + "@example.com",
        "a@" + "b" * 64 + ".com",
        "a@" + f"{LABEL}." * 4 + "abcdefghi",
        "a@" + ("б" * 60 + ".") * 3 + "укр",
    ],
)
def test_what_is_no_address_is_invalid(text: str) -> None:
    assert read(text) == (None, True)


def test_white_space_around_an_address_is_taken_off_and_nothing_else() -> None:
    assert read(" \t\u00a0Anna@Example.com\r\n") == ("Anna@Example.com", False)


@pytest.mark.parametrize("text", [None, "", "  ", "\u00a0\n"])
def test_where_nothing_stands_there_is_no_address_and_nothing_is_invalid(text: str | None) -> None:
    assert read(text) == (None, False)


def test_addresses_that_differ_in_case_alone_are_compared_as_one() -> None:
    found = emails(pl.Series(["Anna@Example.com", "anna@example.COM", "anna@example", None]))
    assert found.compared.to_list() == ["anna@example.com", "anna@example.com", None, None]


def test_the_rows_keep_their_order_and_none_is_lost() -> None:
    found = emails(pl.Series(["b@example.com", None, "x", "a@example.com", ""]))
    assert found.values.to_list() == ["b@example.com", None, None, "a@example.com", None]
    assert found.invalid.to_list() == [False, False, True, False, False]


def test_a_column_without_one_value_has_no_addresses() -> None:
    found = emails(pl.Series([None, None]))
    assert (found.values.to_list(), found.invalid.to_list()) == ([None, None], [False, False])
    assert emails(pl.Series([], dtype=pl.String)).values.to_list() == []


def test_the_page_of_addresses_tells_how_long_one_may_be() -> None:
    page = PAGE.read_text(encoding="utf-8")
    for words in (f"{LONGEST} bytes at most", f"{LONGEST_LOCAL} bytes at most", f"of {LONGEST_LABEL} characters each"):
        assert words in page
