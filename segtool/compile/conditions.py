"""The conditions on a user: logic, attributes, other segments, places, samples."""

from __future__ import annotations

import re
from typing import Annotated, Any, Self

from pydantic import BeforeValidator, PrivateAttr

from segtool.compile.base import CONDITIONS, TESTS, Condition, ConditionField, Test, to_tests, together
from segtool.compile.scope import Scope, shortened
from segtool.compile.values import quoted
from segtool.model.algebra import EVERYONE, NOBODY, Column, Member, Near, Not, Predicate, bucket, every, some
from segtool.model.nodes import (
    Faults,
    Fields,
    Flag,
    Items,
    Literals,
    Percent,
    Scalar,
    Word,
    near_name,
    to_items,
    to_literal,
    to_word,
    wrong,
)

MOST_PARTS = 10_000
METRES = {"m": 1.0, "km": 1000.0, "mi": 1609.344}
Conditions = Annotated[tuple[ConditionField, ...], BeforeValidator(to_items)]


class Group(Condition):
    """Conditions taken together."""

    whole = "of"
    of: Conditions

    def parts(self) -> tuple[Condition, ...]:
        return self.of

    def lowered(self, scope: Scope) -> list[Predicate]:
        if len(self.of) > MOST_PARTS:
            fact = f"there are {len(self.of):,} conditions in one list, and at most {MOST_PARTS:,} are read"
            scope.problem(self.mark, fact, "name many values by one test, such as `in: [UA, PL]`, or by a list of keys")
            return []
        return [scope.lowered(part) for part in self.of]


class All(Group):
    """Every one of them holds."""

    word, example, joint = "all", "[{country: UA}, {age: {gte: 18}}]", "and"

    def sentence(self) -> str:
        return "all of these:"

    def lower(self, scope: Scope) -> Predicate:
        return every(self.lowered(scope))


class AnyOf(Group):
    """At least one of them holds."""

    word, example, joint = "any", "[{country: UA}, {age: {gte: 18}}]", "or"

    def sentence(self) -> str:
        return "any of these:"

    def lower(self, scope: Scope) -> Predicate:
        return some(self.lowered(scope))


class NoneOf(Group):
    """Not one of them holds."""

    word, example = "none", "[{country: UA}, {age: {gte: 18}}]"

    def sentence(self) -> str:
        return "none of these:"

    def lower(self, scope: Scope) -> Predicate:
        return Not(some(self.lowered(scope)))


class Negation(Condition):
    """It does not hold: true for exactly the users for whom the condition is false, missing values included."""

    word, example = "not", "{country: UA}"
    whole = "of"
    of: ConditionField

    def sentence(self) -> str:
        return "not:"

    def parts(self) -> tuple[Condition, ...]:
        return (self.of,)

    def lower(self, scope: Scope) -> Predicate:
        return Not(scope.lowered(self.of))


class Attribute(Condition):
    """Every test holds for the column's value: the long form of `COLUMN: …`, for a column named like a condition."""

    word, example = "attribute", "{name: country, is: UA}"
    name: Scalar
    _tests: tuple[Test, ...] = PrivateAttr(default=())

    @property
    def tests(self) -> tuple[Test, ...]:
        return self._tests

    @classmethod
    def tests_beside(cls) -> dict[str, type[Test]]:
        return TESTS

    @classmethod
    def parse(cls, node: Any) -> Self:
        if not isinstance(node, Fields) or "name" not in node:
            raise wrong("`attribute` needs `name`", "write `attribute: {name: COLUMN, is: …}`", node.key_mark)
        tests = Fields({word: value for word, value in node.items() if word != "name"}, node.mark, node.key_mark)
        faults = Faults()
        with faults.kept(node["name"]):
            to_literal(node["name"])
        with faults.kept(tests):
            to_tests(tests)
        faults.raise_any()
        return cls.of_column(node["name"], tests)

    @classmethod
    def of_column(cls, name: Scalar, tests: Any) -> Self:
        clause = cls.model_validate(Fields({"name": name}, name.mark))
        clause._mark, clause._tests = name.mark, to_tests(tests)
        return clause

    def sentence(self) -> str:
        return f"{self.name.text} {together(self.tests)}"

    def lower(self, scope: Scope) -> Predicate:
        subject = scope.subject(self.name.text, self.mark, CONDITIONS, self._hint(scope))
        return every([test.put_to(subject, scope) for test in self.tests]) if subject else NOBODY

    def _hint(self, scope: Scope) -> str:
        """What is meant where a test or an event stands in a column's place."""
        name = self.name.text
        if name in scope.events.tables:
            return f"it is an event: write `did: {{event: {name}, …}}`"
        return f"it is a test: write it inside, as in `did: {{event: …, {name}: …}}`" if name in TESTS else ""


class InSegment(Condition):
    """A member of this segment, or of any of them, as decided in this same run; of a static one: its frozen members."""

    word, example = "in_segment", "vip"
    whole = "names"
    names: Literals

    def sentence(self) -> str:
        return f"in segment {quoted(self.names)}"

    def lower(self, scope: Scope) -> Predicate:
        return NOBODY if self.is_misplaced(scope) else some([self._member(name, scope) for name in self.names])

    def _member(self, name: Scalar, scope: Scope) -> Predicate:
        if name.text in scope.segments:
            return Member(name.text)
        hint = near_name(name.text, scope.segments) or "segments: " + shortened(sorted(scope.segments))
        return scope.problem(name.mark, f"there is no segment `{name.text}`", hint)


def to_metres(node: Any) -> float:
    text = to_word(node)
    found = re.fullmatch(r"([0-9]{1,9}(?:\.[0-9]{1,9})?)\s?(m|km|mi)", text)
    if not found:
        raise wrong(f"`{text}` is not a distance", "write 500m, 25km or 10mi")
    return float(found[1]) * METRES[found[2]]


def to_point(node: Any) -> tuple[float, float]:
    texts = [to_word(item) for item in node] if isinstance(node, Items) else []
    if len(texts) != 2 or not all(re.fullmatch(r"-?[0-9]{1,3}(\.[0-9]{1,15})?", text) for text in texts):
        raise wrong("a point is two numbers, latitude and longitude", "write [50.45, 30.52]")
    latitude, longitude = float(texts[0]), float(texts[1])
    if abs(latitude) > 90 or abs(longitude) > 180:
        raise wrong(f"[{texts[0]}, {texts[1]}] is not on the globe", "latitude comes first, then longitude")
    return latitude, longitude


class NearPoint(Condition):
    """At most this far from a point along the great circle (a sphere of 6,371.0088 km); `m`, `km` or `mi`."""

    word, example = "near", "{lat: lat, lon: lon, point: [50.45, 30.52], radius: 25km}"
    lat: Scalar
    lon: Scalar
    point: Annotated[tuple[float, float], BeforeValidator(to_point)]
    radius: Annotated[float, BeforeValidator(to_metres)]

    def sentence(self) -> str:
        return f"within {self.radius / 1000:g} km of {self.point[0]:g}, {self.point[1]:g}"

    def lower(self, scope: Scope) -> Predicate:
        latitude, longitude = self._degrees(self.lat, scope), self._degrees(self.lon, scope)
        if latitude is None or longitude is None:
            return NOBODY
        return Near(latitude, longitude, self.point, self.radius)

    def _degrees(self, name: Scalar, scope: Scope) -> Column | None:
        subject = scope.subject(name.text, name.mark)
        if subject and not subject.kind.is_number:
            scope.problem(name.mark, f"`near` needs numbers, and `{name.text}` is {subject.kind}")
            return None
        return subject.value if subject and isinstance(subject.value, Column) else None


class Sample(Condition):
    """A stable share of users, by the SHA-256 of `salt:key`; the salt is the segment's name where none is given."""

    word, example = "sample", "{percent: 10, salt: spring-test}"
    percent: Percent
    salt: Word | None = None

    def sentence(self) -> str:
        return f"in a stable sample of {self.percent} %" + (f" (salt {self.salt})" if self.salt else "")

    def lower(self, scope: Scope) -> Predicate:
        if self.is_misplaced(scope):
            return NOBODY
        return bucket(self.salt or scope.segment, self.percent)


class Everyone(Condition):
    """Always holds."""

    word, example = "everyone", "true"
    whole = "value"
    value: Flag

    def sentence(self) -> str:
        return "everyone"

    def lower(self, scope: Scope) -> Predicate:
        if not self.value:
            return scope.problem(self.mark, "`everyone` takes `true` only", "for nobody write `none: [...]`")
        return EVERYONE
