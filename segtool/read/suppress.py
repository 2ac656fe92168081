"""The lists of whom never to send to come in: CSV files with keys or addresses; go out: these, by what they are."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

import polars as pl

from segtool.errors import InputError, Mark, Problem
from segtool.read.csv import read_csv
from segtool.read.files import opened, refuse_url
from segtool.read.findings import Findings
from segtool.read.kinds import without_empty
from segtool.read.sniff import form_of


@dataclass(frozen=True)
class Suppressed:
    """Whom never to send to: keys of users, and addresses by the name of the column of users that holds such ones."""

    keys: pl.Series
    addresses: Mapping[str, pl.Series]


def read_suppressed(paths: Iterable[str], folder: Path, key: str, addresses: Iterable[str]) -> Suppressed:
    """What stands in all of the files, under the name of the key or of a column of addresses.

    Raises DefinitionError where a path is a URL, and InputError with all that is wrong in the files."""
    wanted, problems, found = list(dict.fromkeys([key, *addresses])), list[Problem](), dict[str, list[pl.Series]]()
    for path in paths:
        refuse_url(path)
        try:
            for name, values in _columns(path, folder, wanted).items():
                found.setdefault(name, []).extend(values)
        except InputError as error:
            problems.extend(error.problems)
    if problems:
        raise InputError(problems)
    joined = {name: without_empty(pl.concat(values)).drop_nulls().unique() for name, values in found.items()}
    return Suppressed(joined.pop(key, pl.Series([], dtype=pl.String)), joined)


def _columns(path: str, folder: Path, wanted: list[str]) -> dict[str, list[pl.Series]]:
    if form_of(path) not in ("CSV", "gzip"):
        raise InputError(Problem("a list must be a CSV file", "save it as .csv", Mark(path)))
    findings, found = Findings(), dict[str, list[pl.Series]]()
    with opened(path, folder) as file:
        for piece in read_csv(file, "", findings):
            named = [name for name in wanted if name in piece.frame.columns]
            if not named:
                fact = f"the header names none of {', '.join(f'`{name}`' for name in wanted)}"
                step = "name the column of keys as the users' key is, one of addresses as theirs is"
                raise InputError(Problem(fact, step, Mark(path, 1)))
            for name in named:
                found.setdefault(name, []).append(piece.frame[name].cast(pl.String).unique())
        findings.raise_any()
    return found
