"""Definitions and tables to every problem in them at once, without writing anything."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

from segtool.compile.lint import findings
from segtool.compile.lint_tables import UNKNOWN, Figures
from segtool.compile.twins import twins
from segtool.errors import DefinitionError, Mark, Problem
from segtool.model.results import Checked
from segtool.read.project import read_project
from segtool.store.figures import EventFigures, UserFigures
from segtool.store.steady import steady
from segtool.store.store import USERS, Store
from segtool.verbs.adoption import published
from segtool.verbs.preparation import Prepared, inputs_for, prepare
from segtool.verbs.run import Run
from segtool.verbs.suite import problems_of_tests
from segtool.verbs.warnings import warnings_of


@steady
def check(folder: Path, run: Run, *, strict: bool = False) -> Checked:
    """Reads the project with its tests, the columns of its tables and its lists; DefinitionError or InputError with all
    problems, of which warnings are some where it is `strict`."""
    project, store = read_project(folder, keep_problems=True), Store(folder)
    kept = {**published(project, store.state.segments), **store.state.segments}
    inputs = inputs_for(project, store, run)
    problems = problems_of_tests(project, inputs, kept)
    prepared = prepare(replace(project, problems=(*project.problems, *problems)), store, run, kept, inputs)
    warnings = sorted(_warnings(prepared, store), key=lambda problem: problem.mark or Mark(""))
    if strict and warnings:
        raise DefinitionError(warnings)
    return Checked(len(project.segments), tuple(warnings))


def _warnings(prepared: Prepared, store: Store) -> Iterator[Problem]:
    segments, around = prepared.project.segments, prepared.around
    yield from warnings_of(prepared, store.state.segments, store.suppression())
    yield from findings(segments, around, _figures(prepared, store))
    yield from twins(segments, prepared.plan, around)


def _figures(prepared: Prepared, store: Store) -> Figures:
    """Of the tables that stand in the store as their files are; nothing is known of others."""
    tables = prepared.inputs.tables
    if any(table.is_new for table in tables.values()):
        return UNKNOWN
    folders = {name: [store.root / "tables" / part for part in table.state.parts] for name, table in tables.items()}
    users = UserFigures(folders[USERS][0])
    return Figures(
        users.is_mostly_missing,
        EventFigures(folder for name, parts in folders.items() if name != USERS for folder in parts).first,
    )
