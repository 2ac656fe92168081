"""Everything that was read for a run to what a person should know of it, although it stops nothing."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from segtool.compile.plan import digest
from segtool.errors import Problem
from segtool.model.run import SegmentState
from segtool.store.suppression import Suppression
from segtool.verbs.departed import told
from segtool.verbs.preparation import Prepared

RENAME = "give it another name"


def warnings_of(
    prepared: Prepared, states: Mapping[str, SegmentState], suppression: Suppression | None
) -> Iterator[Problem]:
    """What definitions ask for that is not there, people that they name and who stay out, and definitions of frozen
    segments that say something else now."""
    yield from prepared.plan.warnings
    if suppression:
        yield from told(prepared.project, prepared.around.keys or {}, suppression)
    for name, segment in prepared.project.segments.items():
        state = states.get(name)
        if not state or not state.frozen:
            continue
        if segment.definition.kind != "static":
            yield Problem(f"`{name}` is frozen, so `kind: dynamic` changes nothing", RENAME, segment.mark)
        elif digest(segment.tree) != state.definition:
            yield Problem(f"`{name}` is frozen, so its edited definition changes nothing", RENAME, segment.mark)
