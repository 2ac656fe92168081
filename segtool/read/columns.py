"""The raw columns of a table come in; go out: typed ones, as declared, as known from before, or as found."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from difflib import get_close_matches
from zoneinfo import ZoneInfo

import polars as pl

from segtool.errors import Mark, Problem
from segtool.model.dtypes import to_dtype
from segtool.model.kinds import BOOLEAN, DATE, DATETIME, INTEGER, NUMBER, SCALARS, TEXT, Column, Kind, Schema, list_of
from segtool.model.tables import TableSource
from segtool.read.converted import NO_ROWS, Converted
from segtool.read.findings import Findings, Places
from segtool.read.kinds import GUESSES, Rule, guessed, looks_like, quoted, read_as, value_at
from segtool.read.lists_of import with_elements
from segtool.read.natural import Natural, as_text, natural, with_text
from segtool.read.numbers import DIGITS
from segtool.read.raw import family
from segtool.read.times import day_starts

WIDER = {INTEGER: NUMBER, DATE: DATETIME}

MEANT = {
    BOOLEAN: "`{0}` is text, as only `true` and `false` are booleans unasked; declare `{0}: boolean` to read it so",
    NUMBER: "`{0}` is text, as numbers with a comma are not read; write 12.50 to have numbers",
}
SCALAR_KINDS = set(SCALARS.values())
PLURALS = {"boolean": "`true` and `false`", "datetime": "dates and times", "text": "texts"}
ARTICLES = {"integer": "an integer", "boolean": "`true` or `false`", "datetime": "a date and time"}


@dataclass(frozen=True)
class Typed:
    """A column with its values, and what is wrong with it or worth a note."""

    column: Column
    converted: Converted
    raw: pl.Series
    clash: str = ""
    """Why the whole column does not fit what is known or declared of it."""
    misfit: int | None = None
    """The first row that kept a column of text from being of a narrower kind."""
    meant: Kind | None = None
    """What a column of text was meant to be, by the look of its values."""


@dataclass(frozen=True)
class Reader:
    """How the columns of one table are typed. `guesses`: the kinds that its text may turn out to be."""

    source: TableSource
    known: Schema | None
    zone: ZoneInfo
    guesses: tuple[Kind, ...] = GUESSES

    def typed(self, series: pl.Series) -> Typed | None:
        """The column in its kind, or None where its type is not read."""
        found = natural(series, self.zone)
        if found is None:
            return None
        name = series.name
        if name in self.source.columns:
            return self._declared(series, found)
        known = self.known.column(name) if self.known else None
        if known is None or known.blank or name in self.source.verbatim:
            return self._guessed(series, found)
        if found.blank:
            empty = pl.repeat(None, len(series), dtype=to_dtype(known.kind), eager=True)
            return Typed(known, Converted(empty.alias(name), NO_ROWS, found.converted.notes), series)
        return self._known(series, found, known)

    def _declared(self, series: pl.Series, found: Natural) -> Typed:
        said = self.source.columns[series.name]
        column = Column(series.name, said.kind, said.separator, found.blank)
        rule = Rule(said.kind, said.separator, said.format, declared=True)
        return self._by_rule(series, found, column, rule)

    def _by_rule(self, series: pl.Series, found: Natural, column: Column, rule: Rule) -> Typed:
        if found.kind == column.kind and column.kind != TEXT:
            return Typed(column, found.converted, series)
        if found.kind == DATE and column.kind == DATETIME:
            starts, notes = day_starts(found.converted.values, self.zone)
            converted = Converted(starts, found.converted.misfits, found.converted.notes | notes)
            return Typed(column, converted, series)
        if found.kind.of in SCALAR_KINDS and column.kind.of in SCALAR_KINDS:
            return self._by_element(series, found, column, rule)
        text = as_text(found)
        if text is None or (found.kind == DATETIME and column.kind == DATE):
            return Typed(column, found.converted, series, clash=f"holds {found.kind}, not {column.kind}")
        return Typed(column, with_text(found, read_as(text, rule, self.zone)), series)

    def _by_element(self, series: pl.Series, found: Natural, column: Column, rule: Rule) -> Typed:
        """A list of one kind as a list of another, element by element."""
        of, wanted = found.kind.of or TEXT, column.kind.of or TEXT

        def converted(elements: pl.Series) -> Converted:
            inner = Natural(of, Converted(elements, NO_ROWS))
            return self._by_rule(elements, inner, Column(column.name, wanted), replace(rule, kind=wanted)).converted

        lists = with_elements(found.converted.values, converted)
        return Typed(column, with_text(found, lists), series)

    def _guessed(self, series: pl.Series, found: Natural) -> Typed:
        if found.kind != TEXT or series.name in self.source.verbatim:
            return Typed(Column(series.name, found.kind, blank=found.blank), found.converted, series)
        guess = guessed(found.converted.values, self.zone, self.guesses)
        column = Column(series.name, guess.kind, blank=guess.blank)
        meant = looks_like(guess.converted.values) if guess.kind == TEXT and self.guesses == GUESSES else None
        return Typed(column, guess.converted, series, misfit=guess.misfit, meant=meant)

    def _known(self, series: pl.Series, found: Natural, known: Column) -> Typed:
        """The kind from before as long as every value fits it, else the next wider one if it is that."""
        if known.kind == TEXT:
            return self._known_text(series, found, known)
        if _is_structs(known.kind) and _is_structs(found.kind):
            return Typed(Column(known.name, found.kind), found.converted, series)
        rule = Rule(known.kind, known.separator, dates=True)
        typed = self._by_rule(series, found, known, rule)
        wider = _wider(known.kind)
        if (typed.converted.fits and not typed.clash) or wider is None:
            return typed
        widened = self._by_rule(series, found, Column(known.name, wider), Rule(wider, dates=True))
        return widened if widened.converted.fits and not widened.clash else typed

    def _known_text(self, series: pl.Series, found: Natural, known: Column) -> Typed:
        if found.kind.name in ("number", "datetime", "list"):
            return Typed(known, found.converted, series, clash=f"holds {found.kind}, and was text so far")
        text = as_text(found)
        assert text is not None  # the kinds without a text were refused
        misfit = guessed(text, self.zone, self.guesses).misfit
        return Typed(Column(known.name, TEXT), Converted(text, NO_ROWS), series, misfit=misfit)


def _wider(kind: Kind) -> Kind | None:
    """The kind that holds all values of this one and more."""
    if kind.of:
        of = WIDER.get(kind.of)
        return list_of(of) if of else None
    return WIDER.get(kind)


def _is_structs(kind: Kind) -> bool:
    """Lists of structs, whose fields may come and go from file to file."""
    return kind.of is not None and kind.of.name == "struct"


@dataclass(frozen=True)
class TypedColumns:
    """The columns that are read, in the file's order, and what was noted of them."""

    columns: list[Column]
    values: list[pl.Series]
    notes: Counter[str]
    facts: list[str] = field(default_factory=list)
    """What is told of a column as a whole."""
    meant: dict[str, Kind | None] = field(default_factory=dict)
    """What each column that holds values was meant to be, where it is another kind than it is read as."""


def typed_columns(frame: pl.DataFrame, places: Places, reader: Reader, findings: Findings) -> TypedColumns:
    """Every column in its kind; what does not fit is added to the findings."""
    result = TypedColumns([], [], Counter())
    with ThreadPoolExecutor(max_workers=4) as pool:
        for series, typed in zip(frame.get_columns(), pool.map(reader.typed, frame.get_columns()), strict=True):
            if typed is None:
                _leave_out(series, places, reader, findings, result)
                continue
            result.columns.append(_with_note(typed, places))
            result.values.append(typed.converted.values.alias(series.name))
            result.notes.update(typed.converted.notes)
            result.meant.update({} if typed.column.blank else {series.name: typed.meant})
            _add_problems(typed, places, reader, findings)
    return result


def _leave_out(series: pl.Series, places: Places, reader: Reader, findings: Findings, result: TypedColumns) -> None:
    """A column of a type that is not read is a note, or a problem where it is one that the table must have."""
    role = reader.source.roles.get(series.name)
    if role is None:
        result.facts.append(f"`{series.name}` left out: {series.dtype} is not read")
        return
    fact = f"column `{series.name}`, which is {role}, holds {series.dtype}, which is not read"
    findings.add("columns of another kind", Problem(fact, "write it as text in the file", Mark(places.parts[0].file)))


def _with_note(typed: Typed, places: Places) -> Column:
    """The column with what the file tells of it."""
    values = typed.converted.values
    is_missing = values.null_count() == len(values)
    offset = {True: " with offset", False: " without offset", None: ""}[typed.converted.offset]
    column = replace(typed.column, form="" if is_missing else family(typed.raw.dtype) + offset)
    if typed.misfit is None:
        return column
    return replace(column, note=f"{places.words(typed.misfit)}: {quoted(typed.raw[typed.misfit])}")


def history(columns: Iterable[Column], known: Schema | None) -> Iterator[str]:
    """What is other than it was: kinds that widened, and columns that are gone."""
    now = {column.name: column for column in columns}
    for before in known.columns if known else ():
        column = now.get(before.name)
        if column is None:
            yield f"`{before.name}` is no longer in the file"
        elif column.kind == _wider(before.kind) and not before.blank:
            yield f"`{before.name}` is now {column.kind}, was {before.kind}"


def near(name: str, names: list[str]) -> str:
    """What may have been meant, or what there is."""
    if not names:
        return "there are no columns at all"
    close = get_close_matches(name, names, n=3)
    if close:
        return "did you mean " + " or ".join(f"`{other}`" for other in close) + "?"
    shown = ", ".join(f"`{other}`" for other in names[:8])
    return f"the columns are {shown}{' …' if len(names) > 8 else ''}"


def _add_problems(typed: Typed, places: Places, reader: Reader, findings: Findings) -> None:
    column = typed.column
    declare = _declaration(column.name, reader)
    if typed.clash:
        mark = Mark(places.parts[0].file)
        findings.add("columns of another kind", Problem(f"column `{column.name}` {typed.clash}", declare, mark))
        return
    if typed.converted.mixed:
        _add_mixed(typed, places, findings, declare)
    if typed.converted.fits:
        return
    fact = _misfit_words(typed, reader)
    step = f"correct it, or {declare}"
    rows = typed.converted.misfits.head(findings.wanted).to_list()
    problems = (Problem(fact(row) + places.aside(row), step, places.mark(row)) for row in rows)
    sort = f"values in column `{column.name}` that are not {_kind_words(column.kind, '')}"
    findings.add_rows(sort, places.parts[0].file, len(typed.converted.misfits), problems)


def _declaration(name: str, reader: Reader) -> str:
    """What would make a column of other values right."""
    if reader.source.events and name == reader.source.events.time:
        form = f'`{name}: {{datetime: "%d.%m.%Y %H:%M"}}`, or "%s" for seconds'
        return f"declare its format under `columns:`, such as {form}"
    return f"declare `{name}: text` under `columns:`"


def _misfit_words(typed: Typed, reader: Reader) -> Callable[[int], str]:
    column = typed.column
    said = reader.source.columns.get(column.name)
    words = _kind_words(column.kind, said.format if said else "")
    known = reader.known.column(column.name) if reader.known and not said else None
    was = f", {column.kind} so far," if known and not known.blank else ""

    def fact(row: int) -> str:
        value = value_at(typed.raw, row)
        fault = _near_miss(column.kind, str(value)) or f"is not {words}"
        return f"{quoted(value)} in column `{column.name}`{was} {fault}"

    return fact


def _near_miss(kind: Kind, text: str) -> str:
    """Why a value that looks like one of its kind is none."""
    if kind == INTEGER and re.fullmatch(r"[+-]?[0-9]+", text):
        # Python reads no number of any length
        digits, most = text.lstrip("+-0"), 2**63 - (not text.startswith("-"))
        is_beyond = len(digits) > len(str(most)) or int(digits or 0) > most
        return "is beyond 64 bits" if is_beyond else "is written with a sign or zeros that an integer would lose"
    if kind == NUMBER and re.fullmatch(r"-?[0-9]+(\.[0-9]+)?", text) and len(text) > DIGITS:
        return f"has more digits than can be held exactly ({DIGITS} in all)"
    return ""


def _kind_words(kind: Kind, form: str) -> str:
    if kind.of:
        return f"a list of {PLURALS.get(kind.of.name, f'{kind.of}s')}"
    words = ARTICLES.get(kind.name, f"a {kind.name}")
    return f"{words} as `{form}` writes it" if form else words


def _add_mixed(typed: Typed, places: Places, findings: Findings, declare: str) -> None:
    assert typed.converted.mixed is not None
    with_offset, without = typed.converted.mixed
    row = min(with_offset, without)
    fact = (
        f"column `{typed.column.name}` mixes times with an offset "
        f"({places.words(with_offset)}: {quoted(typed.raw[with_offset])}) and without "
        f"({places.words(without)}: {quoted(typed.raw[without])})"
    )
    step = f"write an offset in all or in none, or {declare}"
    findings.add("columns that mix offsets", Problem(fact, step, places.mark(row)))
