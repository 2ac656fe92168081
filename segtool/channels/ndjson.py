"""A table comes in; goes out: one JSON object a row, each on a line."""

from __future__ import annotations

import json
from io import BytesIO

import polars as pl

from segtool.model.dtypes import PolarsType
from segtool.model.texts import to_text


def json_lines(frame: pl.DataFrame) -> bytes:
    """Numbers as numbers to their last digit, lists as arrays, dates and times as the texts of a CSV, missing as
    null."""
    if not frame.width:
        return b""
    cells = pl.DataFrame({str(number): values for number, values in enumerate(frame)})
    fields = zip(frame.columns, cells.schema.items(), strict=True)
    written = cells.select(_object({name: to_json(pl.col(at), dtype) for name, (at, dtype) in fields}))
    lines = BytesIO()
    written.write_csv(lines, include_header=False, quote_style="never", line_terminator="\n")
    return lines.getvalue()


def to_json(value: pl.Expr, dtype: PolarsType) -> pl.Expr:
    """Each value as JSON text."""
    match dtype:
        case pl.List():
            items = value.list.eval(to_json(pl.element(), dtype.inner)).list.join(",")
            return ("[" + items + "]").fill_null("null")
        case pl.Struct():
            fields = {field.name: to_json(value.struct.field(field.name), field.dtype) for field in dtype.fields}
            return pl.when(value.is_not_null()).then(_object(fields)).otherwise(pl.lit("null"))
        case pl.Float64():
            # JSON has no infinite numbers
            return pl.when(value.is_infinite()).then(_quoted(value, dtype)).otherwise(_bare(value, dtype))
        case kind if kind.is_numeric() or kind == pl.Boolean():
            return _bare(value, dtype)
        case _:
            return _quoted(value, dtype)


def _object(fields: dict[str, pl.Expr]) -> pl.Expr:
    names = [json.dumps(name, ensure_ascii=False) for name in fields]
    pairs = [pl.lit(f"{name}:") + value for name, value in zip(names, fields.values(), strict=True)]
    return "{" + pl.concat_str(pairs, separator=",") + "}"


def _bare(value: pl.Expr, dtype: PolarsType) -> pl.Expr:
    return to_text(value, dtype).fill_null("null")


def _quoted(value: pl.Expr, dtype: PolarsType) -> pl.Expr:
    """The text in quotes, with all that JSON escapes."""
    return pl.struct(to_text(value, dtype).alias("v")).struct.json_encode().str.slice(5).str.head(-1)
