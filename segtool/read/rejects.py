"""Rows that are at fault come in; go out: the files of their table without them, and each row as it stood."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np

from segtool.errors import Mark
from segtool.model.tables import Reject

LF = 10


@dataclass(frozen=True)
class Fault:
    """What is wrong with a row: the sort of it ("rows that …"), and all that is said of it."""

    sort: str
    fact: str

    def and_(self, other: Fault) -> Fault:
        return Fault(self.sort, f"{self.fact}; {other.fact}")


class Rejects:
    """The rows of a table, `most` at the most, that are left out when its files are read once more."""

    def __init__(self, most: int = 0) -> None:
        self.most = most
        self._faults: defaultdict[str, dict[int, Fault]] = defaultdict(dict)
        self._texts: dict[Mark, str] = {}

    def __len__(self) -> int:
        return sum(map(len, self._faults.values()))

    def add(self, faults: Mapping[Mark, Fault]) -> None:
        for mark, fault in faults.items():
            self._faults[mark.file][mark.line] = fault

    def lines(self, file: str) -> list[int]:
        """Where the rejected rows of a file stand."""
        return sorted(self._faults[file])

    def note(self, mark: Mark, text: str) -> None:
        """What stands in the file there."""
        self._texts[mark] = text

    def blanked(self, data: bytes, file: str, first: int, end_of: Callable[[bytes, int], int]) -> tuple[bytes, int]:
        """The bytes, whose first line has the number `first`, with blank lines in the place of rejected rows, and how
        many these are. `end_of` tells where the row that starts at a byte ends; 0 where it is not all there yet."""
        last = first + data.count(b"\n")
        lines = [line for line in self.lines(file) if first <= line <= last]
        if not lines:
            return data, 0
        ends = np.flatnonzero(np.frombuffer(data, np.uint8) == LF)
        kept, at, blank = list[bytes](), 0, 0
        for line in lines:
            start = int(ends[line - first - 1]) + 1 if line > first else 0
            end = end_of(data, start)
            if end:
                row = data[start:end]
                self.note(Mark(file, line), row.decode(errors="backslashreplace").rstrip("\r\n"))
                kept += [data[at:start], b"\n" * row.count(b"\n")]
                at, blank = end, blank + row.count(b"\n")
        return b"".join([*kept, data[at:]]), blank

    def rows(self) -> tuple[Reject, ...]:
        """All of them, in the order of their places."""
        marks = sorted(Mark(file, line) for file, faults in self._faults.items() for line in faults)
        found = ((mark, self._faults[mark.file][mark.line]) for mark in marks)
        return tuple(Reject(mark.file, mark.line, fault.sort, fault.fact, self._texts[mark]) for mark, fault in found)
