"""A predicate, whether its leaves hold, and ways to change each of these come in; go out: ways to change the whole."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice, product
from typing import Generic, TypeVar

from segtool.model.algebra import And, AtLeast, Constant, Leaf, Member, Not, Or, Predicate, is_true

Step = TypeVar("Step")
FEW = 3
"""Of each of several parts that must change together, so many ways are joined with those of the others."""
MOST = 24


@dataclass(frozen=True)
class Ways(Generic[Step]):
    """How a tree could come to hold, or not to hold: each way is a series of steps, and an empty one where it does."""

    known: Mapping[Leaf | Member, bool]
    of_leaf: Callable[[Leaf, bool], Sequence[tuple[Step, ...]]]

    def of(self, predicate: Predicate, wanted: bool = True) -> list[tuple[Step, ...]]:
        if is_true(predicate, self.known) == wanted:
            return [()]
        match predicate:
            case Not(part):
                return self.of(part, not wanted)
            case And(parts):
                return self._all(parts, wanted) if wanted else self._one(parts, wanted)
            case Or(parts):
                return self._one(parts, wanted) if wanted else self._all(parts, wanted)
            case AtLeast(number, parts):
                return self._some(number, parts, wanted)
            case Constant() | Member():
                return []
            case _:
                return list(self.of_leaf(predicate, wanted))[:MOST]

    def _all(self, parts: Sequence[Predicate], wanted: bool) -> list[tuple[Step, ...]]:
        return _joined([self.of(part, wanted) for part in parts])

    def _one(self, parts: Sequence[Predicate], wanted: bool) -> list[tuple[Step, ...]]:
        return sorted((way for part in parts for way in self.of(part, wanted)), key=len)[:MOST]

    def _some(self, number: int, parts: Sequence[Predicate], wanted: bool) -> list[tuple[Step, ...]]:
        """So many more parts must hold, or so many fewer: those that take the fewest steps."""
        held = sum(is_true(part, self.known) for part in parts)
        lacking = number - held if wanted else held - number + 1
        ways = [self.of(part, wanted) for part in parts if is_true(part, self.known) != wanted]
        ready = sorted((way for way in ways if way), key=lambda way: len(way[0]))
        return _joined(ready[:lacking]) if len(ready) >= lacking else []


def _joined(ways: Sequence[Sequence[tuple[Step, ...]]]) -> list[tuple[Step, ...]]:
    """Every way of one part with every way of the others, as far as these are few."""
    combined = islice(product(*(list(way)[: FEW if len(ways) > 1 else MOST] for way in ways)), MOST)
    return [tuple(step for way in combination for step in way) for combination in combined]
