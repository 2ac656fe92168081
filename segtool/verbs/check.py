"""Definitions and tables to every problem in them at once, without writing anything."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from segtool.errors import Problem
from segtool.model.results import Checked
from segtool.read.project import read_project
from segtool.read.segment_tests import read_tests
from segtool.store.store import Store
from segtool.verbs.adoption import published
from segtool.verbs.preparation import prepare
from segtool.verbs.run import Run
from segtool.verbs.warnings import warnings_of


def check(folder: Path, run: Run) -> Checked:
    """Reads the project with its tests, the columns of its tables and its lists; DefinitionError or InputError with all
    problems."""
    project, problems = read_project(folder, keep_problems=True), list[Problem]()
    store = Store(folder)
    read_tests(project, store.state.segments, problems)
    project = replace(project, problems=(*project.problems, *problems))
    kept = {**published(project, store.state.segments), **store.state.segments}
    prepared = prepare(project, store, run, kept)
    return Checked(len(project.segments), tuple(warnings_of(prepared, store.state.segments, store.suppression())))
