"""Runs SQL over the tables of one folder with DuckDB, and writes who is in which segment as Parquet.

One query makes one file with a column for each segment; a query for each segment, a folder with a file of keys for
each. `--convert` writes tables of CSV as Parquet instead.
"""

from __future__ import annotations

import argparse
from pathlib import Path

import duckdb

TABLES = ("users", "email", "purchase")
# The users' phone and list are said to segtool as well; everything else both find out by themselves.
READ = {
    "users.csv": """
        SELECT * REPLACE (string_split(interests, '|') AS interests)
        FROM read_csv({path}, types = {{'phone': 'VARCHAR', 'interests': 'VARCHAR'}})
    """,
    # As decimals, so that a sum is exact, as segtool's is.
    "purchase.csv": "SELECT * FROM read_csv({path}, types = {{'amount': 'DECIMAL(10, 2)'}})",
    "email.csv": "SELECT * FROM read_csv({path})",
    ".parquet": "SELECT * FROM read_parquet({path})",
}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--tables", type=Path, required=True, help="the folder that holds the tables' folders")
    parser.add_argument("--suffix", choices=(".parquet", ".csv"), default=".parquet")
    parser.add_argument("--query", type=Path, help="one query; with --each, statements that make a table each")
    parser.add_argument("--each", action="store_true")
    parser.add_argument("--convert", nargs="+", help="tables of CSV to write as Parquet")
    parser.add_argument("--as-of", default="2026-06-16T12:00:00Z")
    parser.add_argument("--out", type=Path, required=True)
    given = parser.parse_args()
    with duckdb.connect() as run:
        open_tables(run, given.tables, given.suffix, given.as_of)
        if given.convert:
            convert(run, given.convert, given.out)
        elif given.each:
            decide_each(run, given.query.read_text(encoding="utf-8"), given.out)
        else:
            decide(run, given.query.read_text(encoding="utf-8"), given.out)


def open_tables(run: duckdb.DuckDBPyConnection, folder: Path, suffix: str, as_of: str) -> None:
    run.execute("SET TimeZone = 'UTC'")
    run.execute(f"CREATE MACRO as_of() AS TIMESTAMPTZ '{as_of}'")
    run.execute(f"CREATE MACRO run_day() AS DATE '{as_of[:10]}'")
    for table in TABLES:
        rows = READ.get(table + suffix) or READ[suffix]
        run.execute(f"CREATE VIEW {table} AS {rows.format(path=quoted(folder / table / f'*{suffix}'))}")


def decide(run: duckdb.DuckDBPyConnection, query: str, out: Path) -> None:
    run.execute(f"COPY ({query}) TO {quoted(out)} (FORMAT parquet)")


def decide_each(run: duckdb.DuckDBPyConnection, statements: str, out: Path) -> None:
    out.mkdir(parents=True, exist_ok=True)
    for statement in statements.split(";\n"):
        name = statement.split()[2]
        run.execute(statement)
        run.execute(f"COPY {name} TO {quoted(out / f'{name}.parquet')} (FORMAT parquet)")


def convert(run: duckdb.DuckDBPyConnection, tables: list[str], out: Path) -> None:
    out.mkdir(parents=True, exist_ok=True)
    for table in tables:
        run.execute(f"COPY {table} TO {quoted(out / f'{table}.parquet')} (FORMAT parquet)")


def quoted(path: Path) -> str:
    return "'" + str(path).replace("'", "''") + "'"


if __name__ == "__main__":
    main()
