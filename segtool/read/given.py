"""A file of keys, or the standard input, comes in; goes out: the keys, one a line, byte for byte."""

from __future__ import annotations

import sys
from pathlib import Path

from segtool.errors import InputError, Mark, Problem

MOST = 100_000_000
"""Bytes that a file of keys may have."""


def given_keys(file: str) -> list[str]:
    """The keys in a file (`-`: the standard input), each once; InputError where it cannot be read as such."""
    name = "stdin" if file == "-" else file
    try:
        content = _bytes(file)
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = content[: error.start].count(b"\n") + 1
        raise InputError(Problem("is not UTF-8", "save it as UTF-8", Mark(name, line))) from None
    except OSError as error:
        raise InputError(Problem(f"cannot be read: {error.strerror}", "", Mark(name))) from None
    if len(content) > MOST:
        raise InputError(Problem(f"has more than {MOST:,} bytes", "split it", Mark(name)))
    if "\0" in text:
        raise InputError(Problem("is no text file: it holds NUL", "give keys, one a line", Mark(name)))
    lines = (line.removesuffix("\r") for line in text.split("\n"))
    return list(dict.fromkeys(filter(None, lines)))


def _bytes(file: str) -> bytes:
    if file == "-":
        return sys.stdin.buffer.read(MOST + 1)
    if not Path(file).is_file():
        raise FileNotFoundError(2, "there is no such file")
    with Path(file).open("rb") as stream:
        return stream.read(MOST + 1)
