"""Of random segments over random worlds, every user is told what the reference decides of them; and every smallest
change that is offered makes a member when it is made."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, date, timedelta
from typing import Any, cast
from zoneinfo import ZoneInfo

import pytest
from hypothesis import settings
from hypothesis import strategies as st

from segtool.compile.plan import Surroundings
from segtool.engine.decide import decide
from segtool.explain.alone import Alone
from segtool.explain.apart import apart
from segtool.explain.open_ends import open_ends
from segtool.explain.smallest import asked_of, found_change
from segtool.model.person import Change, Edit, Person, SetValue, changed
from segtool.model.time import Clock
from tests import engine, reference
from tests.generated.examples import Example, behaviour_examples, examples, webs_of_segments
from tests.generated.rounds import SUITE, check_each
from tests.reference import World
from tests.reference_values import Row

SOME = {examples: 30, webs_of_segments: 60, behaviour_examples: 10}
"""Examples of each sort: each has a dozen segments, and each is searched for each of its users."""


def everybody_alone(example: Example) -> list[Alone]:
    """Each user of a world apart from all others."""
    world = example.world
    dynamic = {name: tree for name, tree in example.segments.items() if name not in world.static}
    plan, tables = engine.planned(dynamic, world), engine.stored(engine.read_table(world), engine.read_events(world))
    frozen = {name: lambda keys=keys: tuple(keys) for name, keys in world.static.items()}
    members = {name: one.members for name, one in decide(plan, tables, frozen).decisions.items()}
    clock = Clock(world.as_of.astimezone(UTC), ZoneInfo(world.zone))
    names = engine.event_names(world)
    around = Surroundings(engine.schema_of(world), clock, names, frozenset(world.static))
    rows = [row for row in range(tables.users.size) if tables.users.present[row >> 3] >> (row & 7) & 1]
    return [apart(row, plan.segments, tables, around, frozen, members) for row in rows]


def assert_told_as_it_is(example: Example, offered: list[Change]) -> None:
    everyone, world = reference.members(example.segments, example.world), example.world
    clock = Clock(world.as_of.astimezone(UTC), ZoneInfo(world.zone))
    for alone in everybody_alone(example):
        key, members = alone.person.key, alone.members(alone.person)
        assert members == {name: key in everyone[name] for name in members}, key
        for planned in alone.segments:
            change = () if members[planned.name] else found_change(alone, planned.name, clock)
            if change:
                offered.append(change)
            for made in [change, far_beyond(alone, planned.name, change)] if change else ():
                after = with_person(world, changed(alone.person, made))
                assert key in reference.members(example.segments, after)[planned.name], (planned.name, change, made)


def far_beyond(alone: Alone, name: str, change: Change) -> Change:
    """The change with values much further away, where it is told that these do as well."""
    ends = open_ends(alone, asked_of(alone, name), name, change)
    return tuple(_further(edit, ends[at]) if at in ends else edit for at, edit in enumerate(change))


def _further(edit: Edit, end: str) -> Edit:
    assert isinstance(edit, SetValue)
    step = timedelta(days=400) if isinstance(edit.value, date) else 1000
    return replace(edit, value=edit.value + step if end in (" or more", " or later") else edit.value - step)


def with_person(world: World, person: Person) -> World:
    """The world in which one user is as this one, as far as that is known."""
    users = [_with_cells(row, person) if world.key_of(row) == person.key else row for row in world.users]
    others = [row for row in world.events if str(row[world.key]) != person.key]
    own = [cast("Row", {**one.cells, world.key: person.key}) for one in person.events.values()]
    return replace(world, users=users, events=[*others, *own])


def _with_cells(row: Row, person: Person) -> Row:
    cells = {name: value for name, value in person.cells.items() if name in row or "." in name}
    flat = {name: value for name, value in cells.items() if "." not in name and name != "id"}
    found: dict[str, Any] = {**row, **flat}
    for name, value in cells.items():
        if "." in name:
            outer, field = name.split(".")
            found[outer] = {**(found.get(outer) or {}), field: value}
    return cast("Row", found)


@pytest.mark.parametrize("sort", SOME)
def test_users_are_told_what_the_reference_decides_and_changes_that_make_members(
    sort: Callable[[], st.SearchStrategy[Example]],
) -> None:
    offered: list[Change] = []
    check_each(sort(), lambda example: assert_told_as_it_is(example, offered), settings(SUITE, max_examples=SOME[sort]))
    assert len(offered) >= 2 * SOME[sort]
