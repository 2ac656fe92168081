"""A list file comes in: a CSV with a header that names the key; go out: its keys, byte for byte."""

from __future__ import annotations

from pathlib import Path

import polars as pl

from segtool.errors import InputError, Mark, Problem
from segtool.model.tables import SourceFile
from segtool.read.columns import near
from segtool.read.csv import read_csv
from segtool.read.files import opened, refuse_url
from segtool.read.findings import Findings, Places
from segtool.read.keys import check_breaks
from segtool.read.kinds import without_empty
from segtool.read.sniff import form_of


def read_keys(path: str, folder: Path, key: str) -> tuple[list[str], SourceFile]:
    """The keys in a list file, each once and in its order; other columns are ignored, and so are rows without a key.

    Raises DefinitionError where the path is a URL, and InputError where the file is missing, is not CSV, or has no
    column named `key`.
    """
    refuse_url(path)
    if form_of(path) not in ("CSV", "gzip"):
        raise InputError(Problem("a list must be a CSV file", "save it as .csv", Mark(path)))
    findings, keys = Findings(), list[pl.Series]()
    with opened(path, folder) as file:
        for piece in read_csv(file, "", findings):
            if key not in piece.frame.columns:
                fact = f"no column `{key}`, which is the key of the users"
                raise InputError(Problem(fact, near(key, piece.frame.columns), Mark(path, 1)))
            check_breaks(piece.frame[key], Places([piece.part]), findings)
            keys.append(piece.frame[key].unique(maintain_order=True))
        findings.raise_any()
        source = file.source_file()
    return without_empty(pl.concat(keys)).drop_nulls().unique(maintain_order=True).to_list(), source
