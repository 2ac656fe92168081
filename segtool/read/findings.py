"""Problems of data files come in as they are found; go out: all counted, twenty of each sort shown."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from segtool.errors import InputError, Mark, Problem

SHOWN = 20


class Findings:
    """What is wrong with the files of one table, by sort ("rows that …"), in the order in which the sorts
    came."""

    def __init__(self) -> None:
        self._shown: dict[tuple[str, str], list[Problem]] = {}
        self._count: dict[tuple[str, str], int] = {}

    def __len__(self) -> int:
        return sum(self._count.values())

    def add(self, sort: str, problem: Problem) -> None:
        self.add_all(sort, problem.mark.file if problem.mark else "", 1, [problem])

    def add_all(self, sort: str, file: str, count: int, problems: Iterable[Problem]) -> None:
        """`count` problems of a sort in a file, of which no more than the first twenty need be given."""
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
        found = Findings()
        for findings in (self, other):
            for (sort, file), count in findings._count.items():
                found.add_all(sort, file, count, findings._shown[sort, file])
        return found

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
