"""A value of a test's row and the kind of its column come in; goes out: the value, or why it does not fit."""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import date
from decimal import Decimal
from typing import Any

from segtool.compile.scope import ACCEPTED, Subject, is_day, to_value
from segtool.errors import Problem
from segtool.model.algebra import Column
from segtool.model.kinds import BOOLEAN, DATE, DATETIME, INTEGER, NUMBER, TEXT, Kind, list_of, struct_of
from segtool.model.nodes import Fields, Items, Node, Scalar, described, near_name
from segtool.model.time import Clock

WHOLE, PLAIN = re.compile(r"-?(0|[1-9][0-9]{0,17})"), re.compile(r"-?(0|[1-9][0-9]{0,17})(\.[0-9]{1,17})?")
"""How a file writes numbers; `007` and `1e5` are text."""
GUESSES = (INTEGER, NUMBER, BOOLEAN, DATE, DATETIME, TEXT)
UNSEEN = (TEXT, NUMBER, BOOLEAN, DATETIME, DATE, list_of(TEXT), list_of(NUMBER))
"""What a column may be of which no test has a value, the likeliest first."""
INTEGERS = range(-(2**63) + 1, 2**63)


def is_missing(node: Node) -> bool:
    return node.is_null if isinstance(node, Scalar) else not node


def to_cell(node: Node, kind: Kind, name: str, clock: Clock, problems: list[Problem]) -> Any:
    """The value as the engine takes it, None where it is missing; what does not fit is noted, and missing."""
    if is_missing(node):
        return None
    if kind.of:
        return _list(node, kind.of, name, clock, problems)
    if kind.name == "struct":
        return _struct(node, kind, name, clock, problems)
    if not isinstance(node, Scalar):
        return _misfit(described(node), node, kind, name, problems)
    value = _scalar(node.text, kind, clock)
    return _misfit(f"`{node.text}`", node, kind, name, problems) if value is None else value


def _misfit(shown: str, node: Node, kind: Kind, name: str, problems: list[Problem]) -> None:
    if kind.of:
        accepted = "a list such as [a, b]"
    else:
        accepted = ACCEPTED.get(kind.name, "a mapping of its fields")
    problems.append(Problem(f"{shown} does not fit: `{name}` is {kind}", f"write {accepted}", node.mark))


def _scalar(text: str, kind: Kind, clock: Clock) -> Any:
    value = to_value(text, Subject(Column("", kind), kind, ""), clock)
    if kind == INTEGER and isinstance(value, Decimal):
        return int(value) if value == value.to_integral_value() and int(value) in INTEGERS else None
    if kind == DATETIME and isinstance(value, date) and is_day(value):
        return clock.day_start(value)
    return value


def _list(node: Node, kind: Kind, name: str, clock: Clock, problems: list[Problem]) -> list[Any] | None:
    if not isinstance(node, Items):
        _misfit(described(node), node, Kind("list", of=kind), name, problems)
        return None
    found = [to_cell(item, kind, name, clock, problems) for item in node]
    return [value for value in found if value is not None] or None


def _struct(node: Node, kind: Kind, name: str, clock: Clock, problems: list[Problem]) -> dict[str, Any] | None:
    if not isinstance(node, Fields):
        _misfit(described(node), node, kind, name, problems)
        return None
    fields = dict(kind.fields)
    for field in [field for field in node if field not in fields]:
        hint = near_name(field, fields) or f"fields: {', '.join(fields)}"
        problems.append(Problem(f"`{name}` has no field `{field}`", hint, node[field].key_mark))
    nothing = Scalar("")
    return {one: to_cell(node.get(one, nothing), of, f"{name}.{one}", clock, problems) for one, of in kind.fields}


# What kinds a column may have of which nothing but these values is known


def guesses(nodes: Iterable[Node], clock: Clock) -> tuple[Kind, ...]:
    """The kinds that all values fit, the narrowest first; never none."""
    held = [node for node in nodes if not is_missing(node)]
    if not held:
        return UNSEEN
    if not all(isinstance(node, Items) for node in held):
        texts = [node.text for node in held if isinstance(node, Scalar)]
        return tuple(kind for kind in GUESSES if all(_is_written_as(text, kind, clock) for text in texts))
    elements = [element for node in held if isinstance(node, Items) for element in node]
    if any(isinstance(element, Fields) for element in elements):
        return (list_of(_fields([element for element in elements if isinstance(element, Fields)], clock)),)
    return tuple(list_of(kind) for kind in guesses(elements, clock) if not kind.of)


def _fields(structs: list[Fields], clock: Clock) -> Kind:
    names = sorted({name for struct in structs for name in struct})
    return struct_of({one: guesses([struct[one] for struct in structs if one in struct], clock)[0] for one in names})


def _is_written_as(text: str, kind: Kind, clock: Clock) -> bool:
    if kind in (INTEGER, NUMBER):
        return bool((WHOLE if kind == INTEGER else PLAIN).fullmatch(text))
    return _scalar(text, kind, clock) is not None
