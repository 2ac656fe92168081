"""Numbered records go in as log/N.json, each with the hash of the one before it, and come out checked; of the newest
one, the file `head` tells the number and the hash."""

from __future__ import annotations

import hashlib
import json
import os
import re
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

from segtool.errors import BusyError, Problem
from segtool.model.run import Base, Record
from segtool.store.encoding import OTHER_BYTES, damage, json_bytes, record_from_json, record_to_json, well_formed
from segtool.store.files import put, put_new, read_file

_NAME = re.compile(r"([1-9][0-9]{0,17})\.json")
HEAD = "head"


def record_path(root: Path, number: int) -> Path:
    return root / f"log/{number}.json"


def newest(root: Path) -> int:
    """The highest number in the log; 0 where there is none."""
    return max(numbers(root), default=0)


def numbers(root: Path) -> Iterator[int]:
    """The numbers of all records, in no order; whoever asks for one alone does not pay for a long log."""
    with suppress(FileNotFoundError), os.scandir(root / "log") as entries:
        yield from (int(found[1]) for entry in entries if (found := _NAME.fullmatch(entry.name)))


def to_record(root: Path, number: int, content: bytes) -> Record:
    path = record_path(root, number)
    with well_formed(root, path):
        record = record_from_json(json.loads(content))
    if record.number != number:
        raise damage(root, path, f"holds record {record.number}")
    return record


def read_bytes(root: Path, number: int) -> bytes:
    try:
        return read_file(record_path(root, number))
    except FileNotFoundError:
        raise damage(root, record_path(root, number), "is missing") from None


def read_record(root: Path, number: int) -> Record:
    return to_record(root, number, read_bytes(root, number))


def read_records(root: Path, first: int, last: int, base: Base | None) -> Iterator[Record]:
    """The records from `first` to `last`, one after the other; each must name the hash of the file before it."""
    parent = base.hash if base and base.run == first - 1 else parent_hash(root, first - 1)
    for number in range(first, last + 1):
        content = read_bytes(root, number)
        record = to_record(root, number, content)
        if record.parent != parent:
            raise damage(root, record_path(root, number), "does not follow the one before it: one was edited")
        parent = hashlib.sha256(content).hexdigest()
        yield record


def named_objects(root: Path, first: int, last: int) -> Iterator[tuple[str, str]]:
    """The changes of each record, and the members where it is a checkpoint; a long log is read so in a tenth of the
    time."""
    for number in range(first, last + 1):
        with well_formed(root, record_path(root, number)):
            data = json.loads(read_bytes(root, number))
            yield data["changes"], data["members"]


def parent_hash(root: Path, number: int) -> str:
    """The hash that the record after `number` names; "" before the first."""
    return hashlib.sha256(read_bytes(root, number)).hexdigest() if number else ""


def link_record(root: Path, record: Record) -> None:
    """Commits: the record is there for every reader; the log's folder is the caller's to sync."""
    try:
        put_new(record_path(root, record.number), [json_bytes(record_to_json(record), canonical=True)])
    except FileExistsError:
        raise BusyError(Problem(f"another run has committed run {record.number}", "run it again")) from None


def write_head(root: Path, number: int) -> None:
    """Notes the newest record; the store's folder is the caller's to sync."""
    if number:
        put(root / HEAD, [_head(root, number)])


def _head(root: Path, number: int) -> bytes:
    return json_bytes({"run": number, "sha256": parent_hash(root, number)})


def refuse_other_head(root: Path, last: int, ended_well: bool) -> None:
    """DamageError where the newest record is not the one that was noted: it was lost, or is another one. A run that did
    not end well may have left the note to the next one."""
    path, content, number, digest = root / HEAD, b"", 0, ""
    with well_formed(root, path), suppress(FileNotFoundError):
        content = read_file(path)
        data = json.loads(content)
        number, digest = int(data["run"]), str(data["sha256"])
    if number > last:
        raise damage(root, record_path(root, number), "is missing")
    if number < last and ended_well:
        raise damage(root, record_path(root, last), f"is newer than run {number}, the newest that .segtool/head notes")
    if number and number == last and digest != parent_hash(root, last):
        raise damage(root, record_path(root, last), "is damaged: its bytes are not the ones that .segtool/head notes")
    if number and number == last and content != _head(root, last):
        raise damage(root, path, OTHER_BYTES)
