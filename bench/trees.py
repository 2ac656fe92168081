"""Conditions as trees over leaves that are written by hand; a tree comes out as segtool's YAML and as DuckDB's SQL."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import cycle
from random import Random
from typing import NamedTuple


class Leaf(NamedTuple):
    """One test, twice. The SQL of a test on behaviour names a feature: a column of numbers made from events."""

    yaml: str
    sql: str
    feature: str = ""

    @property
    def subject(self) -> str:
        return self.feature or self.yaml.partition(":")[0]


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


def spread(leaves: Sequence[Leaf], number: int) -> list[Tree]:
    """So many of the leaves, from the first to the last of them."""
    return [leaves[place * len(leaves) // number] for place in range(number)]


def nested(fours: Iterable[Four]) -> list[Tree]:
    """A tree for each four, in every shape in turn."""
    return [shape(four) for shape, four in zip(cycle(SHAPES), fours, strict=False)]


def four_leaves(draw: Random, leaves: Sequence[Leaf]) -> Four:
    """On four different subjects, so that no two of them contradict each other."""
    found: dict[str, Leaf] = {}
    while len(found) < 4:
        leaf = leaves[int(draw.random() * len(leaves))]
        found.setdefault(leaf.subject, leaf)
    a, b, c, d = found.values()
    return a, b, c, d


def named(trees: Iterable[Tree]) -> dict[str, Tree]:
    return {f"s{number:03d}": tree for number, tree in enumerate(trees, start=1)}


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


def sql_of(trees: dict[str, Tree], query: str) -> str:
    """The query with each different test once, as true or false, for {tests}, and the segments for {segments}."""
    used = dict.fromkeys(leaf for tree in trees.values() for leaf in leaves_of(tree))
    names = {leaf: f"t{number:02d}" for number, leaf in enumerate(used, start=1)}
    tests = ",\n".join(f"    ({leaf.sql}) IS TRUE AS {name}" for leaf, name in names.items())
    columns = ",\n".join(f"    {formula(tree, names)} AS {name}" for name, tree in trees.items())
    return query.format(tests=tests, segments=columns)


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
