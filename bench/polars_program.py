"""Writes the segments as a program of hand-written Polars, in stages: features, tests, trees.

Each kind of event is one pass over lazily scanned Parquet that groups by the users' text keys, and what comes of it is
joined to the users. The hash of a sample is made by Python, as Polars has none that is the same everywhere; the
program prints how many seconds that took.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from importlib.resources import files

from bench.distinct_features import DISTINCT
from bench.email_features import EMAIL
from bench.other_leaves import SALTS
from bench.purchase_features import PURCHASE
from bench.segments import Segment, Segments
from bench.sql_query import levels
from bench.trees import POLARS, Leaf, formula

HEAD = "polars_head.py"
"""The functions and passes that the program begins with."""
CUTS = {"count": "first_number", "percent": "first_percent"}


def program(found: Segments) -> str:
    head = files("bench").joinpath(HEAD).read_text(encoding="utf-8")
    return "\n".join((head, *stages(found)))


def stages(found: Segments) -> Iterator[str]:
    by = list(dict.fromkeys(segment.top.by for segment in found.values() if segment.top))
    leaves = dict.fromkeys(leaf for segment in found.values() for leaf in segment.leaves if not leaf.segments)
    names = {leaf: f"t{number:03d}" for number, leaf in enumerate(leaves, start=1)}
    on_users = {name: leaf for leaf, name in names.items() if not leaf.feature and "drawn_" not in leaf.polars}
    others = {name: leaf for leaf, name in names.items() if name not in on_users}
    yield f"people = users.select({quoted(['row', 'user_id', *by])}).collect()"
    yield "parts = [people]"
    yield from features({leaf.feature for leaf in leaves})
    yield from samples(leaves)
    yield f"parts.append(users.select({tests(on_users)}).collect())"
    kept = quoted(["row", "user_id", *by, *on_users])
    yield f'frame = pl.concat(parts, how="horizontal").select({kept}, {tests(others)})'
    for depth, level in enumerate(levels(found)):
        added = "".join(f"\n    {column(name, found[name], names, depth)}," for name in level)
        before = quoted(["row", "user_id", *by]) + ","
        yield f"frame = frame.{f'select({before}' if depth == 0 else 'with_columns('}{added}\n)"
    yield f"frame.select({quoted(['user_id', *found])}).write_parquet(OUT)\n"


def features(wanted: set[str]) -> Iterator[str]:
    chosen = [feature for feature in EMAIL + PURCHASE if feature.name in wanted | needed(wanted)]
    for rows in dict.fromkeys(feature.rows for feature in chosen):
        values = ",\n    ".join(f"{feature.name}={feature.polars}" for feature in chosen if feature.rows == rows)
        yield f'parts.append(joined(people, {rows}.group_by("user_id").agg(\n    {values}\n)))'
    for feature in DISTINCT:
        if feature.name in wanted:
            yield f'parts.append(joined(people, counted("{feature.name}", {feature.polars})))'


def needed(wanted: set[str]) -> set[str]:
    """A feature that the tests of another look at as well."""
    return {"sent_365d"} if "last_sent_other" in wanted else set()


def samples(leaves: Iterable[Leaf]) -> Iterator[str]:
    tests = " ".join(leaf.polars for leaf in leaves)
    if salts := [salt for salt in SALTS if f"drawn_{salt}" in tests]:
        yield f'parts.append(drawn(people["user_id"], {quoted(salts)}))'


def tests(leaves: Mapping[str, Leaf]) -> str:
    return "".join(f"\n    {name}=({leaf.polars}).fill_null(False)," for name, leaf in leaves.items()) + "\n"


def column(name: str, segment: Segment, names: Mapping[Leaf, str], depth: int) -> str:
    cut = segment.top
    if cut and depth:
        return f'{CUTS[cut.unit]}(frame, "{name}", "{cut.by}", {cut.number})'
    known = {leaf: f"col.{names[leaf]}" if leaf in names else f"({leaf.polars})" for leaf in segment.leaves}
    return f"{'for_' if cut else ''}{name}={formula(segment.where, known, POLARS)}"


def quoted(names: Iterable[str]) -> str:
    return ", ".join(f'"{name}"' for name in names)
