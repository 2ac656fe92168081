"""A store comes in; what no kept run refers to, and what killed runs left half written, goes."""

from __future__ import annotations

import os
import re
from collections.abc import Iterable
from pathlib import Path

from segtool.model.files import is_temporary, remove, sync_folder
from segtool.model.run import State
from segtool.store import log
from segtool.store.encoding import damage
from segtool.store.rejects import REJECTS
from segtool.store.snapshots import FOLDER, snapshot_files
from segtool.store.store import Store

_OURS = re.compile(r"(tables|objects)/[0-9a-f]{64}|log/[1-9][0-9]{0,17}\.json")


def references(name: str, state: State) -> set[str]:
    """What the newest state needs, as paths below .segtool."""
    frozen = [segment.frozen for segment in state.segments.values() if segment.frozen]
    objects = {name, state.members, state.definitions, state.strangers, state.leaves, state.suppressed}
    objects.update(object_name for one in frozen for object_name in snapshot_files("", one).values())
    objects.add(state.base.members if state.base else "")
    parts = {f"tables/{part}" for table in state.tables.values() for part in table.parts}
    return {f"objects/{object_name}" for object_name in objects if object_name} | parts


def superseded(store: Store, name: str, state: State) -> tuple[str, ...]:
    """What the newest state needs, and neither the next one nor the newest checkpoint does.

    One checkpoint is enough to look at: runs that share members follow each other, so an older one that needs the
    members of the newest state shares them with every run since, the newest checkpoint among them. Of a checkpoint
    nothing is kept but who was a member: nothing in that has a key, so that nothing in it is to be erased.
    """
    if store.head is None:
        return ()
    kept = references(name, state)
    if store.head.checkpoint >= state.first:
        kept.add(f"objects/{store.record(store.head.checkpoint).members}")
    return tuple(sorted(references(store.head.state, store.state) - kept))


def needed(store: Store, first: int | None = None) -> set[str]:
    """What the runs from `first` on need (None: all that are kept), the log aside, as paths below .segtool."""
    if store.head is None:
        return set()
    found = references(store.head.state, store.state)
    for objects in log.named_objects(store.root, first or store.state.first, store.head.number):
        found.update(f"objects/{name}" for name in objects if name)
    return found


def pruned(store: Store, first: int) -> tuple[str, ...]:
    """What nothing needs where the runs before `first` are kept no more, their records among it."""
    records = {f"log/{number}.json" for number in range(store.state.first, first)}
    return tuple(sorted(records | (needed(store) - needed(store, first))))


def sweep(store: Store) -> None:
    """Removes what no kept run needs and temporary files; names that are not segtool's own stay."""
    last = store.head.number if store.head else 0
    kept = needed(store) | {f"log/{number}.json" for number in range(store.state.first, last + 1)}
    for folder in ("log", "objects", "tables"):
        for name in os.listdir(store.root / folder):
            path = f"{folder}/{name}"
            if _OURS.fullmatch(path) and path not in kept:
                remove(store.root / path)
    for found in temporaries(store.project):
        remove(found)


def temporaries(project: Path) -> list[Path]:
    """What killed runs left half written, or a run that is at work has not ended yet."""
    root = project / ".segtool"
    places = (root, root / "log", root / "objects", root / "tables", root / REJECTS, project / FOLDER)
    return [path for place in places for path in place.glob(".segtool-*.tmp") if is_temporary(path.name)]


def remove_listed(root: Path, paths: Iterable[str]) -> None:
    """Removes what a record lists, durably; what is gone already is as good."""
    folders = set()
    for path in paths:
        if not _OURS.fullmatch(path):
            raise damage(root, root / "log", f"lists a file that cannot be removed: {path!r}")
        remove(root / path)
        folders.add(root / Path(path).parent)
    for folder in sorted(folders):
        sync_folder(folder)
