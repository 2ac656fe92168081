"""Small files of events for the tests of reading, and what is read from them."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from segtool.errors import InputError
from segtool.model.tables import EventColumns, TableSource
from segtool.read.events import EventReading
from tests.read.reading import KYIV, Columns
from tests.tabled import ReadTable, whole

AS_OF = datetime(2026, 6, 15, 12, tzinfo=UTC)


def events(
    folder: Path,
    content: str | bytes | None = None,
    *,
    name: str = "buy.csv",
    event: str = "",
    unique: tuple[str, ...] = (),
    columns: Columns | None = None,
    zone: ZoneInfo = KYIV,
    as_of: datetime = AS_OF,
    max_errors: int = 0,
) -> ReadTable:
    """The events of the table `buy` in a file with this content, or in what stands in the folder; their columns of
    users and times are `user` and `at`."""
    if content is not None:
        (folder / name).write_bytes(content.encode() if isinstance(content, str) else content)
    source = TableSource("buy", name, "user", dict(columns or {}), events=EventColumns("at", event, unique))
    return whole(EventReading(source, folder, zone, as_of, max_errors=max_errors))


def utc(*parts: int) -> datetime:
    return datetime(*parts, tzinfo=UTC)  # type: ignore[arg-type,misc]


def problems(folder: Path, content: str | bytes | None = None, **options: Any) -> list[str]:
    """What is wrong with a file, as it is said."""
    with pytest.raises(InputError) as caught:
        events(folder, content, **options)
    assert caught.value.exit_code == 3
    return [str(problem) for problem in caught.value.problems]
