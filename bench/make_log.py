"""A number of runs comes in; goes out: a small project whose log has that many, each of which moved a few users.

The first run decides its segments. The others are committed as runs are: one moves a few users, and the next one moves
them back. They do not wait for the disk, as nobody needs this log after a power cut.
"""

from __future__ import annotations

import argparse
import os
import secrets
from dataclasses import replace
from pathlib import Path
from random import Random

import numpy as np

from bench.compare import count
from bench.long_log import COUNTRIES, START, USERS, as_of, write_users
from segtool.model.columns import from_rows, unpack
from segtool.model.movement import Moved, Movement, moved
from segtool.model.run import REASONS, Members, Size
from segtool.store.writer import Writer, writing
from segtool.verbs.evaluate import evaluate
from segtool.verbs.run import Run

MOVED = 3
SETTINGS = "version: 1\nusers: {path: users.csv, key: user_id}\n"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--runs", type=count, required=True)
    parser.add_argument("--out", type=Path, required=True)
    given = parser.parse_args()
    os.fsync = lambda fd: None
    write_project(given.out)
    evaluate(given.out, Run(START, START))
    with writing(given.out) as writer:
        for number in range(2, given.runs + 1):
            # every second run undoes what the one before it did, for which it draws the same again
            commit(writer, Random(number // 2), number)


def write_project(folder: Path) -> None:
    (folder / "segments").mkdir(parents=True)
    (folder / "segtool.yaml").write_text(SETTINGS, encoding="utf-8")
    segments = "".join(f"in_{name.lower()}:\n  kind: dynamic\n  where: {{country: {name}}}\n" for name in COUNTRIES)
    (folder / "segments" / "all.yaml").write_text(segments, encoding="utf-8")
    write_users(folder, 0)


def commit(writer: Writer, draw: Random, number: int) -> None:
    """A run that moves a few users in two segments."""
    rows, segments, moves = dict(writer.members().rows), dict(writer.state.segments), dict[str, Movement]()
    for name in draw.sample(sorted(segments), 2):
        inside = unpack(rows[name, "members"], USERS).copy()
        chosen = np.sort(np.array(draw.sample(range(USERS), MOVED), np.uint32))
        entered, left = chosen[~inside[chosen]], chosen[inside[chosen]]
        inside[chosen] = ~inside[chosen]
        before, after = segments[name].members, int(inside.sum())
        moves[name] = Movement(before, after, side(entered, "matches"), side(left, "no_longer_matches"))
        rows[name, "members"] = from_rows(np.flatnonzero(inside), USERS)
        segments[name] = replace(segments[name], members=after, run=number, as_of=as_of(number))
    sizes = {name: Size(move.before, move.entered.count, move.left.count, move.after) for name, move in moves.items()}
    writer.commit(
        kind="evaluate",
        as_of=as_of(number),
        at=as_of(number),
        state=replace(writer.state, segments=segments, members=writer.add_members(Members(rows), USERS)),
        changes=writer.add_changes(moves),
        sizes=sizes,
        details={"decided": secrets.token_hex(32)},
    )


def side(rows: np.ndarray[tuple[int], np.dtype[np.uint32]], reason: str) -> Moved:
    return moved(rows, np.full(len(rows), REASONS.index(reason), np.uint8), USERS)


if __name__ == "__main__":
    main()
