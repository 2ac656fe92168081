"""Members and changes of a run go in, become the payload of one object, and come out of it without copying."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from segtool.model.columns import Bits, resized
from segtool.model.movement import Moved, Movement
from segtool.model.run import Members
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
    return packed({"rows": names}, [resized(bits, size) for bits in members.rows.values()])


def unpack_members(header: Any, arrays: list[NDArray[Any]]) -> Members:
    names = [(segment, role) for segment, role in header["rows"]]
    return Members(dict(zip(names, arrays, strict=True)))


def pack_leaves(leaves: Mapping[str, Bits]) -> list[bytes | memoryview]:
    return packed({"keys": list(leaves)}, list(leaves.values()))


def unpack_leaves(header: Any, arrays: list[NDArray[Any]]) -> dict[str, Bits]:
    return dict(zip(header["keys"], arrays, strict=True))


def pack_changes(changes: dict[str, Movement]) -> list[bytes | memoryview]:
    """All segments' rows, bits and reasons one after another, so that a run of hundreds of segments has one small
    header."""
    header = [
        [name, move.before, move.after, *map(_lengths, (move.entered, move.left))] for name, move in changes.items()
    ]
    sides = [side for move in changes.values() for side in (move.entered, move.left)]
    rows = _joined([side.who for side in sides if not side.are_bits], np.dtype(np.uint32))
    bits = _joined([side.who for side in sides if side.are_bits], np.dtype(np.uint8))
    return packed(header, [rows, bits, _joined([side.why for side in sides], np.dtype(np.uint8))])


def _lengths(side: Moved) -> list[int]:
    return [side.count, side.are_bits, len(side.who), len(side.why)]


def _joined(parts: Sequence[NDArray[Any]], dtype: np.dtype[Any]) -> NDArray[Any]:
    return np.concatenate([np.empty(0, dtype), *parts]).astype(dtype, copy=False)


class _Parts:
    """Takes an array apart from its start to its end."""

    def __init__(self, array: NDArray[Any]) -> None:
        self.array, self.taken = array, 0

    def next(self, length: int) -> NDArray[Any]:
        self.taken += length
        return self.array[self.taken - length : self.taken]


def unpack_changes(header: Any, arrays: list[NDArray[Any]]) -> dict[str, Movement]:
    rows, bits, reasons = map(_Parts, arrays)

    def side(number: int, are_bits: bool, length: int, reason_count: int) -> Moved:
        return Moved(number, (bits if are_bits else rows).next(length), reasons.next(reason_count))

    changes = {
        name: Movement(before, after, side(*entered), side(*left)) for name, before, after, entered, left in header
    }
    if any(part.taken != len(part.array) for part in (rows, bits, reasons)):
        raise ValueError("rows and their counts differ")
    return changes
