"""Compares segtool's members with those that another engine decided; ends with exit code 1 where one differs.

Those of the other are a Parquet file with a column for each segment, or a folder with a file of keys for each.
"""

from __future__ import annotations

import argparse
from collections.abc import Callable, Iterator
from pathlib import Path

import polars as pl

from segtool.model.columns import unpack
from segtool.store.store import Store

KEY = "user_id"
Flags = Callable[[str], pl.Series]
"""Who is in a segment, by its name: a boolean for each user, in segtool's order."""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--project", type=Path, required=True)
    parser.add_argument("--decided", type=Path, required=True)
    given = parser.parse_args()
    if problems := list(differences(Store(given.project), given.decided)):
        raise SystemExit("; ".join(problems))


def differences(store: Store, decided: Path) -> Iterator[str]:
    users = store.users()
    if users is None:
        yield "nothing is imported"
        return
    members, names = store.members(), sorted(store.state.segments)
    try:
        told = flags(decided, names, users.keys)
    except ValueError as error:
        yield str(error)
        return
    for name in names:
        bits = members.of(name)
        own = pl.Series(unpack(bits, users.size)) if bits is not None else pl.repeat(False, users.size, eager=True)
        if number := (own != told(name)).sum():
            yield f"{name}: {number:,} users differ; segtool has {own.sum():,} members"


def flags(decided: Path, names: list[str], keys: pl.Series) -> Flags:
    if decided.is_dir():
        if sorted(path.stem for path in decided.glob("*.parquet")) != names:
            raise ValueError("the segments are others")
        return lambda name: keys.is_in(pl.read_parquet(decided / f"{name}.parquet")[KEY].implode())
    if sorted(set(pl.read_parquet_schema(decided)) - {KEY}) != names:
        raise ValueError("the segments are others")
    order = places(keys, pl.read_parquet(decided, columns=[KEY])[KEY].cast(pl.String))
    # one column at a time: all of them are gigabytes where the users are many
    return lambda name: pl.read_parquet(decided, columns=[name])[name].cast(pl.Boolean).gather(order)


def places(keys: pl.Series, others: pl.Series) -> pl.Series:
    """Where each of the keys stands among the others."""
    theirs = others.arg_sort()
    if not keys.sort().equals(others.gather(theirs), check_names=False):
        raise ValueError("the users are others")
    return theirs.gather(keys.arg_sort().arg_sort())


if __name__ == "__main__":
    main()
