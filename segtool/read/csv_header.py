"""The first bytes of a CSV come in; go out: its separator and the names of its columns."""

from __future__ import annotations

import csv
import io
from collections import Counter
from dataclasses import dataclass

from segtool.errors import InputError, Mark, Problem

BOM = b"\xef\xbb\xbf"
SEPARATORS = (",", ";", "\t", "|")
MAX_HEADER = 2**20
MOST_COLUMNS = 5_000


@dataclass(frozen=True)
class Header:
    """The names of the columns, and the separator (one ASCII character)."""

    names: tuple[str, ...]
    separator: str


def header_of(head: bytes, file: str, separator: str = "") -> Header:
    """The header record in the first bytes of a file; every problem with its names is an error of line 1."""
    text = _first_record(head.removeprefix(BOM), file)
    separator = separator or _separator_in(text, file)
    names = next(csv.reader(io.StringIO(text, newline=""), delimiter=separator), [])
    problems = name_problems(names, Mark(file, 1))
    if problems:
        raise InputError(problems)
    return Header(tuple(names), separator)


def _first_record(head: bytes, file: str) -> str:
    """The first line that ends outside quotes, without its line end."""
    end = inside = 0
    for line in head.splitlines(keepends=True):
        inside ^= line.count(b'"') & 1
        end += len(line)
        if not inside:
            break
    record = head[:end]
    if inside:
        raise InputError(Problem("a quote in the header is not closed", "close it, or drop it", Mark(file, 1)))
    if end >= MAX_HEADER:
        raise InputError(Problem("the first line is longer than 1 MiB", "it must name the columns", Mark(file, 1)))
    if record.endswith(b"\r") and end < len(head):
        raise InputError(Problem("the lines end in CR alone", "save it with LF or CRLF", Mark(file, 1)))
    if b"\0" in record:
        raise InputError(Problem("a NUL byte", "write the file anew without it", Mark(file, 1)))
    try:
        return record.decode().rstrip("\r\n")
    except UnicodeDecodeError as error:
        byte = f"byte {record[error.start]:#04x} is not UTF-8"
        raise InputError(Problem(byte, "save the file as UTF-8", Mark(file, 1))) from error


def _separator_in(text: str, file: str) -> str:
    outside = Counter("".join(text.split('"')[::2]))
    counts = {mark: outside[mark] for mark in SEPARATORS}
    most = max(counts.values())
    found = [mark for mark in SEPARATORS if counts[mark] == most]
    if most and len(found) > 1:
        names = " and ".join(f"`{'tab' if mark == chr(9) else mark}`" for mark in found)
        fact = f"the header holds as many {names}, so the separator is unclear"
        raise InputError(Problem(fact, "give `separator:` for this table", Mark(file, 1)))
    return found[0]


def name_problems(names: list[str], mark: Mark) -> list[Problem]:
    if not any(names):
        return [Problem("the first line is empty", "it must name the columns", mark)]
    if len(names) > MOST_COLUMNS:
        return [too_many(len(names), mark)]
    problems = [
        Problem(f"column {number} has no name", "name it in the header", mark)
        for number, name in enumerate(names, 1)
        if not name
    ]
    for name, count in Counter(filter(None, names)).items():
        if count > 1:
            problems.append(Problem(f"{count} columns are named `{name}`", "name them apart", mark))
        if any(ord(sign) < 32 for sign in name):
            problems.append(Problem(f"the name {name[:60]!r} holds a control character", "take it out", mark))
    return problems


def too_many(columns: int, mark: Mark) -> Problem:
    return Problem(f"{columns:,} columns, and at most {MOST_COLUMNS:,} are read", "leave out those of no use", mark)
