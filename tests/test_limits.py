"""The page of limits tells the ones that the code has."""

from __future__ import annotations

from pathlib import Path

import pytest

from segtool.compile.behaviour import MOST_SPANS, MOST_STEPS
from segtool.compile.conditions import MOST_PARTS
from segtool.read.csv import MOST_BLANK
from segtool.read.csv_header import MAX_HEADER, MOST_COLUMNS
from segtool.read.csv_records import MAX_RECORD
from segtool.read.events import MOST_NAMES
from segtool.read.excel import MOST_CELLS
from segtool.read.files import MAX_BYTES
from segtool.read.findings import MOST
from segtool.read.numbers import DIGITS
from segtool.read.project import MOST_SEGMENTS
from segtool.read.yaml import DEEPEST, MOST_BYTES, MOST_NODES
from segtool.verbs.backtest import MOST_POINTS
from segtool.verbs.run import FIRST_DAY, LAST_DAY

PAGE = Path(__file__).parents[1] / "docs" / "limits.md"


@pytest.mark.parametrize(
    "words",
    [
        f"| a file of data | {MAX_BYTES // 2**30} GiB,",
        f"| a table | {MOST_COLUMNS:,} columns,",
        f"| the sheet of a workbook | {MOST_CELLS:,} cells",
        f"| the header of a CSV | {MAX_HEADER // 2**20} MiB |",
        f"| a row of a CSV, a line of NDJSON | {MAX_RECORD // 2**20} MiB |",
        f"| blank lines in a CSV | {MOST_BLANK:,} |",
        f"| rows at fault in a table | {MOST:,}, or as many as `--max-errors` allows |",
        f"| names of events in one log | {MOST_NAMES:,} |",
        f"{MOST_BYTES:,} bytes, {MOST_NODES:,} values after aliases are expanded, {DEEPEST} levels |",
        f"| a project | {MOST_SEGMENTS:,} segments |",
        f"| `all`, `any`, `none` | {MOST_PARTS:,} conditions in one list |",
        f"| a `sequence` | {MOST_STEPS} steps |",
        f"| `regularly` | {MOST_SPANS:,} spans",
        f"| `backtest` | {MOST_POINTS:,} as-ofs |",
        f"Numbers are exact up to {DIGITS} digits",
        f"an as-of is of the years {FIRST_DAY.year} to {LAST_DAY.year}",
    ],
)
def test_the_page_of_limits_tells_what_the_code_holds_to(words: str) -> None:
    assert words in PAGE.read_text(encoding="utf-8")
