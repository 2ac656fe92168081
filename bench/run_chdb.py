"""Runs the one query over Parquet with ClickHouse in this process, and writes a column for each segment as Parquet.

The query is DuckDB's in ClickHouse's words.
"""

from __future__ import annotations

import argparse
import re
from pathlib import Path

from chdb.session import Session

TABLES = ("users", "email", "purchase")
WORDS = (
    (r"\bstarts_with\(", "startsWith("),
    (r"\bends_with\(", "endsWith("),
    (r"\bcontains\((\w+), ('[^']*')\)", r"(position(\1, \2) > 0)"),
    (r"list_contains\(", "has("),
    (r"list_has_any\(", "hasAny("),
    (r"list_has_all\(", "hasAll("),
    (r"\blen\(", "length("),
    (r"TIMESTAMPTZ '([0-9-]+ [0-9:]+)Z'", r"toDateTime64('\1', 6, 'UTC')"),
    (
        r"\('0x' \|\| left\(sha256\(('\w+:' \|\| user_id)\), 8\)\)::UINTEGER",
        r"reinterpretAsUInt32(reverse(substring(SHA256(assumeNotNull(\1)), 1, 4)))",
    ),
    # Of n values the one at the place p·n, counted from 0; the hair makes that the first whose share is p or more.
    (r"quantile_disc\((.+?), ([0-9]+) / 100\) OVER", r"quantileExact(\2 / 100 - 1e-10)(\1) OVER"),
    # What is read twice alone: the rows of events are not.
    (r"_rows AS MATERIALIZED \(", "_rows AS ("),
)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--tables", type=Path, required=True, help="the folder that holds the tables' folders")
    parser.add_argument("--query", type=Path, required=True)
    parser.add_argument("--as-of", default="2026-06-16T12:00:00Z")
    parser.add_argument("--out", type=Path, required=True)
    given = parser.parse_args()
    decide(given.tables, given.query.read_text(encoding="utf-8"), given.as_of, given.out)


def decide(folder: Path, query: str, as_of: str, out: Path) -> None:
    time = as_of.replace("T", " ").removesuffix("Z")
    out.unlink(missing_ok=True)
    with Session() as run:
        run.query("SET join_use_nulls = 1, session_timezone = 'UTC', enable_materialized_cte = 1")
        run.query(f"CREATE FUNCTION as_of AS () -> toDateTime64('{time}', 6, 'UTC')")
        run.query(f"CREATE FUNCTION run_day AS () -> toDate32('{as_of[:10]}')")
        for table in TABLES:
            run.query(f"CREATE VIEW {table} AS SELECT * FROM file({quoted(folder / table / '*.parquet')}, Parquet)")
        run.query(f"{translated(query)} INTO OUTFILE {quoted(out)} FORMAT Parquet")


def translated(query: str) -> str:
    for said, meant in WORDS:
        query = re.sub(said, meant, query)
    return query


def quoted(path: Path) -> str:
    return "'" + str(path).replace("\\", "\\\\").replace("'", "\\'") + "'"


if __name__ == "__main__":
    main()
