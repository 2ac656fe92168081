"""Members and changes of a run go in, become the payload of one object, and come out of it without copying."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from segtool.model.columns import byte_count, resized
from segtool.model.run import Members, Movement
from segtool.store.encoding import json_bytes, well_formed
from segtool.store.objects import SALT, object_path

ALIGNMENT = 64


def _padding(length: int) -> int:
    return -length % ALIGNMENT


def packed(header: Any, arrays: Sequence[NDArray[Any]]) -> list[bytes | memoryview]:
    """A payload of a JSON header and arrays; each array starts at a multiple of 64 bytes of the object."""
    shapes = [[array.dtype.str, len(array)] for array in arrays]
    head = json_bytes({"header": header, "arrays": shapes})
    start = SALT + 8 + len(head)
    chunks: list[bytes | memoryview] = [len(head).to_bytes(8, "little"), head, bytes(_padding(start))]
    for array in arrays:
        chunks += [np.ascontiguousarray(array).data, bytes(_padding(array.nbytes))]
    return chunks


def unpacked(root: Path, name: str, content: memoryview) -> tuple[Any, list[NDArray[Any]]]:
    """The header and the arrays of a packed object, without copying."""
    with well_formed(root, object_path(root, name)):
        length = int.from_bytes(content[SALT : SALT + 8], "little")
        start = SALT + 8 + length
        head = json.loads(bytes(content[SALT + 8 : start]))
        arrays = list(_arrays(content, start + _padding(start), head["arrays"]))
        return head["header"], arrays


def _arrays(content: memoryview, start: int, shapes: list[tuple[str, int]]) -> Iterator[NDArray[Any]]:
    for dtype, length in shapes:
        kind = np.dtype(dtype)
        yield np.frombuffer(content, kind, length, start) if length else np.empty(0, kind)
        start += length * kind.itemsize
        start += _padding(start)
    if start != len(content):
        raise ValueError("cut short")


def pack_members(members: Members, size: int) -> list[bytes | memoryview]:
    """Every row of bits, grown to a table of `size` rows where it was decided on a smaller one."""
    names = [list(name) for name in members.rows]
    rows = [bits if len(bits) == byte_count(size) else resized(bits, size) for bits in members.rows.values()]
    return packed({"rows": names}, rows)


def unpack_members(header: Any, arrays: list[NDArray[Any]]) -> Members:
    names = [(segment, role) for segment, role in header["rows"]]
    return Members(dict(zip(names, arrays, strict=True)))


def pack_changes(changes: dict[str, Movement]) -> list[bytes | memoryview]:
    """All segments' rows one after another, so that a run of hundreds of segments has one small header."""
    moves = list(changes.values())
    header = [[name, move.before, move.after, len(move.entered), len(move.left)] for name, move in changes.items()]
    return packed(
        header,
        [
            _joined([move.entered for move in moves], np.dtype(np.uint32)),
            _joined([move.entered_for for move in moves], np.dtype(np.uint8)),
            _joined([move.left for move in moves], np.dtype(np.uint32)),
            _joined([move.left_for for move in moves], np.dtype(np.uint8)),
        ],
    )


def _joined(parts: Sequence[NDArray[Any]], dtype: np.dtype[Any]) -> NDArray[Any]:
    return np.concatenate([np.empty(0, dtype), *parts]).astype(dtype, copy=False)


def unpack_changes(header: Any, arrays: list[NDArray[Any]]) -> dict[str, Movement]:
    entered, entered_for, left, left_for = arrays
    changes, came, went = {}, 0, 0
    for name, before, after, entering, leaving in header:
        inn, out = slice(came, came + entering), slice(went, went + leaving)
        changes[name] = Movement(before, after, entered[inn], entered_for[inn], left[out], left_for[out])
        came, went = came + entering, went + leaving
    if (came, went) != (len(entered), len(left)):
        raise ValueError("rows and their counts differ")
    return changes
