"""Every expectation of the spec's grids holds in the reference evaluator."""

import re
from pathlib import Path

import pytest
from _pytest.mark.structures import ParameterSet

from tests.reference import World, holds, members
from tests.spec.grids import Expectation, Grid, grids, read_grid, read_yaml

# The words of the language page, sections 1 to 5, that say who is in a segment.
WORDS = set(
    re.findall(
        r"\w+",
        """
        all any none not attribute did did_not sequence regularly in_segment near sample everyone
        is is_not in not_in is_set gt gte lt lte between contains not_contains starts_with ends_with
        matches ignore_case has has_any has_all has_none size has_element before after on in_last
        more_than_ago in_next more_than_ahead in_period anniversary age weekday month day_of_month hour
        percentile event where count days sum avg min max distinct first last first_value last_value
        steps within every periods of lat lon point radius percent salt top bottom include exclude by
        """,
    )
)

FILES = sorted(Path(__file__).parent.glob("*.txt"))


PEOPLE = """# People.
as-of: 2026-06-15T12:00:00Z
zone: UTC

user_id | age:integer | city:text | born:date  | likes:list
a       | 30          | Kyiv      | 1990-01-01 | hats
"""


AN_EVENT = "user_id | event | at | amount:number\na | e | 2026-06-01T10:00:00Z | 5"


def listed(*, conditions_only: bool = False) -> list[ParameterSet]:
    return [
        pytest.param(grid, expectation, id=f"{path.stem}-{expectation.line}")
        for path in FILES
        for grid in grids(path)
        for expectation in grid.expectations
        if not (conditions_only and expectation.segment)
    ]


def world(grid: Grid) -> World:
    return World(
        zone=grid.zone,
        as_of=grid.as_of,
        key=grid.key,
        kinds=grid.kinds,
        users=grid.users,
        events=grid.events,
        event_kinds=grid.event_kinds,
        static=grid.frozen,
    )


def decided(condition: object, grid: Grid) -> set[str]:
    segments = {**grid.segments, "s": {"where": condition}}
    return members(segments, world(grid))["s"]


@pytest.mark.parametrize(("grid", "expectation"), listed())
def test_a_grid_holds(grid: Grid, expectation: Expectation) -> None:
    if expectation.segment:
        found = members({**grid.frozen, **grid.segments}, world(grid))[expectation.segment]
    else:
        found = decided(expectation.condition, grid)
    assert found == expectation.members


@pytest.mark.parametrize(("grid", "expectation"), listed(conditions_only=True))
def test_a_condition_and_its_negation_split_the_users(grid: Grid, expectation: Expectation) -> None:
    everyone = {str(user[grid.key]) for user in grid.users}
    assert decided({"not": expectation.condition}, grid) == everyone - expectation.members


def test_holds_decides_one_user_with_the_segment_as_the_salt() -> None:
    sampled = grids(Path(__file__).parent / "near_and_sample.txt")[2]
    half, user = {"sample": {"percent": "50"}}, {"user_id": "c"}
    assert holds(half, user, world(sampled), segment="spring")
    assert not holds(half, user, world(sampled), segment="spring-test")
    assert holds({"in_segment": "spring"}, user, world(sampled), segments=sampled.segments)


def words(tree: object) -> set[str]:
    if isinstance(tree, dict):
        return set(tree) | words(list(tree.values()))
    return set().union(*map(words, tree)) if isinstance(tree, list) else set()


def test_every_word_of_the_language_has_an_expectation() -> None:
    found = [grid for path in FILES for grid in grids(path)]
    conditions = [one.condition for grid in found for one in grid.expectations if not one.segment]
    assert set() == WORDS - words([*conditions, *(grid.segments for grid in found)])


@pytest.mark.parametrize(
    ("condition", "problem"),
    [
        ("age: old", "not a number: 'old'"),
        ("age: {is: ''}", "an empty one: ''"),
        ("age: {in: []}", "an empty one: []"),
        ("age: {contains: 3}", "'contains' is no test of a integer"),
        ("age: {}", "not a mapping: {}"),
        ("age: {is: 30, ignore_case: true}", "a integer has no case to ignore"),
        ("city: {gt: Kyiv}", "'gt' is no test of a text"),
        ("city: {ignore_case: true}", "no test here"),
        ("born: 1990", "not a date: '1990'"),
        ("born: {in_last: 12h}", "a date has no h"),
        ("born: {in_last: 12}", "not a duration: '12'"),
        ("born: {hour: 9}", "'hour' is no test of a date"),
        ("born: {in_period: last_decade}", "not a period: 'decade'"),
        ("born: {anniversary: {before: 1d}}", "an anniversary has no 'before'"),
        ("likes: {gt: 1}", "'gt' is no test of a list"),
        ("likes: {has_element: {sku: cap}}", "not a struct: 'text'"),
        ("town: Kyiv", "no column 'town'"),
        ("all: []", "an empty one: []"),
        ("{}", "not a mapping: {}"),
        ("everyone: false", "no column 'everyone'"),
        ("in_segment: unwritten", "no such segment, or one that refers to itself: 'unwritten'"),
        ("in_segment: s", "no such segment, or one that refers to itself: 's'"),
        ("did: {event: e, where: {amount: {percentile: 50}}}", "percentile is not allowed here"),
        ("did: {event: e, sum: {city: 5}}", "no column 'city'"),
        ("near: {lat: age, lon: age, point: [0, 0], radius: 5}", "not a distance: '5'"),
    ],
)
def test_the_reference_refuses_what_it_cannot_read(condition: str, problem: str) -> None:
    grid = read_grid(numbered(f"{PEOPLE}\nevents:\n{AN_EVENT}"))
    with pytest.raises(ValueError, match=re.escape(problem)):
        decided(read_yaml(condition), grid)


@pytest.mark.parametrize(
    ("line", "problem"),
    [
        ("age: 30 - a", "no ' -> '"),
        ("events:\nuser_id | event | at\na | e", "2 cells under 3 columns"),
        ("events:\nuser_id | event | at | amount:money", "not a kind: 'money'"),
    ],
)
def test_a_grid_that_cannot_be_read_is_refused(line: str, problem: str) -> None:
    with pytest.raises(ValueError, match=re.escape(problem)):
        read_grid(numbered(f"{PEOPLE}\n{line}"))


def numbered(text: str) -> list[tuple[int, str]]:
    return list(enumerate(text.splitlines(), 1))
