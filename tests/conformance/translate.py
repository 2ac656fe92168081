"""Translates a case of other systems' tests: its tree into segtool's YAML tree, its rows into a World."""

import json
import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

from tests.reference import World
from tests.reference_values import Kind

Case = dict[str, Any]
Tree = dict[str, Any]

HERE = Path(__file__).parent
KEY = "id"
UNDER_TEST = "under_test"

DECIDED_OTHERWISE = {
    "posthog-string-operator-on-date-column": "section 4: `contains` is a test of text, an error on a date",
}

UNITS = {"second": "s", "minute": "min", "hour": "h", "day": "d", "week": "w", "month": "mo", "year": "y"}
COUNTS = {"==": "is", "!=": "is_not", ">": "gt", ">=": "gte", "<": "lt", "<=": "lte"}
EVENT_WORDS = {"event", "sequence", "regularly", "event_aggregate", "last_event", "subscribed"}
SAME_TEST = {
    "eq": "is",
    "neq": "is_not",
    "includes": "has",
    "within_last": "in_last",
    "before_ago": "more_than_ago",
    "on_day": "on",
    "at_or_after": "gte",
    "on_or_after": "gte",
    "after_day": "after",
}


@dataclass(frozen=True)
class Translation:
    """The segments to evaluate, of which `under_test` is the case's own, and what they are evaluated on."""

    segments: dict[str, object]
    world: World


def cases() -> list[Case]:
    loaded: list[Case] = json.loads((HERE / "cases.json").read_text(encoding="utf-8"))
    return loaded


def is_about_attributes(case: Case) -> bool:
    """Whether no event word stands in the condition, nor in the segments that it may refer to."""
    return EVENT_WORDS.isdisjoint(words_of([case["condition"], case.get("segments", {})]))


def words_of(tree: object) -> set[str]:
    if isinstance(tree, dict):
        return set(tree) | words_of(list(tree.values()))
    return set().union(*map(words_of, tree)) if isinstance(tree, list) else set()


def translated(case: Case) -> Translation:
    as_of = datetime.fromisoformat(case["as_of"])
    trees = case.get("segments", {})
    static = {name: set(tree["static"]) for name, tree in trees.items() if "static" in tree}
    dynamic = {name: tree for name, tree in trees.items() if name not in static}
    conditions = {**dynamic, UNDER_TEST: case["condition"]}
    kinds = {KEY: "text"} | kinds_of(case["users"], literals([case["condition"], trees], "attr"))
    event_rows = [event["properties"] for event in case["events"]]
    event_kinds = kinds_of(event_rows, literals([case["condition"], trees], "prop"))
    world = World(
        zone="UTC",
        as_of=as_of,
        key=KEY,
        kinds=kinds,
        users=[typed_row(user, kinds) for user in case["users"]],
        events=[typed_event(event, event_kinds) for event in case["events"]],
        event_kinds=event_kinds,
        static=static,
    )
    return Translation({name: {"where": condition(tree, world)} for name, tree in conditions.items()}, world)


# Kinds and values


def literals(tree: object, name: str) -> dict[str, Any]:
    """What each named column is compared with, which tells the kind of one that nobody has."""
    if isinstance(tree, list):
        return {column: value for part in tree for column, value in literals(part, name).items()}
    if not isinstance(tree, dict):
        return {}
    if "any_element" in tree:
        return {}
    here = {tree[name]: tree.get("value")} if name in tree else {}
    if name == "prop" and "subscribed" in tree:
        here["group"] = tree["subscribed"]["group"]
    return here | literals(list(tree.values()), name)


def kinds_of(rows: Iterable[Mapping[str, Any]], compared: Mapping[str, Any]) -> dict[str, Kind]:
    held: dict[str, list[Any]] = {}
    for row in rows:
        for name, value in row.items():
            held.setdefault(name, []).append(value)
    named = {name: value for name, value in compared.items() if name.partition(".")[0] not in held}
    kinds = {name: kind_of(values) for name, values in held.items() if name != KEY}
    return kinds | {name: kind_of_literal(value) for name, value in named.items()}


def kind_of_literal(value: Any) -> Kind:
    if isinstance(value, dict):
        return "datetime"
    return kind_of(value if isinstance(value, list) else [value])


def kind_of(values: list[Any]) -> Kind:
    """The kind that fits all of a column's values; text where they agree on nothing."""
    if any(isinstance(value, list) for value in values):
        return {"list": kind_of([element for value in values for element in as_list(value)])}
    if values and all(isinstance(value, dict) for value in values):
        names = {name for value in values for name in value}
        return {"struct": {name: kind_of([v[name] for v in values if name in v]) for name in sorted(names)}}
    kinds = {kind_of_one(value) for value in values if value is not None}
    if len(kinds) == 1:
        return kinds.pop()
    wider = {frozenset({"integer", "number"}): "number", frozenset({"date", "datetime"}): "datetime"}
    return wider.get(frozenset(kinds), "text")


def kind_of_one(value: Any) -> str:
    for python_type, kind in ((bool, "boolean"), (int, "integer"), (float, "number")):
        if isinstance(value, python_type):
            return kind
    if re.fullmatch(r"\d{4}-\d{2}-\d{2}", str(value)):
        return "date"
    return "datetime" if re.match(r"\d{4}-\d{2}-\d{2}T", str(value)) else "text"


def as_list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]


def typed_row(row: Mapping[str, Any], kinds: Mapping[str, Kind]) -> dict[str, object]:
    return {name: typed(value, kinds[name]) for name, value in row.items()}


def typed_event(event: Mapping[str, Any], kinds: Mapping[str, Kind]) -> dict[str, object]:
    own = {KEY: event["user_id"], "event": event["event"], "at": at_midnight(event["timestamp"])}
    return own | typed_row(event["properties"], kinds)


def typed(value: Any, kind: Kind) -> object:
    if value is None:
        return None
    if isinstance(kind, Mapping) and "list" in kind:
        return [typed(element, kind["list"]) for element in as_list(value)]
    if isinstance(kind, Mapping):
        fields = kind["struct"]
        return typed_row(value, fields) if isinstance(fields, Mapping) else value
    return READERS[kind](value) if kind in READERS else value


def exact(value: float) -> Decimal:
    return Decimal(str(value))


def at_midnight(text: str) -> datetime:
    """In the cases a date without a time is 00:00 UTC."""
    read = datetime.fromisoformat(text)
    return read if read.tzinfo else read.replace(tzinfo=UTC)


READERS: dict[str, Callable[[Any], object]] = {
    "text": str,
    "date": date.fromisoformat,
    "datetime": at_midnight,
    "number": exact,
}

# Conditions


def condition(tree: Tree, world: World) -> Tree:
    """The YAML tree of one node of the neutral tree."""
    if "attr" in tree:
        return attribute(tree["attr"], tree, world)
    for word in ("all", "any"):
        if word in tree:
            return {word: [condition(part, world) for part in tree[word]]}
    if "not" in tree:
        return {"not": condition(tree["not"], world)}
    if "segment" in tree:
        return {"in_segment": tree["segment"]}
    return {"everyone": "true"} if "everyone" in tree else element_or_event(tree)


def element_or_event(tree: Tree) -> Tree:
    if "any_element" in tree:
        element = tree["any_element"]
        fields: Tree = {}
        for part in element["all"]:
            fields.setdefault(part["attr"], {}).update(tests(part))
        return {element["attr"]: {"has_element": fields}}
    if "event" in tree:
        return {"did": selector(tree) | ({"count": count(tree["count"])} if "count" in tree else {})}
    for word, translate in BEHAVIOUR.items():
        if word in tree:
            return translate(tree[word])
    raise ValueError(f"no such node: {tree!r}")


def attribute(name: str, tree: Tree, world: World) -> Tree:
    if tree["op"] == "anniversary":
        return anniversary(name, tree["value"]["offset_days"])
    if tree["op"] == "in_period" and "offset_days" in tree["value"]:
        day = world.as_of.date() + timedelta(days=tree["value"]["offset_days"])
        return {name: {"on": day.isoformat()}}
    if tree["op"] in ("after", "before") and world.kinds[name] == "datetime":
        return {name: {tree["op"]: at_midnight(tree["value"]).isoformat()}}
    return {name: tests(tree)}


def anniversary(name: str, offset: int) -> Tree:
    """One day's anniversaries: a window that reaches it, less the shorter window that does not."""
    if offset == 0:
        return {name: {"anniversary": "today"}}
    word, longer = ("in_next", offset) if offset > 0 else ("in_last", 1 - offset)
    reaching = {name: {"anniversary": {word: f"{longer}d"}}}
    return {"all": [reaching, {"not": {name: {"anniversary": {word: f"{longer - 1}d"}}}}]}


def tests(tree: Tree) -> Tree:
    """The tests that an operator and its value stand for."""
    op: str = tree["op"]
    value = tree.get("value")
    if op in ("is_set", "is_not_set") or value == "":
        return {"is_set": "true" if op in ("is_set", "neq") else "false"}
    if op in ("icontains", "not_icontains"):
        return {op.replace("icontains", "contains"): written(value), "ignore_case": "true"}
    if op == "regex":
        return {"matches": f"^(?:{value})$"}
    if op == "in_period":
        return {op: tree["value"]["period"]}
    return {SAME_TEST.get(op, op): duration(value) if isinstance(value, dict) else written(value)}


def written(value: Any) -> Any:
    """A literal as YAML has it: text, whatever its kind."""
    if isinstance(value, list):
        return [written(item) for item in value]
    return str(value).lower() if isinstance(value, bool) else str(value)


def duration(span: Mapping[str, Any]) -> str:
    return f"{span['n']}{UNITS[span['unit']]}"


def count(tree: Tree) -> Tree:
    return {COUNTS[tree["op"]]: str(tree["value"])}


def selector(tree: Tree) -> Tree:
    chosen = {"event": tree["event"]} | window(tree.get("window", {}))
    if "where" in tree:
        chosen["where"] = [{part["prop"]: tests(part)} for part in tree["where"]]
    return chosen


def window(tree: Tree) -> Tree:
    spans = {"last": "in_last", "from_ago": "in_last", "to_ago": "more_than_ago"}
    relative = {word: duration(tree[name]) for name, word in spans.items() if name in tree}
    fixed = {"from": "gte", "to": "lte"}
    return relative | {word: tree[name] for name, word in fixed.items() if name in tree}


def aggregate(tree: Tree) -> Tree:
    """An aggregate over no event does not match in the cases, so at least one is asked for."""
    at_least_one = selector(tree) | {"count": {"gte": "1"}}
    test = {COUNTS[tree["op"]]: written(tree["value"])}
    if tree["fn"] == "count":
        return {"did": at_least_one | {"count": {"gte": "1"} | test}}
    return {"did": at_least_one | {tree["fn"]: {tree["property"]: test}}}


def last_event(tree: Tree) -> Tree:
    values = {part["prop"]: tests(part) for part in tree["has"]}
    return {"did": selector(tree) | {"count": {"gte": "1"}, "last_value": values}}


def sequence(tree: Tree) -> Tree:
    then = {"event": tree["then"], "within": duration(tree["within"])}
    return {"sequence": {"steps": [{"event": tree["first"]}, then]} | window(tree.get("window", {}))}


def regularly(tree: Tree) -> Tree:
    spans = {"periods": str(tree["min_periods"]), "of": str(tree["total_periods"])}
    every = {"every": duration(tree["period"]), "count": count(tree["count"])}
    return {"regularly": {"event": tree["event"]} | every | spans}


def subscribed(tree: Tree) -> Tree:
    """The last choice wins; where none was made, the group's default."""
    choices = [tree["subscribe_event"], tree["unsubscribe_event"]]
    chosen = {"event": choices, "where": {"group": tree["group"]}}
    last = {"did": chosen | {"last_value": {"event": tree["subscribe_event"]}}}
    return {"any": [last, {"did_not": chosen}]} if tree["default"] else last


BEHAVIOUR = {
    "event_aggregate": aggregate,
    "last_event": last_event,
    "sequence": sequence,
    "regularly": regularly,
    "subscribed": subscribed,
}
