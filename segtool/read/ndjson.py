"""Lines of JSON objects come in; go out, piece by piece: columns as JSON types them, and each row's line."""

from __future__ import annotations

import io
import json
import re
from collections.abc import Iterable, Iterator

import numpy as np
import polars as pl

from segtool.errors import InputError, Mark, Problem
from segtool.read.csv_header import BOM
from segtool.read.csv_records import MAX_RECORD, line_too_long
from segtool.read.files import OpenFile, Tail, blocks
from segtool.read.findings import Findings, Part
from segtool.read.raw import RawPiece
from segtool.read.rejects import LF
from segtool.read.row_lines import RowLines

BROKEN = "lines that are not JSON objects"
MIXED = "lines with a field of another type than before"

_HALF = re.compile(rb"\\u[dD][89abAB][0-9a-fA-F]{2}(?!\\u[dD][c-fC-F])")
"""What may be the first half of a character without its second, which Polars reads as a NUL."""

IS_SPACE = np.isin(np.arange(256), list(b" \t\n\r\v\f"))
"""Which bytes leave a line blank."""

PART = 2**16
"""Bytes whose lines are looked at together where something may be wrong with one of them."""

BLOCK = 64 * 2**20
"""Bytes that are read at a time, and what is left of the line that they end in."""


def read_ndjson(file: OpenFile, findings: Findings) -> Iterator[RawPiece]:
    """The rows of an NDJSON file; of blocks with a broken line none. Blank lines are left out and counted."""
    yield from _pieces(file.chunks(), 0, file, findings)


def read_ndjson_on(file: OpenFile, tail: Tail, findings: Findings) -> Iterator[RawPiece]:
    """The rows that an NDJSON file has gained at its end."""
    yield from _pieces(tail.chunks, tail.lines, file, findings)


def _pieces(chunks: Iterable[bytes], before: int, file: OpenFile, findings: Findings) -> Iterator[RawPiece]:
    """A piece for each block of whole lines; one at least."""
    rest, start = b"", True
    for block, final in blocks(chunks, BLOCK):
        data = rest + block
        end = len(data) if final else data.rfind(b"\n") + 1
        rest = data[end:]
        if len(rest) >= MAX_RECORD:
            raise InputError(line_too_long(Mark(file.shown, before + data.count(b"\n", 0, end) + 1)))
        if end or (final and start):
            lines = data[:end] if before else data[:end].removeprefix(BOM)
            left, rejected = findings.rejects.blanked(lines, file.shown, before + 1, _line_end)
            piece = _piece(left, before, file, findings, rejected)
            before += data.count(b"\n", 0, end)
            start = False
            if piece is not None:
                yield piece


def _line_end(data: bytes, start: int) -> int:
    return data.find(b"\n", start) + 1 or len(data)


def _piece(data: bytes, before: int, file: OpenFile, findings: Findings, rejected: int) -> RawPiece | None:
    """The rows of these bytes, before which there are so many lines; so many of them are blank for what was wrong with
    them."""
    if (before or rejected) and not data.strip():
        blank = data.count(b"\n") - rejected
        notes = {"blank lines": blank} if blank else {}
        return RawPiece(pl.DataFrame(), Part(file.shown, 0, lambda row: before), notes, is_loose=True)
    known = len(findings)
    if _HALF.search(data):
        _add_broken(data, before, file.shown, findings)
        if len(findings) > known:
            return None
    frame = _read(data)
    if isinstance(frame, str):
        _add_broken(data, before, file.shown, findings)
        if len(findings) == known:
            _add_mixed(data, before, file.shown, findings)
        if len(findings) == known:
            raise InputError(Problem(f"the file cannot be read: {frame}", "", file.mark))
        return None
    gaps = data.count(b"\n") + (not data.endswith(b"\n")) - frame.height
    lines = _row_lines(data, before + 1) if gaps else RowLines(before + 1, frame.height)
    notes = {"blank lines": gaps - rejected} if gaps > rejected else {}
    return RawPiece(frame, Part(file.shown, frame.height, lines.line), notes, is_loose=True)


def _row_lines(data: bytes, first: int) -> RowLines:
    """Where the lines stand that are not blank; the first one of all has that number."""
    rows = RowLines(first)
    for part in _parts(data):
        signs = np.frombuffer(part, np.uint8)
        starts = np.append(0, np.flatnonzero(signs[:-1] == LF) + 1)
        rows.add(first + np.flatnonzero(np.logical_or.reduceat(~IS_SPACE[signs], starts)))
        first += len(starts)
    return rows


def _parts(data: bytes) -> Iterator[bytes]:
    """The bytes in parts of some whole lines each."""
    start = 0
    while start < len(data):
        end = data.find(b"\n", start + PART) + 1 or len(data)
        yield data[start:end]
        start = end


def _add_broken(data: bytes, before: int, file: str, findings: Findings) -> None:
    for part in _parts(data):
        fault = ""
        # where Polars can read all of them, no line needs to be looked at
        lines = [] if _is_sound(part) else part.split(b"\n")
        for number, line in enumerate(lines, before + 1):
            fault = _fault(line) if line.strip() else ""
            if fault:
                findings.add_row(BROKEN, Problem(fault, "write one JSON object on each line", Mark(file, number)))
        before += part.count(b"\n")
    if fault:
        findings.add_cut()


def _is_sound(data: bytes) -> bool:
    return not _HALF.search(data) and isinstance(_read(data), pl.DataFrame)


def _read(data: bytes) -> pl.DataFrame | str:
    """The rows, or why Polars cannot read them."""
    try:
        return pl.read_ndjson(data, infer_schema_length=None)
    except (pl.exceptions.PolarsError, pl.exceptions.PanicException) as error:
        return str(error).splitlines()[0]


def _fault(line: bytes) -> str:
    try:
        value = json.loads(line.decode(), parse_constant=_no_constant)
        json.dumps(value, ensure_ascii=False).encode()
    except UnicodeEncodeError as error:
        return f"half of a character, {ascii(error.object[error.start])[1:-1]}"
    except UnicodeDecodeError as error:
        return f"byte {line[error.start]:#04x} is not UTF-8"
    except json.JSONDecodeError as error:
        return f"broken JSON at column {error.colno}: {error.msg.lower()}"
    except RecursionError:
        return "JSON that is nested too deep"
    except ValueError as error:
        return f"broken JSON: {error}"
    return "" if isinstance(value, dict) else "this is no JSON object"


def _no_constant(name: str) -> None:
    raise ValueError(f"{name} is no JSON value")


def _add_mixed(data: bytes, before: int, file: str, findings: Findings) -> None:
    """Each line is sound by itself; what may have failed is that a field holds different types."""
    seen: dict[str, tuple[str, int]] = {}
    for number, line in enumerate(io.BytesIO(data), before + 1):
        for name, value in json.loads(line).items() if line.strip() else ():
            kind = _json_type(value)
            first, where = seen.setdefault(name, (kind, number)) if kind else ("", 0)
            if kind != first:
                fact = f"field `{name}` is {kind} here, and {first} in line {where}"
                findings.add_row(MIXED, Problem(fact, "write it alike in all lines", Mark(file, number)))


def _json_type(value: object) -> str:
    names = {
        bool: "true or false",
        int: "a number",
        float: "a number",
        str: "text",
        list: "a list",
        dict: "an object",
    }
    return names.get(type(value), "")
