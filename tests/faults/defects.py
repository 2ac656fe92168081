"""Mistakes that a store like this one could have, each of which the faults must find."""

from __future__ import annotations

import shutil
from dataclasses import dataclass
from pathlib import Path

from tests.faults.scenarios import ROOT, options


@dataclass(frozen=True)
class Defect:
    """A text of a module, what stands in its place, and the faults that find it."""

    name: str
    module: str
    old: str
    new: str
    command: str
    options: tuple[str, ...]


RACE = ("--modes", "race", "--race-n", "3", "--rounds", "4")

DEFECTS = [
    Defect(
        "a record written in place",
        "store/log.py",
        "        put_new(record_path(root, record.number), [json_bytes(record_to_json(record), canonical=True)])\n",
        "        place = os.open(record_path(root, record.number), os.O_WRONLY | os.O_CREAT, 0o600)\n"
        "        with os.fdopen(place, 'wb') as file:\n"
        "            file.write(json_bytes(record_to_json(record), canonical=True))\n",
        "prune",
        options("torn"),
    ),
    Defect(
        "no sync of files",
        "model/files.py",
        "                os.fsync(descriptor)\n",
        "                pass\n",
        "prune",
        options("alice", 60),
    ),
    Defect(
        "no sync of folders",
        "model/files.py",
        "            os.fsync(descriptor)\n        finally:",
        "            pass\n        finally:",
        "prune",
        options("alice", 60),
    ),
    Defect(
        "a snapshot published before the commit",
        "store/writer.py",
        "            self._link(record, state)\n            publish(self.project, state, frozen, self.object_bytes)\n",
        "            publish(self.project, state, frozen, self.object_bytes)\n            self._link(record, state)\n",
        "freeze",
        options("kill"),
    ),
    Defect(
        "a snapshot written in place",
        "store/snapshots.py",
        "            put_new(folder / file, [payload])\n",
        "            (folder / file).write_bytes(payload)\n",
        "freeze",
        options("torn"),
    ),
    Defect(
        "write errors swallowed",
        "store/snapshots.py",
        "            put_new(folder / file, [payload])\n",
        "            with suppress(OSError):\n                put_new(folder / file, [payload])\n",
        "freeze",
        options("errno"),
    ),
    Defect(
        "no lock",
        "store/lock.py",
        "            fcntl.flock(descriptor, kind | fcntl.LOCK_NB)\n",
        "            pass\n",
        "evaluate",
        RACE,
    ),
]


def seeded(defect: Defect, room: Path) -> Path:
    """A folder with a segtool that has the defect."""
    folder = room / f"package-{defect.name.replace(' ', '-')}"
    shutil.copytree(ROOT / "segtool", folder / "segtool", ignore=shutil.ignore_patterns("__pycache__"))
    module = folder / "segtool" / defect.module
    text = module.read_text(encoding="utf-8")
    if text.count(defect.old) != 1:
        raise LookupError(f"{defect.module} no longer holds the text that `{defect.name}` replaces")
    module.write_text(text.replace(defect.old, defect.new), encoding="utf-8")
    return folder
