"""The vocabulary to the reference page of conditions and tests, in Markdown."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import TypeVar

from segtool.compile.base import Phrase, Test
from segtool.compile.vocabulary import CONDITIONS, FAMILIES, TESTS

T = TypeVar("T", bound=type[Phrase])

OPENING = """\
# Conditions and tests

Every word that `where:` knows. This page is made from the code; a test fails where it is stale.

A condition is a mapping; several keys in one mapping must all hold, and so must all items of a list. `COLUMN: value` is
short for `COLUMN: {is: value}`, and `COLUMN: [a, b]` for `COLUMN: {in: [a, b]}`.

**Missing values.** An empty cell, an empty text, an empty list and NaN are missing. A missing value passes no positive
test and every negative one (`is_not`, `not_in`, `not_contains`, `has_none`, `is_set: false`). A condition is true or
false for every user, never unknown: `not: c` holds for exactly those for whom `c` does not.

**Literals** take their kind from the column: `country: NO` is the text NO, `zip: 01001` the text 01001, `age: 18` a
number where `age` is one. Quotes make no difference.

**Time.** There is one clock, `--as-of`. `in_last: 30d` is the span after as-of less 30 days, up to as-of;
`more_than_ago: 30d` is what it leaves of the past. Seconds, minutes and hours (`45s`, `90min`, `12h`) are exact; days,
weeks, months and years (`30d`, `4w`, `6mo`, `1y`) step the calendar in the project's zone, and a step beyond a month's
end stops at its last day. On a column of dates, `in_last: 7d` is the seven days that end today. A bare date against a
date and time stands for the whole day in the project's zone.
"""


def reference() -> str:
    """The whole page."""
    return "\n".join(_lines()) + "\n"


def _lines() -> Iterator[str]:
    yield OPENING
    yield "## Conditions"
    yield from _table(("condition", "holds when", "example"), [_row(one) for one in _by_family(CONDITIONS.values())])
    yield "## Tests on a value"
    rows = [(*_row(one)[:2], ", ".join(sorted(one.kinds)), _row(one)[2]) for one in _by_family(TESTS.values())]
    yield from _table(("test", "holds when", "kinds", "example"), rows)
    folding = ", ".join(f"`{word}`" for word, test in sorted(TESTS.items()) if test.folds)
    yield f"`ignore_case: true` beside {folding} compares both sides in lower case, of text and of lists of text."


def _by_family(words: Iterable[T]) -> list[T]:
    """The words in the order of their families, whichever of these was imported first."""
    order = [family.__name__ for family in FAMILIES]
    return sorted(words, key=lambda one: order.index(one.__module__))


def _row(phrase: type[Phrase]) -> tuple[str, str, str]:
    column = "COLUMN: {%s: %s}" if issubclass(phrase, Test) else "%s: %s"
    meaning = " ".join((phrase.__doc__ or "").split())
    return f"`{phrase.word}`", meaning, f"`{column % (phrase.word, phrase.example)}`"


def _table(heading: tuple[str, ...], rows: Sequence[tuple[str, ...]]) -> Iterator[str]:
    yield ""
    yield f"| {' | '.join(heading)} |"
    yield f"|{' --- |' * len(heading)}"
    for row in rows:
        cells = [cell.replace("|", "\\|") for cell in row]
        yield f"| {' | '.join(cells)} |"
    yield ""
