"""A project and its segments as people wrote them, each with its place."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from decimal import ROUND_CEILING, Decimal
from functools import cached_property
from pathlib import Path
from typing import Annotated, Any, Literal
from zoneinfo import ZoneInfo

from pydantic import BeforeValidator, WithJsonSchema, model_validator

from segtool.errors import Mark, Problem
from segtool.model.channels import Channel, Exports, Holdout, Variants
from segtool.model.guard import NO_GUARD, Guard
from segtool.model.nodes import (
    Count,
    Fields,
    Node,
    Percent,
    Scalar,
    Shape,
    Word,
    Words,
    one_word_of,
    to_items,
    to_tree,
    to_word,
    wrong,
)
from segtool.model.tables import TableSource
from segtool.model.time import Duration

RESERVED = re.compile(r"(con|prn|aux|nul|com[0-9]|lpt[0-9])", re.IGNORECASE)


def name_fault(name: str) -> str:
    """Why a text cannot name a segment; an empty text where it can."""
    if not re.fullmatch(r"[A-Za-z0-9][A-Za-z0-9_-]{0,99}", name):
        return "a name is ASCII letters, digits, `_` and `-`, starts with a letter or digit, at most 100 long"
    if RESERVED.fullmatch(name):
        return "Windows reserves this name for a device"
    return "`tests` holds the tests of definitions" if name == "tests" else ""


class KeyFile(Shape):
    """Keys that a file holds."""

    list: Word


def to_keys(node: Any) -> Any:
    return KeyFile.model_validate(node) if isinstance(node, Fields) else tuple(map(to_word, to_items(node)))


Keys = Annotated[
    KeyFile | tuple[str, ...],
    BeforeValidator(to_keys),
    WithJsonSchema({"anyOf": [{"$comment": "Keys"}, {"$comment": "KeyFile"}]}),
]


class Cut(Shape):
    """Keeps so many, or such a share, of those who have a value."""

    by: Scalar
    count: Count | None = None
    percent: Percent | None = None

    @model_validator(mode="after")
    def _one_measure(self) -> Cut:
        if (self.count is None) == (self.percent is None):
            raise wrong("give either `count` or `percent`")
        return self

    def kept_of(self, valued: int) -> int:
        """How many are kept of those with a value; of a percentage, the ceiling."""
        if self.count is not None:
            return min(self.count, valued)
        assert self.percent is not None
        return int((self.percent * valued / 100).to_integral_value(ROUND_CEILING))


class Definition(Shape):
    """What a segment's entry in a segments file may say."""

    kind: Annotated[
        Literal["static", "dynamic"],
        one_word_of("static", "dynamic"),
        WithJsonSchema({"enum": ["static", "dynamic"]}),
    ]
    description: Word = ""
    tags: Words = ()
    owner: Word = ""
    where: Annotated[Any, WithJsonSchema({"$comment": "Where"})] = None
    list: Word | None = None
    columns: Words = ()
    exclude: Keys = ()
    include: Keys = ()
    top: Cut | None = None
    bottom: Cut | None = None
    guard: Guard | None = None
    holdout: Holdout | None = None
    split: Variants | None = None
    exports: Exports = ()

    @model_validator(mode="after")
    def _says_who(self) -> Definition:
        if self.list is not None and self.kind == "dynamic":
            raise wrong("`list` goes with `kind: static` only", "for a dynamic segment, write `include: {list: FILE}`")
        if self.list is not None and self.where is not None:
            raise wrong("`list` and `where` do not go together", "keep one of them")
        if self.list is None and self.where is None:
            raise wrong("`where` is missing", "write `where: {everyone: true}` for all users")
        if self.top and self.bottom:
            raise wrong("`top` and `bottom` do not go together")
        return self

    @property
    def cut(self) -> Cut | None:
        return self.top or self.bottom

    def files(self) -> set[str]:
        """The list files that it names."""
        named = [keys.list for keys in (self.include, self.exclude) if isinstance(keys, KeyFile)]
        return {*named, *([self.list] if self.list else [])}


MEANING = ("kind", "where", "list", "columns", "exclude", "include", "top", "bottom")
"""The keys of a definition that decide who is in, or what a snapshot holds."""


@dataclass(frozen=True)
class Segment:
    """One segment with its place in a file."""

    name: str
    definition: Definition
    node: Node
    mark: Mark

    @cached_property
    def tree(self) -> dict[str, Any]:
        """What of the definition decides who is in, as plain data."""
        return {key: value for key, value in to_tree(self.node).items() if key in MEANING}

    @property
    def guard_mark(self) -> Mark | None:
        """Where its own guard stands, if it has one."""
        return self.node["guard"].key_mark if isinstance(self.node, Fields) and "guard" in self.node else None


@dataclass(frozen=True)
class Limits:
    """How far tables may be from what they were: the percentage of its rows that one may lose, and the age of its
    files. None where the project does not say; where it does, `marks` tell at which place."""

    max_shrink: Decimal | None = None
    max_age: Duration | None = None
    marks: Mapping[str, Mark] = field(default_factory=dict)

    def place(self, limit: str) -> str:
        """Where a limit stands, for the end of a phrase; an empty text where that is not known."""
        return f" ({self.marks[limit]})" if limit in self.marks else ""


@dataclass(frozen=True)
class Project:
    """A project's folder, its settings, and the segments of its files in the order they are written."""

    folder: Path
    zone: ZoneInfo
    tables: dict[str, TableSource]
    """The table `users`, and the tables of events."""
    segments: dict[str, Segment] = field(default_factory=dict)
    problems: tuple[Problem, ...] = ()
    """What is wrong in the segments files, where that was asked to be kept and not raised."""
    broken: frozenset[str] = frozenset()
    """Names of segments that could not be read."""
    limits: Limits = Limits()
    guard: Guard = NO_GUARD
    """What is asked of a segment's size where its own guard does not say."""
    tests: tuple[Node, ...] = ()
    """What stands under `tests:` in segments files."""
    channels: Mapping[str, Channel] = field(default_factory=dict)
    suppress: tuple[str, ...] = ()
    """Files of keys and addresses that are never exported."""
    guard_mark: Mark | None = None
    """Where its own guard stands, if it has one."""

    @property
    def users(self) -> TableSource:
        return self.tables["users"]

    def guard_of(self, name: str) -> Guard:
        """What is asked of a segment; one that is frozen once changes in no run."""
        definition = self.segments[name].definition
        guard = definition.guard.over(self.guard) if definition.guard else self.guard
        return guard.of_size if definition.kind == "static" else guard


def guard_problems(segments: Mapping[str, Segment], default: Guard) -> Iterator[Problem]:
    """Guards that leave no size, together with what the project says for all."""
    for segment in segments.values():
        own = segment.definition.guard
        if own and (fault := own.over(default).fault):
            yield Problem(f"{fault}; one of them is the project's", "give both here", segment.guard_mark)
