"""The bytes of a CSV come in, block by block; go out: its records counted, and what is wrong."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from segtool.errors import InputError, Mark, Problem
from segtool.read.csv_records import MAX_RECORD, OPEN, Record, line_too_long, records
from segtool.read.findings import Findings

LF, CR, QUOTE = 10, 13, 34

Places = NDArray[np.int64]

RAGGED = "rows with another number of fields than the header"
QUOTES = "rows with a stray or open quote"


@dataclass
class Shape:
    """What a look at some records found. They are numbered from 0, the header among them; blank lines are records
    here."""

    before: int = 0
    """Lines before the first record."""
    header: int = 0
    """How many of the records are a header: one at the start of a file, else none."""
    records: int = 0
    blank: list[int] = field(default_factory=list)
    breaks: list[Places] = field(default_factory=list)

    def seal(self) -> None:
        """Make the tables by which `line` answers; nothing may be added after."""
        gaps = np.array(self.blank, np.int64)
        self._gaps = gaps - np.arange(len(gaps)) - self.header
        self._breaks = np.concatenate(self.breaks) if self.breaks else np.empty(0, np.int64)

    @property
    def rows(self) -> int:
        return max(self.records - self.header - len(self.blank), 0)

    def line(self, row: int) -> int:
        """The first line of a row, counted without the header and blank lines, from 0."""
        return self.record_line(row + self.header + int(np.searchsorted(self._gaps, row, "right")))

    def record_line(self, record: int) -> int:
        return self.before + 1 + record + int(np.searchsorted(self._breaks, record))


class Scan:
    """Checks a CSV whose header has `width` fields, one block of records after the other; `before` lines of the file
    come before them, its header among them where there are any."""

    def __init__(self, file: str, separator: str, width: int, findings: Findings, before: int = 0) -> None:
        self.file = file
        self.separator = ord(separator)
        self.width = width
        self.findings = findings
        self.lines = before
        self.shape = Shape(before)

    def block(self, data: bytes, *, final: bool) -> tuple[Shape, bytes]:
        """The shape of the whole records in `data`, and the bytes after them; every problem is added to the findings.

        `final`: nothing follows, and the last line may lack its line end."""
        self.shape = self._new_shape()
        rest = self._taken(data)
        if final and rest:
            known, is_ended = len(self.findings), rest.endswith(b"\n")
            rest = self._taken(rest if is_ended else rest + b"\n")
            rest = self._walked(rest, final=True) if rest else rest
            if len(self.findings) > known and not is_ended:
                self.findings.add_cut()
        self.shape.seal()
        return self.shape, rest

    def even(self, data: bytes, rows: int) -> Shape | None:
        """The shape of lines without quotes that were split into so many rows, none of which was too long: where there
        are as many separators as all rows need, none was too short. None where a closer look is needed."""
        signs, shape = np.frombuffer(data, np.uint8), self._new_shape()
        shape.records = int(np.count_nonzero(signs == LF))
        if self.width == 1 or shape.records - shape.header != rows:
            return None
        if int(np.count_nonzero(signs == self.separator)) != shape.records * (self.width - 1):
            return None
        if b"\0" in data or not (data.isascii() or not _not_utf8(data)):
            return None
        self.lines += shape.records
        shape.seal()
        return shape

    @property
    def is_new(self) -> int:
        """1 where the next record is the header, else 0."""
        return int(not self.lines)

    def _new_shape(self) -> Shape:
        return Shape(self.lines, header=self.is_new)

    def _taken(self, data: bytes) -> bytes:
        """Check the whole records in `data`; the bytes after them."""
        found = _Marks.of(data, self.separator)
        is_long = not found.end and len(data) > MAX_RECORD
        if is_long and b'"' not in data:
            raise InputError(line_too_long(Mark(self.file, self.lines + 1)))
        if is_long or not found.is_sound:
            return self._walked(data, final=len(data) > MAX_RECORD)
        self._check_text(data[: found.end], found)
        self._check_widths(data, found)
        self.shape.records += len(found.ends)
        self.lines += len(found.ends) + len(found.inner)
        return data[found.end :]

    def _check_text(self, data: bytes, found: _Marks) -> None:
        if len(found.inner):
            owners = np.searchsorted(found.ends, found.inner).astype(np.int64)
            self.shape.breaks.append(owners + self.shape.records)
        if b"\0" in data:
            at = np.flatnonzero(np.frombuffer(data, np.uint8) == 0)
            for record in np.unique(np.searchsorted(found.ends, at)):
                problem = Problem("a NUL byte", "write the file anew without it", self._mark(found, int(record)))
                self.findings.add_row("rows with NUL bytes", problem)
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

    def _check_widths(self, data: bytes, found: _Marks) -> None:
        wrong = found.other_than(self.width)
        if self.width == 1 or len(wrong):
            wrong = self._without_blank(data, found, wrong)
        problems = (self._ragged(int(found.fields(record)), self._mark(found, record)) for record in wrong)
        if len(wrong):
            self.findings.add_rows(RAGGED, self.file, len(wrong), problems)

    def _without_blank(self, data: bytes, found: _Marks, wrong: Places) -> Places:
        """Note the blank lines, and leave them out of the records of another width."""
        candidates = np.arange(len(found.ends)) if self.width == 1 else wrong
        starts = np.where(candidates > 0, found.ends[candidates - 1] + 1, 0)
        length = found.ends[candidates] - starts
        first = np.frombuffer(data, np.uint8)[starts]
        blank = candidates[(length == 0) | (length == 1) & (first == CR)]
        self.shape.blank.extend((blank + self.shape.records).tolist())
        return np.setdiff1d(wrong, blank)

    def _ragged(self, fields: int, mark: Mark) -> Problem:
        words = "1 field" if fields == 1 else f"{fields} fields"
        fact = f"{words} where the header has {self.width}"
        step = f"put quotes around values that hold `{chr(self.separator)}`" if fields > self.width else ""
        return Problem(fact, step or "the row is cut short; write it whole", mark)

    def _walked(self, data: bytes, final: bool = False) -> bytes:
        """The exact and slow way, for bytes in which a quote stands where none may."""
        end = 0
        for record in records(data, chr(self.separator).encode(), final):
            end = record.end
            self._add(record)
        return data[end:]

    def _add(self, record: Record) -> None:
        mark = Mark(self.file, self.lines + 1)
        if record.is_blank:
            self.shape.blank.append(self.shape.records)
        elif record.fault:
            problem = Problem(record.fault, 'write a quote inside quotes as `""`', mark)
            if record.lines == 1 and record.fault != OPEN:
                self.findings.add_row(QUOTES, problem)
            else:
                # nobody knows how many rows stand between the quotes
                self.findings.add(QUOTES, problem)
        elif record.fields != self.width:
            self.findings.add_row(RAGGED, self._ragged(record.fields, mark))
        if record.lines > 1:
            self.shape.breaks.append(np.full(record.lines - 1, self.shape.records, np.int64))
        self.shape.records += 1
        self.lines += record.lines


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

    def other_than(self, width: int) -> Places:
        """The records that have another number of fields."""
        expected = np.arange(1, len(self.upto) + 1) * width - 1
        if np.array_equal(self.upto, expected):
            return np.empty(0, np.int64)
        return np.flatnonzero(np.diff(self.upto, prepend=-1) != width)

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
