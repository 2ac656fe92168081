"""A table and how it is to be written come in; go out: the bytes of the files that hold it, none larger than asked."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from io import BytesIO
from typing import NamedTuple

import numpy as np
import polars as pl
from numpy.typing import NDArray

from segtool.channels.ndjson import json_lines
from segtool.channels.workbook import workbook
from segtool.errors import Problem, UsageError
from segtool.model.texts import csv_bytes, texts

FORMATS = ("csv", "parquet", "ndjson", "xlsx")
BOM = b"\xef\xbb\xbf"

_FORMULA = r"^(?:[\t\r\n\x00]|\s*[=+\-@＝＋－＠])"
"""What spreadsheets may take for a formula: the characters of OWASP's page on CSV injection, the null of its ASVS
1.2.10, and blanks before the signs, which some programs strip."""


@dataclass(frozen=True)
class FileForm:
    """How a table is written. `delimiter`, `header`, `bom` and `excel_safe` are of CSV; `separators` say for each
    column of lists what stands between their items, where that is not `|`."""

    format: str = "csv"
    delimiter: str = ","
    header: bool = True
    bom: bool = False
    excel_safe: bool = False
    separators: Mapping[str, str] = field(default_factory=dict)
    most_bytes: int | None = None
    most_rows: int | None = None


class FilePiece(NamedTuple):
    """One whole file, with a header of its own, and how many rows it holds."""

    content: bytes
    rows: int


def pieces(frame: pl.DataFrame, form: FileForm) -> Iterator[FilePiece]:
    """The files that hold the table, in its order: one, or as many as the limits need, and one without rows where
    there are none. CSV and NDJSON are filled to the brim; of Parquet and Excel, whose size shows only once they are
    written, what is too large is halved.

    UsageError: a row alone is larger than a file may be, or Excel cannot hold what is asked."""
    match form.format:
        case "csv":
            yield from _csv(frame, form)
        case "ndjson":
            body = json_lines(frame)
            yield from _filled(b"", body, np.flatnonzero(_as_bytes(body) == ord("\n")) + 1, form)
        case "parquet":
            yield from _sliced(frame, form, _parquet)
        case "xlsx":
            yield from _sliced(frame, form, lambda rows: workbook(rows, form.separators))
        case other:
            raise ValueError(f"no such format: {other}")


def _csv(frame: pl.DataFrame, form: FileForm) -> Iterator[FilePiece]:
    cells = [_safe(values, form) if form.excel_safe else _text(values, form) for values in frame]
    written = pl.DataFrame({str(number): values for number, values in enumerate(cells)})
    body = csv_bytes(written, form.delimiter, header=False) if frame.width else b""
    yield from _filled(_head(frame.columns, form), body, _row_ends(body), form)


def _text(values: pl.Series, form: FileForm) -> pl.Series:
    return texts(values, form.separators.get(values.name, "|"))


def _safe(values: pl.Series, form: FileForm) -> pl.Series:
    """Texts that a spreadsheet would take for a formula begin with an apostrophe; numbers are none."""
    return _text(values, form) if values.dtype.is_numeric() else _defused(_text(values, form))


def _defused(written: pl.Series) -> pl.Series:
    return written.to_frame("v").select(pl.col("v").str.replace(f"({_FORMULA})", "'${1}")).to_series()


def _head(names: list[str], form: FileForm) -> bytes:
    """What every piece begins with."""
    row = pl.Series(names, dtype=pl.String)
    row = _defused(row) if form.excel_safe else row
    titles = pl.DataFrame({str(number): [name] for number, name in enumerate(row)})
    return (BOM if form.bom else b"") + (csv_bytes(titles, form.delimiter, header=False) if form.header else b"")


def _as_bytes(body: bytes) -> NDArray[np.uint8]:
    return np.frombuffer(body, np.uint8)


def _row_ends(body: bytes) -> NDArray[np.int64]:
    """Where each row of a CSV ends: at a line break with as many quotes opened before it as closed."""
    seen = _as_bytes(body)
    breaks, quotes = np.flatnonzero(seen == ord("\n")), np.flatnonzero(seen == ord('"'))
    ends: NDArray[np.int64] = breaks[np.searchsorted(quotes, breaks) % 2 == 0] + 1
    return ends


def _filled(head: bytes, body: bytes, ends: NDArray[np.int64], form: FileForm) -> Iterator[FilePiece]:
    """Pieces of as many rows as they may have; `ends` are where the rows of `body` end."""
    most_rows = form.most_rows or len(ends)
    first = start = 0
    while first < len(ends):
        fits = len(ends) if form.most_bytes is None else _fitting(ends, start + form.most_bytes - len(head))
        last = min(fits, first + most_rows)
        if last <= first:
            raise _too_large(first, len(head) + int(ends[first]) - start, form)
        yield FilePiece(head + body[start : ends[last - 1]], last - first)
        first, start = last, int(ends[last - 1])
    if not len(ends):
        yield FilePiece(head, 0)


def _fitting(ends: NDArray[np.int64], room: int) -> int:
    return int(np.searchsorted(ends, room, side="right"))


def _sliced(frame: pl.DataFrame, form: FileForm, write: Callable[[pl.DataFrame], bytes]) -> Iterator[FilePiece]:
    height = max(frame.height, 1)
    for first in range(0, height, form.most_rows or height):
        yield from _halved(frame.slice(first, form.most_rows or height), first, form, write)


def _halved(
    frame: pl.DataFrame, first: int, form: FileForm, write: Callable[[pl.DataFrame], bytes]
) -> Iterator[FilePiece]:
    content = write(frame)
    if form.most_bytes is None or len(content) <= form.most_bytes or not frame.height:
        yield FilePiece(content, frame.height)
    elif frame.height == 1:
        raise _too_large(first, len(content), form)
    else:
        half = frame.height // 2
        yield from _halved(frame.head(half), first, form, write)
        yield from _halved(frame.tail(-half), first + half, form, write)


def _parquet(frame: pl.DataFrame) -> bytes:
    written = BytesIO()
    frame.write_parquet(written)
    return written.getvalue()


def _too_large(at: int, size: int, form: FileForm) -> UsageError:
    fact = f"row {at + 1:,} alone makes a file of {size:,} bytes, and {form.most_bytes:,} are the most"
    return UsageError(Problem(fact, "allow more bytes, or leave out the column with long texts"))
