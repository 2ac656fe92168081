"""A Parquet file comes in; goes out: its columns as they are typed in it, and the number of each row."""

from __future__ import annotations

import os
from collections.abc import Mapping
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import polars as pl

from segtool.errors import InputError, Problem
from segtool.read.files import OpenFile
from segtool.read.findings import Part
from segtool.read.raw import RawFile

os.environ.setdefault("POLARS_IGNORE_TIMEZONE_PARSE_ERROR", "1")  # Polars panics on an unknown zone otherwise


def read_parquet(file: OpenFile) -> RawFile:
    """All columns of a Parquet file; rows count from 1."""
    file.hashed()
    try:
        _check_zones(pl.read_parquet_schema(file.path), file)
        frame = pl.read_parquet(file.path, glob=False, hive_partitioning=False)
    except (pl.exceptions.PolarsError, pl.exceptions.PanicException, OSError) as error:
        reason = str(error).splitlines()[0]
        raise InputError(Problem(f"the Parquet data is damaged: {reason}", "write it anew", file.mark)) from error
    return RawFile(frame, Part(file.shown, frame.height, lambda row: row + 1, "row"), file.source_file())


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
