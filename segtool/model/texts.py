"""Columns of values come in; go out: the same as text, exact and the same on every machine."""

from __future__ import annotations

from io import BytesIO

import polars as pl

from segtool.model.dtypes import PolarsType


def csv_bytes(frame: pl.DataFrame, delimiter: str = ",", header: bool = True) -> bytes:
    """RFC 4180 in UTF-8 with lines that end in \\n; only what needs quotes has them. A row of one missing value has
    them too, for a blank line is no row to most readers."""
    if frame.width == 1:
        frame = frame.fill_null("")
    written = BytesIO()
    frame.write_csv(written, separator=delimiter, include_header=header, quote_style="necessary", line_terminator="\n")
    return written.getvalue()


def texts(values: pl.Series, separator: str = "|") -> pl.Series:
    """A column as text, under its own name."""
    written = values.alias("v").to_frame().select(to_text(pl.col("v"), values.dtype, separator))
    return written.to_series().alias(values.name)


def to_text(value: pl.Expr, dtype: PolarsType, separator: str = "|") -> pl.Expr:
    """Each value as snapshots and exports hold it, null where it is missing; the items of a list stand between
    separators, and those of it that are missing are empty."""
    match dtype:
        case pl.List():
            items = value.list.eval(to_text(pl.element(), dtype.inner, separator).fill_null(""))
            return items.list.join(separator)
        case pl.Struct():
            fields = [_field_text(value, field) for field in dtype.fields]
            return pl.when(value.is_not_null()).then(pl.concat_str(fields, separator=", "))
        case pl.Datetime():
            return _moment_text(value)
        case pl.Decimal():
            return value.cast(pl.String).str.replace(r"\.0*$|(\.[0-9]*?[1-9])0+$", "${1}")
        case pl.Float64():
            return _float_text(value)
        case _:
            return value.cast(pl.String)


def _field_text(value: pl.Expr, field: pl.Field) -> pl.Expr:
    return pl.lit(f"{field.name}: ") + to_text(value.struct.field(field.name), field.dtype).fill_null("")


def _moment_text(value: pl.Expr) -> pl.Expr:
    """Fractions of a second stand only where there are any."""
    seconds = value.dt.strftime("%Y-%m-%dT%H:%M:%S")
    fraction = pl.when(value.dt.microsecond() != 0).then(value.dt.strftime("%.6f")).otherwise(pl.lit(""))
    return seconds + fraction + "Z"


def _float_text(value: pl.Expr) -> pl.Expr:
    """The shortest decimals that read back equal; those that Polars writes as 1.5e-7 have their zeros written out."""
    short = value.fill_nan(None).cast(pl.String)
    sign, digits = short.str.extract("^(-)").fill_null(""), short.str.extract(r"^-?([0-9.]+)e").str.replace(r"\.", "")
    power = short.str.extract(r"e\+?(-?[0-9]+)$").cast(pl.Int64)
    large = digits.str.pad_end(power + 1, "0")
    small = "0." + digits.str.pad_start(digits.str.len_bytes().cast(pl.Int64) - power - 1, "0")
    far = sign + pl.when(power > 0).then(large).otherwise(small)
    return pl.when(power.is_null()).then(short.str.replace(r"^-0\.0$", "0").str.strip_suffix(".0")).otherwise(far)
