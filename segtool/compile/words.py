"""A definition to lines of words that a marketer can check."""

from __future__ import annotations

from collections.abc import Iterator

from pydantic import ValidationError

from segtool.compile import vocabulary
from segtool.compile.base import Condition, to_condition
from segtool.compile.scope import shortened
from segtool.model.project import Definition, KeyFile, Keys, Segment

assert vocabulary.FAMILIES


def to_words(segment: Segment) -> list[str]:
    """The whole definition: who is in, who is kept out or let in, and the cut."""
    definition = segment.definition
    lines = [f"the keys in {definition.list}"] if definition.list else _where(segment)
    lists = ((definition.exclude, "never"), (definition.include, "always"))
    lines.extend(f"{phrase}: {keys_words(keys)}" for keys, phrase in lists if keys)
    return [*lines, *([cut_words(definition)] if definition.cut else [])]


def keys_words(keys: Keys) -> str:
    return f"the keys in {keys.list}" if isinstance(keys, KeyFile) else shortened(keys)


def cut_words(definition: Definition) -> str:
    cut = definition.cut
    assert cut
    measure = f"{cut.count:,}" if cut.count is not None else f"{cut.percent} %"
    return f"of these the {'highest' if definition.top else 'lowest'} {measure} by {cut.by.text}"


def _where(segment: Segment) -> list[str]:
    try:
        return list(tree_lines(to_condition(segment.definition.where)))
    except ValidationError:
        return ["(not readable: see `segtool check`)"]


def tree_lines(condition: Condition, depth: int = 0) -> Iterator[str]:
    """A condition and its parts, each a line, two blanks deeper than what it is part of."""
    yield "  " * depth + condition.sentence()
    for part in condition.parts():
        yield from tree_lines(part, depth + 1)
