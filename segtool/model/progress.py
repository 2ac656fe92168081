"""How those who work tell what they are at, to whoever shows it."""

from __future__ import annotations

from typing import Literal, Protocol

Unit = Literal["", "bytes", "rows", "leaves", "runs", "as-ofs"]


class Progress(Protocol):
    """Is told of a step again and again: how many `unit`s are done, and `of` how many (0: nobody knows)."""

    def __call__(self, step: str, done: int, of: int, unit: Unit = "") -> None: ...


def untold(step: str, done: int, of: int, unit: Unit = "") -> None:
    """For those who did not ask."""
