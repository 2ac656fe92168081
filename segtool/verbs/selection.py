"""Which segments a command is about: names, globs, tags, owners, kinds, and what they refer to or is referred to."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from fnmatch import fnmatchcase

from segtool.compile.scope import shortened
from segtool.errors import Problem, UsageError
from segtool.model.nodes import near_name
from segtool.model.project import Segment

References = Mapping[str, frozenset[str]]


def selected(
    select: Iterable[str], exclude: Iterable[str], segments: Mapping[str, Segment], refers_to: References
) -> frozenset[str] | None:
    """The selected names with all that they refer to; None for all. UsageError for a word that fits nothing."""
    words, without = tuple(select), tuple(exclude)
    if not words and not without:
        return None
    problems: list[Problem] = []
    chosen = set(segments) if not words else set().union(*(_named(w, segments, refers_to, problems) for w in words))
    for word in without:
        chosen -= _named(word, segments, refers_to, problems)
    if problems:
        raise UsageError(problems)
    return frozenset(_closed(chosen, refers_to) & set(segments))


def _named(word: str, segments: Mapping[str, Segment], refers_to: References, problems: list[Problem]) -> set[str]:
    upstream, downstream = word.startswith("+"), word.endswith("+")
    core = word.strip("+")
    found = {name for name, segment in segments.items() if _fits(core, segment)}
    if not found:
        hint = near_name(core, segments) or f"segments: {shortened(segments)}"
        problems.append(Problem(f"no segment fits `{word}`", hint))
    if upstream:
        found |= _closed(found, refers_to)
    if downstream:
        found |= _closed(found, _reversed(refers_to))
    return found


def _fits(word: str, segment: Segment) -> bool:
    field, colon, value = word.partition(":")
    definition = segment.definition
    match field if colon else "":
        case "tag":
            return any(fnmatchcase(tag, value) for tag in definition.tags)
        case "owner":
            return bool(definition.owner) and fnmatchcase(definition.owner, value)
        case "kind":
            return definition.kind == value
        case _:
            return fnmatchcase(segment.name, word)


def _closed(names: Iterable[str], refers_to: References) -> set[str]:
    """The names with all that they refer to, however far."""
    found: set[str] = set()
    todo = list(names)
    while todo:
        name = todo.pop()
        if name not in found:
            found.add(name)
            todo.extend(refers_to.get(name, ()))
    return found


def _reversed(refers_to: References) -> References:
    names = {name for others in refers_to.values() for name in others}
    return {name: frozenset(one for one, others in refers_to.items() if name in others) for name in names}
