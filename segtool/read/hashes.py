"""The rows of a piece come in as their file has them; goes out: a hash of each, wherever in the files it stands."""

from __future__ import annotations

from hashlib import sha256

import polars as pl

from segtool import __version__

RULES = f"1 of segtool {__version__} and polars {pl.__version__}"
"""What hashes and types rows: another one may do it another way."""


def row_hashes(frame: pl.DataFrame, form: str) -> pl.Series:
    """A hash of each row, in whatever order the columns are; 0 where none can be told.

    The seed holds all that the meaning of a row rests on, so that rows of other columns, types or forms differ."""
    names = sorted(frame.columns)
    plain = pl.DataFrame([_plain(frame[name]) for name in names])
    if any("Categorical" in repr(dtype) for dtype in plain.dtypes):
        # inside of lists they are hashed by codes, which another process may give to other values
        return pl.repeat(0, frame.height, dtype=pl.UInt64, eager=True)
    kinds = frame.schema
    content = (RULES, form, [(name, repr(kinds[name])) for name in names])
    return plain.hash_rows(int.from_bytes(sha256(repr(content).encode()).digest()[:8]))


def _plain(series: pl.Series) -> pl.Series:
    return series.cast(pl.String) if isinstance(series.dtype, pl.Categorical) else series
