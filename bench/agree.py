"""Holds both workloads, as DuckDB decides them, against the tests' naive evaluator, over few users and events."""

from __future__ import annotations

import argparse
import tempfile
from collections import defaultdict
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from pathlib import Path

import polars as pl
import yaml
from polars._typing import PolarsDataType

from bench import attribute_segments, behaviour_segments, make, make_events
from bench.duckdb_query import decide
from tests.reference import World, members
from tests.reference_values import Kind, Row

KEY = "user_id"
AS_OFS = ("2025-03-01T00:00:00Z", "2026-06-15T12:00:00Z", "2026-06-16T12:00:00Z")
KINDS: dict[PolarsDataType, Kind] = {
    pl.String: "text",
    pl.Int64: "integer",
    pl.Float64: "number",
    pl.Decimal: "number",
    pl.Boolean: "boolean",
    pl.Date: "date",
    pl.Datetime: "datetime",
}

Members = dict[str, set[str]]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--users", type=int, default=300)
    parser.add_argument("--events", type=int, default=5_000)
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        make.write(make.users(given.users), folder)
        make_events.write(given.users, given.events, folder)
        attribute_segments.write(folder)
        behaviour_segments.write(folder)
        if problems := [problem for as_of in AS_OFS for problem in differences(folder, as_of)]:
            raise SystemExit("\n".join(problems))
    print(f"the same members, as of {', '.join(AS_OFS)}")


def differences(folder: Path, as_of: str) -> Iterator[str]:
    for workload in ("attributes", "behaviour"):
        expected = by_reference(folder, workload, as_of)
        for suffix in (".parquet", ".csv"):
            decided = by_duckdb(folder, workload, as_of, suffix)
            wrong = [name for name in expected if decided[name] != expected[name]]
            yield from (f"{workload}{suffix} as of {as_of}: {name} differs" for name in wrong)


def by_duckdb(folder: Path, workload: str, as_of: str, suffix: str) -> Members:
    out, query = folder / "decided.parquet", (folder / f"{workload}.sql").read_text(encoding="utf-8")
    decide([folder / f"{table}{suffix}" for table in ("users", "email", "purchase")], query, as_of, out)
    decided = pl.read_parquet(out)
    return {name: set(decided.filter(pl.col(name))[KEY]) for name in decided.columns if name != KEY}


def by_reference(folder: Path, workload: str, as_of: str) -> Members:
    # As text, since a literal takes its type from the column.
    segments = yaml.load((folder / "segments" / f"{workload}.yaml").read_text(encoding="utf-8"), yaml.BaseLoader)
    found: Members = {name: set() for name in segments}
    for world in worlds(folder, datetime.fromisoformat(as_of)):
        for name, keys in members(segments, world).items():
            found[name] |= keys
    return found


def worlds(folder: Path, as_of: datetime) -> Iterator[World]:
    """One for each user, who is decided by nobody else's events: looking through all of them would take hours."""
    users = pl.read_parquet(folder / "users.parquet")
    email = pl.read_parquet(folder / "email.parquet").rename({"occurred_at": "at"})
    purchase = pl.read_parquet(folder / "purchase.parquet").rename({"customer": KEY, "paid_at": "at"})
    log = pl.concat([email, purchase.with_columns(event=pl.lit("purchase"))], how="diagonal")
    events: Mapping[str, list[Row]] = by_user(log)
    for user in users.iter_rows(named=True):
        own = events.get(user[KEY], [])
        yield World("UTC", as_of.astimezone(UTC), KEY, kinds(users), [user], own, kinds(log))


def by_user(log: pl.DataFrame) -> dict[str, list[Row]]:
    found: dict[str, list[Row]] = defaultdict(list)
    for row in log.iter_rows(named=True):
        found[row[KEY]].append(row)
    return found


def kinds(table: pl.DataFrame) -> dict[str, Kind]:
    return {name: kind(dtype) for name, dtype in table.schema.items()}


def kind(dtype: PolarsDataType) -> Kind:
    return {"list": kind(dtype.inner)} if isinstance(dtype, pl.List) else KINDS[dtype.base_type()]


if __name__ == "__main__":
    main()
