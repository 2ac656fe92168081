"""What the linter tells of two conditions of which one is narrower than the other, or shuts it out."""

from __future__ import annotations

from dataclasses import replace

import pytest

from tests.compile.test_lint import said, told
from tests.test_vocabulary import PEOPLE


def fact(where: str) -> str:
    """The one thing that is said, without places."""
    (only,) = said(where)
    return only.replace(" ()", "")


@pytest.mark.parametrize(
    ("narrow", "wide"),
    [
        ("did: {event: purchase, in_last: 7d}", "did: {event: purchase, in_last: 30d}"),
        ("did: {event: purchase, in_last: 7d}", "did: purchase"),
        ("did: {event: purchase, in_last: 27d}", "did: {event: purchase, in_last: 1mo}"),
        ("did: {event: purchase, after: 2026-03-01}", "did: {event: purchase, after: 2026-01-01}"),
        (
            "did: {event: purchase, in_last: 7d, count: {gte: 3}}",
            "did: {event: purchase, in_last: 30d, count: {gte: 2}}",
        ),
        ("did: {event: purchase, where: {amount: {gte: 50}}}", "did: {event: purchase, where: {amount: {gte: 20}}}"),
        ("did: {event: purchase, where: {amount: 50}}", "did: {event: purchase, where: {amount: {is_set: true}}}"),
        ("did: purchase", "did: {event: [purchase, visit]}"),
        ("did: {event: purchase, days: {gte: 4}}", "did: {event: purchase, count: {gte: 4}}"),
        ("did: {event: purchase, distinct: {amount: {gte: 4}}}", "did: {event: purchase, count: {gte: 3}}"),
        (
            "did: {event: purchase, max: {amount: {gte: 9}}, in_last: 7d}",
            "did: {event: purchase, max: {amount: {gt: 8}}}",
        ),
        ("did: {event: purchase, sum: {amount: {gte: 5}}}", "did: purchase"),
        (
            "did: {event: purchase, last_value: {amount: {gt: 5}}}",
            "did: {event: purchase, last_value: {amount: {gt: 4}}}",
        ),
        ("sequence: {steps: [visit, purchase], in_last: 7d}", "did: {event: purchase, in_last: 30d}"),
        ("sequence: {steps: [visit, {event: purchase, within: 1d}]}", "sequence: {steps: [visit, purchase]}"),
        ("regularly: {event: purchase, every: 7d, periods: 2, of: 4}", "did: {event: purchase, in_last: 30d}"),
        ("country: Kyiv", "country: {starts_with: K}"),
        ("country: Kyiv", "country: {contains: [zz, yi]}"),
        ("country: {starts_with: Kyi}", "country: {starts_with: Ky}"),
        ("country: {ends_with: Kyiv}", "country: {contains: yi}"),
        ("likes: {has_all: [red, blue]}", "likes: {has_any: [red, green]}"),
        ("likes: {has_all: [red, blue]}", "likes: {size: {gte: 2}}"),
        ("carts: {has_element: {key: a, value: {gt: 5}}}", "carts: {has_element: {value: {gt: 4}}}"),
        (
            "near: {lat: lat, lon: lon, point: [50, 30], radius: 5km}",
            "near: {lat: lat, lon: lon, point: [50, 30], radius: 9km}",
        ),
        ("sample: {percent: 10, salt: a}", "sample: {percent: 20, salt: a}"),
    ],
)
def test_of_two_conditions_the_wider_one_says_nothing_and_the_narrower_one_adds_nothing(narrow: str, wide: str) -> None:
    assert [" says nothing beside " in one for one in said(f"[{{{narrow}}}, {{{wide}}}]")] == [True]
    assert [" adds nothing to " in one for one in said(f"{{any: [{{{narrow}}}, {{{wide}}}]}}")] == [True]
    assert [" never hold together" in one for one in said(f"[{{{narrow}}}, {{not: {{{wide}}}}}]")] == [True]
    assert [" always holds" in one for one in said(f"{{any: [{{not: {{{narrow}}}}}, {{{wide}}}]}}")] == [True]


@pytest.mark.parametrize(
    "where",
    [
        "[{did: {event: purchase, in_last: 7d}}, {did_not: {event: purchase, in_last: 30d}}]",
        "[{did: {event: purchase, where: {amount: 5}}}, {did_not: purchase}]",
        "{did: {event: purchase, days: {gte: 4}, count: {lt: 4}}}",
        "[{country: {is_set: false}}, {country: {contains: z}}]",
        "[{country: {starts_with: U}}, {country: {starts_with: [P, V]}}]",
        "[{country: {starts_with: U}}, {country: Va}]",
        "[{country: {ends_with: U}}, {country: {ends_with: P}}]",
        "[{country: {contains: zz}}, {country: [Kyiv, Lviv]}]",
        "[{likes: {size: 1}}, {likes: {has_all: [red, blue]}}]",
        "[{likes: {size: 0}}, {likes: {is_set: true}}]",
        "[{likes: {is_set: false}}, {likes: {has: red}}]",
        "[{born: {is_set: false}}, {born: {age: {gte: 18}}}]",
        "{did: {event: purchase, where: {amount: {gte: 5}, any: [{amount: 3}, {amount: {lt: 2}}]}}}",
    ],
)
def test_two_conditions_that_shut_each_other_out_never_hold_together(where: str) -> None:
    assert [one.endswith(" never hold together") for one in said(where)] == [True]


def test_a_condition_in_a_group_within_a_group_that_is_said_outside_it_is_told_at_the_inner_group() -> None:
    assert fact("{any: [{country: UA}, {all: [{country: UA}, {age: 3}]}]}") == (
        "`country is UA and age is 3` adds nothing to `country is UA`"
    )
    assert fact("[{country: UA}, {any: [{country: UA}, {age: 3}]}]") == (
        "`country is UA or age is 3` says nothing beside `country is UA`"
    )


def test_a_value_that_is_asked_for_says_that_there_is_one_but_beside_it_may_say_that_any_is_meant() -> None:
    assert (
        fact("[{likes: {has: red}}, {likes: {is_set: true}}]") == "`likes is set` says nothing beside `likes has red`"
    )
    assert fact("[{country: {matches: K.}}, {country: {is_set: true}}]") == (
        "`country is set` says nothing beside `country matches K.`"
    )
    assert said("{any: [{likes: {has: red}}, {likes: {is_set: true}}]}") == []


def test_true_false_and_missing_are_all_that_a_boolean_can_be() -> None:
    world = replace(PEOPLE, kinds={**PEOPLE.kinds, "active": "boolean"})
    (problem,) = told("{any: [{active: true}, {active: false}, {active: {is_set: false}}]}", world=world)
    assert problem.fact == "`active is true` (), `active is false` () or `active is missing` always holds"
    (problem,) = told("{active: [true, false]}", world=world)
    assert (problem.fact, problem.next) == ("`active is true or false` holds for every value", "write `is_set: true`")
    assert told("{any: [{active: true}, {active: false}]}", world=world) == []


def test_an_event_may_have_several_elements_of_a_list_but_one_value() -> None:
    world = replace(PEOPLE, event_kinds={"tags": {"list": "text"}, "sku": "text"})
    of = "{{did: {{event: purchase, distinct: {{{}: {{gte: 4}}}}, count: {{lt: 4}}}}}}".format
    assert told(of("tags"), world=world) == []
    assert len(told(of("sku"), world=world)) == 1


def test_long_lists_of_texts_are_not_held_against_each_other() -> None:
    texts, parts = (", ".join(f"{letter}{number}" for number in range(200)) for letter in "ab")
    assert said(f"[{{country: [{texts}]}}, {{country: {{contains: [{parts}]}}}}]") == []
    assert told("[{country: [a1, a2]}, {country: {contains: [b1, b2]}}]")


def test_many_spans_and_groups_of_many_are_not_held_against_each_other() -> None:
    often = (
        "[{{regularly: {{event: visit, every: 1d, periods: 1, of: {0}}}}}, {{did: {{event: visit, in_last: {0}d}}}}]"
    )
    assert len(said(often.format(400))) == 1
    assert said(often.format(401)) == []


@pytest.mark.parametrize(
    ("where", "told_of"),
    [
        ("{did: {event: buy, count: {gte: 0}}}", "`did buy: number of times is at least 0`"),
        ("{did: {event: buy, count: {gte: 0, lte: 4}}}", "`count is at least 0`"),
        ("{did: {event: buy, count: {gte: 0}, days: {lte: 4}}}", "`count is at least 0`"),
        ("{did_not: {event: buy, distinct: {amount: {gte: 0}}}}", "`not true: did buy: number of different values of"),
        (
            "[{did: {event: buy, count: {gte: 2}}}, {did_not: {event: buy, count: 1}}]",
            "`not true: did buy: number of times is 1` says nothing beside `did buy: number of times is at least 2`",
        ),
        (
            "[{did: {event: buy, days: {lte: 2}}}, {not: {did: {event: buy, days: 3}}}]",
            "the opposite of `did buy: number of days is 3` says nothing beside `did buy: number of days is at most 2`",
        ),
        (
            "{regularly: {event: buy, every: 7d, periods: 1, of: 2, count: {gte: 0}}}",
            "`did buy: number of times is at least 0, in 1 or more of the last 2 spans of 7 days` always holds",
        ),
        (
            "{regularly: {event: buy, every: 7d, periods: 1, of: 2, count: {gte: 0, lte: 3}}}",
            "`count is at least 0` always holds",
        ),
        (
            "{did: {event: buy, last_value: {not: {likes: {size: {lt: 0}}}}}}",
            "`did buy: of the last one, not: (likes has a number of elements that is less than 0)` always holds",
        ),
        (
            "{did_not: {event: buy, last_value: {likes: {size: {lt: 0}}}}}",
            "the opposite of `not true: did buy: of the last one, likes has a number of elements that is less than 0`",
        ),
        (
            "{did: {event: buy, count: {gte: 2}, last_value: {not: {likes: {size: {lt: 0}}}}}}",
            "the opposite of `size of likes is less than 0` always holds",
        ),
    ],
)
def test_what_can_be_taken_out_is_told_where_no_default_takes_the_place_of_it(where: str, told_of: str) -> None:
    world = replace(PEOPLE, event_kinds={"amount": "number", "likes": {"list": "text"}})
    (problem,) = told(where, world=world)
    assert problem.fact.replace(" ()", "").startswith(told_of)


@pytest.mark.parametrize("where", ["{not: {everyone: true}}", "{none: [{everyone: true}]}"])
def test_whoever_is_none_of_everyone_is_nobody(where: str) -> None:
    assert said(where) == ["the opposite of `everyone` never holds"]
