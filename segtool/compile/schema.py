"""The vocabulary to a JSON Schema of segments files, and the shape of presets to one of theirs, for editors."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from pydantic import BaseModel

from segtool.compile.base import Phrase, Test
from segtool.compile.behaviour import SequenceStep
from segtool.compile.times import AnniversaryWindow
from segtool.compile.vocabulary import CONDITIONS, TESTS
from segtool.model.channels import ExportShape
from segtool.model.presets import Preset
from segtool.model.project import Definition, KeyFile
from segtool.model.segment_tests import Case

SCALAR = {"type": ["string", "number", "boolean"]}
DRAFT = "https://json-schema.org/draft/2020-12/schema"


def json_schema() -> dict[str, Any]:
    """JSON Schema (2020-12) of a segments file: names to definitions, and their tests."""
    definitions = {
        "Scalar": SCALAR,
        "Keys": {"type": "array", "items": SCALAR, "minItems": 1},
        "KeyFile": _shape(KeyFile),
        "AnniversaryWindow": _shape(AnniversaryWindow),
        "SequenceStep": _of_word(SequenceStep),
        "Where": {"anyOf": [_ref("Condition"), {"type": "array", "items": _ref("Condition"), "minItems": 1}]},
        "Condition": _condition(),
        "Tests": {"anyOf": [SCALAR, {"type": "array", "items": SCALAR, "minItems": 1}, _of_tests()]},
        "Definition": _shape(Definition),
        "Export": _shape(ExportShape),
        "Test": _test(),
    }
    return {
        "$schema": DRAFT,
        "title": "Segments of segtool",
        "type": "object",
        "propertyNames": {"pattern": "^[A-Za-z0-9][A-Za-z0-9_-]{0,99}$"},
        "properties": {"tests": {"type": "array", "items": _ref("Test")}},
        "additionalProperties": _ref("Definition"),
        "$defs": definitions,
    }


def preset_schema() -> dict[str, Any]:
    """JSON Schema (2020-12) of a file of a preset."""
    return {"$schema": DRAFT, "title": "A preset of segtool", **_shape(Preset)}


def _ref(name: str) -> dict[str, Any]:
    return {"$ref": f"#/$defs/{name}"}


def _linked(schema: Any) -> Any:
    """The schema with its notes of what stands there turned into references, and without pydantic's titles."""
    if isinstance(schema, list):
        return [_linked(item) for item in schema]
    if not isinstance(schema, dict):
        return schema
    if "$comment" in schema:
        return _ref(schema["$comment"])
    return {key: _linked(value) for key, value in schema.items() if not (key == "title" and isinstance(value, str))}


def _shape(shape: type[BaseModel]) -> dict[str, Any]:
    schema: dict[str, Any] = shape.model_json_schema()
    for name, inner in schema.pop("$defs", {}).items():
        schema = _replaced(schema, f"#/$defs/{name}", inner)
    linked: dict[str, Any] = _lists_of_one(_linked(schema))
    return linked


def _replaced(schema: Any, ref: str, inner: Any) -> Any:
    if isinstance(schema, list):
        return [_replaced(item, ref, inner) for item in schema]
    if not isinstance(schema, dict):
        return schema
    if schema.get("$ref") == ref:
        return inner
    return {key: _replaced(value, ref, inner) for key, value in schema.items()}


def _lists_of_one(schema: Any) -> Any:
    """Where a list is expected, one value will do; where text is, any scalar; null is nowhere."""
    if isinstance(schema, list):
        return [_lists_of_one(item) for item in schema if item != {"type": "null"}]
    if not isinstance(schema, dict):
        return schema
    plain = {key: _lists_of_one(value) for key, value in schema.items()}
    plain.pop("default", None)
    if plain.get("type") == "array" and "items" in plain and "prefixItems" not in plain:
        return {"anyOf": [plain["items"], {"type": "array", "items": plain["items"], "minItems": 1}]}
    if plain.get("type") in ("string", "integer", "number", "boolean") and "enum" not in plain:
        return dict(SCALAR)
    return plain


def _of_word(phrase: type[Phrase]) -> dict[str, Any]:
    """What may follow a word, with its docstring for the editor."""
    schema = _shape(phrase)
    if phrase.whole:
        schema = dict(schema["properties"][phrase.whole])
    if beside := phrase.tests_beside():
        schema["properties"] = {**schema["properties"], **_tests(beside)}
    if phrase.short:
        schema = {"anyOf": [SCALAR, schema]}
    return {**schema, "description": " ".join((phrase.__doc__ or "").split())}


def _condition() -> dict[str, Any]:
    words = {word: _of_word(condition) for word, condition in CONDITIONS.items()}
    return {"type": "object", "minProperties": 1, "properties": words, "additionalProperties": _ref("Tests")}


def _tests(tests: Mapping[str, type[Test]]) -> dict[str, Any]:
    """What may follow each test, and what may stand beside those that may ignore case."""
    words = {word: _of_word(test) for word, test in tests.items()}
    words["ignore_case"] = {"enum": [True, False, "true", "false"]}
    return words


def _test() -> dict[str, Any]:
    """What a test of a definition may say; its lists may be empty."""
    schema: dict[str, Any] = _linked(Case.model_json_schema())
    for entry in schema["properties"].values():
        entry.pop("default", None)
    return {**schema, "properties": {**schema["properties"], "segment": SCALAR}}


def _of_tests() -> dict[str, Any]:
    return {"type": "object", "minProperties": 1, "properties": _tests(TESTS), "additionalProperties": False}
