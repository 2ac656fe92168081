"""Runs the query over one file of users with DuckDB and writes who is in which segment as Parquet."""

from __future__ import annotations

import argparse
from pathlib import Path

import duckdb

READ = {
    ".parquet": "SELECT * FROM read_parquet({table})",
    # The phone and the list are said to segtool as well; everything else both find out by themselves.
    ".csv": """
        SELECT * REPLACE (string_split(interests, '|') AS interests)
        FROM read_csv({table}, types = {{'phone': 'VARCHAR', 'interests': 'VARCHAR'}})
    """,
}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--table", type=Path, required=True, help="users.parquet or users.csv")
    parser.add_argument("--query", type=Path, required=True, help="attributes.sql")
    parser.add_argument("--as-of", required=True)
    parser.add_argument("--out", type=Path, required=True)
    given = parser.parse_args()
    decide(given.table, given.query.read_text(encoding="utf-8"), given.as_of, given.out)


def decide(table: Path, query: str, as_of: str, out: Path) -> None:
    with duckdb.connect() as run:
        run.execute("SET TimeZone = 'UTC'")
        run.execute(f"CREATE MACRO as_of() AS TIMESTAMPTZ '{as_of}'")
        run.execute(f"CREATE MACRO run_day() AS DATE '{as_of[:10]}'")
        run.execute(f"CREATE VIEW users AS {READ[table.suffix].format(table=quoted(table))}")
        run.execute(f"COPY ({query}) TO {quoted(out)} (FORMAT parquet)")


def quoted(path: Path) -> str:
    return "'" + str(path).replace("'", "''") + "'"


if __name__ == "__main__":
    main()
