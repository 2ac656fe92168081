"""Tables come in beside their last committed versions; goes out: what must stop the run, unless a person allows it.

Each guard has a name, and `--allow-NAME` lets pass what it holds up: a table without rows (`empty`), one that has lost
most of them (`shrink`), a column that definitions name and that nobody has a value of any more (`blank`), a file that
nobody has written to for long (`stale`). They are put up when all tables have been read, and before anything is
committed; a guard that let something pass is noted in the record of the run.
"""

from __future__ import annotations

from collections.abc import Container, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

from segtool.errors import InputError, Mark, Problem
from segtool.model.plan import Use
from segtool.model.project import Limits, Project
from segtool.model.run import TableState
from segtool.model.time import Clock, utc_text
from segtool.read.files import modified
from segtool.verbs.table import Table

EMPTY, SHRINK, BLANK, STALE = GUARDS = ("empty", "shrink", "blank", "stale")
MOVEMENT = "movement"
"""The guard of a segment's size, see `segment_guards`; it holds up the segment alone."""
MOST_LOST, FROM_ROWS = Decimal(50), 100
"""What a table may lose (per cent) where the project does not say, and from how many rows on that is asked."""

Named = tuple[str, str]
"""A table, and a column of it."""


@dataclass(frozen=True)
class Tripped:
    """A guard by its name, and what it holds the run up for."""

    guard: str
    problem: Problem


def tripped_by_tables(
    tables: Iterable[Table], before: Mapping[str, TableState], project: Project, at: datetime
) -> list[Tripped]:
    """What tables give cause to stop for, whatever is asked of them. `at`: the time of writing."""
    found: list[Tripped] = []
    for table in tables:
        known = before.get(table.source.name)
        found += _emptied(table, known)
        found += _shrunk(table, known, project.limits)
        found += _aged(table, project, at)
    return found


def blank_columns(uses: Iterable[Use], tables: Mapping[str, Table]) -> dict[Named, list[Mark]]:
    """The columns that definitions name, that had values, and that are missing for everyone now; and where they are
    named. Where there is nobody at all, that is told of the table."""
    places: dict[Named, set[Mark]] = {}
    for use in uses:
        table = tables[use.table]
        if use.column in table.state.lost and table.report.kept:
            places.setdefault((use.table, use.column), set()).add(use.mark)
    return {named: sorted(marks) for named, marks in places.items()}


def tripped_by_columns(blank: Mapping[Named, Sequence[Mark]], tables: Mapping[str, Table]) -> list[Tripped]:
    """What such columns give cause to stop for, at the first place that names each."""
    return [_blank(column, tables[table], marks) for (table, column), marks in blank.items()]


def let_through(tripped: Sequence[Tripped], allowed: Container[str]) -> tuple[str, ...]:
    """The guards that would have stopped the run and were allowed not to; InputError with all that was not allowed."""
    problems = [one.problem for one in tripped if one.guard not in allowed]
    if problems:
        raise InputError(problems)
    needed = {one.guard for one in tripped}
    return tuple(guard for guard in GUARDS if guard in needed)


def noted(allowed: Sequence[str]) -> dict[str, Any]:
    """What the record of a run tells of its guards; nothing where none tripped."""
    return {"allowed": list(allowed)} if allowed else {}


def _emptied(table: Table, known: TableState | None) -> Iterator[Tripped]:
    """A table that was empty before has been let through as such."""
    report = table.report
    if report.kept or (known and not known.report.kept):
        return
    why = f": none of the {report.read:,} rows that were read could be kept" if report.read else ""
    yield _tripped(EMPTY, _place(table), f"{_called(table)} has no rows{why}", "put them back")


def _shrunk(table: Table, known: TableState | None, limits: Limits) -> Iterator[Tripped]:
    """A table that has lost all of its rows is empty, and told as that. Users who came do not make up for others who
    are gone: where all keys are other ones, everybody is."""
    now, before = table.report.kept, known.report.kept if known else 0
    lost = max(before - now, table.gone)
    most = MOST_LOST if limits.max_shrink is None else limits.max_shrink
    is_asked = before >= FROM_ROWS or limits.max_shrink is not None
    if now and is_asked and lost * 100 > most * before:
        fact = (
            f"{_called(table)} had {_lost(before, now, lost)}: it lost more than {most:f} %{limits.place('max_shrink')}"
        )
        keys = "" if lost == before - now else f" and its `{table.source.key}` as it was"
        yield _tripped(SHRINK, _place(table), fact, f"see whether the file is whole{keys}")


def _lost(before: int, now: int, lost: int) -> str:
    came = now - (before - lost)
    if not came:
        return f"{before:,} rows and has {now:,}"
    gone = "all of them are gone" if lost == before else f"{lost:,} of them are gone"
    return f"{before:,} users, and {gone} ({came:,} new)"


def _aged(table: Table, project: Project, at: datetime) -> Iterator[Tripped]:
    """Of events the newest file tells how old they are, as the others are of days gone by; of users, each file does."""
    age = project.limits.max_age
    if age is None:
        return
    oldest = Clock(at, project.zone).moved(age, -1)
    times = {path: modified(path, project.folder) for path in _paths(table)}
    asked = sorted(times, key=times.__getitem__)[-1:] if table.source.events else list(times)
    for path in asked:
        if times[path] < oldest:
            moment = utc_text(times[path].replace(microsecond=0))
            limit = f"`max_age: {age}`{project.limits.place('max_age')}"
            fact = f"the file was last written to at {moment}, longer ago than {limit} allows"
            yield _tripped(STALE, Mark(path), fact, "export it again")


def _blank(column: str, table: Table, marks: Sequence[Mark]) -> Tripped:
    rows = f"event of `{table.source.name}`" if table.source.events else "user"
    fact = f"`{column}` is missing for every {rows} now, and was not before{_more(len(marks) - 1)}"
    return _tripped(BLANK, marks[0], fact, f"see {_place(table)}")


def _more(places: int) -> str:
    if not places:
        return ""
    return f"; {places:,} more place{' names' if places == 1 else 's name'} it"


def _tripped(guard: str, mark: Mark | None, fact: str, step: str) -> Tripped:
    return Tripped(guard, Problem(fact, f"{step}, or let it through with `--allow-{guard}`", mark))


def _called(table: Table) -> str:
    return f"the table `{table.source.name}`" if table.source.events else "the table of users"


def _place(table: Table) -> Mark | None:
    """The file of a table; of several, the place that declares them."""
    files = [table.state.by_hand] if table.state.by_hand else [file.path for file in table.state.files]
    return Mark(files[0]) if len(files) == 1 else table.source.mark


def _paths(table: Table) -> list[str]:
    """The files that tell a table's age. One that was imported by name is as old as it is meant to be later on."""
    if table.state.by_hand:
        return [table.state.by_hand] if table.is_new else []
    return [file.path for file in table.state.files]
