"""YAML text to a tree of nodes: every scalar stays text, every node knows its place, nothing is guessed."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import yaml

from segtool.errors import InputError, Mark, Problem
from segtool.model.nodes import Fields, Items, Node, Scalar
from segtool.read.files import opened_plainly

DEEPEST = 100
TOO_DEEP = f"this is nested more than {DEEPEST} levels deep"
MOST_NODES = 500_000
MOST_BYTES = 10_000_000
LOADER: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


class Refusal(Exception):
    """Reading cannot go on; carries the problem."""

    def __init__(self, fact: str, next: str, mark: Mark | None) -> None:
        self.problem = Problem(fact, next, mark)


def read_yaml(folder: Path, shown: str, problems: list[Problem]) -> Node | None:
    """The tree of one YAML file, named from the folder; None if it is empty or cannot be read."""
    text = ""
    try:
        text = _text(folder, shown)
        return _Builder(shown, problems).document(yaml.parse(text, Loader=LOADER))
    except Refusal as refusal:
        problems.append(refusal.problem)
    except yaml.MarkedYAMLError as error:
        problems.append(_syntax_problem(error, shown, text))
    except yaml.reader.ReaderError as error:
        problems.append(_character_problem(error, shown, text))
    return None


def _text(folder: Path, shown: str) -> str:
    try:
        with opened_plainly(shown, folder) as file:
            if file.status.st_size > MOST_BYTES:
                raise Refusal(f"the file is larger than {MOST_BYTES:,} bytes", "split it", Mark(shown))
            return b"".join(file.chunks()).decode("utf-8-sig")
    except InputError as error:
        raise Refusal(error.problems[0].fact, error.problems[0].next, Mark(shown)) from None
    except UnicodeDecodeError as error:
        line = error.object[: error.start].count(b"\n") + 1
        raise Refusal("this is not UTF-8", "save the file as UTF-8", Mark(shown, line)) from None
    except OSError as error:
        raise Refusal(f"cannot be read: {error.strerror}", "", Mark(shown)) from None


def _character_problem(error: yaml.reader.ReaderError, shown: str, text: str) -> Problem:
    """The two parsers of the library count, one in characters and the other in bytes."""
    if isinstance(error.character, str):
        code, before = ord(error.character), text[: error.position]
    else:
        code, before = error.character, text.encode()[: error.position].decode(errors="ignore")
    mark = Mark(shown, before.count("\n") + 1, len(before) - before.rfind("\n"))
    return Problem(f"the character U+{code:04X} is not allowed", "take it out", mark)


def _syntax_problem(error: yaml.MarkedYAMLError, shown: str, text: str) -> Problem:
    place = error.problem_mark or error.context_mark
    if place is None:
        return Problem(error.problem or "this is not YAML", "", Mark(shown))
    mark = Mark(shown, place.line + 1, place.column + 1)
    fact = error.problem or "this is not YAML"
    if "cannot start any token" in fact:
        character = text.split("\n")[place.line][place.column : place.column + 1]
        if character == "\t":
            return Problem("a tab cannot indent YAML", "use blanks", mark)
        return Problem(f"`{character}` cannot begin a value", "quote it", mark)
    if "maximum nesting depth" in fact:
        return Problem(TOO_DEEP, "split it into segments", mark)
    if "mapping values are not allowed" in fact:
        return Problem(fact, "quote the text, or begin a new line", mark)
    return Problem(fact, _context(error), mark)


def _context(error: yaml.MarkedYAMLError) -> str:
    """Where that began which the parser could not end."""
    if not error.context or error.context_mark is None:
        return ""
    return f"{error.context}, which begins on line {error.context_mark.line + 1}"


class _Builder:
    """Builds the tree from the parser's events, one after the other, with bounds on depth and size."""

    def __init__(self, shown: str, problems: list[Problem]) -> None:
        self.shown, self.problems = shown, problems
        self.anchors: dict[str, Node] = {}
        self.nodes = 0

    def document(self, events: Iterator[Any]) -> Node | None:
        root: Node | None = None
        for event in events:
            if isinstance(event, yaml.DocumentStartEvent) and root is not None:
                raise Refusal("there is a second document", "keep one document a file", self.mark(event))
            if isinstance(event, yaml.NodeEvent):
                root = self.node(event, events, 1, None)
        return None if isinstance(root, Scalar) and root.is_null else root

    def mark(self, event: Any) -> Mark:
        return Mark(self.shown, event.start_mark.line + 1, event.start_mark.column + 1)

    def node(self, event: Any, events: Iterator[Any], depth: int, key_mark: Mark | None) -> Node:
        mark = self.mark(event)
        self._within_bounds(depth, mark)
        if isinstance(event, yaml.AliasEvent):
            return self._alias(event, depth, mark, key_mark)
        if event.tag is not None and not (isinstance(event, yaml.ScalarEvent) and event.tag == "!"):
            raise Refusal(f"the tag `{event.tag}` is not allowed", "take it out; kinds come from columns", mark)
        node = self._new(event, events, depth, mark, key_mark)
        if event.anchor:
            self.anchors[event.anchor] = node
        return node

    def _within_bounds(self, depth: int, mark: Mark) -> None:
        self.nodes += 1
        if depth > DEEPEST:
            raise Refusal(TOO_DEEP, "split it into segments", mark)
        if self.nodes > MOST_NODES:
            raise Refusal(f"the file expands to more than {MOST_NODES:,} values", "split it", mark)

    def _new(self, event: Any, events: Iterator[Any], depth: int, mark: Mark, key_mark: Mark | None) -> Node:
        if isinstance(event, yaml.ScalarEvent):
            return Scalar(event.value, mark, key_mark, quoted=bool(event.style))
        if isinstance(event, yaml.SequenceStartEvent):
            items = Items([], mark, key_mark)
            while not isinstance(event := next(events), yaml.SequenceEndEvent):
                items.append(self.node(event, events, depth + 1, None))
            return items
        return self._fields(events, depth, mark, key_mark)

    def _fields(self, events: Iterator[Any], depth: int, mark: Mark, key_mark: Mark | None) -> Fields:
        fields = Fields((), mark, key_mark)
        while not isinstance(event := next(events), yaml.MappingEndEvent):
            key = self.node(event, events, depth + 1, None)
            if not isinstance(key, Scalar):
                raise Refusal("a key must be a single word", "", self.mark(event))
            value = self.node(next(events), events, depth + 1, key.mark)
            if key.text in fields:
                line = fields[key.text].key_mark.line
                fact = f"the key `{key.text}` stands twice; first on line {line}"
                self.problems.append(Problem(fact, "keep one of them", key.mark))
                continue
            fields[key.text] = value
        return fields

    def _alias(self, event: Any, depth: int, mark: Mark, key_mark: Mark | None) -> Node:
        node = self.anchors.get(event.anchor)
        if node is None:
            raise Refusal(f"the alias `*{event.anchor}` has no anchor before it", "", mark)
        return self._copy(node, depth, mark, key_mark)

    def _copy(self, node: Node, depth: int, mark: Mark, key_mark: Mark | None) -> Node:
        self._within_bounds(depth, mark)
        if isinstance(node, Scalar):
            return Scalar(node.text, mark, key_mark, node.quoted)
        if isinstance(node, Items):
            return Items([self._copy(item, depth + 1, mark, None) for item in node], mark, key_mark)
        copies = {key: self._copy(value, depth + 1, mark, mark) for key, value in node.items()}
        return Fields(copies, mark, key_mark)
