"""Conditions on a row: tests of its columns, logic, and what can be asked about a user alone."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from hypothesis import strategies as st

from segtool.compile.vocabulary import CONDITIONS
from tests.generated.arguments import OF_TESTS, Tree, goes_with, of_value
from tests.generated.tables import COLUMNS, columns_in_reach
from tests.generated.values import Setting, plain
from tests.reference_values import Kind

LOGIC = ("all", "any", "none", "not")


@dataclass(frozen=True)
class Reach:
    """What a condition may ask about."""

    columns: Mapping[str, Kind]
    segments: tuple[str, ...]
    setting: Setting
    salted: bool = True
    """Samples name their salt: else a segment and its negation have different ones."""
    event_columns: Mapping[str, Kind] = field(default_factory=dict)
    behaviours: Mapping[str, Group] = field(default_factory=dict)
    """Conditions on the events, which this module leaves to another."""
    is_event: bool = False

    @property
    def events(self) -> Reach:
        """What `where` may ask about an event."""
        return Reach(self.event_columns, (), self.setting, is_event=True)

    def words(self, depth: int) -> list[str]:
        """The words that can be used here."""
        found = ["attribute", "attribute", *([] if self.is_event else ["sample", "everyone"])]
        found += ["near"] * 2 if {"lat", "lon"} <= set(self.columns) else []
        found += ["in_segment"] * 2 if self.segments else []
        found += [*self.behaviours] * 2
        return [*found, *LOGIC] if depth else found

    def fitting(self) -> dict[str, list[str]]:
        """The columns that each test goes with, but for those that are called like a condition."""
        names = [name for name in self.columns if name not in CONDITIONS]
        found = {word: [name for name in names if self.takes(name, word)] for word in OF_TESTS}
        return {word: columns for word, columns in found.items() if columns}

    def takes(self, name: str, word: str) -> bool:
        return goes_with(word, plain(self.columns[name]), self.is_event)

    def tests_of(self, name: str, word: str = "", *, long: bool = False) -> st.SearchStrategy[Tree]:
        return of_value(self.columns[name], self.setting, inside=self.is_event, word=word, long=long)


Group = Callable[[Reach, int], st.SearchStrategy[Tree]]


def reach_of(names: tuple[str, ...], segments: tuple[str, ...], setting: Setting, *, salted: bool = True) -> Reach:
    columns = columns_in_reach({"id": "text", **{name: COLUMNS[name] for name in names}})
    return Reach(columns, segments, setting, salted)


@st.composite
def conditions(draw: st.DrawFn, reach: Reach, depth: int) -> Tree:
    """One clause, two in a mapping, or a list of conditions that must all hold."""
    form = draw(st.integers(0, 9))
    if form == 0 and depth:
        return draw(st.lists(conditions(reach, depth - 1), min_size=1, max_size=3))
    tree: dict[str, Tree] = {}
    for _ in range(2 if form < 3 else 1):
        tree |= draw(clauses(reach, depth))
    return tree


@st.composite
def clauses(draw: st.DrawFn, reach: Reach, depth: int) -> Tree:
    """A condition by its word, or (mostly) a test by its word and then a column that it goes with."""
    if draw(st.integers(0, 9)) < 3:
        word = draw(st.sampled_from(reach.words(depth)))
        return {word: draw((reach.behaviours.get(word) or OF_CONDITIONS[word])(reach, depth))}
    fitting = reach.fitting()
    word = draw(st.sampled_from(sorted(fitting)))
    name = draw(st.sampled_from(fitting[word]))
    return {name: draw(reach.tests_of(name, word) | reach.tests_of(name))}


def group(reach: Reach, depth: int) -> st.SearchStrategy[Tree]:
    return st.lists(conditions(reach, depth - 1), min_size=1, max_size=3)


@st.composite
def attributes(draw: st.DrawFn, reach: Reach, depth: int) -> Tree:
    name = draw(st.sampled_from(sorted(reach.columns)))
    return {"name": name, **draw(reach.tests_of(name, long=True))}


def near(reach: Reach, depth: int) -> st.SearchStrategy[Tree]:
    column = st.sampled_from(["lat", "lon"])
    points = st.sampled_from([["50.45", "30.52"], ["0", "-180"], ["-90", "0"], ["90", "12.5"]])
    radii = st.sampled_from(["0m", "1m", "25km", "1000mi", "15000.5km", "30000km"])
    return st.fixed_dictionaries({"lat": column, "lon": column, "point": points, "radius": radii})


def sample(reach: Reach, depth: int) -> st.SearchStrategy[Tree]:
    percent = st.sampled_from(["0", "10", "33.3", "50", "99.999999999", "100"])
    words = {"percent": percent, "salt": st.sampled_from(["spring", "ключ"])}
    salted = st.fixed_dictionaries(words)
    return salted if reach.salted else salted | st.fixed_dictionaries({"percent": percent})


OF_CONDITIONS: dict[str, Group] = {
    "all": group,
    "any": group,
    "none": group,
    "not": lambda reach, depth: conditions(reach, depth - 1),
    "attribute": attributes,
    "in_segment": lambda reach, depth: st.lists(st.sampled_from(reach.segments), min_size=1, max_size=2),
    "near": near,
    "sample": sample,
    "everyone": lambda reach, depth: st.just("true"),
}
