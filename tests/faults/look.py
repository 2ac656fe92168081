"""What is left after a fault, for those who ask from outside: `check` it, print its `state`, or its `debris`."""

from __future__ import annotations

import hashlib
import os
import sys
from collections.abc import Iterator
from pathlib import Path

from segtool.model.columns import to_rows
from segtool.model.progress import untold
from segtool.store.files import is_temporary
from segtool.store.store import UNFINISHED, Store
from segtool.store.verification import examined


def main() -> None:
    lines = list({"check": check, "state": state, "debris": debris}[sys.argv[1]](Path()))
    print("\n".join(lines))
    if sys.argv[1] == "check" and lines:
        raise SystemExit(1)


def check(folder: Path) -> Iterator[str]:
    """Everything that `verify` finds."""
    yield from map(str, examined(folder.absolute(), quick=False, progress=untold).problems)


def state(folder: Path) -> Iterator[str]:
    """What a reader can see, without names of objects and times of writing, which are others each time."""
    store = Store(folder.absolute())
    users = store.users()
    keys = store.keys()
    yield f"runs from {store.state.first}: " + ", ".join(f"{one.kind} {one.sizes}" for one in store.records())
    yield f"users {keys.gather(to_rows(users.present)).sort().to_list() if users else []}"
    for (segment, role), bits in sorted(store.members().rows.items()):
        yield f"{segment} {role} {keys.gather(to_rows(bits)).sort().to_list()}"
    for record in store.records():
        for name, move in sorted(store.changes(record).items()):
            yield f"{record.number} {name} +{move.entered.rows.tolist()} -{move.left.rows.tolist()}"
    for name, one in sorted(store.state.segments.items()):
        if one.frozen:
            yield f"{name} frozen {hashlib.sha256(store.object_bytes(one.frozen.csv)).hexdigest()}"
    published = {path.stem for path in (folder / "snapshots").glob("*") if not is_temporary(path.name)}
    frozen = {name for name, one in store.state.segments.items() if one.frozen}
    yield f"published without a run: {sorted(published - frozen)}"


def debris(folder: Path) -> Iterator[str]:
    """What a run that ended well must not leave."""
    for place, _, names in os.walk(folder):
        yield from (f"{place}/{name}" for name in names if is_temporary(name) or name == UNFINISHED)
    yield from examined(folder.absolute(), quick=True, progress=untold).strays


if __name__ == "__main__":
    main()
