"""Lines of JSON objects come in; go out, piece by piece: columns as JSON types them, and each row's line."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from functools import cached_property

import polars as pl

from segtool.errors import InputError, Mark, Problem
from segtool.read.csv_header import BOM
from segtool.read.files import OpenFile, Tail, blocks
from segtool.read.findings import Findings, Part
from segtool.read.raw import RawPiece

BROKEN = "lines that are not JSON objects"


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
        if end or (final and start):
            piece = _piece(data[:end] if before else data[:end].removeprefix(BOM), before, file, findings)
            before += data.count(b"\n", 0, end)
            start = False
            if piece is not None:
                yield piece


def _piece(data: bytes, before: int, file: OpenFile, findings: Findings) -> RawPiece | None:
    """The rows of these bytes, before which there are so many lines."""
    if before and not data.strip():
        notes = {"blank lines": data.count(b"\n")}
        return RawPiece(pl.DataFrame(), Part(file.shown, 0, lambda row: before), notes, is_loose=True)
    try:
        frame = pl.read_ndjson(data, infer_schema_length=None)
    except (pl.exceptions.PolarsError, pl.exceptions.PanicException) as error:
        known = len(findings)
        _add_broken(data, before, file.shown, findings)
        if len(findings) == known:
            raise _mixed(data, before, file, str(error)) from error
        return None
    lines = _Lines(data)
    blank = data.count(b"\n") + (not data.endswith(b"\n")) - frame.height
    notes = {"blank lines": blank} if blank else {}
    # the bytes are held no longer than the lines must be looked for in them
    line = lines.line if blank else lambda row: row + 1
    part = Part(file.shown, frame.height, lambda row: before + line(row))
    return RawPiece(frame, part, notes, is_loose=True)


class _Lines:
    """The line of each row; the lines are looked at only when one is asked for."""

    def __init__(self, data: bytes) -> None:
        self._data = data

    @cached_property
    def _filled(self) -> list[int]:
        return [number for number, line in enumerate(self._data.split(b"\n"), 1) if line.strip()]

    def line(self, row: int) -> int:
        return self._filled[row]


def _add_broken(data: bytes, before: int, file: str, findings: Findings) -> None:
    for number, line in enumerate(data.split(b"\n"), before + 1):
        fault = _fault(line) if line.strip() else ""
        if fault:
            findings.add(BROKEN, Problem(fault, "write one JSON object on each line", Mark(file, number)))


def _fault(line: bytes) -> str:
    try:
        value = json.loads(line.decode(), parse_constant=_no_constant)
    except UnicodeDecodeError as error:
        return f"byte {line[error.start]:#04x} is not UTF-8"
    except json.JSONDecodeError as error:
        return f"broken JSON at column {error.colno}: {error.msg.lower()}"
    except (RecursionError, ValueError) as error:
        return f"broken JSON: {error}"
    return "" if isinstance(value, dict) else "this is no JSON object"


def _no_constant(name: str) -> None:
    raise ValueError(f"{name} is no JSON value")


def _mixed(data: bytes, before: int, file: OpenFile, reason: str) -> InputError:
    """Each line is sound by itself, so what failed is that a field holds different types."""
    seen: dict[str, tuple[str, int]] = {}
    problems = []
    for number, line in enumerate(data.split(b"\n"), before + 1):
        for name, value in json.loads(line).items() if line.strip() else ():
            kind = _json_type(value)
            first, where = seen.setdefault(name, (kind, number)) if kind else ("", 0)
            if kind and kind != first and name in seen:
                fact = f"field `{name}` is {kind} here, and {first} in line {where}"
                problems.append(Problem(fact, "write it alike in all lines", Mark(file.shown, number)))
                seen[name] = (kind, number)
    found = problems[:20] or [Problem(f"the file cannot be read: {reason.splitlines()[0]}", "", file.mark)]
    return InputError(found)


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
