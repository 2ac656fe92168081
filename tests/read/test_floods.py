"""Millions of blank lines, of rows at fault, or of rows of one key cost little, and lines are counted exactly."""

from __future__ import annotations

import gzip
import random
import tracemalloc
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from segtool.read import csv, csv_shape, findings, ndjson
from segtool.read.csv import read_csv, read_csv_on
from segtool.read.files import opened, tail_of
from segtool.read.findings import Findings
from segtool.read.ndjson import read_ndjson
from segtool.read.raw import RawPiece
from segtool.read.row_lines import RowLines
from tests.read.pieces import read_in_blocks
from tests.read.reading import problems, table
from tests.read.reading import rows as table_rows

STOPPED = "more than 100,000 rows are at fault, and what follows was not looked at (correct these first)"


def told(pieces: Iterator[RawPiece]) -> tuple[list[tuple[str, int]], int]:
    """The first value of each row and its line, and how many lines are blank."""
    found, blank = list[tuple[str, int]](), 0
    for piece in pieces:
        values = piece.frame.to_series(0).to_list() if piece.frame.width else []
        found += [(value, piece.part.line(row)) for row, value in enumerate(values)]
        blank += piece.notes.get("blank lines", 0)
    return found, blank


def csv_rows(folder: Path, data: bytes) -> tuple[list[tuple[str, int]], int]:
    (folder / "u.csv").write_bytes(data)
    with opened("u.csv", folder) as file:
        return told(read_csv(file, ",", Findings()))


def ndjson_rows(folder: Path, data: bytes) -> tuple[list[tuple[str, int]], int]:
    (folder / "u.ndjson").write_bytes(data)
    with opened("u.ndjson", folder) as file:
        return told(read_ndjson(file, Findings()))


def written(rows: list[bytes], blank: list[bytes], seed: int) -> tuple[bytes, list[int], int]:
    """Rows with blank lines at random places between them; the line that each row starts at, and how many are blank."""
    chance, data, lines, count = random.Random(seed), b"", list[int](), 0
    for row in rows:
        for _ in range(chance.choice([0, 0, 0, 1, 2, 40])):
            data, count = data + chance.choice(blank), count + 1
        lines.append(data.count(b"\n") + 1)
        data += row
    return data, lines, count


@pytest.mark.parametrize("look", [1, 5, 64])
@pytest.mark.parametrize("block", [3, 40, 10_000])
@pytest.mark.parametrize(
    ("header", "row"),
    [
        (b"id,a\n", b"%d,x\n"),
        (b"id,a\r\n", b"%d,x\r\n"),
        (b'id,"a"\n', b'%d,"x\n\n\ny"\n'),
        (b"id\n", b"%d\n"),
        (b"id\r\n", b'"%d"\r\n'),
    ],
)
def test_lines_of_rows_are_exact_however_many_are_blank_and_wherever_blocks_end(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, header: bytes, row: bytes, block: int, look: int
) -> None:
    read_in_blocks(monkeypatch, block)
    monkeypatch.setattr(csv_shape, "LOOK", look)
    numbers = range(10, 40)
    data, lines, blank = written([row % number for number in numbers], [b"\n", b"\r\n"], block)
    before = header.count(b"\n")
    found = csv_rows(tmp_path, header + data + b"\n\r\n\n")
    assert found == ([(str(n), before + line) for n, line in zip(numbers, lines, strict=True)], blank + 3)


@pytest.mark.parametrize("part", [1, 64])
@pytest.mark.parametrize("block", [3, 40, 10_000])
def test_lines_of_ndjson_are_exact_however_many_are_blank(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, block: int, part: int
) -> None:
    read_in_blocks(monkeypatch, block)
    monkeypatch.setattr(ndjson, "PART", part)
    numbers = range(10, 40)
    rows = [b'{"id": "%d"}\n' % number for number in numbers]
    data, lines, blank = written(rows, [b"\n", b"\r\n", b" \t\n"], block)
    found = ndjson_rows(tmp_path, data + b"\n \n")
    assert found == ([(str(n), line) for n, line in zip(numbers, lines, strict=True)], blank + 2)


def test_lines_of_rows_that_a_file_gained_are_exact(tmp_path: Path) -> None:
    path = tmp_path / "u.csv"
    path.write_bytes(b"id,a\n\n1,x\n\n\n")
    with opened("u.csv", tmp_path) as file:
        before = file.source_file()
    with path.open("ab") as stream:
        stream.write(b'\n\n2,x\n\r\n3,"x\n\ny"\n\n4,z\n')
    with opened("u.csv", tmp_path) as file:
        tail = tail_of(file, before)
        assert tail
        assert told(read_csv_on(file, tail, ",", Findings())) == ([("2", 8), ("3", 10), ("4", 14)], 4)


def test_a_million_blank_lines_weigh_as_much_as_one() -> None:
    lines = RowLines(2)
    lines.add(np.array([2, 3, 1_000_004, 1_000_005]))
    lines.add(np.array([1_000_006, 1_000_009]))
    assert [lines.line(row) for row in range(6)] == [2, 3, 1_000_004, 1_000_005, 1_000_006, 1_000_009]
    assert sum(len(rows) for rows, _ in lines._jumps) == 2


@pytest.mark.parametrize("end", [b"\n", b"\r\n"])
@pytest.mark.parametrize("row", [b"1,x\n", b'1,"x"\n'])
def test_a_blank_line_takes_no_more_memory_than_its_bytes(tmp_path: Path, end: bytes, row: bytes) -> None:
    def peak(blank: int) -> int:
        tracemalloc.start()
        found = csv_rows(tmp_path, b"id,a\n" + row + end * blank + row)
        top = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        assert found == ([("1", 2), ("1", blank + 3)], blank)
        return top

    # the block that was read, and what it is made of
    assert peak(4_000_000) - peak(1_000_000) < 3_000_000 * len(end) * 4


def test_blocks_of_blank_lines_alone_are_counted(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    read_in_blocks(monkeypatch, 16)
    read = table(tmp_path, "user_id,a\n" + "\n" * 100 + "1,x\n" + "\n" * 100)
    assert (table_rows(read), read.report.notes) == ([("1", "x")], {"blank lines": 200})


def test_a_small_gzip_of_blank_lines_without_end_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(csv, "MOST_BLANK", 1_000)
    packed = gzip.compress(b"user_id,a\n1,x\n" + b"\n" * 1_001)
    assert problems(tmp_path, packed, name="users.csv.gz") == [
        "users.csv.gz: more than 1,000 lines are blank (does it hold a table?)"
    ]


@pytest.mark.parametrize(
    ("name", "row", "first"),
    [
        ("users.csv", b"x\n", "1 field where the header has 2"),
        ("users.csv", b'x"\n', "a quote stands inside a field without quotes"),
        ("users.csv", b"x,\0\n", "a NUL byte"),
        ("users.csv", b"x,\xff\n", "byte 0xff is not UTF-8"),
        ("users.csv", b",x\n", "no key in column `user_id`"),
        ("users.ndjson", b"x\n", "broken JSON at column 1"),
    ],
)
def test_rows_at_fault_are_counted_and_twenty_kept_until_there_are_too_many(
    tmp_path: Path, name: str, row: bytes, first: str
) -> None:
    header = b"user_id,a\n" if name.endswith("csv") else b'{"user_id": 1}\n'
    found = problems(tmp_path, header + row * 150_000, name=name)
    assert len(found) == 22
    assert found[0].startswith(f"{name}:2: {first}")
    assert found[-1] == STOPPED
    more = int(found[20].removeprefix(f"{name}: ").split(" more ")[0].replace(",", ""))
    assert 100_000 < more + 20 <= 150_000


def test_rows_of_one_key_are_refused_before_all_of_them_are_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(findings, "MOST", 50)
    read_in_blocks(monkeypatch, 400)
    found = problems(tmp_path, "user_id,a\n1,x\n" + "k,y\n" * 5_000)
    assert found[0].startswith('users.csv:3: key "k" stands in line 3, line 4, line 5, line 6')
    assert found[0].endswith(", line 22 and 76 more (keep one row for each user)")
    assert found[1:] == [STOPPED]


def test_as_many_rows_are_looked_at_as_may_be_rejected(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(findings, "MOST", 5)
    content = "user_id,a\n1,x\n" + "2\n" * 20 + "k,y\n" * 20
    read = table(tmp_path, content, max_errors=40)
    assert (table_rows(read), len(read.rejects)) == ([("1", "x")], 40)
    assert problems(tmp_path, content, max_errors=19)[-2:] == [
        "more rows are at fault than `--max-errors` allows (correct them, or allow more)",
        STOPPED,
    ]
