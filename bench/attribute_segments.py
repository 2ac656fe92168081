"""Writes the measured attribute segments twice: as segtool's YAML and as one DuckDB query."""

from __future__ import annotations

import argparse
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import cycle, islice
from pathlib import Path
from random import Random

from bench.leaves import LEAVES, Leaf

SEED = 100
ALONE = 24
NESTED = 76


@dataclass(frozen=True)
class Node:
    """`word` is all, any, none or not, as in segtool's YAML."""

    word: str
    parts: tuple[Tree, ...]


Tree = Leaf | Node
Four = tuple[Leaf, Leaf, Leaf, Leaf]


def node(word: str, *parts: Tree) -> Node:
    return Node(word, parts)


SHAPES: tuple[Callable[[Four], Tree], ...] = (
    lambda leaf: node("all", leaf[0], leaf[1], leaf[2]),
    lambda leaf: node("any", leaf[0], leaf[1], leaf[2]),
    lambda leaf: node("all", leaf[0], node("any", leaf[1], leaf[2])),
    lambda leaf: node("any", leaf[0], node("all", leaf[1], leaf[2])),
    lambda leaf: node("all", leaf[0], node("not", leaf[1]), node("any", leaf[2], leaf[3])),
    lambda leaf: node("not", node("all", leaf[0], leaf[1])),
    lambda leaf: node("none", leaf[0], leaf[1], leaf[2]),
    lambda leaf: node("any", node("all", leaf[0], leaf[1]), node("all", leaf[2], node("not", leaf[3]))),
)


def segments() -> dict[str, Tree]:
    """By name; the same on every run."""
    alone: list[Tree] = [LEAVES[number * len(LEAVES) // ALONE] for number in range(ALONE)]
    draw = Random(SEED)
    nested = [shape(four_leaves(draw)) for shape in islice(cycle(SHAPES), NESTED)]
    return {f"s{number:03d}": tree for number, tree in enumerate(alone + nested, start=1)}


def four_leaves(draw: Random) -> Four:
    """On four different columns, so that no two of them contradict each other."""
    found: dict[str, Leaf] = {}
    while len(found) < 4:
        leaf = LEAVES[int(draw.random() * len(LEAVES))]
        found.setdefault(leaf.column, leaf)
    a, b, c, d = found.values()
    return a, b, c, d


def yaml_of(trees: dict[str, Tree]) -> str:
    return "\n".join(f"{name}:\n  kind: dynamic\n  where:\n{block(tree, 4)}\n" for name, tree in trees.items())


def block(tree: Tree, indent: int) -> str:
    pad = " " * indent
    if isinstance(tree, Leaf):
        return pad + tree.yaml
    if tree.word == "not":
        return f"{pad}not:\n{block(tree.parts[0], indent + 2)}"
    items = (f"{pad}  - {block(part, indent + 4).lstrip()}" for part in tree.parts)
    return "\n".join((f"{pad}{tree.word}:", *items))


QUERY = """\
WITH tests AS (
  SELECT
    user_id,
{tests}
  FROM users
)
SELECT
    user_id,
{segments}
FROM tests
"""


def sql_of(trees: dict[str, Tree]) -> str:
    """Every different test once, as true or false; then the segments over those."""
    used = dict.fromkeys(leaf for tree in trees.values() for leaf in leaves_of(tree))
    names = {leaf: f"t{number:02d}" for number, leaf in enumerate(used, start=1)}
    tests = ",\n".join(f"    ({leaf.sql}) IS TRUE AS {name}" for leaf, name in names.items())
    columns = ",\n".join(f"    {formula(tree, names)} AS {name}" for name, tree in trees.items())
    return QUERY.format(tests=tests, segments=columns)


def leaves_of(tree: Tree) -> Iterator[Leaf]:
    if isinstance(tree, Leaf):
        yield tree
    else:
        for part in tree.parts:
            yield from leaves_of(part)


def formula(tree: Tree, names: dict[Leaf, str]) -> str:
    if isinstance(tree, Leaf):
        return names[tree]
    if tree.word == "not":
        return "NOT " + formula(tree.parts[0], names)
    parts = (formula(part, names) for part in tree.parts)
    joined = "(" + (" AND " if tree.word == "all" else " OR ").join(parts) + ")"
    return "NOT " + joined if tree.word == "none" else joined


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--out", type=Path, required=True, help="gets segments/attributes.yaml and attributes.sql")
    write(parser.parse_args().out)


def write(folder: Path) -> None:
    (folder / "segments").mkdir(parents=True, exist_ok=True)
    (folder / "segments" / "attributes.yaml").write_text(yaml_of(segments()), encoding="utf-8")
    (folder / "attributes.sql").write_text(sql_of(segments()), encoding="utf-8")


if __name__ == "__main__":
    main()
