"""YAML as a tree whose every scalar is still text and knows its place, and the shapes that read such a tree."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from decimal import Decimal
from difflib import get_close_matches
from typing import Annotated, Any, ClassVar, Self

from pydantic import (
    BaseModel,
    BeforeValidator,
    ConfigDict,
    ModelWrapValidatorHandler,
    ValidationError,
    WithJsonSchema,
    model_validator,
)
from pydantic_core import InitErrorDetails, PydanticCustomError, core_schema

from segtool.errors import Mark, Problem
from segtool.model.time import Duration

NOWHERE = Mark("")


@dataclass(frozen=True)
class Scalar:
    """One scalar as it is written; `quoted` tells "null" from null. Equal where the texts are."""

    text: str
    mark: Mark = field(default=NOWHERE, compare=False)
    key_mark: Mark | None = field(default=None, compare=False)
    quoted: bool = field(default=False, compare=False)

    @property
    def is_null(self) -> bool:
        return not self.text or (not self.quoted and self.text in ("~", "null", "Null", "NULL"))

    @classmethod
    def __get_pydantic_core_schema__(cls, source: Any, handler: Any) -> core_schema.CoreSchema:
        return core_schema.no_info_plain_validator_function(to_literal)

    @classmethod
    def __get_pydantic_json_schema__(cls, source: Any, handler: Any) -> dict[str, Any]:
        return {"type": ["string", "number", "boolean"]}


class Fields(dict[str, Any]):
    """A mapping of YAML. `mark` is where it starts, `key_mark` where the key stands whose value it is."""

    def __init__(self, items: Any = (), mark: Mark = NOWHERE, key_mark: Mark | None = None) -> None:
        super().__init__(items)
        self.mark, self.key_mark = mark, key_mark


class Items(list[Any]):
    """A sequence of YAML, placed as `Fields` is."""

    def __init__(self, items: Any = (), mark: Mark = NOWHERE, key_mark: Mark | None = None) -> None:
        super().__init__(items)
        self.mark, self.key_mark = mark, key_mark


Node = Scalar | Fields | Items


def to_tree(node: Node) -> Any:
    """The node as plain dict, list and str, to be kept or hashed."""
    if isinstance(node, Fields):
        return {key: to_tree(value) for key, value in node.items()}
    return [to_tree(item) for item in node] if isinstance(node, Items) else node.text


def to_node(tree: Any, mark: Mark = NOWHERE) -> Node:
    """The node of which `to_tree` made `tree`; everything in it stands at `mark`."""
    if isinstance(tree, dict):
        return Fields({key: to_node(value, mark) for key, value in tree.items()}, mark, mark)
    if isinstance(tree, list):
        return Items([to_node(item, mark) for item in tree], mark, mark)
    return Scalar(tree, mark, mark)


def near_name(word: str, known: Iterable[str]) -> str:
    """`did you mean …`, where a known name is near, else an empty text."""
    names = {name.lower(): name for name in known}
    found = get_close_matches(word.lower(), names, n=1, cutoff=0.7)
    return f"did you mean `{names[found[0]]}`?" if found else ""


def wrong(fact: str, next: str = "", mark: Mark | None = None) -> PydanticCustomError:
    """The error that a validator raises; its place is that of the value unless `mark` is given."""
    return PydanticCustomError("segtool", "{fact}", {"fact": fact, "next": next, "mark": mark})


def described(node: Any) -> str:
    """How a message names a node that is not what was expected."""
    if isinstance(node, Scalar):
        return f"`{node.text}`"
    return "a mapping" if isinstance(node, dict) else "a list"


def to_literal(node: Any) -> Scalar:
    if not isinstance(node, Scalar):
        raise wrong(f"a single value is expected here, not {described(node)}")
    if node.is_null:
        raise wrong("an empty value is no literal", "to ask for missing values write `is_set: false`")
    return node


def to_word(node: Any) -> str:
    if isinstance(node, Scalar) and node.is_null:
        raise wrong("a value is missing here", "write one, or take the key out")
    return to_literal(node).text


def one_word_of(*words: str) -> BeforeValidator:
    """The validator of a field that takes one of these words."""

    def check(node: Any) -> str:
        text = to_word(node)
        if text not in words:
            raise wrong(f"`{text}` is not {' or '.join(words)}", near_name(text, words) or "write one of these")
        return text

    return BeforeValidator(check)


def to_flag(node: Any) -> bool:
    text = to_word(node)
    if text not in ("true", "false"):
        raise wrong(f"`{text}` is neither `true` nor `false`")
    return text == "true"


def to_count(node: Any) -> int:
    text = to_word(node)
    if not re.fullmatch(r"[0-9]{1,15}", text):
        raise wrong(f"`{text}` is not a whole number, 0 or more")
    return int(text)


def to_percent(node: Any) -> Decimal:
    text = to_word(node)
    if not re.fullmatch(r"[0-9]{1,3}(\.[0-9]{1,9})?%?", text) or not 0 <= Decimal(text.rstrip("%")) <= 100:
        raise wrong(f"`{text}` is not a percentage", "write a number from 0 to 100")
    return Decimal(text.rstrip("%"))


def to_duration(node: Any) -> Duration:
    text = to_word(node)
    duration = Duration.parse(text)
    if duration is None:
        raise wrong(f"`{text}` is not a duration", _duration_hint(text))
    return duration


def _duration_hint(text: str) -> str:
    found = re.fullmatch(r"([0-9]+)\s*(s|min|h|d|w|mo|y|m)[a-z]*", text.strip().lower())
    if not found or len(found[1]) > 6:
        return "write 45s, 90min, 12h, 30d, 4w, 6mo or 1y"
    if found[2] == "m" and not text.strip().lower().lstrip("0123456789 ").startswith("mo"):
        return f"write {found[1]}mo for months, or {found[1]}min for minutes"
    unit = "mo" if text.strip().lower().lstrip("0123456789 ").startswith("mo") else found[2]
    return f"write {found[1]}{unit}"


def to_items(node: Any) -> list[Any]:
    """The items of a list, or the one value as a list; empty is an error."""
    if isinstance(node, Items) and not node:
        raise wrong("the list is empty", "give at least one item")
    return node if isinstance(node, Items) else [node]


Word = Annotated[str, BeforeValidator(to_word)]
Flag = Annotated[bool, BeforeValidator(to_flag)]
Count = Annotated[int, BeforeValidator(to_count)]
Percent = Annotated[Decimal, BeforeValidator(to_percent)]
Span = Annotated[Duration, BeforeValidator(to_duration), WithJsonSchema({"type": "string"})]
OneOrMore = BeforeValidator(to_items)
Literals = Annotated[tuple[Scalar, ...], OneOrMore]
Words = Annotated[tuple[Word, ...], OneOrMore]


class Faults:
    """Gathers the errors of several validations, so that all of them are told at once."""

    def __init__(self) -> None:
        self.details: list[InitErrorDetails] = []

    def add(self, error: PydanticCustomError, node: Any) -> None:
        self.details.append(InitErrorDetails(type=error, input=node))

    @contextmanager
    def kept(self, node: Any = None) -> Iterator[None]:
        try:
            yield
        except ValidationError as error:
            for detail in error.errors(include_url=False):
                problem = _to_problem(detail)
                self.add(wrong(problem.fact, problem.next, problem.mark), detail["input"])
        except PydanticCustomError as error:
            self.add(error, node)

    def raise_any(self) -> None:
        if self.details:
            raise ValidationError.from_exception_data("segtool", self.details)

    def problems(self) -> list[Problem]:
        return to_problems(ValidationError.from_exception_data("segtool", self.details))


class Shape(BaseModel):
    """What a mapping of YAML may say. A class with `whole` takes any value as that one field; one with `short` takes
    a single value for the mapping of that one field."""

    model_config = ConfigDict(frozen=True, extra="forbid", arbitrary_types_allowed=True, defer_build=True)
    whole: ClassVar[str] = ""
    short: ClassVar[str] = ""
    later: ClassVar[frozenset[str]] = frozenset()
    """Keys of the definition language that this version does not know yet."""

    @model_validator(mode="wrap")
    @classmethod
    def _all_problems(cls, node: Any, validate: ModelWrapValidatorHandler[Self]) -> Self:
        if isinstance(node, cls):
            return node
        if cls.whole:
            return validate({cls.whole: node})
        if cls.short and isinstance(node, Scalar):
            node = Fields({cls.short: node}, node.mark, node.key_mark)
        if not isinstance(node, Fields):
            keys = ", ".join(f"`{key}`" for key in cls.known_keys())
            hint = f"write `{{{cls.short}: [a, b]}}`" if cls.short else f"expected keys: {keys}"
            raise wrong(f"{described(node)} is not a mapping", hint)
        faults = Faults()
        for key in [key for key in node if key not in cls.known_keys()]:
            faults.add(cls._unknown(key, node[key]), node[key])
        known = Fields({key: node[key] for key in node if key in cls.known_keys()}, node.mark, node.key_mark)
        with faults.kept():
            shape = validate(known)
        faults.raise_any()
        return shape

    @classmethod
    def known_keys(cls) -> list[str]:
        return [entry.alias or name for name, entry in cls.model_fields.items()]

    @classmethod
    def _unknown(cls, key: str, value: Any) -> PydanticCustomError:
        if key in cls.later:
            return wrong(f"`{key}` is not supported by this version yet", "take it out", value.key_mark)
        hint = near_name(key, cls.known_keys()) or "known keys: " + ", ".join(cls.known_keys())
        return wrong(f"unknown key `{key}`", hint, value.key_mark)

    @classmethod
    def read(cls, node: Node, problems: list[Problem]) -> Self | None:
        """The shape that `node` has, or None with what is wrong added to `problems`."""
        try:
            return cls.model_validate(node)
        except ValidationError as error:
            problems.extend(to_problems(error))
            return None


def to_problems(error: ValidationError) -> list[Problem]:
    return [_to_problem(detail) for detail in error.errors(include_url=False)]


def _to_problem(detail: Any) -> Problem:
    context, node = detail.get("ctx", {}), detail["input"]
    mark = context.get("mark") or getattr(node, "mark", None)
    if detail["type"] == "missing":
        return Problem(f"`{detail['loc'][-1]}` is missing", "add it", mark)
    return Problem(context.get("fact") or detail["msg"], context.get("next", ""), mark)
