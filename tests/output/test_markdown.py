"""A name or value in Markdown is told as it is, and is never markup, a link, or somebody who is called."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from markdown_it import MarkdownIt
from markdown_it.token import Token

from segtool.errors import Mark, Problem
from segtool.output.markdown import MOST, cell_text, failure, markdown_table
from segtool.output.safe import safe
from segtool.output.streams import Heading

PARSER = MarkdownIt("commonmark").enable(["table", "strikethrough"])
INERT = {"text", "code_inline"}


def cells(table: str) -> Iterator[list[Token]]:
    """What stands in each cell below the header, as a page would read it."""
    tokens = PARSER.parse(table)
    body = [token.type for token in tokens].index("tbody_open") if "tbody_open" in str(tokens) else len(tokens)
    yield from (token.children or [] for token in tokens[body:] if token.type == "inline")


@given(st.text(st.characters() | st.sampled_from("`|\\<>*_[]()!~#@:&$- "), min_size=1, max_size=12))
@example("`|`")
@example("a\\|b")
@example("\\")
@example(" x ")
@example("<img src=x onerror=alert(1)>")
@example("[a](https://example.com)")
@example("@somebody #12 https://example.com")
def test_any_text_comes_out_of_a_cell_as_it_went_in(text: str) -> None:
    table = markdown_table((Heading("a"), Heading("b")), [[text, "end"]])
    first, second = cells(table)
    assert {token.type for token in first} <= INERT
    assert "".join(token.content for token in first).strip() == safe(text).strip()
    assert [token.content for token in second] == ["end"]


@pytest.mark.parametrize("text", ["big_spenders", "1,234", "frozen now, 1 not among the users", "країна", "", "–"])
def test_plain_words_stay_plain(text: str) -> None:
    assert cell_text(text) == text


@pytest.mark.parametrize(
    "text", ["@somebody", "#12", "www.example.com", "a@example.com", ":tada:", "_x_", "a/b#1", "<b>"]
)
def test_what_a_page_would_make_something_of_stands_as_code(text: str) -> None:
    assert cell_text(text) == f"`{text}`"


def test_a_failure_is_a_table_of_places_and_next_steps() -> None:
    problem = Problem("`contry` is no column", "did you mean `country`?", Mark("segments/a.yaml", 3, 5))
    assert failure([problem]) == (
        "| place | error | next |\n"
        "| --- | --- | --- |\n"
        "| `segments/a.yaml:3:5` | `` `contry` is no column `` | ``did you mean `country`?`` |\n"
    )


def test_a_failure_without_next_steps_has_no_column_of_them() -> None:
    assert (
        failure([Problem("two", "", Mark("a.yaml", 1))]) == "| place | error |\n| --- | --- |\n| `a.yaml:1` | two |\n"
    )


def test_a_long_table_ends_with_how_much_more_there_is() -> None:
    table = markdown_table([Heading("n", number=True)], [[str(number)] for number in range(MOST + 2)])
    assert table.splitlines()[-3:] == [f"| {MOST - 1} |", "", "and 2 more rows"]
