"""A definition and people who were erased come in; go out: where it names them, and the definition without them."""

from __future__ import annotations

from collections.abc import Container, Iterator, Mapping
from typing import Any

from segtool.errors import Mark, Problem
from segtool.model.nodes import Node, Scalar
from segtool.model.project import Project, Segment
from segtool.store.suppression import Suppression


def words_before_keys(key: str) -> frozenset[str]:
    """What keys stand under in a definition; `key` is the name of their column."""
    return frozenset({"include", "exclude", key})


def without(tree: Any, keys: Container[str], words: Container[str], named: bool = False) -> Any:
    """A definition that no longer names these people, in its lists of keys or where it tests the users' key."""
    match tree:
        case dict():
            return {word: without(value, keys, words, named or word in words) for word, value in tree.items()}
        case list():
            return [without(one, keys, words, named) for one in tree if not (named and one in keys)]
        case _:
            return "" if named and tree in keys else tree


def kept_tree(segment: Segment, key: str, suppression: Suppression | None) -> Any:
    """The definition as it may be kept: without those who stay out."""
    return without(segment.tree, suppression, words_before_keys(key)) if suppression else segment.tree


def scalars(node: Node) -> Iterator[Scalar]:
    """Every value of a definition, wherever it stands."""
    match node:
        case dict():
            for value in node.values():
                yield from scalars(value)
        case list():
            for one in node:
                yield from scalars(one)
        case Scalar():
            yield node


def holds(tree: Any, keys: Container[str]) -> bool:
    """Whether one of these keys is a value of a definition, wherever it stands."""
    match tree:
        case dict():
            return any(holds(value, keys) for value in tree.values())
        case list():
            return any(holds(one, keys) for one in tree)
        case _:
            return tree in keys


def naming(node: Node, words: Container[str], named: bool = False) -> Iterator[Scalar]:
    """The values of a definition that stand where keys do."""
    match node:
        case dict():
            for word, value in node.items():
                yield from naming(value, words, named or word in words)
        case list():
            for one in node:
                yield from naming(one, words, named)
        case Scalar() if named:
            yield node


def told(project: Project, lists: Mapping[str, tuple[str, ...]], suppression: Suppression) -> Iterator[Problem]:
    """Where definitions and lists of keys name people who were erased and stay out."""
    words = words_before_keys(project.users.key)
    for segment in project.segments.values():
        for one in naming(segment.node, words):
            if one.text in suppression:
                fact = "this holds the key of somebody who was erased and stays out"
                yield Problem(fact, "take it out of the definition", one.mark)
    for file, keys in lists.items():
        number = sum(key in suppression for key in keys)
        if number:
            whose = (
                "the key of somebody who was erased and stays"
                if number == 1
                else f"the keys of {number:,} people who were erased and stay"
            )
            yield Problem(f"this holds {whose} out", "take them out of the file", Mark(file))
