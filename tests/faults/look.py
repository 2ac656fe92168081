"""What is left after a fault, for those who ask from outside: `check` it, print its `state`, or its `debris`.

`look.py SOCKET` serves them (see ask.py): each answer comes from a process of its own, forked from one that has loaded
the libraries and used none of them, since loading them takes longer than looking.
"""

from __future__ import annotations

import hashlib
import os
import socket
import sys
import traceback
from collections.abc import Iterator
from pathlib import Path

from segtool.model.columns import to_rows
from segtool.model.files import is_temporary
from segtool.model.progress import untold
from segtool.store.store import UNFINISHED, Store
from segtool.store.verification import examined
from tests.server import load


def main() -> None:
    load()
    with socket.socket(socket.AF_UNIX) as server:
        server.bind(sys.argv[1])
        server.listen()
        while True:
            asker, _ = server.accept()
            if not os.fork():
                answer(asker)
                os._exit(0)
            asker.close()
            os.wait()


def answer(asker: socket.socket) -> None:
    """Reads what is asked and of which folder; sends a code, then what was found."""
    with asker, asker.makefile("rw", encoding="utf-8", errors="surrogateescape") as stream:
        what, folder = stream.readline().rstrip("\n"), Path(stream.readline().rstrip("\n"))
        try:
            lines = list({"check": check, "state": state, "debris": debris}[what](folder))
            code = int(what == "check" and bool(lines))
        except Exception:
            lines, code = traceback.format_exc().splitlines(), 1
        stream.write("\n".join([str(code), *lines]) + "\n")


def check(folder: Path) -> Iterator[str]:
    """Everything that `verify` finds."""
    yield from map(str, examined(folder, quick=False, progress=untold).problems)


def state(folder: Path) -> Iterator[str]:
    """What a reader can see, without names of objects and times of writing, which are others each time."""
    store = Store(folder)
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
    yield from examined(folder, quick=True, progress=untold).strays


if __name__ == "__main__":
    main()
