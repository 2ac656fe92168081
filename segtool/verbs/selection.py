"""Which segments a command is about: names, globs, tags, owners, kinds, states, and what they refer to or is referred
to; in comes what a person typed, out go names."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from fnmatch import fnmatchcase
from functools import cached_property

from segtool.compile.scope import shortened
from segtool.errors import Problem, UsageError
from segtool.model.nodes import near_name
from segtool.model.project import Segment
from segtool.model.run import SegmentState

References = Mapping[str, frozenset[str]]
CLOSED = {"kind": ("dynamic", "static"), "state": ("changed", "frozen", "new")}
"""Fields whose values are known words: one of these may well fit no segment at all."""
FIELDS = ("tag", "owner", *CLOSED)


@dataclass(frozen=True)
class Known:
    """The segments that words may fit: those of the files, those that the store holds, and those of past runs."""

    segments: Mapping[str, Segment]
    states: Mapping[str, SegmentState]
    past: frozenset[str] = frozenset()

    @property
    def names(self) -> frozenset[str]:
        return frozenset({*self.segments, *self.states, *self.past})

    @cached_property
    def refers_to(self) -> References:
        return {name: frozenset(segments_named(one.definition.where)) for name, one in self.segments.items()}

    def values(self, field: str) -> Mapping[str, frozenset[str]]:
        """What each segment has in a field: tags, an owner, a kind, states."""
        match field:
            case "tag":
                return {name: frozenset(one.definition.tags) for name, one in self.segments.items()}
            case "owner":
                return {name: frozenset({one.definition.owner} - {""}) for name, one in self.segments.items()}
            case "kind":
                defined = {name: frozenset({one.definition.kind}) for name, one in self.segments.items()}
                return {**defined, **{name: frozenset({one.kind}) for name, one in self.states.items()}}
            case _:
                return {name: frozenset(self._states(name)) for name in self.names}

    def _states(self, name: str) -> Iterator[str]:
        state = self.states.get(name)
        if name in self.segments and state is None:
            yield "new"
        if state and state.frozen:
            yield "frozen"
        if name in self._changed:
            yield "changed"

    @cached_property
    def _changed(self) -> frozenset[str]:
        """Segments whose definition, or one that it refers to, is another than the committed one."""
        # the vocabulary is large, and other words need none of it
        from segtool.compile.plan import closures_of, digest

        frozen = {name for name, state in self.states.items() if state.frozen}
        closures = closures_of(self.segments, {n: to for n, to in self.refers_to.items() if n not in frozen})
        now = {name: digest(one.tree) if name in frozen else closures.get(name) for name, one in self.segments.items()}
        return frozenset(name for name, state in self.states.items() if name in now and now[name] != state.closure)


def chosen(select: Iterable[str], exclude: Iterable[str], known: Known) -> tuple[str, ...]:
    """The names that words fit, in the order of the words; all, where there are none. UsageError for a word that is
    a mistake: it fits no segment."""
    words, problems = tuple(select), list[Problem]()
    found = [sorted(_named(word, known, problems)) for word in words] if words else [sorted(known.names)]
    without = set[str]().union(*(_named(word, known, problems) for word in exclude))
    if problems:
        raise UsageError(problems)
    return tuple(dict.fromkeys(name for names in found for name in names if name not in without))


def selected(
    select: tuple[str, ...], exclude: tuple[str, ...], known: Known, refers_to: References
) -> frozenset[str] | None:
    """The segments that a run is to decide: those that words fit, with all that they refer to; None for all."""
    if not select and not exclude:
        return None
    return frozenset(closed(chosen(select, exclude, known), refers_to) & known.names)


def is_one_name(words: Iterable[str]) -> bool:
    """The words are the name of one segment, and can never fit another one."""
    distinct = set(words)
    return len(distinct) == 1 and not any(set(word) & set("*?[:+") for word in distinct)


def _named(word: str, known: Known, problems: list[Problem]) -> set[str]:
    core = word.strip("+")
    field, colon, value = core.partition(":")
    if colon and field in FIELDS:
        found = {name for name, own in known.values(field).items() if any(fnmatchcase(one, value) for one in own)}
    else:
        found = {name for name in known.names if fnmatchcase(name, core)}
    if not found and value not in CLOSED.get(field, ()):
        fact = f"there is no segment `{word}`" if is_one_name([word]) else f"no segment fits `{word}`"
        problems.append(Problem(fact, _hint(core, known)))
    upstream = closed(found, known.refers_to) if word.startswith("+") else set()
    downstream = closed(found, _reversed(known.refers_to)) if word.endswith("+") else set()
    return (found | upstream | downstream) & known.names


def _hint(word: str, known: Known) -> str:
    field, colon, value = word.partition(":")
    if not colon:
        return near_name(word, known.names) or f"segments: {shortened(sorted(known.names))}"
    if field not in FIELDS:
        return near_name(field, FIELDS) or f"write a name, or {', '.join(f'{one}:…' for one in FIELDS)}"
    values = CLOSED.get(field) or sorted(set().union(*known.values(field).values()))
    return near_name(value, values) or (f"{field}: {shortened(values)}" if values else f"no segment has `{field}:`")


def segments_named(node: object) -> Iterator[str]:
    """The names that a definition gives after `in_segment`."""
    if isinstance(node, dict):
        for word, value in node.items():
            if word == "in_segment":
                yield from (one.text for one in (value if isinstance(value, list) else [value]))
            else:
                yield from segments_named(value)
    elif isinstance(node, list):
        for item in node:
            yield from segments_named(item)


def closed(names: Iterable[str], refers_to: References) -> set[str]:
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
    found: dict[str, set[str]] = {}
    for one, others in refers_to.items():
        for name in others:
            found.setdefault(name, set()).add(one)
    return {name: frozenset(ones) for name, ones in found.items()}
