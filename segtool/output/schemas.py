"""The types of answers to the JSON Schemas that are published."""

from __future__ import annotations

from functools import reduce
from operator import or_
from typing import Any

from pydantic import TypeAdapter

from segtool.output.answers import ANSWERS, Failure


def answer_schema(command: str) -> dict[str, Any]:
    """JSON Schema (2020-12) of what a command writes under `-o json`: an answer, or its failure.

    Later tools of the same `version` may add keys, so what is not told here is not forbidden."""
    schema = TypeAdapter(reduce(or_, (*ANSWERS[command], Failure))).json_schema()
    head = {"$schema": "https://json-schema.org/draft/2020-12/schema", "title": f"segtool {command} -o json"}
    return {**head, **_plain(schema)}


def _plain(schema: Any) -> Any:
    """The schema without the titles that repeat names."""
    if isinstance(schema, list):
        return [_plain(item) for item in schema]
    if not isinstance(schema, dict):
        return schema
    named = {key: value for key, value in schema.items() if not (key == "title" and isinstance(value, str))}
    return {key: " ".join(value.split()) if isinstance(value, str) else _plain(value) for key, value in named.items()}
