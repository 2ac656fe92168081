"""A project comes in; goes out: what is wrong with its channels and exports that only other rooms know."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from segtool.errors import DefinitionError, Problem, UsageError
from segtool.model.nodes import near_name
from segtool.model.project import Project
from segtool.read.presets import read_preset


def channel_problems(project: Project) -> list[Problem]:
    """Regions whose numbers nobody dials, and presets that are not there or do not hold."""
    return [*_regions(project), *_presets(project)]


def _regions(project: Project) -> Iterator[Problem]:
    asked = [channel.shape.region for channel in project.channels.values() if channel.shape.region]
    if not asked:
        return
    from segtool.channels.phones import known_regions

    regions = known_regions()
    for region in asked:
        if region.text not in regions:
            step = near_name(region.text, regions) or "write two capital letters, such as UA"
            yield Problem(f"`{region.text}` is no region of telephone numbers", step, region.mark)


def _presets(project: Project) -> Iterator[Problem]:
    exports = [export for segment in project.segments.values() for export in segment.definition.exports]
    named = {export.preset.text: export.preset for export in exports}
    for name, scalar in named.items():
        try:
            read_preset(name, project.folder)
        except UsageError as error:
            yield from (replace(problem, mark=scalar.mark) for problem in error.problems)
        except DefinitionError as error:
            yield from error.problems
