"""A file of keys, or the standard input, comes in; goes out: the keys, one a line, byte for byte."""

from __future__ import annotations

import sys
from pathlib import Path

from segtool.errors import InputError, Mark, Problem, UsageError
from segtool.read.files import opened_plainly

MOST = 100_000_000
"""Bytes that a file of keys may have."""


def given_keys(file: str) -> dict[str, int]:
    """The keys in a file (`-`: the standard input), each with the line on which it first stands; InputError where it
    cannot be read as such, UsageError where it holds none."""
    name = shown_name(file)
    content = _bytes(file)
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = content[: error.start].count(b"\n") + 1
        raise InputError(Problem("is not UTF-8", "save it as UTF-8", Mark(name, line))) from None
    if len(content) > MOST:
        raise InputError(Problem(f"has more than {MOST:,} bytes", "split it", Mark(name)))
    if "\0" in text:
        raise InputError(Problem("is no text file: it holds NUL", "give keys, one a line", Mark(name)))
    found: dict[str, int] = {}
    for number, text_line in enumerate(text.split("\n"), 1):
        if key := text_line.removesuffix("\r"):
            found.setdefault(key, number)
    if not found:
        raise UsageError(Problem("there is no key", "give keys, one a line", Mark(name)))
    return found


def shown_name(file: str) -> str:
    """What messages call a file of keys."""
    return "stdin" if file == "-" else file


def _bytes(file: str) -> bytes:
    if file == "-":
        return sys.stdin.buffer.read(MOST + 1)
    if not Path(file).exists():
        raise InputError(Problem("there is no such file", "", Mark(file)))
    with opened_plainly(file, Path()) as found:
        return found.stream.read(MOST + 1)
