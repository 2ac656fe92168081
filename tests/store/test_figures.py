"""What is told of stored tables without the libraries that evaluate is what those would tell."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from segtool.store.figures import EventFigures, UserFigures
from segtool.store.store import Store
from tests.cli.running import AS_OF, project, run

SETTINGS = """\
version: 1
users: {path: users.csv, key: user_id}
events:
  log: {path: log.csv, user: user, time: at, name: event}
"""
START = datetime(2026, 1, 1, tzinfo=UTC)


def users(count: int, filled: int) -> str:
    """Of each column, so many of the users have a value; texts of few different ones are coded."""
    rows = (f"u{i},{i if i < filled else ''},{'UA' if i < filled else ''}\n" for i in range(count))
    return "user_id,points,country\n" + "".join(rows)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    made = project(tmp_path / "p", users(100, 49), "s: {kind: dynamic, where: {points: 1}}\n", SETTINGS)
    (made / "log.csv").write_text("user,event,at\n" + "".join(events()), encoding="utf-8")
    assert run(made, "evaluate", "--as-of", AS_OF).code == 0
    return made


def events() -> Iterator[str]:
    """The later the user, the earlier the event."""
    for i in range(50):
        at = START + timedelta(days=60 - i)
        yield f"u{i},{'open' if i % 2 else 'click'},{at:%Y-%m-%dT%H:%M:%SZ}\n"


def parts(folder: Path, table: str) -> list[Path]:
    store = Store(folder)
    return [store.root / "tables" / part for part in store.state.tables[table].parts]


@pytest.mark.parametrize("column", ["points", "country"])
@pytest.mark.parametrize(("filled", "mostly"), [(49, True), (50, False), (100, False)])
def test_a_column_is_mostly_missing_where_more_than_half_of_the_users_have_no_value(
    column: str, filled: int, mostly: bool, folder: Path
) -> None:
    (folder / "users.csv").write_text(users(100, filled), encoding="utf-8")
    run(folder, "evaluate", "--as-of", AS_OF)
    assert UserFigures(parts(folder, "users")[0]).is_mostly_missing(column) is mostly


@pytest.mark.parametrize("column", ["points", "country"])
def test_rows_of_those_who_are_no_users_any_more_do_not_count(column: str, folder: Path) -> None:
    kept = [line for line in users(100, 49).splitlines(keepends=True) if not line.endswith(",,\n")]
    (folder / "users.csv").write_text("".join(kept), encoding="utf-8")
    assert run(folder, "evaluate", "--as-of", AS_OF, "--allow-shrink").code == 0
    assert not UserFigures(parts(folder, "users")[0]).is_mostly_missing(column)


def test_the_first_event_is_that_of_all_of_the_names_that_are_asked_for(folder: Path) -> None:
    figures = EventFigures(parts(folder, "log"))
    assert figures.first(["open"]) == datetime(2026, 1, 12, tzinfo=UTC)
    assert figures.first(["click"]) == datetime(2026, 1, 13, tzinfo=UTC)
    assert figures.first(["open", "click"]) == datetime(2026, 1, 12, tzinfo=UTC)
    assert figures.first(["other"]) is None


def test_nothing_is_known_of_tables_that_are_damaged_or_gone(folder: Path) -> None:
    (log,), (table,) = parts(folder, "log"), parts(folder, "users")
    (log / "times.npy").unlink()
    assert EventFigures([log]).first(["open"]) is None
    (table / "schema.json").chmod(0o600)
    (table / "schema.json").write_text("{}")
    assert not UserFigures(table).is_mostly_missing("points")
