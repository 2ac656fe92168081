"""What was found in a condition to what is said of it."""

from __future__ import annotations

import re

from segtool.compile.regions import Region, kind_of, region_of
from segtool.compile.terms import Term
from segtool.errors import Problem
from segtool.model.algebra import (
    EVENT_TIME,
    Aggregate,
    Bucket,
    Column,
    Not,
    Part,
    Predicate,
    Rank,
    Sequence,
    Value,
    root,
)
from segtool.model.kinds import INTEGER

SPECIAL = re.compile(r"[\\.+*?()|\[\]{}^$#&~]")
OF_PARTS = {
    "size": "a list has 0 elements or more",
    "hour": "hours are from 0 to 23",
    "month": "months are from 1 to 12",
    "weekday": "there are seven days in a week",
    "day_of_month": "days of a month are from 1 to 31",
}


def shown(term: Term) -> str:
    return f"`{term.clause.said}`" if term.holds else f"the opposite of `{term.clause.said}`"


def verdict_problem(term: Term, holds: bool) -> Problem:
    """It is always so, or never, whoever the user is."""
    why, told = reason(term.meaning), term.outer
    fact = f"{shown(told)} {'always' if holds else 'never'} holds" + (f": {why}" if why else "")
    return Problem(fact, "change it, or take it out", told.clause.mark)


def only_set_problem(term: Term) -> Problem:
    """It is so for all but those who have no value, which a 0 is where a percentile is of what is counted."""
    why = reason(term.meaning)
    fact = f"`{term.clause.said}` holds for every value" + (f": {why}" if why else "")
    value = term.clause.subject and root(term.clause.subject.value)
    counts = isinstance(value, Aggregate) and value.function in ("count", "distinct")
    return Problem(fact, f"write `{'gt: 0' if counts else 'is_set: true'}`", term.clause.mark)


def same_problem(term: Term, other: Term) -> Problem:
    told, first = term.outer, other.outer.clause.mark
    return Problem(f"{shown(told)} is said twice, first at {first}", "take one out", told.clause.mark)


def apart_problem(term: Term, other: Term, every: bool) -> Problem:
    """Two that must both hold never do; of two of which one must, one always does."""
    both = f"{shown(other)} ({other.clause.mark})"
    if every:
        return Problem(f"{shown(term)} and {both} never hold together", "change one of them", term.clause.mark)
    return Problem(f"{shown(term)} or {both} always holds", "change one of them", term.clause.mark)


def together_problem(terms: list[Term], every: bool) -> Problem:
    """Of several that must all hold, or of which one must."""
    *first, last = terms
    others = ", ".join(f"{shown(term)} ({term.clause.mark})" for term in first)
    ending = "never hold together" if every else "always holds"
    fact = f"{others} {'and' if every else 'or'} {shown(last)} {ending}"
    return Problem(fact, "change one of them", last.clause.mark)


def follows_problem(term: Term, other: Term, every: bool) -> Problem:
    """One that must hold beside another does so already; or one that may hold in place of another never does alone."""
    ending, told, beside = "says nothing beside" if every else "adds nothing to", term.outer, other.outer
    return Problem(f"{shown(told)} {ending} {shown(beside)} ({beside.clause.mark})", "take it out", told.clause.mark)


def reason(meaning: Predicate) -> str:
    """Why it is the same for everybody, where that is not plain from the words."""
    match meaning:
        case Not(part):
            return reason(part)
        case Bucket(below=below):
            return f"the sample is of {'nobody' if not below else 'everybody'}"
        case Sequence():
            return "a step comes after the one before it, not at the same time"
    found = region_of(meaning)
    return _reason(*found) if found else ""


def _reason(value: Value, passing: Region) -> str:
    match value:
        case Part(name=name):
            return OF_PARTS.get(name, "")
        case Rank():
            return "percentiles are above 0, and at most 100"
        case Aggregate(function="count" | "distinct"):
            return "it is a whole number, 0 or more"
        case Aggregate(of=of) | of if of == EVENT_TIME and passing.cuts:
            return "no event is later than as-of"
        case Column(name=name) if kind_of(value) == INTEGER:
            return f"`{name}` holds whole numbers"
        case _:
            return ""


def plain_text(pattern: str) -> tuple[str, str] | None:
    """The test that asks the same of a text as a regular expression does, and its text; None where none does."""
    starts, ends = pattern.startswith("^"), pattern.endswith("$") and not pattern.endswith(r"\$")
    inner = pattern[starts : len(pattern) - ends]
    text = re.sub(r"\\([^\w\s<>])", "", inner)
    if not inner or SPECIAL.search(text):
        return None
    word = {(False, False): "contains", (True, False): "starts_with", (False, True): "ends_with", (True, True): "is"}
    return word[starts, ends], re.sub(r"\\([^\w\s<>])", r"\1", inner)
