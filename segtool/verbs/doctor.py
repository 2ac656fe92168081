"""An installation and perhaps a project to what is installed, found, stale, locked and readable, a sentence each."""

from __future__ import annotations

import platform
from collections.abc import Iterator, Sequence
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

from segtool import __version__
from segtool.errors import DamageError, DefinitionError, InputError, Problem, SegtoolError, StoreError, UsageError
from segtool.model.diagnosis import Diagnosis, Finding
from segtool.model.run import TableState
from segtool.model.tables import TableSource
from segtool.read.files import is_unchanged, opened, resolved
from segtool.read.project import FILE, read_project
from segtool.store.inspection import Inspection, inspected
from segtool.store.store import Store
from segtool.store.trial import tried
from segtool.verbs.run import project_folder

NEEDED = ("polars", "numpy", "pydantic", "pyyaml", "typer", "rich")
EXTRAS = {
    "fastexcel": "not installed, so .xlsx files cannot be read (pip install 'segtool[excel]')",
    "xlsxwriter": "not installed, so .xlsx files cannot be written (pip install 'segtool[excel]')",
}
MOST = 3
"""So many paths are named where a sentence is about many files."""


def doctor(given: Path | None) -> Diagnosis:
    """Looks at the installation, and at the project if there is one, and changes nothing.

    A project that is broken is told of as far as it can be read.
    """
    return Diagnosis((*_installed(), *_found(given)))


def _installed() -> Iterator[Finding]:
    about = "installed"
    yield Finding(about, "segtool", __version__)
    yield Finding(about, "Python", f"{platform.python_version()} on {platform.system()} ({platform.machine()})")
    for package in NEEDED:
        found = _version(package)
        yield Finding(about, package, found or "is missing (install segtool again)", exit_code=0 if found else 1)
    for package, without in EXTRAS.items():
        found = _version(package)
        yield Finding(about, package, found or without, noted=not found)


def _version(package: str) -> str:
    try:
        return version(package)
    except PackageNotFoundError:
        return ""


def _found(given: Path | None) -> Iterator[Finding]:
    try:
        folder = project_folder(given)
    except UsageError as error:
        # to stand outside of all projects is no fault; to name a folder that is none is
        yield Finding("project", FILE, str(error), noted=True, exit_code=error.exit_code if given else 0)
        return
    store, wrong = _store(folder)
    yield from _project(folder, store)
    yield from wrong
    yield from _kept(folder, store)
    yield from tried(folder)


def _store(folder: Path) -> tuple[Store | None, list[Finding]]:
    """The store, or why it cannot be read."""
    try:
        return Store(folder), []
    except (DamageError, StoreError) as error:
        return None, _wrong("store", ".segtool", error)


def _wrong(about: str, name: str, error: SegtoolError) -> list[Finding]:
    return [Finding(about, name, str(problem), exit_code=error.exit_code) for problem in error.problems]


def _project(folder: Path, store: Store | None) -> Iterator[Finding]:
    about = "project"
    try:
        project = read_project(folder, keep_problems=True)
    except DefinitionError as error:
        yield from _wrong(about, FILE, error)
        return
    yield Finding(about, FILE, f"in {folder}; segments: {len(project.segments):,}")
    for problem in project.problems:
        yield Finding(about, "definitions", str(problem), exit_code=DefinitionError.exit_code)
    states = store.state.tables if store else {}
    for name, source in project.tables.items():
        yield from _table(source, states.get(name), folder)


def _table(source: TableSource, state: TableState | None, folder: Path) -> Iterator[Finding]:
    about = "tables"
    try:
        fact, noted = _standing(source, state, folder)
    except (DefinitionError, InputError) as error:
        yield from _wrong(about, source.name, error)
    else:
        yield Finding(about, source.name, fact, noted)


def _standing(source: TableSource, state: TableState | None, folder: Path) -> tuple[str, bool]:
    """Whether a table's files are those that the store has, and whether that is worth a note; InputError where one
    cannot be read."""
    if state and state.by_hand and (not source.path or is_unchanged(state.files, source, folder)):
        return f"{state.by_hand} was imported by name", False
    found = f"its files ({_readable(source, folder):,})"
    if state is None:
        return f"{found} were not read yet", True
    if is_unchanged(state.files, source, folder):
        return f"{found} are as they were read", False
    return f"{found} have changed since they were read; the next run reads them", True


def _readable(source: TableSource, folder: Path) -> int:
    """How many files a table has; each is opened."""
    if not source.path:
        raise InputError(Problem("no file is declared", "add `path:` to `users:`, or run `segtool import users FILE`"))
    paths, problems = resolved(source.path, folder, source.mark), list[Problem]()
    for path in paths:
        try:
            with opened(path, folder):
                pass
        except InputError as error:
            problems += error.problems
    if problems:
        raise InputError(problems)
    return len(paths)


def _kept(folder: Path, store: Store | None) -> Iterator[Finding]:
    about, name = "store", ".segtool"
    if not (folder / name).is_dir():
        yield Finding(about, name, "is not there yet; the first run makes it", noted=True)
        return
    try:
        found = inspected(folder)
    except StoreError as error:
        yield from _wrong(about, name, error)
        return
    if store:
        yield Finding(about, name, _summary(store, found))
        yield from _snapshots(store)
    yield from _access(found)
    yield from _left(found)


def _summary(store: Store, found: Inspection) -> str:
    newest = f", the newest written at {store.head.at}" if store.head else ""
    return f"format {store.format}; runs: {found.runs:,}{newest}; {found.bytes / 1e6:,.1f} MB on the disk"


def _snapshots(store: Store) -> Iterator[Finding]:
    frozen = sum(state.frozen is not None for state in store.state.segments.values())
    try:
        store.check_snapshots()
    except (DamageError, StoreError) as error:
        yield from _wrong("store", "snapshots", error)
    else:
        yield Finding("store", "snapshots", f"frozen segments: {frozen:,}; every file is there and of its size")


def _access(found: Inspection) -> Iterator[Finding]:
    about, name = "store", "access"
    if found.links:
        fact = f"nothing in the store is one, but for {_some(found.links)} (put there what they lead to)"
        yield Finding(about, "links", fact, exit_code=DamageError.exit_code)
    if found.open_to_others:
        fact = f"others may read {_some(found.open_to_others)} (run `chmod -R go= .segtool`)"
        yield Finding(about, name, fact, exit_code=DamageError.exit_code)
    if found.unreadable:
        yield Finding(about, name, f"you may not read {_some(found.unreadable)}", exit_code=StoreError.exit_code)
    if not found.open_to_others and not found.unreadable:
        yield Finding(about, name, "you may read all of it, and nobody else")


def _left(found: Inspection) -> Iterator[Finding]:
    about = "store"
    if found.busy:
        yield Finding(about, "lock", "a run is at work", noted=True)
        return
    yield Finding(about, "lock", "no run is at work")
    if found.unfinished:
        fact = "the last run did not end well; the next one ends what was committed and removes what was not"
        yield Finding(about, ".segtool/unfinished", fact, noted=True)
    if found.temporary:
        step = "the next run removes them" if found.unfinished else "remove them"
        fact = f"left by a killed run: {_some(found.temporary)} ({step})"
        yield Finding(about, "temporary files", fact, noted=True)


def _some(paths: Sequence[str]) -> str:
    more = f" and {len(paths) - MOST:,} more" if len(paths) > MOST else ""
    return ", ".join(paths[:MOST]) + more
