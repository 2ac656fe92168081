"""A Parquet file comes in; goes out, piece by piece: its columns as they are typed in it, and each row's number."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from functools import partial
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import polars as pl

from segtool.errors import InputError, Problem
from segtool.read.files import OpenFile
from segtool.read.findings import Part
from segtool.read.raw import RawPiece

os.environ.setdefault("POLARS_IGNORE_TIMEZONE_PARSE_ERROR", "1")  # Polars panics on an unknown zone otherwise


ROWS, CELLS = 2**20, 2**23
"""The most rows, and values, that are read at a time."""


def read_parquet(file: OpenFile) -> Iterator[RawPiece]:
    """All columns of a Parquet file, some rows at a time; rows count from 1."""
    file.hashed()
    start = 0
    try:
        rows = pl.scan_parquet(file.path, glob=False, hive_partitioning=False).select(pl.len()).collect().item()
        schema = pl.read_parquet_schema(file.path)
        _check_zones(schema, file)
        for frame in _frames(file, max(min(ROWS, CELLS // max(len(schema), 1)), 1)):
            start += frame.height
            file.seen = file.status.st_size * start // max(rows, 1)
            yield RawPiece(frame, Part(file.shown, frame.height, partial(_number, start - frame.height), "row"))
    except (pl.exceptions.PolarsError, pl.exceptions.PanicException, OSError) as error:
        reason = str(error).splitlines()[0]
        raise InputError(Problem(f"the Parquet data is damaged: {reason}", "write it anew", file.mark)) from error


def _number(start: int, row: int) -> int:
    return start + row + 1


def _frames(file: OpenFile, rows: int) -> Iterator[pl.DataFrame]:
    """The rows in their order; where there are none, the columns alone."""
    scan, empty = pl.scan_parquet(file.path, glob=False, hive_partitioning=False), True
    for frame in scan.collect_batches(chunk_size=rows, maintain_order=True):
        empty = False
        yield frame
    if empty:
        yield scan.collect()


def _check_zones(schema: Mapping[str, pl.DataType], file: OpenFile) -> None:
    problems = []
    for name, kind in schema.items():
        for zone in _zones(kind):
            if not _is_known(zone):
                fact = f"column `{name}` is in the time zone {zone!r}, which is not known"
                problems.append(Problem(fact, "write its times in UTC", file.mark))
    if problems:
        raise InputError(problems)


def _zones(kind: pl.DataType) -> list[str]:
    """The time zones that a type names, however deep."""
    if isinstance(kind, pl.Datetime):
        return [kind.time_zone] if kind.time_zone else []
    if isinstance(kind, (pl.List, pl.Array)) and isinstance(kind.inner, pl.DataType):
        return _zones(kind.inner)
    if isinstance(kind, pl.Struct):
        return [zone for field in kind.fields if isinstance(field.dtype, pl.DataType) for zone in _zones(field.dtype)]
    return []


def _is_known(zone: str) -> bool:
    try:
        ZoneInfo(zone)
    except (ZoneInfoNotFoundError, ValueError):
        return False
    return True
