"""The declared files, or one file by name, to a new version of the users in the store."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from segtool.errors import Problem, UsageError
from segtool.model.nodes import near_name
from segtool.model.results import TableResult
from segtool.model.time import utc_text
from segtool.read.project import read_project
from segtool.store.store import Store
from segtool.store.writer import writing
from segtool.verbs.inputs import users_of
from segtool.verbs.preparation import Run

TABLES = ("users",)


def import_tables(folder: Path, run: Run, tables: tuple[str, ...] = (), file: str | None = None) -> list[TableResult]:
    """Reads the tables whose files changed (or `file` for the one table) and commits them."""
    for name in tables:
        if name not in TABLES:
            raise UsageError(Problem(f"there is no table `{name}`", near_name(name, TABLES) or "tables: users"))
    project = read_project(folder, with_segments=False)
    # before the first run nothing is there to lock, and what is wrong must leave nothing behind
    early = None if (folder / ".segtool").exists() else users_of(project, Store(folder), file, asked=True)
    with writing(folder, run.wait) as store:
        users = early if early and store.head is None else users_of(project, store, file, asked=True)
        if users.read is not None:
            tables_now = {**store.state.tables, "users": users.stored(store)}
            last = store.head.as_of if store.head else ""
            state = replace(store.state, tables=tables_now)
            store.commit(kind="import", as_of=last, at=utc_text(run.at), state=state)
        return [users.result()]
