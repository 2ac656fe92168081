"""Tests of definitions as people wrote them, each with its place."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, Any

from pydantic import BeforeValidator, Field, WithJsonSchema

from segtool.errors import Mark
from segtool.model.nodes import Faults, Fields, Items, Scalar, Shape, described, to_literal, wrong

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
    return tuple(node)


def to_users(node: Any) -> tuple[Fields, ...]:
    rows = to_rows(node)
    if not rows:
        raise wrong("there are no users here", "give at least one")
    return rows


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
    """One test of a segment's definition, and where it stands."""

    case: Case
    mark: Mark

    @property
    def segment(self) -> str:
        return self.case.segment.text

    @property
    def expected(self) -> tuple[str, ...]:
        """The keys of the members, sorted."""
        return tuple(sorted({key.text for key in self.case.members}))
