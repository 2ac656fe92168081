"""Bytes of a CSV with doubtful quotes come in; go out: its records, and what is wrong with each."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from segtool.errors import Mark, Problem

MAX_RECORD = 64 * 2**20


def line_too_long(mark: Mark) -> Problem:
    return Problem(f"the line is longer than {MAX_RECORD // 2**20} MiB", "end every row with a line end", mark)


@dataclass(frozen=True)
class Record:
    """One record: where it ends in the bytes, its fields and lines, and what is wrong with its quotes."""

    end: int
    fields: int
    lines: int
    is_blank: bool = False
    fault: str = ""


def records(data: bytes, separator: bytes, final: bool, start: int = 0) -> Iterator[Record]:
    """The whole records of `data` from a byte on; at the end of a file (`final`) also one whose quote is still open."""
    field = re.compile(rb'"(?:[^"]|"")*+(?P<close>"?)|[^%b\n"]*+' % re.escape(separator))
    while start < len(data):
        record = _plain(data, start, separator) or _quoted(data, start, separator, field)
        is_whole = record.fault != OPEN and data.endswith(b"\n", start, record.end)
        if not is_whole and not final:
            return
        yield record
        start = record.end


OPEN = "a quote is opened and never closed"
AFTER = "text follows a closing quote"
STRAY = "a quote stands inside a field without quotes"


def _plain(data: bytes, start: int, separator: bytes) -> Record | None:
    """The record of a line without quotes, or None."""
    line_end = data.find(b"\n", start)
    if line_end < 0 or data.find(b'"', start, line_end) >= 0:
        return None
    line = data[start:line_end]
    return Record(line_end + 1, line.count(separator) + 1, 1, is_blank=line in (b"", b"\r"))


def _quoted(data: bytes, start: int, separator: bytes, field: re.Pattern[bytes]) -> Record:
    """The record that starts with a line that holds a quote; after the first fault it ends with its line."""
    at, fields = start, 1
    while True:
        found = field.match(data, at)
        assert found is not None  # an empty field always matches
        at = found.end()
        if found["close"] == b"":
            return Record(len(data), fields, data.count(b"\n", start), fault=OPEN)
        if data.startswith(separator, at):
            at, fields = at + 1, fields + 1
        elif data.startswith((b"\n", b"\r\n"), at) or at == len(data):
            end = data.find(b"\n", at) + 1 or len(data)
            return Record(end, fields, max(data.count(b"\n", start, end), 1))
        else:
            return _faulty(data, start, at, AFTER if found["close"] else STRAY)


def _faulty(data: bytes, start: int, at: int, fault: str) -> Record:
    end = data.find(b"\n", at) + 1 or len(data)
    return Record(end, 0, max(data.count(b"\n", start, end), 1), fault=fault)
