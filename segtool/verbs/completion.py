"""A folder comes in; go out: the names of its segments and the words that choose some, for a shell to offer.

None come out where something is wrong: a shell has no place to tell of it."""

from __future__ import annotations

from pathlib import Path

from segtool.errors import SegtoolError
from segtool.read.project import read_project
from segtool.store.store import Store
from segtool.verbs.run import project_folder
from segtool.verbs.selection import FIELDS, Known


def names_of_segments(project: Path | None) -> list[str]:
    return sorted(_known(project).names)


def words_of_segments(project: Path | None) -> list[str]:
    """The names, and the values of `tag:` and the other fields."""
    known = _known(project)
    values = [f"{field}:{one}" for field in FIELDS for one in sorted(set().union(*known.values(field).values()))]
    return [*sorted(known.names), *values]


def _known(project: Path | None) -> Known:
    try:
        folder = project_folder(project)
        return Known(read_project(folder, keep_problems=True).segments, Store(folder).state.segments)
    except SegtoolError:
        return Known({}, {})
