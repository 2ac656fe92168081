"""The bytes of a CSV come in, block by block; go out: its records without blank lines, and what is wrong."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from segtool.errors import InputError, Mark, Problem
from segtool.read.csv_records import MAX_RECORD, OPEN, Record, line_too_long, records
from segtool.read.findings import Findings
from segtool.read.row_lines import Places, RowLines

LF, CR, QUOTE = 10, 13, 34

RAGGED = "rows with another number of fields than the header"
QUOTES = "rows with a stray or open quote"

LOOK = 2**18
"""Bytes that are looked at in one go: of short rows, the places of their signs weigh a hundred times as much."""


@dataclass
class Shape:
    """What a look at a block found: its records without blank lines, the header among them, and where they start."""

    records: RowLines
    header: int
    """How many of the records are a header: one at the start of a file, else none."""
    blank: int = 0
    kept: list[bytes] = field(default_factory=list)

    def add(self, text: bytes, lines: Places, blank: int) -> None:
        """The records that follow without the blank ones among them, and the line of each."""
        self.kept.append(text)
        self.records.add(lines)
        self.blank += blank

    @property
    def text(self) -> bytes:
        return b"".join(self.kept)

    @property
    def rows(self) -> int:
        return max(self.records.rows - self.header, 0)

    def line(self, row: int) -> int:
        """The first line of a row, counted without the header from 0."""
        return self.records.line(row + self.header)


class Scan:
    """Checks a CSV whose header has `width` fields, one block of records after the other; `before` lines of the file
    come before them, its header among them where there are any."""

    def __init__(self, file: str, separator: str, width: int, findings: Findings, before: int = 0) -> None:
        self.file = file
        self.separator = ord(separator)
        self.width = width
        self.findings = findings
        self.lines = before
        self.shape = self._new_shape()

    def block(self, data: bytes, *, final: bool) -> tuple[Shape, bytes]:
        """The shape of the whole records in `data`, and the bytes after them; every problem is added to the findings.

        `final`: nothing follows, and the last line may lack its line end."""
        self.shape, rest, at = self._new_shape(), b"", 0
        while at < len(data):
            # a record that is longer is not looked at from its start each time
            step = max(LOOK, len(rest))
            rest = self._taken(rest + data[at : at + step])
            at += step
        if final and rest:
            known, is_ended = len(self.findings), rest.endswith(b"\n")
            rest = self._taken(rest if is_ended else rest + b"\n")
            rest = self._walked(rest, final=True) if rest else rest
            if len(self.findings) > known and not is_ended:
                self.findings.add_cut()
        return self.shape, rest

    def even(self, data: bytes) -> Shape | None:
        """The shape of lines without quotes that hold as many separators as all rows need: none of them is too short
        if none is too long. None where a closer look is needed."""
        signs, shape = np.frombuffer(data, np.uint8), self._new_shape()
        records = int(np.count_nonzero(signs == LF))
        if self.width == 1 or int(np.count_nonzero(signs == self.separator)) != records * (self.width - 1):
            return None
        if b"\0" in data or not (data.isascii() or not _not_utf8(data)):
            return None
        shape.records.rows = records
        return shape

    def _new_shape(self) -> Shape:
        return Shape(RowLines(self.lines + 1), header=int(not self.lines))

    def _taken(self, data: bytes) -> bytes:
        """Check the whole records in `data`; the bytes after them."""
        data = self._without_leading(data)
        found = _Marks.of(data, self.separator)
        is_long = not found.end and len(data) > MAX_RECORD
        if is_long and b'"' not in data:
            raise InputError(line_too_long(Mark(self.file, self.lines + 1)))
        if is_long or not found.is_sound:
            return self._walked(data, final=len(data) > MAX_RECORD)
        text = data[: found.end]
        self._check_text(text, found)
        blank = self._check_widths(text, found)
        lines = self.lines + 1 + np.arange(len(found.ends)) + np.searchsorted(found.inner, found.starts)
        self.shape.add(found.without(text, blank), lines[~blank], int(np.count_nonzero(blank)))
        self.lines += len(found.ends) + len(found.inner)
        return data[found.end :]

    def _without_leading(self, data: bytes) -> bytes:
        """The bytes less the blank lines that they start with, of which there may be gigabytes."""
        left = data.lstrip(b"\n")
        self.lines += len(data) - len(left)
        self.shape.blank += len(data) - len(left)
        return left

    def _check_text(self, data: bytes, found: _Marks) -> None:
        if b"\0" in data:
            at = np.flatnonzero(np.frombuffer(data, np.uint8) == 0)
            bad = np.unique(np.searchsorted(found.ends, at)).tolist()
            problems = (Problem("a NUL byte", "write the file anew without it", self._mark(found, row)) for row in bad)
            self.findings.add_rows("rows with NUL bytes", self.file, len(bad), problems)
        if not data.isascii() and _not_utf8(data):
            self._check_utf8(data, found)

    def _check_utf8(self, data: bytes, found: _Marks) -> None:
        start = 0
        for record, end in enumerate(found.ends.tolist()):
            byte = _not_utf8(data[start:end])
            if byte:
                problem = Problem(f"{byte} is not UTF-8", "save the file as UTF-8", self._mark(found, record))
                self.findings.add_row("rows that are not UTF-8", problem)
            start = end + 1

    def _mark(self, found: _Marks, record: int) -> Mark:
        inner = int(np.searchsorted(found.inner, found.ends[record - 1])) if record else 0
        return Mark(self.file, self.lines + record + inner + 1)

    def _check_widths(self, data: bytes, found: _Marks) -> NDArray[np.bool_]:
        """Which of the records are blank lines; others of another width are findings."""
        is_other = found.other_than(self.width)
        blank = found.blank(data) if self.width == 1 or is_other.any() else np.zeros_like(is_other)
        wrong = np.flatnonzero(is_other & ~blank)
        problems = (self._ragged(found.fields(record), self._mark(found, record)) for record in map(int, wrong))
        if len(wrong):
            self.findings.add_rows(RAGGED, self.file, len(wrong), problems)
        return blank

    def _ragged(self, fields: int, mark: Mark) -> Problem:
        words = "1 field" if fields == 1 else f"{fields} fields"
        fact = f"{words} where the header has {self.width}"
        step = f"put quotes around values that hold `{chr(self.separator)}`" if fields > self.width else ""
        return Problem(fact, step or "the row is cut short; write it whole", mark)

    def _walked(self, data: bytes, final: bool = False) -> bytes:
        """The exact and slow way, for bytes in which a quote stands where none may."""
        end, blank, kept, lines = 0, 0, list[bytes](), list[int]()
        for record in records(data, chr(self.separator).encode(), final):
            if record.is_blank:
                blank += 1
            else:
                self._check(record)
                kept.append(data[end : record.end])
                lines.append(self.lines + 1)
            self.lines += record.lines
            end = record.end
        self.shape.add(b"".join(kept), np.array(lines, np.int64), blank)
        return data[end:]

    def _check(self, record: Record) -> None:
        mark = Mark(self.file, self.lines + 1)
        if record.fault:
            problem = Problem(record.fault, 'write a quote inside quotes as `""`', mark)
            if record.lines == 1 and record.fault != OPEN:
                self.findings.add_row(QUOTES, problem)
            else:
                # nobody knows how many rows stand between the quotes
                self.findings.add(QUOTES, problem)
        elif record.fields != self.width:
            self.findings.add_row(RAGGED, self._ragged(record.fields, mark))


def _not_utf8(data: bytes) -> str:
    """The first byte that is not UTF-8, in words, or nothing."""
    try:
        data.decode()
    except UnicodeDecodeError as error:
        return f"byte {data[error.start]:#04x}"
    return ""


@dataclass(frozen=True)
class _Marks:
    """Where records end in a chunk, how many ends and separators stand before each, and inner line ends."""

    ends: Places
    upto: Places
    inner: Places
    is_sound: bool = True

    @property
    def end(self) -> int:
        return int(self.ends[-1]) + 1 if len(self.ends) else 0

    def fields(self, record: int) -> int:
        return int(self.upto[record] - (self.upto[record - 1] if record else -1))

    @cached_property
    def starts(self) -> Places:
        """Where the records start."""
        return np.append(0, self.ends + 1)[:-1]

    def other_than(self, width: int) -> NDArray[np.bool_]:
        """Which records have another number of fields."""
        return np.not_equal(np.diff(self.upto, prepend=-1), width)

    def blank(self, data: bytes) -> NDArray[np.bool_]:
        """Which records are empty but for their line end."""
        length = self.ends - self.starts
        first: NDArray[np.uint8] = np.frombuffer(data, np.uint8)[self.starts]
        is_blank: NDArray[np.bool_] = (length == 0) | (length == 1) & (first == CR)
        return is_blank

    def without(self, data: bytes, blank: NDArray[np.bool_]) -> bytes:
        """The bytes of the records, less the blank ones."""
        if not blank.any():
            return data
        signs = np.frombuffer(data, np.uint8)
        stays = np.ones(len(signs), np.bool_)
        stays[self.starts[blank]] = stays[self.ends[blank]] = False
        return signs[stays].tobytes()

    @classmethod
    def of(cls, data: bytes, separator: int) -> _Marks:
        """The marks of a chunk that starts with a record. Quotes pair up from the start, `""` inside a
        field being a close and an open; that holds as long as each stands where it may, else the chunk is
        not sound."""
        signs = np.frombuffer(data, np.uint8)
        marked = (signs == separator) | (signs == LF)
        quoted = b'"' in data
        if quoted:
            marked |= signs == QUOTE
        at = np.flatnonzero(marked)
        kinds = signs[at]
        if not quoted:
            upto = np.flatnonzero(kinds == LF)
            return cls(at[upto], upto, np.empty(0, np.int64))
        return cls._of_quoted(signs, at, kinds, separator)

    @classmethod
    def _of_quoted(cls, signs: NDArray[np.uint8], at: Places, kinds: NDArray[np.uint8], separator: int) -> _Marks:
        is_quote = kinds == QUOTE
        outside = np.bitwise_and(np.cumsum(is_quote, dtype=np.uint32), 1) == 0
        inner = at[(kinds == LF) & ~outside]
        real = ~is_quote & outside
        places, kinds = at[real], kinds[real]
        upto = np.flatnonzero(kinds == LF)
        ends = places[upto]
        last = int(ends[-1]) if len(ends) else -1
        quotes = at[is_quote]
        sound = _are_quotes_sound(signs, quotes[: np.searchsorted(quotes, last)], separator)
        return cls(ends, upto, inner[: np.searchsorted(inner, last)], sound)


def _are_quotes_sound(signs: NDArray[np.uint8], quotes: Places, separator: int) -> bool:
    """Whether each opening quote starts a field or doubles the one before, each closing one ends one."""
    opening, closing = quotes[::2], quotes[1::2]
    before = signs[np.maximum(opening - 1, 0)]
    starts = (before == separator) | (before == LF) | (before == QUOTE) | (opening == 0)
    after = signs[closing + 1]
    crlf = (after == CR) & (signs[np.minimum(closing + 2, len(signs) - 1)] == LF)
    return bool(starts.all() and ((after == separator) | (after == LF) | (after == QUOTE) | crlf).all())
