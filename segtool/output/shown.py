"""One segment, in words, with its figures and its size over time: as text, as Markdown and as plain data."""

from __future__ import annotations

from decimal import Decimal

from segtool.model.figures import ClauseFigures, Figure
from segtool.model.guard import Guard
from segtool.model.results import Listed, Shown
from segtool.output.answers import ShowAnswer
from segtool.output.data import VERSION, figure_data, segment_data, size_data
from segtool.output.facts import ClauseRow, GuardFacts
from segtool.output.markdown import cell_text, markdown_table, page
from segtool.output.streams import Heading, line, table
from segtool.output.texts import Table, counts, number_of

BARS = "▁▂▃▄▅▆▇█"


def show_shown(result: Shown) -> None:
    listed = result.listed
    line(f"{listed.name}: {listed.kind}, {members_phrase(listed)}")
    owner = f"owner: {listed.owner}" if listed.owner else ""
    for text in (reached_phrase(listed), listed.description, owner, _tags(listed.tags)):
        if text:
            line(text)
    line()
    for words in result.words:
        line(f"  {words}")
    _show_links(result)
    _show_clauses(result)
    _show_sizes(result)


def _tags(tags: tuple[str, ...]) -> str:
    return f"tags: {', '.join(tags)}" if tags else ""


def _show_links(result: Shown) -> None:
    links = (("refers to", result.refers_to), ("referred to by", result.referred_by))
    shown = [f"{phrase}: {', '.join(names)}" for phrase, names in links if names]
    shown += [f"guard: {', '.join(words)}"] if (words := result.guard.words()) else []
    shown += [f"kept by its guard since run {result.held_since}"] if result.held_since else []
    for text in ["", *shown] if shown else []:
        line(text)


def _show_clauses(result: Shown) -> None:
    """For how many users each clause holds, and for how many what it looks at is missing."""
    if not result.clauses:
        return
    line()
    line(_looked_at(result))
    for one in result.clauses:
        line(f"  {_figure(one.holds)}")
        for figure in one.missing:
            line(f"    {_figure(figure)}")


def _looked_at(result: Shown) -> str:
    """The members are those of the run that moved them last, and tables may be newer."""
    return f"in the tables of run {result.looked_at_run}, as of {result.looked_at}"


def _figure(figure: Figure) -> str:
    return f"{figure.phrase} for {figure.share} of {figure.things} ({figure.number:,} of {figure.of:,})"


def _show_sizes(result: Shown) -> None:
    if not result.sizes:
        return
    line()
    unchanged = f"  unchanged for {number_of(result.unchanged, 'run')}" if result.unchanged else ""
    line("size  " + sparkline([size.after for _, _, size in result.sizes]) + unchanged)
    table(*sizes_table(result))


def sizes_table(result: Shown) -> Table:
    """The newest sizes."""
    headings = (
        Heading("run", number=True),
        Heading("as of", fixed=True),
        Heading("entered", number=True, style="green"),
        Heading("left", number=True, style="red"),
        Heading("after", number=True),
    )
    newest = result.sizes[-10:]
    rows = [[str(run), as_of, *counts(size.entered, size.left, size.after)] for run, as_of, size in newest]
    return headings, rows


def members_phrase(listed: Listed) -> str:
    if listed.members is None:
        return "not decided yet"
    return f"{number_of(listed.members, 'member')} since run {listed.run} (as of {listed.as_of})"


def reached_phrase(listed: Listed) -> str:
    """How many of the members each channel reaches; an empty text without channels."""
    reached = ", ".join(f"{number:,} by {channel}" for channel, number in listed.reached.items())
    return f"reached: {reached}" if reached else ""


def sparkline(values: list[int], width: int = 60) -> str:
    """The newest values as bars from the smallest to the largest."""
    newest = values[-width:]
    low, high = min(newest), max(newest)
    span = high - low or 1
    return "".join(BARS[(value - low) * (len(BARS) - 1) // span] for value in newest)


def shown_markdown(result: Shown) -> str:
    listed = result.listed
    # lines of words are told apart by how far they stand in
    words = [["\u00a0" * (len(line) - len(line.lstrip())) + line.lstrip()] for line in result.words]
    sizes = markdown_table(*sizes_table(result)) if result.sizes else ""
    title = f"{cell_text(listed.name)}: {listed.kind}, {members_phrase(listed)}"
    about = [["description", listed.description], ["owner", listed.owner], ["tags", ", ".join(listed.tags)]]
    about += [["refers to", ", ".join(result.refers_to)], ["referred to by", ", ".join(result.referred_by)]]
    about += [
        ["reached", reached_phrase(listed).removeprefix("reached: ")],
        ["guard", ", ".join(result.guard.words())],
        ["looked at", _looked_at(result) if result.clauses else ""],
    ]
    told = [row for row in about if row[1]]
    facts = markdown_table((Heading(""), Heading("")), told) if told else ""
    figures = [[_figure(one)] for clause in result.clauses for one in (clause.holds, *clause.missing)]
    clauses = markdown_table([Heading("clauses")], figures) if figures else ""
    return page(title, facts, markdown_table([Heading("in words")], words), clauses, sizes)


def shown_data(result: Shown) -> ShowAnswer:
    return {
        "version": VERSION,
        **segment_data(result.listed),
        "words": list(result.words),
        "refers_to": list(result.refers_to),
        "referred_by": list(result.referred_by),
        "guard": _guard(result.guard),
        "held_since": result.held_since,
        "unchanged_runs": result.unchanged,
        "looked_at": result.looked_at or None,
        "looked_at_run": result.looked_at_run,
        "clauses": [_clause(one) for one in result.clauses],
        "sizes": [{"run": run, "as_of": as_of, **size_data(size)} for run, as_of, size in result.sizes],
    }


def _clause(figures: ClauseFigures) -> ClauseRow:
    return {
        "clause": figures.clause,
        "holds": figures.holds.number,
        "users": figures.holds.of,
        "missing": [figure_data(one) for one in figures.missing],
    }


def _guard(guard: Guard) -> GuardFacts:
    return {
        "min_size": guard.min_size,
        "max_size": guard.max_size,
        "max_shrink": _plain_number(guard.max_shrink),
        "max_growth": _plain_number(guard.max_growth),
    }


def _plain_number(number: Decimal | None) -> float | None:
    """Whole where it is, as JSON writes it."""
    return number if number is None else int(number) if number == int(number) else float(number)
