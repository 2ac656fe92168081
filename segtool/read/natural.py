"""Columns as Parquet, Excel and NDJSON type them come in; go out: segtool's kinds, nothing lost unseen."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, replace
from zoneinfo import ZoneInfo

import polars as pl

from segtool.errors import InputError, Mark, Problem
from segtool.model.kinds import (
    BOOLEAN,
    DATE,
    DATETIME,
    INTEGER,
    NUMBER,
    TEXT,
    Kind,
    list_of,
    struct_of,
)
from segtool.model.zones import to_instants
from segtool.read.converted import NO_ROWS, Converted, compared, evaluated
from segtool.read.csv_header import MOST_COLUMNS, too_many
from segtool.read.kinds import without_empty
from segtool.read.lists_of import with_elements
from segtool.read.numbers import DIGITS, exact_numbers, trimmed_decimals
from segtool.read.times import NANOSECONDS, in_calendar

NAN = "NaN read as missing"

_V = pl.col("v")


@dataclass(frozen=True)
class Natural:
    """A column in the kind that its file gives it. `blank`: there is not one value."""

    kind: Kind
    converted: Converted

    @property
    def blank(self) -> bool:
        return self.converted.fits and self.converted.values.null_count() == len(self.converted.values)


def natural(series: pl.Series, zone: ZoneInfo) -> Natural | None:
    """The column in segtool's kind, or None where it holds what segtool has no kind for.

    Misfits are integers beyond 64 bits, decimals that no float equals, and times beyond the years 1 to 9999.
    """
    kind = series.dtype
    if kind.is_integer():
        return Natural(INTEGER, compared(series, series.cast(pl.Int64, strict=False)))
    if kind.is_float():
        return Natural(NUMBER, _floats(series))
    if kind.is_decimal():
        return Natural(NUMBER, _decimals(series))
    if isinstance(kind, (pl.Date, pl.Datetime)):
        return _times(series, zone)
    if isinstance(kind, pl.Array):
        series = series.arr.to_list()
    if isinstance(series.dtype, pl.List):
        return _list(series, zone)
    if isinstance(kind, pl.Struct):
        return _struct(series, zone)
    return _plain(series)


def _plain(series: pl.Series) -> Natural | None:
    if series.dtype == pl.Boolean:
        return Natural(BOOLEAN, Converted(series, NO_ROWS))
    if isinstance(series.dtype, (pl.String, pl.Categorical, pl.Enum, pl.Null, pl.Time)):
        return Natural(TEXT, Converted(without_empty(series.cast(pl.String)), NO_ROWS))
    return None


def _floats(series: pl.Series) -> Converted:
    values = series.cast(pl.Float64)
    count = int(values.is_nan().sum() or 0)
    if not count:
        return Converted(values, NO_ROWS)
    return Converted(evaluated(values, _V.fill_nan(None)), NO_ROWS, {NAN: count})


def _decimals(series: pl.Series) -> Converted:
    kind = series.dtype
    if isinstance(kind, pl.Decimal) and (kind.precision or 38) <= DIGITS:
        return Converted(series, NO_ROWS)
    return exact_numbers(trimmed_decimals(series))


def _times(series: pl.Series, zone: ZoneInfo) -> Natural:
    within = in_calendar(series)
    if series.dtype == pl.Date:
        return Natural(DATE, compared(series, within))
    micros = within.dt.cast_time_unit("us")
    cut = int((micros.dt.cast_time_unit("ns") != within).sum() or 0) if _is_nano(series) else 0
    notes = {NANOSECONDS: cut} if cut else {}
    if isinstance(series.dtype, pl.Datetime) and series.dtype.time_zone:
        return Natural(DATETIME, compared(series, micros.dt.convert_time_zone("UTC"), notes))
    instants, changes = to_instants(micros, zone)
    return Natural(DATETIME, compared(series, in_calendar(instants), notes | changes))


def _is_nano(series: pl.Series) -> bool:
    return isinstance(series.dtype, pl.Datetime) and series.dtype.time_unit == "ns"


def _list(series: pl.Series, zone: ZoneInfo) -> Natural | None:
    inner: list[Natural | None] = []

    def converted(elements: pl.Series) -> Converted:
        found = natural(elements, zone)
        inner.append(found)
        return found.converted if found else Converted(elements, NO_ROWS)

    # elements are looked at once: lists within lists would be looked at twice as often at each level
    lists = with_elements(series, converted)
    return Natural(list_of(inner[0].kind), lists) if inner[0] else None


def _struct(series: pl.Series, zone: ZoneInfo) -> Natural | None:
    """An element of a list: its fields in segtool's kinds, those without one left out."""
    fields = {field.name: natural(series.struct.field(field.name), zone) for field in _fields(series)}
    held = {name: field for name, field in fields.items() if field is not None}
    if not held:
        return None
    columns = [field.converted.values.alias(name) for name, field in held.items()]
    notes: dict[str, int] = {}
    for field in held.values():
        notes |= field.converted.notes
    packed = pl.DataFrame(columns).to_struct(series.name)
    kind = struct_of({name: field.kind for name, field in held.items()})
    misfits = pl.concat([field.converted.misfits.cast(pl.UInt32) for field in held.values()]).unique().sort()
    return Natural(kind, Converted(_where(series.is_not_null(), packed), misfits, notes))


def _where(mask: pl.Series, values: pl.Series) -> pl.Series:
    frame = pl.DataFrame([values.alias("v"), mask.alias("mask")])
    return frame.select(pl.when("mask").then("v").alias(values.name)).to_series()


def _fields(series: pl.Series) -> list[pl.Field]:
    return list(series.dtype.fields) if isinstance(series.dtype, pl.Struct) else []


def flattened(frame: pl.DataFrame, file: str) -> pl.DataFrame:
    """The table with each struct's fields as columns of their own, named `address.city`."""
    columns: list[pl.Series] = []
    for series in frame.get_columns():
        columns += _flat(series)
    if len(columns) > MOST_COLUMNS:
        raise InputError(too_many(len(columns), Mark(file)))
    for name, count in Counter(column.name for column in columns).items():
        if count > 1:
            raise InputError(Problem(f"{count} columns are named `{name}`", "name them apart", Mark(file)))
    return pl.DataFrame(columns)


def _flat(series: pl.Series) -> list[pl.Series]:
    if not isinstance(series.dtype, pl.Struct):
        return [series]
    fields = [series.struct.field(field.name).alias(f"{series.name}.{field.name}") for field in _fields(series)]
    return [column for field in fields for column in _flat(field)]


def as_text(found: Natural) -> pl.Series | None:
    """The values as they would be written in a CSV, or None for lists."""
    values = found.converted.values
    match found.kind.name:
        case "text":
            return values
        case "integer" | "boolean" | "date":
            return values.cast(pl.String)
        case "number":
            return evaluated(values.cast(pl.String), _V.str.strip_suffix(".0"))
        case "datetime":
            return values.dt.to_string("%Y-%m-%dT%H:%M:%S%.fZ")
        case _:
            return None


def with_text(found: Natural, converted: Converted) -> Converted:
    """A conversion of a column's text, with what had to be said of the column before it was text."""
    misfits = pl.concat([found.converted.misfits.cast(pl.UInt32), converted.misfits.cast(pl.UInt32)])
    return replace(converted, misfits=misfits.unique().sort(), notes=found.converted.notes | converted.notes)
