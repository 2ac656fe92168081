"""What holds of every condition and every test on a value: it is documented, and its example works."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import jsonschema
import pytest
import yaml

from segtool.compile.base import Condition, Phrase, Test
from segtool.compile.schema import json_schema
from segtool.compile.scope import Scope, Subject
from segtool.compile.vocabulary import CONDITIONS, TESTS
from segtool.compile.words import to_words
from segtool.errors import Problem
from segtool.model.algebra import Column, IsSet, Match, Not, Predicate
from segtool.model.kinds import SCALARS, TEXT, Kind, list_of, struct_of
from segtool.model.nodes import Count, Fields, Scalar
from segtool.model.project import Definition, Segment
from segtool.model.time import Clock
from segtool.read.yaml import read_yaml
from tests import engine
from tests.reference import World

WORDS = [*CONDITIONS, *TESTS]
PHRASES: dict[str, type[Phrase]] = {**CONDITIONS, **TESTS}

PEOPLE = World(
    zone="Europe/Kyiv",
    as_of=datetime(2026, 6, 15, 12, tzinfo=UTC),
    key="user_id",
    kinds={
        "country": "text",
        "age": "integer",
        "born": "date",
        "seen": "datetime",
        "likes": {"list": "text"},
        "carts": {"list": {"struct": {"key": "text", "value": "number"}}},
        "lat": "number",
        "lon": "number",
    },
    users=[
        {"user_id": "a", "country": "UA", "age": 30, "born": date(1996, 6, 20), "likes": ["fashion", "shoes"]},
        {"user_id": "b", "seen": datetime(2026, 6, 14, tzinfo=UTC), "lat": Decimal("50.45"), "lon": Decimal("30.52")},
        {"user_id": "c", "carts": [{"key": "cars", "value": Decimal(50)}]},
    ],
    event_kinds={"amount": "number"},
    events=[
        {"user_id": "a", "event": "view", "at": datetime(2026, 6, 13, tzinfo=UTC)},
        *[
            {"user_id": "a", "event": name, "at": datetime(2026, 6, 13, hour, tzinfo=UTC), "amount": Decimal(60)}
            for name in ("purchase", "visit")
            for hour in (1, 2, 3)
        ],
        {"user_id": "b", "event": "purchase", "at": datetime(2025, 6, 13, tzinfo=UTC), "amount": Decimal(10)},
    ],
)
COLUMN_OF = {"text": "country", "integer": "age", "date": "born", "datetime": "seen", "list": "likes"}
"""A column of each kind, from the one that most examples are written for on."""


def clause(word: str) -> str:
    """The condition, in YAML, that the example of a word makes."""
    example = PHRASES[word].example
    if word in CONDITIONS:
        return f"{{{word}: {example}}}"
    if word == "has_element":
        return f"{{carts: {{{word}: {example}}}}}"
    column = next(column for kind, column in COLUMN_OF.items() if kind in TESTS[word].kinds)
    return f"{{{column}: {{{word}: {example}}}}}"


def segment_of(where: str, folder: Path) -> Segment:
    """A segment as it is read from a file."""
    file, problems = folder / "segments.yaml", list[Problem]()
    file.write_text(f"s:\n  kind: dynamic\n  where: {where}\n", encoding="utf-8")
    tree = read_yaml(folder, "segments.yaml", problems)
    assert isinstance(tree, Fields)
    definition = Definition.read(tree["s"], problems)
    assert definition
    assert problems == []
    return Segment("s", definition, tree["s"], tree["s"].mark)


@pytest.mark.parametrize("word", WORDS)
def test_a_word_says_what_it_means_and_shows_an_example(word: str) -> None:
    phrase = PHRASES[word]
    assert phrase.__dict__["__doc__"].strip().endswith((".", ")", "`"))
    assert phrase.example
    assert phrase.word == word


@pytest.mark.parametrize("word", WORDS)
def test_the_example_of_a_word_is_decided_and_split_by_not(word: str) -> None:
    where = yaml.load(clause(word), yaml.BaseLoader)
    segments = {"s": {"where": where}, "t": {"where": {"not": where}}, "vip": {"where": {"country": "UA"}}}
    found = engine.members(segments, PEOPLE)
    assert found["s"] | found["t"] == {"a", "b", "c"}
    assert found["s"] & found["t"] == set()


@pytest.mark.parametrize("word", WORDS)
def test_the_example_of_a_word_has_words_for_people(word: str, tmp_path: Path) -> None:
    lines = to_words(segment_of(clause(word), tmp_path))
    own = "\n".join(lines).replace(PHRASES[word].example.strip("'"), "")
    assert all(line.strip() for line in lines)
    assert not any(wrong in own for wrong in ("{", "}", "None", "(not readable", "Scalar"))


def kinds() -> list[Kind]:
    elements = struct_of({"key": TEXT})
    return [*SCALARS.values(), list_of(TEXT), list_of(elements), elements]


@pytest.mark.parametrize("word", TESTS)
def test_a_test_refuses_each_kind_that_it_is_not_for_with_one_problem(word: str, tmp_path: Path) -> None:
    definition = segment_of(clause(word), tmp_path).definition
    (tests,) = definition.where.values()
    test = TESTS[word].parse(tests[word])
    for kind in [kind for kind in kinds() if kind.name not in TESTS[word].kinds]:
        problems = problems_of(test, kind)
        assert [problem.fact for problem in problems] == [f"`{word}` does not go with `x`, which is {kind}"]
        assert problems[0].mark is not None
        assert problems[0].mark.line == 3
        assert problems[0].next.startswith("it takes ")


def problems_of(test: Test, kind: Kind) -> list[Problem]:
    clock = Clock(PEOPLE.as_of, ZoneInfo(PEOPLE.zone))
    scope = Scope({"x": Column("x", kind)}, clock, "s", frozenset(), [])
    test.put_to(Subject(Column("x", kind), kind, "x"), scope)
    return scope.problems


@pytest.mark.parametrize("word", TESTS)
def test_a_test_names_the_kinds_that_it_takes(word: str) -> None:
    assert {kind.name for kind in kinds()} >= TESTS[word].kinds > set()


# Adding a word is a class, and nothing else


@contextmanager
def unregistered(word: str) -> Iterator[None]:
    """Takes a word out again that was added within."""
    try:
        yield
    finally:
        CONDITIONS.pop(word, None)
        TESTS.pop(word, None)


def test_a_new_condition_is_one_class(tmp_path: Path) -> None:
    with unregistered("foreign"):

        class Foreign(Condition):
            """Has a country, and not this one."""

            word, example, whole = "foreign", "UA", "home"
            home: Scalar

            def sentence(self) -> str:
                return f"lives abroad, seen from {self.home.text}"

            def lower(self, scope: Scope) -> Predicate:
                return Not(Match(scope.columns["country"], "starts_with", (self.home.text,)))

        assert engine.holding({"foreign": "UA"}, PEOPLE) == {"b", "c"}
        assert engine.holding({"none": [{"foreign": "UA"}]}, PEOPLE) == {"a"}
        assert to_words(segment_of("{foreign: UA}", tmp_path)) == ["lives abroad, seen from UA"]
        assert accepts({"kind": "dynamic", "where": {"foreign": "UA"}})
        assert not accepts({"kind": "dynamic", "where": {"foreign": {"is": "UA"}}})
    assert "foreign" not in CONDITIONS


def test_a_new_test_is_one_class(tmp_path: Path) -> None:
    with unregistered("longer_than"):

        class LongerThan(Test):
            """Has more letters."""

            word, example, whole = "longer_than", "1", "length"
            kinds = frozenset({"text"})
            length: Count

            def sentence(self) -> str:
                return f"is longer than {self.length}"

            def lower(self, subject: Subject, scope: Scope) -> Predicate:
                pattern = f"^.{{{self.length + 1},}}$"
                return Match(subject.value, "matches", (pattern,)) if self.length else IsSet(subject.value)

        assert engine.holding({"country": {"longer_than": "1"}}, PEOPLE) == {"a"}
        assert engine.holding({"country": {"longer_than": "2"}}, PEOPLE) == set()
        assert to_words(segment_of("{country: {longer_than: 1}}", tmp_path)) == ["country is longer than 1"]
        assert accepts({"kind": "dynamic", "where": {"country": {"longer_than": 1}}})
    assert "longer_than" not in TESTS


# JSON Schema


def accepts(definition: Any) -> bool:
    return jsonschema.Draft202012Validator(json_schema()).is_valid({"s": definition})


def test_the_json_schema_is_one() -> None:
    jsonschema.Draft202012Validator.check_schema(json_schema())


@pytest.mark.parametrize("loader", [yaml.SafeLoader, yaml.BaseLoader])
@pytest.mark.parametrize("word", WORDS)
def test_the_json_schema_accepts_the_example_of_a_word(word: str, loader: Any) -> None:
    where = plain(yaml.load(clause(word), loader))
    assert accepts({"kind": "dynamic", "where": where})
    assert accepts({"kind": "static", "where": [{"not": where}]})


def plain(tree: Any) -> Any:
    """The tree as an editor sees it: JSON has no dates, and `on` is a word, not YAML 1.1's true."""
    if isinstance(tree, dict):
        return {"on" if word is True else word: plain(value) for word, value in tree.items()}
    if isinstance(tree, list):
        return [plain(value) for value in tree]
    return tree.isoformat() if isinstance(tree, date) else tree


@pytest.mark.parametrize("word", WORDS)
def test_the_json_schema_refuses_null_after_a_word(word: str) -> None:
    tests = {word: None}
    assert not accepts({"kind": "dynamic", "where": tests if word in CONDITIONS else {"country": tests}})


@pytest.mark.parametrize(
    "definition",
    [
        "{where: {country: UA}}",
        "{kind: fluid, where: {country: UA}}",
        "{kind: dynamic, were: {country: UA}}",
        "{kind: dynamic, where: []}",
        "{kind: dynamic, where: {}}",
        "{kind: dynamic, where: UA}",
        "{kind: dynamic, where: {country: {like: UA}}}",
        "{kind: dynamic, where: {country: {in: []}}}",
        "{kind: dynamic, where: {country: {in: {is: UA}}}}",
        "{kind: dynamic, where: {all: []}}",
        "{kind: dynamic, where: {any: {country: UA}, none: UA}}",
        "{kind: dynamic, where: {attribute: {is: UA}}}",
        "{kind: dynamic, where: {near: {lat: lat, lon: lon, radius: 1km}}}",
        "{kind: dynamic, where: {sample: 10}}",
        "{kind: dynamic, where: {born: {in_period: last_decade}}}",
        "{kind: dynamic, where: {born: {anniversary: tomorrow}}}",
        "{kind: dynamic, where: {country: UA}, top: {count: 3}}",
        "{kind: dynamic, where: {country: UA}, top: }",
        "{kind: static, list: }",
        "{kind: dynamic, where: {country: UA}, include: {file: a.csv}}",
    ],
)
def test_the_json_schema_refuses_what_is_shaped_otherwise(definition: str) -> None:
    assert not accepts(yaml.safe_load(definition))


@pytest.mark.parametrize(
    "definition",
    [
        "{kind: static, list: lists/fair.csv, columns: [email], tags: [winback], owner: crm}",
        "{kind: dynamic, where: {country: UA}, exclude: [a, 1], include: {list: vip.csv}}",
        "{kind: dynamic, where: {country: [UA, PL], age: 30}, bottom: {by: age, percent: 12.5}}",
        "{kind: dynamic, where: [{country: UA}, {age: {gte: 18}}], top: {by: age, count: 3}}",
    ],
)
def test_the_json_schema_accepts_whole_definitions(definition: str) -> None:
    assert accepts(yaml.safe_load(definition))
