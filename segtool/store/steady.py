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
            before = newest(folder / ".segtool")
            try:
                return read(folder, *rest, **named)
            except (DamageError, StoreError):
                if newest(folder / ".segtool") == before:
                    raise

    return again
