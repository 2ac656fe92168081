"""The declared files, or one file by name, to new versions of the tables in the store."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from segtool.errors import Problem, UsageError
from segtool.model.nodes import near_name
from segtool.model.project import Project
from segtool.model.results import TableResult
from segtool.model.time import utc_text
from segtool.read.project import read_project
from segtool.store.store import USERS
from segtool.store.writer import Writer, writing
from segtool.verbs.guards import let_through, noted, tripped_by_tables
from segtool.verbs.inputs import Inputs, inputs_of
from segtool.verbs.run import Run


def import_tables(folder: Path, run: Run, tables: tuple[str, ...] = (), file: str | None = None) -> list[TableResult]:
    """Reads the tables whose files changed (or `file` for the one table) and commits them; all, where none is named."""
    project = read_project(folder, with_segments=False)
    _refuse_unknown(tables, project)
    # events need the users, so these come with them
    only = {*tables, USERS} if tables else {*project.tables}
    with writing(folder, run.wait) as store:
        by_hand, asked = {tables[0]: file} if file else {}, tables or project.tables
        inputs = inputs_of(project, store, run.as_of, by_hand, asked, only, run.progress, run.max_errors)
        inputs.events()
        taken = [table for name, table in inputs.tables.items() if name in only]
        allowed = let_through(tripped_by_tables(taken, store.state.tables, project, run.at), run.allowed)
        if inputs.is_new:
            _commit(inputs, store, run, allowed)
        return [table.result for table in taken]


def _commit(inputs: Inputs, store: Writer, run: Run, allowed: tuple[str, ...]) -> None:
    store.commit(
        kind="import",
        as_of=store.head.as_of if store.head else "",
        at=utc_text(run.at),
        state=replace(store.state, tables={**store.state.tables, **inputs.states}),
        details={**inputs.details, **noted(allowed)},
    )


def _refuse_unknown(tables: tuple[str, ...], project: Project) -> None:
    problems = [
        Problem(
            f"there is no table `{name}`", near_name(name, project.tables) or f"tables: {', '.join(project.tables)}"
        )
        for name in tables
        if name not in project.tables
    ]
    if problems:
        raise UsageError(problems)
