"""What conditions and tests are made of: the bases of their classes, and how YAML becomes one."""

from __future__ import annotations

from typing import Annotated, Any, ClassVar, Self

from pydantic import BeforeValidator, PrivateAttr, WithJsonSchema

from segtool.compile.scope import Scope, Subject
from segtool.errors import Mark, Problem
from segtool.model.algebra import NOBODY, Predicate
from segtool.model.nodes import NOWHERE, Faults, Fields, Items, Node, Scalar, Shape, near_name, to_flag, wrong

CONDITIONS: dict[str, type[Condition]] = {}
TESTS: dict[str, type[Test]] = {}


class Phrase(Shape):
    """A condition or a test: a word of YAML with its meaning."""

    word: ClassVar[str] = ""
    example: ClassVar[str] = ""
    """What YAML may say after the word."""
    has_default: ClassVar[bool] = False
    """Whether it asks for something without the tests in it."""
    # a factory, because pydantic copies a default deeply for each of thousands of phrases
    _mark: Mark = PrivateAttr(default_factory=lambda: NOWHERE)

    @classmethod
    def parse(cls, node: Any) -> Self:
        """What `node`, the value after the word, says."""
        phrase = cls.model_validate(node)
        phrase._mark = node.key_mark or node.mark
        return phrase

    @property
    def mark(self) -> Mark:
        return self._mark

    @classmethod
    def tests_beside(cls) -> dict[str, type[Test]]:
        """The tests that may stand beside its own keys."""
        return {}

    def sentence(self) -> str:
        """What it says, in the marketer's words."""
        raise AssertionError(self.word)


class Condition(Phrase):
    """True or false of every user. `joint`: the word that joins its parts where they stand in one line."""

    joint: ClassVar[str] = ""

    def __init_subclass__(cls, **options: Any) -> None:
        super().__init_subclass__(**options)
        if "word" in cls.__dict__:
            CONDITIONS[cls.word] = cls

    def parts(self) -> tuple[Condition, ...]:
        """The conditions that it is made of; its sentence is then their heading."""
        return ()

    def lower(self, scope: Scope) -> Predicate:
        """Its meaning in the algebra; problems go to the scope."""
        raise AssertionError(self.word)

    def is_misplaced(self, scope: Scope) -> bool:
        """Notes that it asks about a user where there is an event, or an element of a list."""
        if not scope.of_users:
            scope.problem(self.mark, f"`{self.word}` is of users, so it cannot stand here")
        return not scope.of_users


class Broken(Condition):
    """Stands where a condition could not be read, so that the rest is still checked; tells why when lowered."""

    problems: tuple[Problem, ...]

    def sentence(self) -> str:
        return "(not readable)"

    def lower(self, scope: Scope) -> Predicate:
        scope.problems.extend(self.problems)
        return NOBODY


class Test(Phrase):
    """Put to one value. `kinds` are those it can be put to; `folds`: it may ignore case."""

    __test__: ClassVar[bool] = False
    kinds: ClassVar[frozenset[str]] = frozenset()
    folds: ClassVar[bool] = False
    _ignore_case: bool = PrivateAttr(default=False)

    def __init_subclass__(cls, **options: Any) -> None:
        super().__init_subclass__(**options)
        if "word" in cls.__dict__:
            TESTS[cls.word] = cls

    @property
    def ignore_case(self) -> bool:
        return self._ignore_case

    def lower(self, subject: Subject, scope: Scope) -> Predicate:
        """Its meaning for a subject of one of its kinds."""
        raise AssertionError(self.word)

    def put_to(self, subject: Subject, scope: Scope) -> Predicate:
        """Its meaning for any subject; a kind that it is not for is a problem."""
        if subject.kind.name not in self.kinds:
            note = f" because of {subject.note}" if subject.note else ""
            fact = f"`{self.word}` does not go with `{subject.name}`, which is {subject.kind}{note}"
            return scope.problem(self.mark, fact, f"it takes {', '.join(sorted(self.kinds))}")
        if self.ignore_case and (subject.kind.of or subject.kind).name != "text":
            return scope.problem(self.mark, f"`ignore_case` is for text; `{subject.name}` is {subject.kind}")
        return scope.tested(self, subject)


def to_condition(node: Any) -> Condition:
    """What a node of YAML says as a condition: a mapping, whose keys must all hold, or a list of such."""
    if isinstance(node, Condition):
        return node
    if isinstance(node, Scalar) or not node:
        shown = f"`{node.text}` is" if isinstance(node, Scalar) else "an empty group is"
        raise wrong(f"{shown} not a condition", "write `COLUMN: value`, or `everyone: true`")
    parts = list(node.items()) if isinstance(node, Fields) else [("", item) for item in node]
    found = [_clause_or_broken(word, value) for word, value in parts]
    return found[0] if len(found) == 1 else CONDITIONS["all"].model_validate(Items(found))


def _clause_or_broken(word: str, node: Any) -> Condition:
    faults = Faults()
    with faults.kept(node):
        return _to_clause(word, node) if word else to_condition(node)
    return Broken.model_construct(problems=tuple(faults.problems()))


def _to_clause(word: str, node: Any) -> Condition:
    if word in CONDITIONS:
        return CONDITIONS[word].parse(node)
    if isinstance(node, Items) and not all(isinstance(item, Scalar) for item in node):
        hint = near_name(word, CONDITIONS) or "conditions: " + ", ".join(CONDITIONS)
        raise wrong(f"there is no condition `{word}`", hint, node.key_mark)
    name = Scalar(word, node.key_mark or node.mark)
    attribute: Any = CONDITIONS["attribute"]
    clause: Condition = attribute.of_column(name, node)
    return clause


def to_tests(node: Any) -> tuple[Test, ...]:
    """The tests that a column's value, list or mapping asks for; all must hold."""
    if isinstance(node, tuple):
        return node
    if not isinstance(node, Fields):
        return (TESTS["in" if isinstance(node, Items) else "is"].parse(node),)
    faults, found = Faults(), []
    folds = False
    with faults.kept(node):
        folds = to_flag(node["ignore_case"]) if "ignore_case" in node else False
    for word, value in node.items():
        with faults.kept(value):
            if word != "ignore_case":
                found.append(_to_test(word, value, folds))
    faults.raise_any()
    if not found:
        raise wrong("a test is missing here", "write for example `{is: value}`")
    return tuple(found)


def _to_test(word: str, node: Any, folds: bool) -> Test:
    if word not in TESTS:
        raise wrong(f"unknown test `{word}`", near_name(word, TESTS) or "see the reference", node.key_mark)
    test = TESTS[word].parse(node)
    if folds and not test.folds:
        raise wrong(f"`ignore_case` does not go with `{word}`", "it is for text tests", node.key_mark)
    test._ignore_case = folds
    return test


ConditionField = Annotated[Condition, BeforeValidator(to_condition), WithJsonSchema({"$comment": "Condition"})]
Tests = Annotated[tuple[Test, ...], BeforeValidator(to_tests), WithJsonSchema({"$comment": "Tests"})]


def together(tests: tuple[Test, ...]) -> str:
    """The sentences of several tests of one value."""
    return " and ".join(test.sentence() for test in tests)


def lowered(node: Node, scope: Scope) -> Predicate:
    """What a condition means where it stands; nobody, with what is wrong noted there, where it cannot be read."""
    faults = Faults()
    with faults.kept(node):
        return scope.lowered(to_condition(node))
    scope.problems.extend(faults.problems())
    return NOBODY
