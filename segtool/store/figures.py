"""Folders of tables come in; goes out: a few figures of them, read without the libraries that evaluate, which take long
to load."""

from __future__ import annotations

import json
from array import array
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime, timedelta
from functools import cached_property
from hashlib import sha256
from itertools import pairwise
from pathlib import Path
from typing import Any

from segtool.store.files import open_file, read_file

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
DESCRIPTION = "schema.json"
UNREADABLE = (FileNotFoundError, ValueError)
"""Another run has replaced the table, or it is damaged, which `verify` tells: then nothing is known of it."""
CODES = {"|u1": "B", "<u2": "H", "<u4": "I"}


class UserFigures:
    """Of one imported version of the users."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    @cached_property
    def _description(self) -> dict[str, Any]:
        return _described(self._folder)

    @cached_property
    def _present(self) -> int:
        return int.from_bytes(_values(self._folder / "present.npy"), "little")

    def is_mostly_missing(self, column: str) -> bool:
        """Whether more than half of the users are sure to have no value; false where that takes long to tell."""
        try:
            return 2 * self._missing(column) > self._present.bit_count()
        except UNREADABLE:
            return False

    def _missing(self, column: str) -> int:
        """So many users at least have no value."""
        entry, users = self._description["columns"][column], self._present.bit_count()
        match entry["layout"]:
            case "plain":
                valid = int.from_bytes(_values(self._folder / f"{entry['part']}.valid.npy"), "little")
                return users - (self._present & valid).bit_count()
            case "coded":
                codes = array(CODES[entry["dtype"]], _values(self._folder / f"{entry['part']}.codes.npy"))
                # some of the rows without a value may be of no users
                return codes.count(0) - int(self._description["size"] - users)
            case _:
                return 0


class EventFigures:
    """Of the parts of all tables of events."""

    def __init__(self, folders: Iterable[Path]) -> None:
        self._folders = list(folders)

    @cached_property
    def _parts(self) -> list[tuple[Path, dict[str, Any]]]:
        return [(folder, _described(folder)) for folder in self._folders]

    def first(self, names: Iterable[str]) -> datetime | None:
        """The time of the first event of these names, whosever it is; None where there is none."""
        wanted = set(names)
        try:
            firsts = [first for folder, part in self._parts for first in _firsts(folder, part, wanted)]
        except UNREADABLE:
            return None
        return EPOCH + timedelta(microseconds=min(firsts)) if firsts else None


def _firsts(folder: Path, part: dict[str, Any], wanted: set[str]) -> Iterator[int]:
    """The first time in each block of users of each name, in microseconds: within a block, events stand by time."""
    blocks, tick = part["blocks"], part["tick"]
    width = 8 if tick == 1 else 4
    for place, name in enumerate(part["names"]) if wanted & part["names"].keys() else ():
        starts = array("q", _values(folder / "starts.npy"))[place * (blocks + 1) : (place + 1) * (blocks + 1)]
        for start, end in pairwise(starts):
            if name in wanted and start < end:
                value = _values(folder / "times.npy", start * width, width)
                yield int.from_bytes(value, "little", signed=True) * tick


def _described(folder: Path) -> dict[str, Any]:
    content = read_file(folder / DESCRIPTION)
    if sha256(content).hexdigest() != folder.name:
        raise ValueError(folder.name)
    described: dict[str, Any] = json.loads(content)
    return described


def _values(path: Path, start: int = 0, length: int = -1) -> bytes:
    """Bytes of the values of an array's file, after its header."""
    with open_file(path) as file:
        header = 10 + int.from_bytes(file.read(10)[8:], "little")
        file.seek(header + start)
        return file.read(length)
