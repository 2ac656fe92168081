"""Segments that ask for the same users are told, where no other refers to them; and only those."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, cast

import pytest
import yaml
from hypothesis import strategies as st

from segtool.compile.plan import Surroundings, to_plan
from segtool.compile.twins import twins
from tests import engine
from tests.compile.unsaid import surroundings
from tests.generated.arguments import Tree
from tests.generated.examples import Example, webs_of_segments
from tests.generated.rounds import check_each
from tests.test_vocabulary import PEOPLE


def pairs(segments: Mapping[str, Any], around: Surroundings) -> list[tuple[str, str]]:
    """The segment that is told, and the one that it is the same as."""
    found = engine.written(segments)
    told = [problem.fact.split("`") for problem in twins(found, to_plan(found, around), around)]
    return [(words[1], words[3]) for words in told]


def told(text: str) -> list[tuple[str, str]]:
    return pairs(yaml.load(text, yaml.BaseLoader), surroundings(PEOPLE))


@pytest.mark.parametrize(
    "text",
    [
        "a: {where: {country: UA}}\nb: {where: {all: [{country: {in: [UA]}}]}}",
        "a: {where: {any: [{country: UA}, {age: 3}]}}\nb: {where: {any: [{age: 3}, {country: {is: UA}}]}}",
        "a: {where: {did_not: purchase}}\nb: {where: {not: {did: {event: purchase, count: {gte: 1}}}}}",
        "a: {where: {everyone: true}, include: [x, y]}\nb: {where: {everyone: true}, include: [y, x]}",
        "a: {where: {everyone: true}, guard: {min_size: 3}}\nb: {where: {everyone: true}, guard: {min_size: 3}}",
        "a: {where: {seen: {in_last: 1w}}}\nb: {where: {seen: {in_last: 7d}}}",
    ],
)
def test_two_that_ask_for_the_same_users_are_told(text: str) -> None:
    assert told(text) == [("b", "a")]


@pytest.mark.parametrize(
    "text",
    [
        "a: {where: {seen: {in_last: 30d}}}\nb: {where: {seen: {in_last: 1mo}}}",
        "a: {where: {seen: {in_last: 24h}}}\nb: {where: {seen: {in_last: 1d}}}",
        "a: {where: {sample: {percent: 10}}}\nb: {where: {sample: {percent: 10}}}",
        "a: {where: {everyone: true}, exclude: [x]}\nb: {where: {everyone: true}}",
        "a: {where: {everyone: true}, top: {by: age, count: 3}}\nb: {where: {everyone: true}}",
        "a: {where: {everyone: true}, guard: {min_size: 3}}\nb: {where: {everyone: true}}",
        "a: {where: {everyone: true}, kind: static}\nb: {where: {everyone: true}}",
        "a: {where: {seen: {in_last: 7d}}}\nb: {where: {seen: {in_last: 7d}}}\nc: {where: {in_segment: [a, b]}}",
    ],
)
def test_two_that_may_differ_some_day_or_that_others_refer_to_are_not(text: str) -> None:
    assert told(text) == []


def test_of_two_the_one_that_others_refer_to_stays() -> None:
    text = "a: {where: {country: UA}}\nb: {where: {country: UA}}\nc: {where: {not: {in_segment: b}}}"
    assert told(text) == [("a", "b")]


@st.composite
def doubled(draw: st.DrawFn) -> Example:
    """Segments, of which some stand there again with their parts in another order."""
    example = draw(webs_of_segments())
    again = {f"{name} again": turned(tree) for name, tree in example.segments.items() if draw(st.booleans())}
    return Example({**example.segments, **again}, example.world)


def turned(tree: Tree) -> Tree:
    if isinstance(tree, dict):
        return {name: turned(part) for name, part in reversed(tree.items())}
    is_group = isinstance(tree, list) and any(isinstance(part, dict) for part in tree)
    return [turned(part) for part in reversed(cast("list[Tree]", tree))] if is_group else tree


def test_those_that_are_told_have_the_same_members() -> None:
    seen = 0

    def check(example: Example) -> None:
        nonlocal seen
        found = pairs(example.segments, surroundings(example.world))
        members = engine.members(example.segments, example.world)
        for one, other in found:
            seen += 1
            assert members[one] == members[other], (one, other)

    check_each(doubled(), check)
    assert seen > 100
