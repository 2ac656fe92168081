"""A user, and whether leaves hold for them, come in; go out: changes after which a leaf may be as wanted.

They are guesses, of which the engine decides; see `verbs.smallest`."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal
from math import asin, cos, radians, sin, sqrt
from typing import Any

from segtool.explain.alone import Alone
from segtool.explain.event_proposals import EventProposals
from segtool.explain.new_values import fitting, new_values
from segtool.model.algebra import Aggregate, AtEdge, Bucket, Column, Leaf, Near, root
from segtool.model.algebra import Sequence as InSequence
from segtool.model.person import Change, Person, SetValue
from segtool.model.time import Clock

EARTH = 6_371_008.8
NEARER = (0.9999, 0.99, 0.5, 0)


@dataclass(frozen=True)
class Proposals:
    """Changes of one user's values and events."""

    alone: Alone
    person: Person
    clock: Clock

    def of_leaf(self, leaf: Leaf, wanted: bool) -> Sequence[Change]:
        if isinstance(leaf, Bucket):
            return ()
        if isinstance(leaf, Near):
            return self._near(leaf, wanted)
        if isinstance(leaf, AtEdge | InSequence) or isinstance(root(leaf.value), Aggregate):
            return EventProposals(self.alone, self.person, self.clock).of_leaf(leaf, wanted)
        column = root(leaf.value)
        assert isinstance(column, Column)
        if column.name == self.alone.users.key:
            return ()
        values = new_values(leaf, wanted, self.person.cells.get(column.name), column.kind, self.clock)
        return [(SetValue(column.name, fitting(value, column.kind)),) for value in values]

    def _near(self, leaf: Near, wanted: bool) -> list[Change]:
        assert isinstance(leaf.latitude, Column) and isinstance(leaf.longitude, Column)
        names = leaf.latitude.name, leaf.longitude.name
        if not wanted:
            return [(SetValue(names[0], None),)]
        there = [self.person.cells.get(name) for name in names]
        kinds = leaf.latitude.kind, leaf.longitude.kind
        return [
            tuple(SetValue(*pair) for pair in zip(names, map(fitting, place, kinds), strict=True))
            for place in _nearer(there, leaf.point, leaf.metres)
        ]


def _nearer(there: Sequence[Any], point: tuple[float, float], metres: float) -> Iterator[list[Any]]:
    """Places on the way to a point, the first of them just inside the circle around it."""
    exact = [Decimal(str(one)) for one in point]
    if None in there:
        yield exact
        return
    share = min(1.0, metres / max(_apart([float(one) for one in there], point), 1e-9))
    for near in NEARER:
        step = Decimal(str(round(share * near, 9)))
        yield [round(end + (Decimal(str(start)) - end) * step, 6) for start, end in zip(there, exact, strict=True)]


def _apart(here: Sequence[float], there: Sequence[float]) -> float:
    """Metres along the great circle."""
    north, south = radians(here[0]), radians(there[0])
    across = radians(here[1] - there[1])
    half = sin((north - south) / 2) ** 2 + cos(north) * cos(south) * sin(across / 2) ** 2
    return 2 * EARTH * asin(min(1.0, sqrt(half)))
