"""Negative tests are told where most users pass them without a value; windows where they start before the events."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any, cast

import pytest
import yaml

from segtool.compile.lint import findings
from segtool.compile.lint_tables import Figures
from tests import engine
from tests.compile.test_lint_agrees import FEWER, column_examples
from tests.compile.unsaid import surroundings
from tests.generated.arguments import Tree
from tests.generated.examples import Example
from tests.generated.rounds import check_each
from tests.reference import World
from tests.test_vocabulary import PEOPLE

FIRST = datetime(2026, 5, 1, tzinfo=UTC)


def told(where: Tree, figures: Figures, world: World = PEOPLE) -> list[str]:
    segments = engine.written({"s": {"where": where}})
    bare = findings(segments, surroundings(world))
    return [one.fact for one in findings(segments, surroundings(world), figures) if one not in bare]


def of_missing(where: Tree, world: World = PEOPLE) -> list[str]:
    return told(where, Figures(is_mostly_missing=lambda column: True), world)


@pytest.mark.parametrize(
    "where",
    [
        "{country: {is_not: UA}}",
        "{country: {not_in: [UA, PL]}}",
        "{country: {not_contains: U}}",
        "{not: {country: {starts_with: U}}}",
        "{none: [{age: {gte: 5}}, {everyone: true}]}",
        "{likes: {has_none: [a]}}",
        "{not: {born: {age: {gte: 18}}}}",
        "{any: [{country: {is_not: UA}}, {country: PL}]}",
    ],
)
def test_a_negative_test_of_a_mostly_missing_column_is_told(where: str) -> None:
    (fact,) = of_missing(yaml.load(where, yaml.BaseLoader))
    assert " holds for more than half of the users because they have no `" in fact


@pytest.mark.parametrize(
    "where",
    [
        "{country: UA}",
        "{country: {is_set: false}}",
        "{country: {is_set: true, is_not: UA}}",
        "[{country: {is_not: UA}}, {country: {starts_with: U}}]",
        "{not: {likes: {size: {lte: 3}}}}",
        "{not: {country: {is_not: UA}}}",
        "{did: {event: purchase, where: {amount: {is_not: 5}}}}",
    ],
)
def test_a_test_that_a_missing_value_does_not_pass_or_that_asks_for_it_is_not(where: str) -> None:
    assert of_missing(yaml.load(where, yaml.BaseLoader)) == []


def test_what_is_told_of_missing_values_holds_for_all_who_have_none() -> None:
    seen = 0

    def check(example: Example) -> None:
        nonlocal seen
        world = replace(example.world, users=[{"id": user["id"]} for user in example.world.users])
        for where in cast("dict[str, Any]", example.segments["s0"])["where"]["all"]:
            if of_missing(where, world):
                seen += 1
                assert engine.holding(where, world) == {str(user["id"]) for user in world.users}, where

    check_each(column_examples(), check, FEWER)
    assert seen > 20


def first_of(names: Iterable[str]) -> datetime | None:
    return FIRST if set(names) & {"purchase"} else None


@pytest.mark.parametrize(
    ("where", "number"),
    [
        ("{did: {event: purchase, in_last: 1y}}", 1),
        ("{did: {event: purchase, in_last: 1d}}", 0),
        ("{did: {event: view, in_last: 1y}}", 0),
        ("{did: {event: purchase, more_than_ago: 1y}}", 0),
        ("{seen: {in_last: 1y}}", 0),
        ("{sequence: {steps: [view, purchase], in_last: 1y}}", 1),
        ("{sequence: {steps: [{event: view, in_last: 1y}, purchase]}}", 1),
        ("{regularly: {event: purchase, every: 30d, periods: 2, of: 12}}", 1),
        ("{regularly: {event: purchase, every: 1d, periods: 2, of: 2}}", 0),
    ],
)
def test_a_window_is_told_that_starts_before_the_first_of_its_events(where: str, number: int) -> None:
    assert len(told(yaml.load(where, yaml.BaseLoader), Figures(first=first_of))) == number


def test_where_those_without_a_value_are_named_nothing_is_said() -> None:
    unless = {"any": [{"country": {"is_not": "UA"}}, {"country": {"is_set": "false"}}]}
    assert of_missing(unless) == []
    assert len(of_missing({"any": [{"country": {"is_not": "UA"}}, {"country": "PL"}]})) == 1
