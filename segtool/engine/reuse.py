"""What is decided, and of what, to keys: where they are equal, the same comes out, and need not be decided again."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from dataclasses import replace
from datetime import date

import polars as pl

from segtool import __version__
from segtool.model.algebra import Column, Events, Leaf, Part, inside
from segtool.model.columns import UserTable
from segtool.model.plan import Plan

ENGINE = f"1 of segtool {__version__} and polars {pl.__version__}"
"""What decides: another one may read the same words another way. Its number grows with each change of an answer."""


def key_of(plan: Plan, *data: object) -> str:
    """The key of the members of a plan's segments, decided of data of which `data` names the versions."""
    # sets are written in another order by each process, and what a segment refers to stands in its tree
    segments = [replace(segment, refers_to=frozenset()) for segment in plan.segments]
    return _hashed(segments, *data)


def key_of_rows(users: UserTable, columns: Iterable[str], *content: object) -> str:
    """The key of a set of rows that follows from these columns of the users, and from what else is named."""
    return _hashed(users.fingerprint(columns), *content)


def _hashed(*content: object) -> str:
    return hashlib.sha256(repr((ENGINE, *content)).encode()).hexdigest()


def keys_of(leaves: Iterable[Leaf], users: UserTable) -> dict[Leaf, str]:
    """The keys of those leaves that later runs may ask again of the same users."""
    columns = users.schema.by_name.keys()
    found = {}
    for leaf in leaves:
        found_inside = list(inside(leaf))
        if not any(map(_moves_on, found_inside)):
            named = {one.name for one in found_inside if isinstance(one, Column)} & columns
            found[leaf] = _hashed(users.fingerprint(named), leaf)
    return found


def _moves_on(node: object) -> bool:
    """What most often comes of as-of, and is another one tomorrow; nor do events stay as they are for long."""
    return isinstance(node, date | Events) or (isinstance(node, Part) and node.name == "month_day")
