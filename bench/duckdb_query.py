"""Runs a query over the tables of one folder with DuckDB and writes who is in which segment as Parquet."""

from __future__ import annotations

import argparse
from pathlib import Path

import duckdb

# The users' phone and list are said to segtool as well; everything else both find out by themselves.
READ = {
    "users.csv": """
        SELECT * REPLACE (string_split(interests, '|') AS interests)
        FROM read_csv({path}, types = {{'phone': 'VARCHAR', 'interests': 'VARCHAR'}})
    """,
    # As decimals, so that a sum is exact, as segtool's is.
    "purchase.csv": "SELECT * FROM read_csv({path}, types = {{'amount': 'DECIMAL(10, 2)'}})",
    ".csv": "SELECT * FROM read_csv({path})",
    ".parquet": "SELECT * FROM read_parquet({path})",
}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--tables", type=Path, required=True, nargs="+", help="such as users.parquet or users.csv")
    parser.add_argument("--query", type=Path, required=True, help="attributes.sql or behaviour.sql")
    parser.add_argument("--as-of", required=True)
    parser.add_argument("--out", type=Path, required=True)
    given = parser.parse_args()
    decide(given.tables, given.query.read_text(encoding="utf-8"), given.as_of, given.out)


def decide(tables: list[Path], query: str, as_of: str, out: Path) -> None:
    with duckdb.connect() as run:
        run.execute("SET TimeZone = 'UTC'")
        run.execute(f"CREATE MACRO as_of() AS TIMESTAMPTZ '{as_of}'")
        run.execute(f"CREATE MACRO run_day() AS DATE '{as_of[:10]}'")
        for table in tables:
            run.execute(f"CREATE VIEW {table.stem} AS {rows_of(table)}")
        run.execute(f"COPY ({query}) TO {quoted(out)} (FORMAT parquet)")


def rows_of(table: Path) -> str:
    return READ.get(table.name, READ[table.suffix]).format(path=quoted(table))


def quoted(path: Path) -> str:
    return "'" + str(path).replace("'", "''") + "'"


if __name__ == "__main__":
    main()
