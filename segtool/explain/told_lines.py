"""A definition and one user come in; go out: its lines, each with whether it holds, and with what was found."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

from segtool.compile.clauses import Clause
from segtool.compile.words import to_words
from segtool.explain.findings import Findings
from segtool.explain.places import Place
from segtool.model.explanation import Line
from segtool.model.plan import PlannedSegment, Ranking
from segtool.model.project import Segment


def lines_of(
    segment: Segment,
    planned: PlannedSegment,
    clauses: Sequence[tuple[Clause, bool]],
    findings: Findings,
    place: Callable[[Ranking], Place],
    key: str,
) -> Iterator[Line]:
    """The condition from top to bottom, then the lists and the cut, in the words of `show`."""
    for clause, holds in clauses:
        found = (findings.found(clause.meaning), findings.boundaries(clause.meaning)) if clause.is_whole else ((), ())
        yield Line(clause.words, clause.depth, holds, *found)
    if planned.listed is not None:
        yield Line(f"the keys in {segment.definition.list}", 0, key in planned.listed)
    definition = segment.definition
    words = iter(to_words(segment)[-sum(map(bool, (definition.exclude, definition.include, planned.ranking))) :])
    if definition.exclude:
        yield Line(next(words), 0, key not in planned.exclude)
    if definition.include:
        yield Line(next(words), 0, key in planned.include)
    if planned.ranking:
        found_place = place(planned.ranking)
        yield Line(next(words), 0, found_place.is_kept, found_place.found)
