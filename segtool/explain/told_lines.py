"""A definition and one user come in; go out: its lines, each with whether it holds, and with what was found."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

from segtool.compile.clauses import Clause
from segtool.compile.words import cut_words, keys_words
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
    if definition.exclude:
        yield Line(f"not excluded: {keys_words(definition.exclude)}", 0, key not in planned.exclude)
    if definition.include:
        yield Line(f"or included: {keys_words(definition.include)}", 0, key in planned.include)
    if planned.ranking:
        found_place = place(planned.ranking)
        yield Line(cut_words(definition), 0, found_place.is_kept, found_place.found)
