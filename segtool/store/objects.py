"""Payloads go in, are kept under the hash of 16 random bytes and themselves, and come out whole or mapped."""

from __future__ import annotations

import hashlib
import mmap
import re
import secrets
from pathlib import Path

from segtool.model.files import Chunks
from segtool.store.encoding import OTHER_BYTES, damage
from segtool.store.files import open_file, put

NAME = re.compile(r"[0-9a-f]{64}")
SALT = 16


def object_path(root: Path, name: str) -> Path:
    if not NAME.fullmatch(name):
        raise damage(root, root / "log", f"names an object that cannot be: {name!r}")
    return root / "objects" / name


def put_object(root: Path, payload: Chunks) -> str:
    """Keeps a payload; its name. The random bytes before it leave nothing to guess an erased one from."""
    chunks = [secrets.token_bytes(SALT), *payload]
    digest = hashlib.sha256()
    for chunk in chunks:
        digest.update(chunk)
    put(root / "objects" / digest.hexdigest(), chunks)
    return digest.hexdigest()


def map_object(root: Path, name: str) -> memoryview:
    """The whole object, read from the disk where it is touched; it outlives its removal by a later run."""
    path = object_path(root, name)
    try:
        with open_file(path) as file:
            return memoryview(mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ))
    except FileNotFoundError:
        raise damage(root, path, "is missing") from None
    except ValueError:
        raise damage(root, path, "is damaged: it is empty") from None


def checked(root: Path, name: str, content: memoryview) -> memoryview:
    """The payload of an object whose bytes are those that it is named after."""
    if hashlib.sha256(content).hexdigest() != name:
        raise damage(root, object_path(root, name), OTHER_BYTES)
    return content[SALT:]
