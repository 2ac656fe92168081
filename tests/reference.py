"""The naive evaluator that every engine is held against: segments and a world go in, members come out.

It is written from the language page alone, one user at a time, and imports nothing of segtool.
"""

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from fractions import Fraction
from hashlib import sha256
from typing import Any

from tests.reference_events import Behaviour, did, events_of, regularly, sequence
from tests.reference_time import Clock
from tests.reference_values import (
    NUMBERS,
    TIMES,
    Kind,
    Row,
    Subject,
    as_flag,
    as_list,
    as_mapping,
    as_number,
    as_text,
    as_texts,
    column,
    passes,
)

EARTH_METRES = 6_371_008.8
METRES = {"km": 1000.0, "mi": 1609.344, "m": 1.0}


@dataclass(frozen=True)
class World:
    """What a run sees: the tables with their kinds, the clock, and the frozen static segments."""

    zone: str
    as_of: datetime
    key: str
    kinds: Mapping[str, Kind]
    users: Sequence[Row]
    events: Sequence[Row] = ()
    event_kinds: Mapping[str, Kind] = field(default_factory=dict)
    static: Mapping[str, set[str]] = field(default_factory=dict)

    @property
    def clock(self) -> Clock:
        return Clock(self.as_of.astimezone(UTC), self.zone)

    @property
    def columns(self) -> Mapping[str, Kind]:
        return {self.key: "text", **self.kinds}

    @property
    def event_columns(self) -> Mapping[str, Kind]:
        return {self.key: "text", "event": "text", "at": "datetime", **self.event_kinds}

    def key_of(self, user: Row) -> str:
        return str(user[self.key])


def members(segments: Mapping[str, object], world: World) -> dict[str, set[str]]:
    """The keys of every segment's members."""
    run = Run(segments, world)
    return {name: run.members(name) for name in segments}


def holds(
    condition: object,
    user: Row,
    world: World,
    segment: str = "s",
    segments: Mapping[str, object] | None = None,
) -> bool:
    """Whether the condition holds for the user; the name of its segment is what salts a sample."""
    return Run(segments or {}, world).holds(condition, user, segment)


class Run:
    """One evaluation: what was decided of a segment holds for all that refer to it."""

    def __init__(self, segments: Mapping[str, object], world: World) -> None:
        self.segments, self.world, self.clock = segments, world, world.clock
        self.decided: dict[str, set[str]] = {name: set(keys) for name, keys in world.static.items()}
        self.deciding: list[str] = []

    def members(self, name: str) -> set[str]:
        if name in self.decided:
            return self.decided[name]
        if name in self.deciding or name not in self.segments:
            raise ValueError(f"no such segment, or one that refers to itself: {name!r}")
        self.deciding.append(name)
        self.decided[name] = self.decide(name, as_mapping(self.segments[name]))
        self.deciding.pop()
        return self.decided[name]

    def decide(self, name: str, segment: Mapping[str, object]) -> set[str]:
        """Those who match, less the excluded, cut by top or bottom, plus the included."""
        users = self.world.users
        excluded = as_texts(segment["exclude"]) if "exclude" in segment else []
        matching = [user for user in users if self.holds(segment["where"], user, name)]
        kept = self.cut([user for user in matching if self.world.key_of(user) not in excluded], segment)
        return ({self.world.key_of(user) for user in kept} | self.added(segment)) - set(excluded)

    def added(self, segment: Mapping[str, object]) -> set[str]:
        """The included keys; of those that the table lacks, only a static segment makes members."""
        included = set(as_texts(segment["include"])) if "include" in segment else set()
        known = {self.world.key_of(user) for user in self.world.users}
        return included if segment.get("kind") == "static" else included & known

    def cut(self, users: list[Row], segment: Mapping[str, object]) -> list[Row]:
        for word, descending in (("top", True), ("bottom", False)):
            if word in segment:
                users = self.first_by(users, as_mapping(segment[word]), descending)
        return users

    def first_by(self, users: list[Row], words: Mapping[str, object], descending: bool) -> list[Row]:
        """The users with the largest (or smallest) values; of equal ones, the smaller key by bytes."""
        valued = [(self.rank(user, as_text(words["by"])), user) for user in users]
        ranked = [(value, user) for value, user in valued if value is not None]
        ranked.sort(key=lambda pair: self.world.key_of(pair[1]).encode())
        ranked.sort(key=lambda pair: pair[0], reverse=descending)
        return [user for _, user in ranked[: places(words, len(ranked))]]

    def rank(self, user: Row, name: str) -> Any:
        value, kind = self.column(user, name)
        if kind not in NUMBERS + TIMES:
            raise ValueError(f"{name!r} has no order")
        return value

    def column(self, user: Row, name: str) -> tuple[object, Kind]:
        return column(user, self.world.columns, name)

    def holds(self, condition: object, user: Row, segment: str) -> bool:
        """Whether a condition of the segment holds for the user."""
        return holds_all(condition, lambda word, tree: self.word_holds(word, tree, user, segment))

    def word_holds(self, word: str, tree: object, user: Row, segment: str) -> bool:
        if word in LOGIC:
            return LOGIC[word](tree, lambda part: self.holds(part, user, segment))
        if word in BEHAVIOUR:
            return BEHAVIOUR[word](tree, self.behaviour(user))
        match word:
            case "in_segment":
                return any(self.world.key_of(user) in self.members(name) for name in as_texts(tree))
            case "near":
                return self.is_near(as_mapping(tree), user)
            case "sample":
                return is_sampled(as_mapping(tree), self.world.key_of(user), segment)
            case "everyone" if as_flag(tree):
                return True
        name, tests = named_tests(word, tree)
        return passes(tests, self.subject(user, name), self.clock)

    def subject(self, user: Row, name: str) -> Subject:
        users = self.world.users
        value, kind = self.column(user, name)
        return Subject(value, kind, lambda: [self.column(other, name)[0] for other in users])

    def behaviour(self, user: Row) -> Behaviour:
        world = self.world
        return Behaviour(
            events=events_of(world.key_of(user), world.events, world.key, self.clock),
            kinds=world.event_columns,
            clock=self.clock,
            holds_for_row=self.holds_for_event,
            everyone=lambda: [self.behaviour(other) for other in world.users],
        )

    def holds_for_event(self, condition: object, row: Row) -> bool:
        """`where` beside `event`: logic, and tests of the event row's own columns."""

        def word_holds(word: str, tree: object) -> bool:
            if word in LOGIC:
                return LOGIC[word](tree, lambda part: self.holds_for_event(part, row))
            name, tests = named_tests(word, tree)
            return passes(tests, Subject(*column(row, self.world.event_columns, name)), self.clock)

        return holds_all(condition, word_holds)

    def is_near(self, words: Mapping[str, object], user: Row) -> bool:
        latitude, _ = self.column(user, as_text(words["lat"]))
        longitude, _ = self.column(user, as_text(words["lon"]))
        if not isinstance(latitude, Fraction) or not isinstance(longitude, Fraction):
            return False
        point = [float(as_number(degrees)) for degrees in as_list(words["point"])]
        return haversine((float(latitude), float(longitude)), (point[0], point[1])) <= metres(words["radius"])


def holds_all(condition: object, word_holds: Callable[[str, object], bool]) -> bool:
    """Several keys in one mapping must all hold, and a list means all of its items."""
    if isinstance(condition, list):
        return all(holds_all(part, word_holds) for part in as_list(condition))
    return all(word_holds(word, tree) for word, tree in as_mapping(condition).items())


LOGIC: dict[str, Callable[[object, Callable[[object], bool]], bool]] = {
    "all": lambda tree, holds: all(holds(part) for part in as_list(tree)),
    "any": lambda tree, holds: any(holds(part) for part in as_list(tree)),
    "none": lambda tree, holds: not any(holds(part) for part in as_list(tree)),
    "not": lambda tree, holds: not holds(tree),
}
BEHAVIOUR: dict[str, Callable[[object, Behaviour], bool]] = {
    "did": did,
    "did_not": lambda tree, behaviour: not did(tree, behaviour),
    "sequence": sequence,
    "regularly": regularly,
}


def named_tests(word: str, tree: object) -> tuple[str, object]:
    """The column that a condition names, and its tests; `attribute` names one that is called like a word."""
    if word != "attribute":
        return word, tree
    words = as_mapping(tree)
    return as_text(words["name"]), {test: argument for test, argument in words.items() if test != "name"}


def places(words: Mapping[str, object], number: int) -> int:
    if "count" in words:
        return int(as_number(words["count"]))
    return math.ceil(as_number(words["percent"]) * number / 100)


def is_sampled(words: Mapping[str, object], key: str, segment: str) -> bool:
    salt = as_text(words.get("salt", segment))
    drawn = int.from_bytes(sha256(f"{salt}:{key}".encode()).digest()[:4], "big")
    return drawn < as_number(words["percent"]) / 100 * 2**32


def haversine(one: tuple[float, float], other: tuple[float, float]) -> float:
    """Metres along the great circle between two points given as latitude and longitude in degrees."""
    (lat1, lon1), (lat2, lon2) = (tuple(map(math.radians, point)) for point in (one, other))
    across = math.sin((lat2 - lat1) / 2) ** 2
    along = math.cos(lat1) * math.cos(lat2) * math.sin((lon2 - lon1) / 2) ** 2
    return 2 * EARTH_METRES * math.asin(math.sqrt(min(1.0, across + along)))


def metres(radius: object) -> float:
    text = as_text(radius)
    unit = next((unit for unit in METRES if text.endswith(unit)), "")
    if not unit:
        raise ValueError(f"not a distance: {text!r}")
    return float(as_number(text.removesuffix(unit))) * METRES[unit]
