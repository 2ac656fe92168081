"""A CSV comes in; goes out, piece by piece: its columns as text, null where a field is empty, and each row's line."""

from __future__ import annotations

import gzip
import io
import zlib
from collections.abc import Iterable, Iterator
from itertools import chain
from typing import TYPE_CHECKING

import polars as pl

from segtool.errors import InputError, Problem
from segtool.read.csv_header import BOM, Header, header_of
from segtool.read.csv_records import records
from segtool.read.csv_shape import Scan, Shape
from segtool.read.files import CHUNK, MAX_BYTES, OpenFile, Tail, blocks
from segtool.read.findings import Findings, Part
from segtool.read.raw import RawPiece
from segtool.read.sniff import foreign_text

if TYPE_CHECKING:
    from _typeshed import WriteableBuffer as Buffer

BLOCK = 32 * 2**20
"""Bytes that are split at a time."""

MOST_BLANK = 100_000_000
"""Blank lines in a file; a hundred kilobytes of gzip may hold as many."""


def read_csv(file: OpenFile, separator: str, findings: Findings) -> Iterator[RawPiece]:
    """The rows of a CSV as text; of blocks that are not well formed none, which is added to the findings."""
    is_packed = file.shown.lower().endswith(".gz")
    chunks = _unpacked(file) if is_packed else file.chunks()
    head = next(chunks, b"")
    header = _header(head, file, separator)
    scan = Scan(file.shown, header.separator, len(header.names), findings)
    yield from _pieces(chain([head.removeprefix(BOM)], chunks), _Splitter(file, header, scan))


def read_csv_on(file: OpenFile, tail: Tail, separator: str, findings: Findings) -> Iterator[RawPiece]:
    """The rows that a CSV has gained at its end; its header stands at its start."""
    header = _header(tail.head, file, separator)
    scan = Scan(file.shown, header.separator, len(header.names), findings, tail.lines)
    yield from _pieces(tail.chunks, _Splitter(file, header, scan))


def _header(head: bytes, file: OpenFile, separator: str) -> Header:
    foreign = foreign_text("CSV", head)
    if foreign:
        raise InputError(Problem(foreign.fact, foreign.next, file.mark))
    default = "\t" if file.shown.lower().endswith(".tsv") else ""
    return header_of(head, file.shown, separator or default)


def _pieces(chunks: Iterable[bytes], splitter: _Splitter) -> Iterator[RawPiece]:
    """A piece for each block of whole records; one without rows where there are none at all."""
    rest, given = b"", False
    for block, final in blocks(chunks, BLOCK):
        piece, rest = splitter.split(rest + block, final=final)
        if piece is not None and (piece.frame.height or piece.notes or (final and not given)):
            given = True
            yield piece


class _Splitter:
    """Splits blocks of one file. Polars does it while their bytes are checked: it pads short rows in silence and knows
    other rules for quotes, so it must find the very rows that are counted."""

    def __init__(self, file: OpenFile, header: Header, scan: Scan) -> None:
        self.file, self.header, self.scan, self.blank = file, header, scan, 0

    def split(self, data: bytes, *, final: bool) -> tuple[RawPiece | None, bytes]:
        """The rows of the whole records in `data` (None where something is wrong with them), and what is after these
        records."""
        data, rejected = self._without_rejected(data, final)
        end = len(data) if final else data.rfind(b"\n") + 1
        if end and b'"' not in data:
            piece = self._even(data[:end] if data.endswith(b"\n", 0, end) else data[:end] + b"\n")
            if piece is not None:
                return piece, data[end:]
        before = len(self.scan.findings)
        shape, rest = self.scan.block(data, final=final)
        if len(self.scan.findings) > before:
            return None, rest
        return self._piece(self._checked(shape), shape, rejected), rest

    def _without_rejected(self, data: bytes, final: bool) -> tuple[bytes, int]:
        separator = self.header.separator.encode()

        def end_of(data: bytes, start: int) -> int:
            record = next(records(data, separator, final, start), None)
            return record.end if record else 0

        return self.scan.findings.rejects.blanked(data, self.file.shown, self.scan.lines + 1, end_of)

    def _even(self, lines: bytes) -> RawPiece | None:
        """The rows of lines that show no sign of anything wrong."""
        shape = self.scan.even(lines)
        split = self._split(lines, shape.header) if shape else None
        if shape is None or not isinstance(split, pl.DataFrame) or split.height != shape.rows:
            return None
        self.scan.lines += shape.records.rows
        return self._piece(split, shape)

    def _split(self, data: bytes, has_header: int) -> pl.DataFrame | str:
        """Every column as text, or why Polars could not split the bytes."""
        if not has_header:
            data = self.header.separator.join(map(str, range(len(self.header.names)))).encode() + b"\n" + data
        try:
            return pl.scan_csv(io.BytesIO(data), separator=self.header.separator, infer_schema=False).collect()
        except (pl.exceptions.PolarsError, OSError) as error:
            return str(error).splitlines()[0]

    def _checked(self, shape: Shape) -> pl.DataFrame:
        """The rows, if they are those that were counted."""
        text, rows = shape.text, shape.rows
        nothing = pl.DataFrame(schema=dict.fromkeys(self.header.names, pl.String))
        split = self._split(text, shape.header) if text else nothing
        if isinstance(split, str):
            raise InputError(Problem(f"the file cannot be split: {split}", "write it anew", self.file.mark))
        if (split.height, split.width) != (rows, len(self.header.names)):
            fact = f"{rows:,} rows were counted, and {split.height:,} read"
            raise InputError(Problem(fact, "put quotes around values that hold line ends", self.file.mark))
        return split

    def _piece(self, split: pl.DataFrame, shape: Shape, rejected: int = 0) -> RawPiece:
        split.columns = list(self.header.names)
        blank = shape.blank - rejected
        self.blank += blank
        if self.blank > MOST_BLANK:
            fact = f"more than {MOST_BLANK:,} lines are blank"
            raise InputError(Problem(fact, "does it hold a table?", self.file.mark))
        notes = {"blank lines": blank} if blank else {}
        return RawPiece(split, Part(self.file.shown, shape.rows, shape.line), notes)


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
