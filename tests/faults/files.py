"""What a case says of a file comes in; goes out: the file, written as no text could tell it where need be."""

from __future__ import annotations

import base64
import gzip
import json
import os
import shutil
import socket
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import xlsxwriter

from tests.faults.parquet import PARQUET

Content = str | dict[str, Any]
"""The text of a file, or one way to make it, by its name, with what it takes."""


def lay(files: dict[str, Content], folder: Path) -> None:
    """Writes every file below a folder; `{state}` and the like in a path stand for names in its store."""
    names = stored_names(folder) if any("{" in path for path in files) else {}
    for path, content in files.items():
        target = folder / path.format(**names)
        if isinstance(content, str):
            content = {"text": content}
        ((way, argument),) = content.items()
        target.parent.mkdir(parents=True, exist_ok=True)
        WAYS[way](target, argument.format(**names) if way == "swap" else argument)


def stored_names(folder: Path) -> dict[str, str]:
    """What the newest record and its state name: objects, and the folders of tables."""
    store = folder / ".segtool"
    newest = max(store.glob("log/*.json"), key=lambda path: int(path.stem))
    record = json.loads(newest.read_bytes())
    state = json.loads((store / "objects" / record["state"]).read_bytes()[16:])
    tables = {name: table["parts"][0] for name, table in state["tables"].items()}
    objects = {name: state[name] for name in ("members", "definitions", "leaves")}
    csv = {"frozen": next(one["frozen"]["csv"] for one in state["segments"].values() if one["frozen"])}
    return {"state": record["state"], "changes": record["changes"], **objects, **tables, **csv}


def write(path: Path, data: bytes) -> None:
    """A file in place of whatever is there."""
    clear(path)
    path.write_bytes(data)


def clear(path: Path) -> None:
    if path.is_dir() and not path.is_symlink():
        shutil.rmtree(path)
    else:
        path.unlink(missing_ok=True)


def repeated(path: Path, said: dict[str, Any]) -> None:
    """A short text so many times, between two others; `numbered` puts its number into each, `closed` ends each again,
    with `inner` between them."""
    text, times = said["text"], said["times"]
    middle = text * times if "numbered" not in said else "".join(text.format(number) for number in range(times))
    closed = said.get("inner", "") + said.get("closed", "") * times
    data = (said.get("before", "") + middle + closed + said.get("after", "")).encode()
    write(path, gzip.compress(data, 1) if path.suffix == ".gz" else data)


def pipe(path: Path, _: object) -> None:
    clear(path)
    os.mkfifo(path)


def bound_socket(path: Path, _: object) -> None:
    clear(path)
    # the path of a socket may not be long
    here = Path.cwd()
    os.chdir(path.parent)
    with socket.socket(socket.AF_UNIX) as made:
        made.bind(path.name)
    os.chdir(here)


def link(path: Path, target: str) -> None:
    clear(path)
    path.symlink_to(target)


def folder(path: Path, _: object) -> None:
    clear(path)
    path.mkdir()


def hole(path: Path, size: int) -> None:
    """A file of so many zero bytes that takes no room."""
    write(path, b"")
    os.truncate(path, size)


def edit(path: Path, said: list[str]) -> None:
    old, new = (text.encode() for text in said)
    data = path.read_bytes()
    assert old in data
    path.write_bytes(data.replace(old, new, 1))


def flip(path: Path, at: int) -> None:
    data = bytearray(path.read_bytes())
    data[at] ^= 1
    path.write_bytes(data)


def swap(path: Path, other: str) -> None:
    """Two files of one folder under each other's names."""
    first, second = path.read_bytes(), path.parent / other
    path.write_bytes(second.read_bytes())
    second.write_bytes(first)


def zip_bomb(path: Path, size: int) -> None:
    """An archive that claims to hold so many bytes."""
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("xl/workbook.xml", b"x")
        archive.filelist[0].file_size = size


def workbook(path: Path, cells: dict[str, str | float]) -> None:
    """A sheet with these values; one such as `#N/A` is what a formula came to."""
    with xlsxwriter.Workbook(path) as book:
        sheet = book.add_worksheet()
        for cell, value in cells.items():
            if str(value).startswith("#"):
                sheet.write_formula(cell, "=1/0", None, value)
            else:
                sheet.write(cell, value)


WAYS: dict[str, Callable[[Path, Any], object]] = {
    "text": lambda path, text: write(path, text.encode()),
    "base64": lambda path, text: write(path, base64.b64decode(text)),
    "hex": lambda path, text: write(path, bytes.fromhex(text)),
    "packed": lambda path, text: write(path, gzip.compress(text.encode())),
    "encoded": lambda path, said: write(path, said["text"].encode(said["as"])),
    "parquet": lambda path, name: write(path, PARQUET[name]()),
    "repeat": repeated,
    "pipe": pipe,
    "socket": bound_socket,
    "link": link,
    "folder": folder,
    "hole": hole,
    "zip bomb": zip_bomb,
    "workbook": workbook,
    "gone": lambda path, _: clear(path),
    "edit": edit,
    "cut": lambda path, kept: path.write_bytes(path.read_bytes()[:kept]),
    "append": lambda path, text: path.write_bytes(path.read_bytes() + text.encode()),
    "flip": flip,
    "swap": swap,
    "mode": lambda path, mode: path.chmod(int(mode, 8)),
}
