"""A CSV comes in; go out: its columns as text, null where a field is empty, and each row's line."""

from __future__ import annotations

import gzip
import io
import zlib
from collections.abc import Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING

import polars as pl

from segtool.errors import InputError, Problem
from segtool.read.csv_header import Header, header_of
from segtool.read.csv_shape import Scan, Shape
from segtool.read.files import CHUNK, MAX_BYTES, OpenFile, Tail
from segtool.read.findings import Findings, Part
from segtool.read.raw import RawFile
from segtool.read.sniff import foreign_text

if TYPE_CHECKING:
    from _typeshed import WriteableBuffer as Buffer


def read_csv(file: OpenFile, separator: str, findings: Findings) -> RawFile | None:
    """The rows of a CSV as text, or None where it is not well formed, which is added to the findings.

    Polars splits the file while its bytes are checked and hashed; what is packed is checked first, as a small
    file may unpack to more than any memory.
    """
    is_packed = file.shown.lower().endswith(".gz")
    chunks = _unpacked(file) if is_packed else file.chunks()
    head = next(chunks, b"")
    header = _header(head, file, separator)
    scan = Scan(file.shown, header.separator, len(header.names), findings)
    before = len(findings)
    with ThreadPoolExecutor(max_workers=1) as pool:
        split = None if is_packed else pool.submit(_split, file.path, header)
        shape = scan.run(chain([head], chunks))
        if len(findings) > before:
            return None
        return _raw(split.result() if split else _split(file.path, header), file, header, shape)


def read_csv_on(file: OpenFile, tail: Tail, separator: str, findings: Findings) -> RawFile | None:
    """The rows that a CSV has gained at its end; its header stands at its start."""
    header = _header(tail.head, file, separator)
    before = len(findings)
    line = header.separator.join(map(str, range(len(header.names)))).encode() + b"\n"
    # a line in the header's place is the last one before the new rows
    scan = Scan(file.shown, header.separator, len(header.names), findings, tail.lines - 1)
    shape = scan.run([line, tail.content])
    if len(findings) > before:
        return None
    return _raw(_split(io.BytesIO(line + tail.content), header), file, header, shape)


def _raw(split: pl.DataFrame | str, file: OpenFile, header: Header, shape: Shape) -> RawFile:
    frame = _checked(split, file, header, shape)
    notes = {"blank lines": len(shape.blank)} if shape.blank else {}
    return RawFile(frame, Part(file.shown, shape.rows, shape.line), file.source_file(), notes)


def _header(head: bytes, file: OpenFile, separator: str) -> Header:
    foreign = foreign_text("CSV", head)
    if foreign:
        raise InputError(Problem(foreign.fact, foreign.next, file.mark))
    default = "\t" if file.shown.lower().endswith(".tsv") else ""
    return header_of(head, file.shown, separator or default)


def _unpacked(file: OpenFile) -> Iterator[bytes]:
    """The bytes in a gzip file, in chunks; all of its members."""
    packed = file.chunks()
    size = 0
    try:
        with gzip.GzipFile(fileobj=io.BufferedReader(_Stream(packed))) as stream:
            while block := stream.read(CHUNK):
                size += len(block)
                if size > MAX_BYTES:
                    fact = f"more than {MAX_BYTES // 2**30} GiB are packed in it"
                    raise InputError(Problem(fact, "split it", file.mark))
                yield block
    except (EOFError, zlib.error, gzip.BadGzipFile) as error:
        raise InputError(Problem(f"the gzip data is damaged: {error}", "pack it anew", file.mark)) from error


class _Stream(io.RawIOBase):
    """Chunks of bytes as a stream to read from, so that what is unpacked is hashed in the same pass."""

    def __init__(self, chunks: Iterable[bytes]) -> None:
        self._chunks = iter(chunks)
        self._rest = memoryview(b"")

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Buffer) -> int:
        target = memoryview(buffer)
        if not self._rest:
            self._rest = memoryview(next(self._chunks, b""))
        block, self._rest = self._rest[: len(target)], self._rest[len(target) :]
        target[: len(block)] = block
        return len(block)


def _split(source: Path | io.BytesIO, header: Header) -> pl.DataFrame | str:
    """Every column as text, or why Polars could not split the file."""
    scan = pl.scan_csv(source, separator=header.separator, infer_schema=False, glob=False)
    try:
        return scan.collect()
    except (pl.exceptions.PolarsError, OSError) as error:
        return str(error).splitlines()[0]


def _checked(split: pl.DataFrame | str, file: OpenFile, header: Header, shape: Shape) -> pl.DataFrame:
    """The columns by their names and without blank lines. Polars pads short rows in silence and knows other
    rules for quotes, so it must have found the very rows that were counted."""
    if isinstance(split, str):
        raise InputError(Problem(f"the file cannot be split: {split}", "write it anew", file.mark))
    if (split.height, split.width) != (shape.records - 1, len(header.names)):
        fact = f"{shape.records - 1:,} rows were counted, and {split.height:,} read"
        raise InputError(Problem(fact, "put quotes around values that hold line ends", file.mark))
    split.columns = list(header.names)
    if shape.blank:
        blank = pl.Series(shape.blank, dtype=pl.Int64) - 1
        return split.filter(~pl.int_range(split.height, eager=True).is_in(blank.implode()))
    return split
