"""What examples hold: the words of conditions on behaviour, and the marks of the algebra's nodes."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import fields, is_dataclass
from typing import Any, Literal, get_args, get_origin, get_type_hints

from segtool.compile.vocabulary import TESTS
from segtool.model import algebra
from tests.generated.arguments import Tree
from tests.generated.behaviour import COUNTED, OF_BEHAVIOUR, OF_COLUMNS, TIMED

# The words of behaviour, each after what it stands in: `did count`, `step within`, `where is_not`, `percentile of sum`


def marks_of_tree(tree: Tree) -> Iterator[str]:
    """The marks of every condition on behaviour in a tree of conditions."""
    if isinstance(tree, list):
        for part in tree:
            yield from marks_of_tree(part)
    if isinstance(tree, dict):
        for word, part in tree.items():
            yield from marks_of_behaviour(word, part) if word in OF_BEHAVIOUR else marks_of_tree(part)


def marks_of_behaviour(word: str, tree: Tree) -> Iterator[str]:
    where = "did" if word == "did_not" else word
    if isinstance(tree, str):
        yield f"bare {where}"
        return
    yield from marks_of_selector(where, tree)
    if where == "did":
        yield from marks_of_aggregates(tree)
    if where == "sequence":
        yield f"{len(tree['steps'])} steps"
        for step in tree["steps"]:
            yield from ["bare step"] if isinstance(step, str) else marks_of_selector("step", step)


def marks_of_selector(where: str, tree: Mapping[str, Tree]) -> Iterator[str]:
    yield from (f"{where} {key}" for key in tree)
    if "event" in tree:
        names = tree["event"]
        yield f"{where} of {'several' if isinstance(names, list) else 'wildcard' if '*' in names else 'one'}"
    yield from (f"where {word}" for word in words_in(tree.get("where")) if word in WHERE_WORDS)


WHERE_WORDS = {*TESTS, "ignore_case", "all", "any", "none", "not", "attribute"}


def words_in(tree: Tree) -> Iterator[str]:
    if isinstance(tree, dict):
        yield from tree
    if isinstance(tree, dict | list):
        for part in tree.values() if isinstance(tree, dict) else tree:
            yield from words_in(part)


def marks_of_aggregates(tree: Mapping[str, Tree]) -> Iterator[str]:
    for word in (*COUNTED, *TIMED, *OF_COLUMNS):
        for tests in tests_of_aggregate(word, tree):
            yield f"{word} {form_of(tests)}"
            yield from (f"{word} {test}" for test in tests if isinstance(tests, dict))


def tests_of_aggregate(word: str, tree: Mapping[str, Tree]) -> list[Tree]:
    if word not in tree:
        return []
    return list(tree[word].values()) if word in OF_COLUMNS else [tree[word]]


def form_of(tests: Tree) -> str:
    if isinstance(tests, dict):
        return "several tests" if len(tests) > 1 else "test"
    return "list" if isinstance(tests, list) else "bare"


# The algebra


def nodes(node: object) -> Iterator[object]:
    """A node of the algebra and all that it holds."""
    if isinstance(node, tuple | frozenset):
        for part in node:
            yield from nodes(part)
    elif is_dataclass(node):
        yield node
        for field in fields(node):
            yield from nodes(getattr(node, field.name))


def marks_of_node(node: object) -> set[str]:
    """The name of a node's class, and its operator, manner, or whatever else is one word of a few."""
    words = {getattr(node, name) for name in worded_fields(type(node))}
    return {type(node).__name__, *words}


def worded_fields(node: type[Any]) -> tuple[str, ...]:
    return tuple(name for name, hint in get_type_hints(node).items() if get_origin(hint) is Literal)


def classes_of_algebra() -> set[type[Any]]:
    """The classes of the nodes that a predicate or a value can hold."""
    found: set[type[Any]] = set()
    waiting: list[Any] = [algebra.Predicate, algebra.Value]
    while waiting:
        hint = waiting.pop()
        waiting.extend(get_args(hint))
        if is_dataclass(hint) and isinstance(hint, type) and hint.__module__ == algebra.__name__ and hint not in found:
            found.add(hint)
            waiting.extend(get_type_hints(hint).values())
    return found


def words_of_algebra() -> set[str]:
    """Every operator, manner and name of a part."""
    found: set[str] = set()
    for node in classes_of_algebra():
        hints = get_type_hints(node)
        found.update(*(get_args(hints[name]) for name in worded_fields(node)))
    return found
