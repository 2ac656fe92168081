"""Every expectation of the spec's grids holds in segtool itself."""

import pytest

from segtool.errors import DefinitionError
from tests.engine import members
from tests.spec.grids import Expectation, Grid, read_grid, read_yaml
from tests.spec.test_reference import PEOPLE, listed, numbered, world


def decided(condition: object, grid: Grid) -> set[str]:
    return members({**grid.segments, "s": {"where": condition}}, world(grid))["s"]


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


@pytest.mark.parametrize(
    ("condition", "problem"),
    [
        ("age: old", "`old` does not fit: `age` is integer"),
        ("age: {is: ''}", "an empty value is no literal"),
        ("age: {in: []}", "the list is empty"),
        ("age: {contains: 3}", "`contains` does not go with `age`, which is integer"),
        ("age: {}", "a test is missing here"),
        ("age: {is: 30, ignore_case: true}", "`ignore_case` is for text; `age` is integer"),
        ("city: {gt: Kyiv}", "`gt` does not go with `city`, which is text"),
        ("city: {ignore_case: true}", "a test is missing here"),
        ("born: 1990", "`1990` does not fit: `born` is date"),
        ("born: {in_last: 12h}", "`12h` is shorter than a day, and `born` is a date"),
        ("born: {in_last: 12}", "`12` is not a duration"),
        ("born: {hour: 9}", "`hour` does not go with `born`, which is date"),
        ("born: {in_period: last_decade}", "`last_decade` is not a period"),
        ("born: {anniversary: {before: 1d}}", "unknown key `before`"),
        ("likes: {gt: 1}", "`gt` does not go with `likes`, which is list of text"),
        ("likes: {has_element: {sku: cap}}", "`likes` is a list of text, whose elements have no fields"),
        ("town: Kyiv", "there is no column `town`"),
        ("all: []", "the list is empty"),
        ("{}", "an empty group is not a condition"),
        ("everyone: false", "`everyone` takes `true` only"),
        ("in_segment: unwritten", "there is no segment `unwritten`"),
        ("in_segment: s", "segments refer to each other in a circle: s → s"),
        ("near: {lat: age, lon: age, point: [0, 0], radius: 5}", "`5` is not a distance"),
    ],
)
def test_a_condition_that_cannot_be_read_is_refused_with_its_one_problem(condition: str, problem: str) -> None:
    grid = read_grid(numbered(PEOPLE))
    with pytest.raises(DefinitionError) as refused:
        decided(read_yaml(condition), grid)
    assert [problem] == [one.fact for one in refused.value.problems]


ORDERS = """# Orders.
as-of: 2026-06-15T12:00:00Z
zone: UTC

user_id | age:integer | name:text | orders:{list: {struct: {sku: text}}}
a       | 30          | İ         | [{sku: cap}]
b       | 17          | Ab        |
"""


@pytest.mark.parametrize(
    ("condition", "problem"),
    [
        ("orders: {has_element: {sample: {percent: 10}}}", "`sample` is of users, so it cannot stand here"),
        ("orders: {has_element: {in_segment: s}}", "`in_segment` is of users, so it cannot stand here"),
        ("orders: {has_element: {did: e}}", "`did` is of users, so it cannot stand here"),
        ("orders: {has_element: {sku: {percentile: 5}}}", "`percentile` does not go with `sku`, which is text"),
        ("orders: {has_element: {points: 5}}", "there is no column `points`"),
        ("age: {percentile: {percentile: 5}}", "`percentile` is among users, so it cannot stand here"),
    ],
)
def test_what_is_asked_of_users_is_refused_of_an_element_and_of_a_rank(condition: str, problem: str) -> None:
    with pytest.raises(DefinitionError) as refused:
        decided(read_yaml(condition), read_grid(numbered(ORDERS)))
    assert [problem] == [one.fact for one in refused.value.problems]


@pytest.mark.parametrize(
    ("pattern", "members"),
    [("^.$", set()), ("^..$", {"a", "b"}), ("^AB$", {"b"}), ("(?x) a b # a comment", {"b"})],
)
def test_an_expression_that_ignores_case_is_put_to_the_text_in_lower_case(pattern: str, members: set[str]) -> None:
    condition = {"name": {"matches": pattern, "ignore_case": "true"}}
    assert decided(condition, read_grid(numbered(ORDERS))) == members
