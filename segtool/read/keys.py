"""A key column comes in; go out: keys as text, and each row whose key is missing, broken or shared."""

from __future__ import annotations

import polars as pl

from segtool.errors import Mark, Problem
from segtool.read.converted import evaluated
from segtool.read.findings import SHOWN, Findings, Places
from segtool.read.kinds import quoted

MISSING = "rows without a key"
BROKEN = "keys with a line break or NUL"
REPEATED = "keys that stand in several rows"


def key_text(name: str, values: pl.Series, kind: str, file: str, findings: Findings, role: str = "") -> pl.Series:
    """Keys are text, byte for byte; integers are written plainly, and other kinds are refused. `role`: what the column
    is where it is not the key of users."""
    if kind in ("text", "integer"):
        return values.cast(pl.String)
    said = f"column `{name}`, {role}, is a {kind}, and must be text or integers"
    fact = said if role else f"the key `{name}` is a {kind}, and keys must be text or integers"
    findings.add("keys of another kind", Problem(fact, "write it as text in the file", Mark(file)))
    return pl.repeat("", len(values), dtype=pl.String, eager=True).alias(name)


def repeats(keys: pl.Series) -> int:
    """How many rows have a key that stood there before; 0 where these are few."""
    # mostly all keys differ, which an estimate tells in an eighth of the time
    about = int(evaluated(keys, pl.col("v").approx_n_unique()).item())
    return len(keys) - keys.n_unique() if about < 0.9 * len(keys) else 0


def check_keys(keys: pl.Series, places: Places, findings: Findings) -> None:
    """Every row of a table of users needs a key of its own."""
    for row in keys.is_null().arg_true():
        fact = f"no key in column `{keys.name}`{places.aside(row)}"
        findings.add_row(MISSING, Problem(fact, "every user needs one", places.mark(row)))
    check_breaks(keys, places, findings)
    if keys.n_unique() < len(keys):
        _add_repeated(keys, places, findings)


def check_breaks(keys: pl.Series, places: Places, findings: Findings) -> None:
    for row in keys.str.contains("[\\n\\r\\x00]").fill_null(False).arg_true():
        fact = f"a line break or NUL in key {quoted(keys[row])}{places.aside(row)}"
        findings.add_row(BROKEN, Problem(fact, "keys must be of one line", places.mark(row)))


def _add_repeated(keys: pl.Series, places: Places, findings: Findings) -> None:
    frame = pl.DataFrame({"key": keys, "row": pl.int_range(len(keys), eager=True)})
    repeated = (
        frame.filter(pl.col("key").is_not_null() & pl.col("key").is_duplicated())
        .group_by("key", maintain_order=True)
        .agg(pl.col("row").head(findings.wanted), pl.len().alias("rows"))
    )
    for key, rows, number in repeated.head(findings.wanted).iter_rows():
        where = [places.words(row) for row in rows[:SHOWN]]
        more = f" and {number - SHOWN:,} more" if number > SHOWN else ""
        fact = f"key {quoted(key)} stands in {', '.join(where)}{more}"
        # which of them is the right one nobody knows, so that all are at fault
        marks = [places.mark(row) for row in rows]
        findings.add_row(REPEATED, Problem(fact, "keep one row for each user", marks[0]), marks)
    more_keys = repeated.height - findings.wanted
    if more_keys > 0:
        findings.add_rows(REPEATED, places.mark(repeated["row"][0][0]).file, more_keys, [])
