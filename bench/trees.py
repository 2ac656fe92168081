"""Conditions as trees over leaves that are written by hand; a tree comes out as YAML, as SQL and as Polars."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import cycle
from random import Random
from typing import NamedTuple

MARKED = re.compile(r"<(\d+(?:\.(\d+))?)>")
"""A number that may be another one in a further segment: `<30>` is 30 in the first ones."""
PARTS = (0.5, 0.6, 0.7, 0.8, 0.9)


class Leaf(NamedTuple):
    """One test, three times. A test on behaviour names a feature: a column made from events. One on another segment
    names that: `segments` are those it refers to, and then its SQL and Polars are made from them."""

    yaml: str
    sql: str
    polars: str
    feature: str = ""
    segments: tuple[str, ...] = ()

    @property
    def subject(self) -> str:
        return self.feature or "".join(self.segments) or self.yaml.partition(":")[0]

    def scaled(self, part: float = 1) -> Leaf:
        """With this part of each marked number."""
        yaml, sql, polars = (scaled(text, part) for text in (self.yaml, self.sql, self.polars))
        return self._replace(yaml=yaml, sql=sql, polars=polars)


def scaled(text: str, part: float) -> str:
    def number(found: re.Match[str]) -> str:
        value, decimals = float(found[1]) * part, len(found[2] or "")
        return f"{value if decimals else max(1, round(value)):.{decimals}f}"

    return MARKED.sub(number, text)


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
    """So many of them, from the first to the last."""
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


def block(tree: Tree, indent: int) -> str:
    """The tree as lines of YAML."""
    pad = " " * indent
    if isinstance(tree, Leaf):
        return pad + tree.yaml
    if tree.word == "not":
        return f"{pad}not:\n{block(tree.parts[0], indent + 2)}"
    items = (f"{pad}  - {block(part, indent + 4).lstrip()}" for part in tree.parts)
    return "\n".join((f"{pad}{tree.word}:", *items))


def leaves_of(tree: Tree) -> Iterator[Leaf]:
    if isinstance(tree, Leaf):
        yield tree
    else:
        for part in tree.parts:
            yield from leaves_of(part)


class Words(NamedTuple):
    """How a language joins columns of true and false."""

    all: str
    any: str
    negation: str


SQL = Words(" AND ", " OR ", "NOT ")
POLARS = Words(" & ", " | ", "~")


def formula(tree: Tree, names: Mapping[Leaf, str], words: Words) -> str:
    """The tree over names of columns that hold its leaves, in which nothing is missing."""
    if isinstance(tree, Leaf):
        return names[tree]
    if tree.word == "not":
        return words.negation + formula(tree.parts[0], names, words)
    parts = (formula(part, names, words) for part in tree.parts)
    joined = "(" + (words.all if tree.word == "all" else words.any).join(parts) + ")"
    return words.negation + joined if tree.word == "none" else joined
