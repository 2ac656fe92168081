"""A reader of what is kept comes in; goes out: one that a run which is committed meanwhile does not disturb."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from pathlib import Path
from typing import Concatenate, ParamSpec, TypeVar

from segtool.errors import DamageError, StoreError
from segtool.store.log import newest

Given = ParamSpec("Given")
Read = TypeVar("Read")


def steady(read: Callable[Concatenate[Path, Given], Read]) -> Callable[Concatenate[Path, Given], Read]:
    """Begins again where a run has removed what was being read, as the newest one needs it no more; what is missing
    although no run came between is damage."""

    @wraps(read)
    def again(folder: Path, /, *rest: Given.args, **named: Given.kwargs) -> Read:
        while True:
            before = _newest(folder)
            try:
                return read(folder, *rest, **named)
            except (DamageError, StoreError):
                if _newest(folder) == before:
                    raise

    return again


def _newest(folder: Path) -> int:
    """The number of the newest run; what stands in its way is told by who reads."""
    try:
        return newest(folder / ".segtool")
    except OSError:
        return 0
