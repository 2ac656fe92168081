"""Writes the segments as DuckDB's SQL: all of them as one query, or a query for each.

A user's tests are made once in `tests`; segments of segments stand in a step of their own for every depth.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from bench.distinct_features import DISTINCT
from bench.email_features import EMAIL
from bench.features import Feature
from bench.other_leaves import SALTS
from bench.purchase_features import PURCHASE
from bench.segments import Segment, Segments
from bench.trees import SQL, Leaf, formula

ROWS = {
    "email": "SELECT user_id, event, occurred_at, campaign FROM email WHERE occurred_at <= as_of()",
    "purchase": ("SELECT customer AS user_id, paid_at, amount, category, items FROM purchase WHERE paid_at <= as_of()"),
}
AGGREGATES = {"email": EMAIL, "purchase": PURCHASE}
DRAWN = "('0x' || left(sha256('{0}:' || user_id), 8))::UINTEGER AS drawn_{0}"

NUMBERED = """\
user_id IN (
      SELECT user_id FROM decided_0 WHERE for_{name} AND {by} IS NOT NULL ORDER BY {by} DESC, user_id LIMIT {number}
    )"""
PERCENT = """\
user_id IN (
      SELECT user_id
      FROM (
        SELECT user_id, row_number() OVER (ORDER BY {by} DESC, user_id) AS place, count(*) OVER () AS valued
        FROM decided_0
        WHERE for_{name} AND {by} IS NOT NULL
      )
      WHERE (place - 1) * 100 < valued * {number}
    )"""
CUTS = {"count": NUMBERED, "percent": PERCENT}


def one_query(found: Segments) -> str:
    """A row for each user, a column for each segment."""
    steps = with_features(found, "MATERIALIZED ") | decided(found)
    last = list(steps)[-1]
    return joined(steps) + f"SELECT {listed(['user_id', *found])}\nFROM {last}\n"


def query_each(found: Segments) -> str:
    """A statement for each segment, which makes a table of its members' keys; those after it refer to that."""
    return ";\n".join(f"CREATE TABLE {name} AS\n{keys_of(name, segment)}" for name, segment in found.items())


def keys_of(name: str, segment: Segment) -> str:
    alone = {name: segment}
    steps = with_features(alone, "") | decided(alone)
    return joined(steps) + f"SELECT user_id\nFROM {list(steps)[-1]}\nWHERE {name}\n"


def joined(steps: Mapping[str, str]) -> str:
    return "WITH " + ",\n".join(f"{name} AS {text}" for name, text in steps.items()) + "\n"


def with_features(found: Segments, materialized: str) -> dict[str, str]:
    """The steps up to `people`: the users with the features that the segments name."""
    wanted = {leaf.feature for segment in found.values() for leaf in segment.leaves}
    counted = [feature for feature in DISTINCT if feature.name in wanted]
    steps = {f"{table}_rows": f"{materialized}({rows})" for table, rows in ROWS.items() if reads(table, wanted)}
    for table, features in AGGREGATES.items():
        if chosen := [feature for feature in features if feature.name in wanted]:
            steps[f"{table}_features"] = grouped(chosen, f"{table}_rows")
    for feature in counted:
        value = f"SELECT user_id, count(value) AS {feature.name} FROM ({feature.sql}) GROUP BY user_id"
        steps[f"counted_{feature.name}"] = f"({value})"
    sources = [step for step in steps if not step.endswith("_rows")]
    return steps | {"people": people(sources, found)}


def reads(table: str, wanted: set[str]) -> bool:
    read = [feature.name for feature in AGGREGATES[table]]
    read += [feature.name for feature in DISTINCT if f"FROM {table}_rows" in feature.sql]
    return not wanted.isdisjoint(read)


def grouped(features: Sequence[Feature], rows: str) -> str:
    values = listed(["user_id", *(f"{feature.sql} AS {feature.name}" for feature in features)])
    return f"(\n  SELECT {values}\n  FROM {rows}\n  GROUP BY user_id\n)"


def people(sources: Sequence[str], found: Segments) -> str:
    tests = " ".join(leaf.sql for segment in found.values() for leaf in segment.leaves)
    drawn = [DRAWN.format(salt) for salt in SALTS if f"drawn_{salt}" in tests]
    joins = "".join(f"\n  LEFT JOIN {source} USING (user_id)" for source in sources)
    return f"(\n  SELECT {listed(['*', *drawn])}\n  FROM users{joins}\n)"


def decided(found: Segments) -> dict[str, str]:
    """The steps from the tests to all segments."""
    by = list(dict.fromkeys(segment.top.by for segment in found.values() if segment.top))
    leaves = dict.fromkeys(leaf for segment in found.values() for leaf in segment.leaves if not inner(leaf, found))
    names = {leaf: f"t{number:03d}" for number, leaf in enumerate(leaves, start=1)}
    tests = [f"({sql_of(leaf)}) IS TRUE AS {name}" for leaf, name in names.items()]
    steps = {"tests": f"(\n  SELECT {listed(['user_id', *by, *tests])}\n  FROM people\n)"}
    for depth, level in enumerate(levels(found)):
        columns = [column(name, found[name], names, depth) for name in level]
        before = ["user_id", *by] if depth == 0 else ["*"]
        source = "tests" if depth == 0 else f"decided_{depth - 1}"
        body = f"(\n  SELECT {listed([*before, *columns])}\n  FROM {source}\n)"
        # what is cut by a top reads it again
        steps[f"decided_{depth}"] = f"MATERIALIZED {body}" if depth == 0 and by else body
    return steps


def inner(leaf: Leaf, found: Segments) -> bool:
    """Whether what it refers to is decided in the same query."""
    return bool(leaf.segments) and set(leaf.segments) <= set(found)


def sql_of(leaf: Leaf) -> str:
    return " OR ".join(f"user_id IN (SELECT user_id FROM {name})" for name in leaf.segments) or leaf.sql


def levels(found: Segments) -> Iterator[list[str]]:
    """What can be decided together; a segment with a top stands in the first for its conditions, and in the next."""
    depths: dict[str, int] = {}
    for name, segment in found.items():
        below = [depths[other] for leaf in segment.leaves for other in leaf.segments if other in found]
        depths[name] = max(below, default=-1 if not segment.top else 0) + 1
    tops = [name for name, segment in found.items() if segment.top]
    yield [*(name for name, depth in depths.items() if depth == 0), *tops]
    for depth in range(1, max(depths.values()) + 1):
        yield [name for name in found if depths[name] == depth]


def column(name: str, segment: Segment, names: Mapping[Leaf, str], depth: int) -> str:
    cut = segment.top
    if cut and depth:
        return f"{CUTS[cut.unit].format(name=name, by=cut.by, number=cut.number)} AS {name}"
    known = {leaf: names.get(leaf, f"({leaf.sql})") for leaf in segment.leaves}
    return f"{formula(segment.where, known, SQL)} AS {'for_' if cut else ''}{name}"


def listed(items: Sequence[str]) -> str:
    return ",\n    ".join(items)
