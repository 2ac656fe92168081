"""Numbered records go in as log/N.json, each with the hash of the one before it, and come out checked."""

from __future__ import annotations

import hashlib
import json
import os
import re
from collections.abc import Iterator
from pathlib import Path

from segtool.errors import BusyError, Problem
from segtool.model.run import Record
from segtool.store.encoding import damage, json_bytes, record_from_json, record_to_json, well_formed
from segtool.store.files import put_new

_NAME = re.compile(r"([1-9][0-9]{0,17})\.json")


def record_path(root: Path, number: int) -> Path:
    return root / f"log/{number}.json"


def newest(root: Path) -> int:
    """The highest number in the log; 0 where there is none."""
    try:
        names = os.listdir(root / "log")
    except FileNotFoundError:
        return 0
    return max((int(found[1]) for name in names if (found := _NAME.fullmatch(name))), default=0)


def to_record(root: Path, number: int, content: bytes) -> Record:
    path = record_path(root, number)
    with well_formed(root, path):
        record = record_from_json(json.loads(content))
    if record.number != number:
        raise damage(root, path, f"holds record {record.number}")
    return record


def read_bytes(root: Path, number: int) -> bytes:
    try:
        return record_path(root, number).read_bytes()
    except FileNotFoundError:
        raise damage(root, record_path(root, number), "is missing") from None


def read_record(root: Path, number: int) -> Record:
    return to_record(root, number, read_bytes(root, number))


def read_records(root: Path, first: int, last: int) -> Iterator[Record]:
    """The records from `first` to `last`, one after the other; each must name the hash of the file before it."""
    parent = parent_hash(root, first - 1)
    for number in range(first, last + 1):
        content = read_bytes(root, number)
        record = to_record(root, number, content)
        if record.parent != parent:
            raise damage(root, record_path(root, number), "does not follow the one before it: one was edited")
        parent = hashlib.sha256(content).hexdigest()
        yield record


def named_objects(root: Path, last: int) -> Iterator[tuple[str, str, bool]]:
    """The state and changes of each record, and whether it is a checkpoint; a long log is read so in a tenth of the
    time."""
    for number in range(1, last + 1):
        with well_formed(root, record_path(root, number)):
            data = json.loads(read_bytes(root, number))
            yield data["state"], data["changes"], data["checkpoint"] == number


def parent_hash(root: Path, number: int) -> str:
    """The hash that the record after `number` names; "" before the first."""
    return hashlib.sha256(read_bytes(root, number)).hexdigest() if number else ""


def link_record(root: Path, record: Record) -> None:
    """Commits: the record is there for every reader; the log's folder is the caller's to sync."""
    try:
        put_new(record_path(root, record.number), [json_bytes(record_to_json(record), canonical=True)])
    except FileExistsError:
        raise BusyError(Problem(f"another run has committed run {record.number}", "run it again")) from None
