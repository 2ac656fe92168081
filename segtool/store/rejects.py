"""Rows that were rejected come in; go out: a file of them for each table, which people read and no run does."""

from __future__ import annotations

import csv
import hashlib
import io
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from segtool.model.files import remove, sync_folder
from segtool.model.tables import Reject
from segtool.store.files import make_folder, put

REJECTS = "rejects"
HEADER = ("file", "line", "reason", "row")


@dataclass(frozen=True)
class Rejected:
    """The rejected rows of a table: all of its version, or `is_more`, those that came with its newest part."""

    rows: tuple[Reject, ...]
    is_more: bool = False


def shown_file(table: str) -> str:
    """The file of a table's rejected rows, as messages name it."""
    return f".segtool/{REJECTS}/{_name(table)}"


def _name(table: str) -> str:
    """A table of events may have a name that no file can."""
    is_plain = re.fullmatch(r"[\w-][\w .-]{0,49}", table)
    return f"{table if is_plain else hashlib.sha256(table.encode()).hexdigest()[:16]}.csv"


def write_rejects(root: Path, tables: Mapping[str, Rejected]) -> None:
    """Leaves the rejected rows of these tables in their files, and no file for a table that has none."""
    folder = root / REJECTS
    for table, rejected in tables.items():
        path = folder / _name(table)
        if rejected.rows:
            make_folder(folder)
            before = path.read_bytes() if rejected.is_more and path.exists() else _csv([HEADER])
            put(path, [before, _csv((row.file, row.line, row.reason, row.row) for row in rejected.rows)])
        elif not rejected.is_more:
            remove(path)
    if folder.is_dir():
        sync_folder(folder)
        sync_folder(root)


def _csv(rows: Iterable[tuple[object, ...]]) -> bytes:
    out = io.StringIO()
    csv.writer(out, lineterminator="\n").writerows(rows)
    return out.getvalue().encode()


def clear_rejects(root: Path) -> int:
    """Removes all files of rejected rows: they hold values of persons, and nothing rests on them; how many."""
    folder = root / REJECTS
    if not folder.is_dir():
        return 0
    number = len(list(folder.iterdir()))
    remove(folder)
    sync_folder(root)
    return number
