"""Compares segtool's members with DuckDB's, segment by segment; ends with exit code 1 where they differ."""

from __future__ import annotations

import argparse
from collections.abc import Iterator
from pathlib import Path

import polars as pl


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--members", type=Path, required=True, help="what `segtool members --all` printed")
    parser.add_argument("--decided", type=Path, required=True, help="what duckdb_query.py wrote")
    given = parser.parse_args()
    if problems := list(differences(given.members, given.decided)):
        raise SystemExit("The memberships differ.\n" + "\n".join(problems))


def differences(members: Path, decided: Path) -> Iterator[str]:
    expected = pl.read_parquet(decided)
    names = [name for name in expected.columns if name != "user_id"]
    # As codes: a hundred segments of a million users are tens of millions of rows.
    kinds: dict[str, pl.DataType] = {"segment": pl.Enum(names), "user_id": pl.String()}
    told = pl.read_csv(members, schema_overrides=kinds)
    if told.columns != list(kinds):
        yield f"the header is {told.columns}, not {list(kinds)}"
        return
    for name in names:
        yield from difference(name, told, expected)


def difference(name: str, told: pl.DataFrame, expected: pl.DataFrame) -> Iterator[str]:
    left = told.filter(pl.col("segment") == name)["user_id"].sort()
    right = expected.filter(pl.col(name))["user_id"].sort()
    if not left.equals(right):
        yield f"{name}: segtool {len(left):,} members, DuckDB {len(right):,}"


if __name__ == "__main__":
    main()
