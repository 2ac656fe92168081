"""Tests of definitions as people wrote them, each with its place."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Annotated, Any

from pydantic import BeforeValidator, Field, WithJsonSchema

from segtool.errors import Mark, Problem
from segtool.model.nodes import Faults, Fields, Items, Node, Scalar, Shape, described, to_literal, wrong

ANY_ROW = {"type": "array", "items": {"type": "object"}}
ANY_KEYS = {"anyOf": [{"$comment": "Scalar"}, {"type": "array", "items": {"$comment": "Scalar"}}]}


def to_rows(node: Any) -> tuple[Fields, ...]:
    if not isinstance(node, Items):
        raise wrong(f"{described(node)} is not a list of rows", "write `- {COLUMN: value, …}` for each")
    faults = Faults()
    for row in node:
        if not isinstance(row, Fields):
            faults.add(wrong(f"{described(row)} is not a row", "write `{COLUMN: value, …}`"), row)
    faults.raise_any()
    return rows_in(node)


def to_users(node: Any) -> tuple[Fields, ...]:
    rows = to_rows(node)
    if not rows:
        raise wrong("there are no users here", "give at least one")
    return rows


def rows_in(node: Any) -> tuple[Fields, ...]:
    """The rows of a list in which something may be none."""
    return tuple(row for row in node if isinstance(row, Fields)) if isinstance(node, Items) else ()


def to_members(node: Any) -> tuple[Scalar, ...]:
    if isinstance(node, Scalar) and node.is_null:
        raise wrong("keys are missing here", "write `[]` for nobody")
    faults, keys = Faults(), list[Scalar]()
    for item in node if isinstance(node, Items) else [node]:
        with faults.kept(item):
            if isinstance(item, Scalar) and item.is_null:
                raise wrong("a key is missing here", "write one, or take it out")
            keys.append(to_literal(item))
    faults.raise_any()
    return tuple(keys)


def keys_in(node: Any) -> tuple[Scalar, ...]:
    """The keys of a list in which something may be none."""
    items = node if isinstance(node, Items) else [node]
    return tuple(key for key in items if isinstance(key, Scalar) and not key.is_null)


def to_given(node: Any) -> dict[str, tuple[Scalar, ...]]:
    if not isinstance(node, Fields):
        raise wrong(f"{described(node)} is not a mapping of segments", "write `{vip: [a, b]}`")
    faults, given = Faults(), dict[str, tuple[Scalar, ...]]()
    for name, keys in node.items():
        with faults.kept(keys):
            given[name] = to_members(keys)
    faults.raise_any()
    return given


class Case(Shape):
    """What one item of `tests:` may say: rows of users and events, and who of them are members."""

    segment: Scalar = Field(description="the segment whose definition is tried; a static one as if it were dynamic")
    as_of: Annotated[Any, BeforeValidator(to_literal), WithJsonSchema({"$comment": "Scalar"})] = Field(
        None, description="the instant taken as now; needed where what the segment says depends on the time"
    )
    users: Annotated[Any, BeforeValidator(to_users), WithJsonSchema({**ANY_ROW, "minItems": 1})] = Field(
        description="all users that there are: each the key, and the columns that matter; all others are missing"
    )
    events: Annotated[Any, BeforeValidator(to_rows), WithJsonSchema(ANY_ROW)] = Field(
        (), description="what they did: each the user's key, `event`, `at`, and the columns that matter"
    )
    segments: Annotated[
        Any, BeforeValidator(to_given), WithJsonSchema({"type": "object", "additionalProperties": ANY_KEYS})
    ] = Field({}, description="members of segments that it refers to; one that is not here is decided on the rows")
    members: Annotated[Any, BeforeValidator(to_members), WithJsonSchema(ANY_KEYS)] = Field(
        description="the keys of those who are in; `[]` for nobody"
    )


@dataclass(frozen=True)
class SegmentTest:
    """One test of a segment's definition, and where it stands; and the keys of it that cannot be read."""

    case: Case
    mark: Mark
    unread: frozenset[str] = frozenset()

    @property
    def segment(self) -> str:
        return self.case.segment.text

    @property
    def expected(self) -> tuple[str, ...]:
        """The keys of the members, sorted."""
        return tuple(sorted({key.text for key in self.case.members}))


PARTS: dict[str, Callable[[Any], object]] = {
    "segment": to_literal,
    "as_of": to_literal,
    "users": to_users,
    "events": to_rows,
    "segments": to_given,
    "members": to_members,
}


def to_test(node: Node, problems: list[Problem]) -> SegmentTest | None:
    """A test, with what is wrong in its form noted; where not all of it can be read, what can be, to look on there."""
    case = Case.read(node, problems)
    if case or not isinstance(node, Fields):
        return SegmentTest(case, node.mark) if case else None
    asked = [name for name, part in Case.model_fields.items() if part.is_required() or name in node]
    unread = frozenset({*node} - {*PARTS} | {name for name in asked if not _reads(PARTS[name], node.get(name))})
    given = node.get("segments")
    case = Case.model_construct(
        segment=Scalar("") if "segment" in unread else node["segment"],
        as_of=None if "as_of" in unread else node.get("as_of"),
        users=rows_in(node.get("users")),
        events=rows_in(node.get("events")),
        segments={name: keys_in(keys) for name, keys in given.items()} if isinstance(given, Fields) else {},
        members=keys_in(node.get("members")),
    )
    return SegmentTest(case, node.mark, unread)


def _reads(to_part: Callable[[Any], object], node: Any) -> bool:
    faults = Faults()
    with faults.kept(node):
        to_part(node)
    return not faults.details
