"""Two predicates of one text, list, place or sample come in; goes out: whether one covers the other, or excludes it."""

from __future__ import annotations

from itertools import product

from segtool.model.algebra import Bucket, Compare, Has, Match, Near, OneOf, Predicate

Known = tuple[str, str]
"""What is known of a text: that it `is` another one, `contains` it, starts or ends with it."""
MOST_TEXTS = 10_000
"""So often a text of one predicate is held against one of another."""


def covers(one: Predicate, other: Predicate) -> bool:
    """Whether the other one holds wherever this one does."""
    match one, other:
        case Has(value), Has(of) if value == of:
            return all(_has(items, other) for items in _alternatives(one))
        case Near(latitude, longitude, point, metres), Near() if metres <= other.metres:
            return (latitude, longitude, point) == (other.latitude, other.longitude, other.point)
        case Bucket(salt, below), Bucket(same, above):
            return salt == same and below <= above
        case _:
            known, wanted = _of_one_text(one, other)
            return bool(known) and all(any(_shows(text, part) for part in wanted) for text in known)


def exclude(one: Predicate, other: Predicate) -> bool:
    """Whether no text passes both."""
    known, wanted = _of_one_text(one, other)
    return bool(known) and all(_differ(*both) for both in product(known, wanted))


def _alternatives(one: Has) -> list[frozenset[object]]:
    """The items of which those of one set are in the list."""
    return [frozenset(one.items)] if one.every else [frozenset([item]) for item in one.items]


def _has(items: frozenset[object], wanted: Has) -> bool:
    return items.issuperset(wanted.items) if wanted.every else not items.isdisjoint(wanted.items)


def _of_one_text(one: Predicate, other: Predicate) -> tuple[list[Known], list[Known]]:
    """What both tell of one text, of which something of each is so; nothing where they are of none, or of two."""
    known, wanted = _known(one), _known(other)
    is_one = known and wanted and len(known) * len(wanted) <= MOST_TEXTS and one.value == other.value  # type: ignore
    return (known, wanted) if is_one else ([], [])


def _known(predicate: Predicate) -> list[Known]:
    match predicate:
        case Compare(operator="eq", literal=str() as text):
            return [("is", text)]
        case OneOf(literals=literals):
            return [("is", text) for text in literals if isinstance(text, str)]
        case Match(manner=manner, patterns=patterns) if manner != "matches":
            return [(manner, pattern) for pattern in patterns]
        case _:
            return []


def _shows(known: Known, wanted: Known) -> bool:
    """Whether what is known of a text tells that it has what is wanted."""
    (manner, text), (wanted_manner, part) = known, wanted
    match wanted_manner:
        case "contains":
            return part in text
        case "starts_with":
            return manner in ("is", "starts_with") and text.startswith(part)
        case "ends_with":
            return manner in ("is", "ends_with") and text.endswith(part)
        case _:
            return known == wanted


def _differ(known: Known, other: Known) -> bool:
    """Whether no text is both."""
    if "is" in (known[0], other[0]):
        exact, wanted = (known, other) if known[0] == "is" else (other, known)
        return not _shows(exact, wanted)
    return known[0] == other[0] == "ends_with" and not _shows(known, other) and not _shows(other, known)
