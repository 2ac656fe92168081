"""Tables as they are laid out for evaluation: columns by row number, and sets of rows as bits."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol

import numpy as np
import numpy.ma  # Polars asks for it, and two threads may find it half loaded where its first use is theirs
from numpy.typing import NDArray

if TYPE_CHECKING:
    import polars as pl

    from segtool.model.kinds import Column, Schema

Bits = NDArray[np.uint8]
"""A set of rows: bit r of byte r // 8, lowest bit first; padded with zeros to whole 64-bit words."""

Rows = NDArray[np.uint32]


def byte_count(size: int) -> int:
    """Bytes that the bits of `size` rows take, whole words."""
    return (size + 63) // 64 * 8


def pack(flags: NDArray[np.bool_]) -> Bits:
    """The bits of a boolean for each row."""
    bits = np.zeros(byte_count(len(flags)), np.uint8)
    packed = np.packbits(flags, bitorder="little")
    bits[: len(packed)] = packed
    return bits


def unpack(bits: Bits, size: int) -> NDArray[np.bool_]:
    """A boolean for each of `size` rows."""
    return np.unpackbits(bits, count=size, bitorder="little").view(np.bool_)


def to_rows(bits: Bits) -> Rows:
    """The row numbers in the set, ascending; only words that hold one are expanded."""
    words = np.flatnonzero(bits.view(np.uint64)).astype(np.uint32)
    flags = np.unpackbits(bits.reshape(-1, 8)[words], bitorder="little").view(np.bool_)
    at = np.flatnonzero(flags).astype(np.uint32)
    rows: Rows = words[at >> 6] << 6 | at & 63
    return rows


def from_rows(rows: NDArray[np.integer], size: int) -> Bits:
    """The set of the given row numbers."""
    flags = np.zeros(size, np.bool_)
    flags[rows] = True
    return pack(flags)


def count(bits: Bits) -> int:
    return int(np.bitwise_count(bits.view(np.uint64)).sum(dtype=np.int64))


def resized(bits: Bits, size: int) -> Bits:
    """The same set in a table that may have grown to `size` rows."""
    if len(bits) == byte_count(size):
        return bits
    grown = np.zeros(byte_count(size), np.uint8)
    grown[: len(bits)] = bits
    return grown


@dataclass(frozen=True)
class Plain:
    """A value for each row: whole numbers of as few bytes as hold them all (integers, numbers times 10^scale), int64
    (microseconds since 1970 in UTC), int32 (days since 1970) or float64. Rows that are not in `valid` have no value,
    whatever `values` holds there."""

    column: Column
    values: NDArray[Any]
    valid: Bits
    scale: int = 0


@dataclass(frozen=True)
class Masks:
    """Lists of few items as sets: bit b of a row's number is set where its list holds `items[b]`."""

    items: pl.Series
    bits: NDArray[np.unsignedinteger]


@dataclass(frozen=True)
class Coded:
    """A code for each row (uint8, uint16 or uint32) into `domain`, whose entry 0 is missing. Its entries are distinct;
    where most would be, each row has its `own`: its number plus one."""

    column: Column
    codes: NDArray[np.unsignedinteger]
    domain: pl.Series
    own: bool = False
    masks: Masks | None = None
    """What lists hold, where each row has its own and all of them together hold few items."""


ColumnData = Plain | Coded


def has_value(data: ColumnData, rows: NDArray[np.integer]) -> bool:
    """Whether one of these rows has a value."""
    if isinstance(data, Plain):
        return bool(unpack(data.valid, len(data.values))[rows].any())
    return bool(data.domain.is_not_null().to_numpy()[data.codes[rows]].any())


class RowTable(Protocol):
    """Rows with numbers and columns; only those `present` count."""

    @property
    def size(self) -> int:
        """Rows ever given a number; the columns are this long."""

    @property
    def present(self) -> Bits: ...

    def column(self, name: str) -> ColumnData | None:
        """The values of a column, or None where no row has one."""


class UserTable(RowTable, Protocol):
    """One imported version of the users: rows keep their number in later versions, and those gone are not present.

    Keys that only events have named so far have a number too, and are no users."""

    @property
    def schema(self) -> Schema: ...

    @property
    def seen(self) -> Bits:
        """The rows that are users or once were."""

    @property
    def keys(self) -> pl.Series:
        """The key of each row, as text."""

    @property
    def keys_ascend(self) -> bool:
        """Whether the keys stand in the order of their bytes."""

    def column(self, name: str) -> ColumnData: ...

    def forget(self) -> None:
        """Gives back the memory of what was looked at; it is read again where it is touched again."""

    def fingerprint(self, columns: Iterable[str]) -> str:
        """Equal only where the rows, those present among them, and all of these columns are."""


BLOCK = 2**16
"""Users in a block: as many as a row number of 16 bits tells apart, and few enough to stay in a processor's cache."""


def padded(size: int) -> int:
    """Rows in whole blocks for so many users."""
    return -(-size // BLOCK) * BLOCK


class EventTable(RowTable, Protocol):
    """The events of one name, or some of them: block of users by block, and by time within each."""

    @property
    def rows(self) -> NDArray[np.uint16]:
        """The row of each event's user in its block."""

    @property
    def ticks(self) -> NDArray[np.signedinteger]:
        """When each event was: so many times `tick` since 1970 in UTC."""

    @property
    def tick(self) -> int:
        """Microseconds: those of a second where all times are whole seconds, else one."""

    def times(self, at: slice | NDArray[np.integer]) -> NDArray[np.int64]:
        """When some events were: microseconds since 1970 in UTC."""

    def forget(self) -> None:
        """Gives back the memory of what was looked at; it is read again where it is touched again."""

    @property
    def starts(self) -> NDArray[np.int64]:
        """Where the events of each block start, and where those of the last one end."""


@dataclass(frozen=True)
class Tables:
    """What is evaluated: the users, and the events by their name."""

    users: UserTable
    events: Callable[[str], Sequence[EventTable]] = lambda name: ()
