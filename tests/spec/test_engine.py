"""Every expectation of the spec's grids about attributes holds in segtool itself."""

import pytest
from _pytest.mark.structures import ParameterSet

from segtool.compile.base import LATER
from segtool.errors import DefinitionError
from tests.engine import members
from tests.spec.grids import Expectation, Grid, read_grid, read_yaml
from tests.spec.test_reference import PEOPLE, listed, numbered, words, world


def is_known(parameters: ParameterSet) -> bool:
    """Whether this version knows every word of an expectation, and of the segments that it may refer to."""
    grid, expectation = parameters.values
    assert isinstance(grid, Grid)
    assert isinstance(expectation, Expectation)
    return LATER.isdisjoint(words([read_yaml(expectation.text), grid.segments]))


def known(parameters: list[ParameterSet]) -> list[ParameterSet]:
    later = pytest.mark.skip(reason="its words come in a later version")
    return [
        one if is_known(one) else pytest.param(*one.values, id=one.id, marks=later) for one in parameters
    ]


def decided(condition: object, grid: Grid) -> set[str]:
    return members({**grid.segments, "s": {"where": condition}}, world(grid))["s"]


@pytest.mark.parametrize(("grid", "expectation"), known(listed()))
def test_a_grid_holds(grid: Grid, expectation: Expectation) -> None:
    if expectation.segment:
        found = members({**grid.frozen, **grid.segments}, world(grid))[expectation.segment]
    else:
        found = decided(expectation.condition, grid)
    assert found == expectation.members


@pytest.mark.parametrize(("grid", "expectation"), known(listed(conditions_only=True)))
def test_a_condition_and_its_negation_split_the_users(grid: Grid, expectation: Expectation) -> None:
    everyone = {str(user[grid.key]) for user in grid.users}
    assert decided({"not": expectation.condition}, grid) == everyone - expectation.members
