"""Small files of users for the tests of reading, and what is read from them."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from segtool.errors import InputError
from segtool.model.kinds import Schema
from segtool.model.tables import DeclaredColumn, TableSource
from segtool.read.tables import UserReading
from tests.tabled import ReadTable, whole

KYIV = ZoneInfo("Europe/Kyiv")

Columns = Mapping[str, DeclaredColumn]


def table(
    folder: Path,
    content: str | bytes | None = None,
    *,
    name: str = "users.csv",
    key: str = "user_id",
    columns: Columns | None = None,
    separator: str = "",
    known: Schema | None = None,
    zone: ZoneInfo = KYIV,
    max_errors: int = 0,
) -> ReadTable:
    """The table that is read from a file with this content, or from what stands in the folder."""
    if content is not None:
        data = content.encode() if isinstance(content, str) else content
        (folder / name).write_bytes(data)
    source = TableSource("users", name, key, dict(columns or {}), separator)
    return whole(UserReading(source, folder, zone, known, max_errors=max_errors))


def rows(read: ReadTable) -> list[tuple[Any, ...]]:
    return read.frame.rows()


def column(read: ReadTable, name: str) -> list[Any]:
    return read.frame.get_column(name).to_list()


def kinds(read: ReadTable) -> dict[str, str]:
    return {column.name: str(column.kind) for column in read.schema.columns}


def problems(folder: Path, content: str | bytes | None = None, **options: Any) -> list[str]:
    """What is wrong with a file, as it is said."""
    with pytest.raises(InputError) as caught:
        table(folder, content, **options)
    return [str(problem) for problem in caught.value.problems]
