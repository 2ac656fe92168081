"""Problems of data files come in as they are found; go out: all counted, twenty of each sort shown."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import NoReturn

import numpy as np

from segtool.errors import InputError, Mark, Problem
from segtool.read.rejects import Fault, Rejects

SHOWN = 20
MOST = 100_000
"""Rows at fault after which no more of them are looked for, unless more may be rejected."""
NOT_ROWS = Problem("`--max-errors` rejects nothing of this table, as not all of this is wrong with single rows")
TOO_MANY = Problem("more rows are at fault than `--max-errors` allows", "correct them, or allow more")
STOPPED = Problem(f"more than {MOST:,} rows are at fault, and what follows was not looked at", "correct these first")


class Findings:
    """What is wrong with the files of one table, by sort ("rows that …"), in the order in which the sorts
    came; and which rows it is wrong with, as far as these may be rejected."""

    def __init__(self, rejects: Rejects | None = None) -> None:
        """`rejects`: the rows that are left out already."""
        self.rejects = Rejects() if rejects is None else rejects
        self.wanted = max(SHOWN, self.rejects.most + 1)
        self.most = max(MOST, self.rejects.most)
        self._shown: dict[tuple[str, str], list[Problem]] = {}
        self._count: dict[tuple[str, str], int] = {}
        self._rows: dict[Mark, Fault] = {}
        self._others, self._unnoted = 0, 0

    def __len__(self) -> int:
        return sum(self._count.values())

    def add(self, sort: str, problem: Problem) -> None:
        """What is wrong with a column or a file, and not with single rows."""
        self._others += 1
        self._tell(sort, problem.mark.file if problem.mark else "", 1, [problem])
        self._stop_at_most()

    def add_row(self, sort: str, problem: Problem, rows: Sequence[Mark] = ()) -> None:
        """What is wrong with a row, which is where the problem is, or with several `rows` together."""
        assert problem.mark
        self._tell(sort, problem.mark.file, 1, [problem])
        for mark in rows or [problem.mark]:
            self._note(mark, Fault(sort, problem.fact))
        self._stop_at_most()

    def add_rows(self, sort: str, file: str, count: int, problems: Iterable[Problem]) -> None:
        """What is wrong with `count` rows of a file, of which no more than those `wanted` need be given."""
        given = list(islice(problems, self.wanted))
        self._unnoted += count - len(given)
        self._tell(sort, file, count, given)
        for problem in given:
            assert problem.mark
            self._note(problem.mark, Fault(sort, problem.fact))
        self._stop_at_most()

    def _stop_at_most(self) -> None:
        if len(self) > self.most:
            self.stop()

    def stop(self) -> NoReturn:
        """InputError with all that is wrong so far, which is so much that the rest may wait."""
        raise self._refusal(STOPPED)

    def add_cut(self) -> None:
        """A row at fault ends its file without a line end, so that more than the row may be missing."""
        self._others += 1

    def _note(self, mark: Mark, fault: Fault) -> None:
        known = self._rows.get(mark)
        if known or len(self._rows) <= self.rejects.most:
            self._rows[mark] = known.and_(fault) if known else fault

    def _tell(self, sort: str, file: str, count: int, problems: Iterable[Problem]) -> None:
        shown = self._shown.setdefault((sort, file), [])
        shown.extend(problem for problem, _ in zip(problems, range(SHOWN - len(shown)), strict=False))
        self._count[sort, file] = self._count.get((sort, file), 0) + count

    def problems(self) -> list[Problem]:
        """Those shown in the order of their places, and then how many more there are of each sort."""
        shown = [problem for group in self._shown.values() for problem in group]
        shown.sort(key=lambda problem: problem.mark or Mark(""))
        more = {sort: count - len(self._shown[sort]) for sort, count in self._count.items()}
        rest = [
            Problem(f"{count:,} more {sort}", mark=Mark(file) if file else None)
            for (sort, file), count in more.items()
            if count
        ]
        return shown + rest

    def with_all(self, other: Findings) -> Findings:
        """What was found here and there."""
        found = Findings(self.rejects)
        for findings in (self, other):
            found._others, found._unnoted = found._others + findings._others, found._unnoted + findings._unnoted
            for (sort, file), count in findings._count.items():
                found._tell(sort, file, count, findings._shown[sort, file])
            for mark, fault in findings._rows.items():
                found._note(mark, fault)
        return found

    def reject_rows(self) -> None:
        """Rejects the rows with which something is wrong. InputError with all that is wrong where it is not wrong with
        single rows, or with more of them than may be rejected."""
        known = len(self.rejects)
        if self._others or self._unnoted or len(self._rows) > self.rejects.most:
            raise self._refusal()
        self.rejects.add(self._rows)
        assert len(self.rejects) > known  # what is left out is not found again

    def _refusal(self, *more: Problem) -> InputError:
        because = [NOT_ROWS if self._others else TOO_MANY] if self.rejects.most else []
        return InputError([*self.problems(), *because, *more])

    def raise_any(self) -> None:
        if self:
            raise InputError(self.problems())


@dataclass(frozen=True)
class Part:
    """The rows that came from one file: their number, and the line (or row number) of each, from 0."""

    file: str
    rows: int
    line: Callable[[int], int]
    unit: str = "line"

    def row(self, line: int) -> int | None:
        """The row that stands there, if it is one of these."""
        row = bisect_left(range(self.rows), line, key=self.line)
        return row if row < self.rows and self.line(row) == line else None

    def without(self, rows: Sequence[int]) -> Part:
        """What is left where some rows are taken out."""
        gaps, line = np.array(rows, np.int64) - np.arange(len(rows)), self.line
        return Part(
            self.file,
            self.rows - len(rows),
            lambda row: line(row + int(np.searchsorted(gaps, row, "right"))),
            self.unit,
        )


class Places:
    """Where the rows of a table stand in its files."""

    def __init__(self, parts: list[Part], several: bool = False) -> None:
        """`several`: the table has other files, so that a row is told with its file."""
        self.parts = parts
        self.several = several

    def _found(self, row: int) -> tuple[Part, int]:
        for part in self.parts:
            if row < part.rows:
                return part, part.line(row)
            row -= part.rows
        raise IndexError(row)

    def mark(self, row: int) -> Mark:
        part, line = self._found(row)
        return Mark(part.file, line)

    def words(self, row: int) -> str:
        """`line 7` or `row 7`, with the file where there are several."""
        part, line = self._found(row)
        of_file = f" of {part.file}" if self.several else ""
        return f"{part.unit} {line:,}{of_file}".replace(",", "")

    def aside(self, row: int) -> str:
        """` (row 7)` where a mark's number is not a line that an editor would show."""
        part, line = self._found(row)
        return f" (row {line})" if part.unit == "row" else ""
