"""Tests on text."""

from __future__ import annotations

import re
from typing import ClassVar

from segtool.compile.base import Test
from segtool.compile.scope import Scope, Subject
from segtool.compile.values import folded, quoted
from segtool.model.algebra import Manner, Match, Not, Predicate
from segtool.model.nodes import Literals, Scalar


class TextTest(Test):
    """One text or several, any of which will do."""

    kinds, folds, whole = frozenset({"text"}), True, "values"
    manner: ClassVar[Manner]
    phrase: ClassVar[str]
    values: Literals

    def sentence(self) -> str:
        return f"{self.phrase} {quoted(self.values)}"

    def lower(self, subject: Subject, scope: Scope) -> Predicate:
        patterns = {value.text.lower() if self.ignore_case else value.text for value in self.values}
        return Match(folded(self, subject), self.manner, tuple(sorted(patterns)))


class Contains(TextTest):
    """Holds this text somewhere."""

    word, example = "contains", "'@example.'"
    manner, phrase = "contains", "contains"


class NotContains(TextTest):
    """Does not hold this text, or is missing."""

    word, example = "not_contains", "[test, demo]"
    manner, phrase = "contains", "does not contain"

    def lower(self, subject: Subject, scope: Scope) -> Predicate:
        return Not(super().lower(subject, scope))


class StartsWith(TextTest):
    """Begins with this text."""

    word, example = "starts_with", "'+380'"
    manner, phrase = "starts_with", "starts with"


class EndsWith(TextTest):
    """Ends with this text."""

    word, example = "ends_with", "['@gmail.com', '@ukr.net']"
    manner, phrase = "ends_with", "ends with"


class Matches(Test):
    """A regular expression (Rust's syntax) is found in it; `^` and `$` ask for its start and end."""

    word, example = "matches", "'^[0-9]{5}$'"
    kinds, folds, whole = frozenset({"text"}), True, "value"
    value: Scalar

    def sentence(self) -> str:
        return f"matches {self.value.text}"

    def lower(self, subject: Subject, scope: Scope) -> Predicate:
        fault = regex_fault(self.value.text)
        if fault:
            return scope.problem(self.value.mark, f"`{self.value.text}` is not a regular expression", fault)
        pattern = f"(?i){self.value.text}" if self.ignore_case else self.value.text
        return Match(folded(self, subject), "matches", (pattern,))


def regex_fault(pattern: str) -> str:
    """Why Rust's engine, which decides, refuses a pattern; an empty text where it does not."""
    if re.fullmatch(r"[\w @.,:/+-]*", pattern) and not re.search(r"^[+]|[+]{2}", pattern):
        return ""
    import polars as pl

    try:
        pl.Series([""]).str.contains(pattern)
    except pl.exceptions.ComputeError as error:
        lines = [line.strip() for line in str(error).splitlines()]
        return next((line for line in lines if line.startswith("error: ")), lines[0])
    return ""
