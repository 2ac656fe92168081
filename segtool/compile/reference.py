"""The vocabulary to the reference page of conditions and tests, in Markdown."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import TypeVar

from segtool.compile.base import Phrase, Test
from segtool.compile.vocabulary import CONDITIONS, FAMILIES, TESTS
from segtool.model.segment_tests import Case

T = TypeVar("T", bound=type[Phrase])

OPENING = """\
# Conditions and tests

Every word that `where:` knows. This page is made from the code; a test fails where it is stale.

A condition is a mapping; several keys in one mapping must all hold, and so must all items of a list. `COLUMN: value` is
short for `COLUMN: {is: value}`, and `COLUMN: [a, b]` for `COLUMN: {in: [a, b]}`.

**Missing values.** An empty cell, an empty text, an empty list and NaN are missing. A missing value passes no positive
test and every negative one (`is_not`, `not_in`, `not_contains`, `has_none`, `is_set: false`). What is computed from a
missing value is missing too; only the size of a missing list is 0. A condition is true or false for every user, never
unknown: `not: c` holds for exactly those for whom `c` does not, and `did_not: …` for those for whom `did: …` does not.

**Zero.** Who did nothing did it 0 times, on 0 days, with 0 different values: `count: {lte: 2}` and `count: 0` hold for
users without events. Sums, averages, extremes, first and last times and values of no events are missing: `sum: {amount:
{lt: 10}}` does not hold for them, and `sum: {amount: {is_set: false}}` does. Only where none of these tests is given is
at least one event asked for.

**Literals** take their kind from the column: `country: NO` is the text NO, `zip: 01001` the text 01001, `age: 18` a
number where `age` is one. Quotes make no difference.

**Windows.** There is one clock, `--as-of`. `in_last: 30d` is the span after as-of less 30 days, up to as-of: what
happened exactly 30 days ago is out. `more_than_ago: 30d` is what that leaves of the past: it is in. `in_next` and
`more_than_ahead` part the future in the same way. Events later than as-of do not exist.

| written | means |
| --- | --- |
| `45s`, `90min`, `12h` | exact spans |
| `30d`, `4w` | steps of the calendar in the project's zone: from noon to noon, also where clocks are changed between |
| `6mo`, `1y` | the same day of another month, or its last: a month before 31 March is 28 February |
| a date alone | on a column of dates and times the whole day in the project's zone: `lte` has it in, `gt` is after it |

On a column of dates, `in_last: 7d` is the seven days that end today, and spans shorter than a day are an error.

**Zones.** A time without an offset is in the project's zone. One that a clock change skips is read with the offset from
before it, one that comes twice is the earlier; `segtool import` counts both. `weekday`, `month`, `day_of_month`,
`hour`, `on`, `in_period`, `days` and all that says today are the zone's.

**Samples.** A user is in a sample of `percent` while the first 32 bits of SHA-256 of `salt:key` are below that share of
2³². That depends on nobody else, and is the same on every machine; more percent keep those who are in.

**Numbers.** Values that have at most 18 digits with their decimals are added and compared exactly. Others are
floating-point numbers, which are added in the order of their size, so that a sum is the same in whatever order the rows
come. Averages are rounded once, to the nearest floating-point number.
"""


def reference() -> str:
    """The whole page."""
    return "\n".join(_lines()) + "\n"


def _lines() -> Iterator[str]:
    yield OPENING
    yield "## Conditions"
    yield from _table(("condition", "holds when", "example"), [_row(one) for one in _by_family(CONDITIONS.values())])
    yield "### Keys of the conditions on events"
    yield from _table(("condition", "key", "says"), _key_rows())
    yield "A test is a value, a list or a mapping, as of a column: `count: 3`, `first: {in_last: 14d}`, `days: [2, 3]`."
    yield ""
    yield "## Tests on a value"
    rows = [(*_row(one)[:2], ", ".join(sorted(one.kinds)), _row(one)[2]) for one in _by_family(TESTS.values())]
    yield from _table(("test", "holds when", "kinds", "example"), rows)
    yield from _ending()


def _ending() -> Iterator[str]:
    folding = ", ".join(f"`{word}`" for word, test in sorted(TESTS.items()) if test.folds)
    yield f"`ignore_case: true` beside {folding} compares both sides in lower case, of text and of lists of text."
    yield ""
    yield "## Tests of definitions"
    yield ""
    yield "What an item of `tests:` says; [definitions.md](definitions.md#tests-of-definitions) tells more."
    yield from _table(("key", "says"), [(f"`{key}`", one.description or "") for key, one in Case.model_fields.items()])


def _by_family(words: Iterable[T]) -> list[T]:
    """The words in the order of their families, whichever of these was imported first."""
    order = [family.__name__ for family in FAMILIES]
    return sorted(words, key=lambda one: order.index(one.__module__))


def _key_rows() -> list[tuple[str, ...]]:
    """The described keys, each with the conditions that take it and say the same of it."""
    found: dict[tuple[str, str], list[str]] = {}
    for word, condition in CONDITIONS.items():
        for key, field in condition.model_fields.items():
            if field.description:
                found.setdefault((key, field.description), []).append(f"`{word}`")
    return [(", ".join(words), f"`{key}`", says) for (key, says), words in found.items()]


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
