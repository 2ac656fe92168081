"""A project with its tables comes in; goes out: what is wrong with its channels and exports, as far as it is known."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

from segtool.channels.places import Places, real
from segtool.errors import DefinitionError, Problem, UsageError
from segtool.model.channels import ExportShape
from segtool.model.exports import STDOUT
from segtool.model.nodes import near_name
from segtool.model.presets import Preset
from segtool.model.project import Project
from segtool.read.presets import read_preset
from segtool.verbs.asked import Asked, requested
from segtool.verbs.inputs import Inputs


def channel_problems(project: Project, inputs: Inputs) -> list[Problem]:
    """Regions whose numbers nobody dials; exports that could not be made, or would take the place of what is read."""
    found = [*_regions(project)]
    presets: dict[str, Preset | None] = {}
    for name, segment in project.segments.items():
        for export in segment.definition.exports:
            preset = _preset(export, project, presets, found)
            if preset:
                asked = Asked(requested(name, export), preset, project, inputs.users.schema.by_name, {})
                found += [replace(one, mark=export.to.mark) for one in asked.of_contents()]
                found += preset.unknown_attributes(asked.request.channel, asked.known)
    return [*found, *_places(project, inputs)]


def files_read(project: Project, inputs: Inputs) -> list[Path]:
    """The files of data that the project names, which no export may take the place of."""
    tables = {file.path for table in inputs.tables.values() for file in table.state.files}
    lists = {file for segment in project.segments.values() for file in segment.definition.files()}
    return [project.folder / path for path in sorted({*tables, *lists, *project.suppress})]


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


def _preset(
    export: ExportShape, project: Project, known: dict[str, Preset | None], found: list[Problem]
) -> Preset | None:
    """The preset of an export, read once; what is wrong with it is added."""
    name = export.preset.text
    if name not in known:
        known[name] = None
        try:
            known[name] = read_preset(name, project.folder)
        except UsageError as error:
            found += [replace(problem, mark=export.preset.mark) for problem in error.problems]
        except DefinitionError as error:
            found += error.problems
    return known[name]


def _places(project: Project, inputs: Inputs) -> Iterator[Problem]:
    """Where no export can be written, or another one is."""
    places = Places(real(project.folder), files_read(project, inputs))
    for segment in project.segments.values():
        for export in segment.definition.exports:
            named = [text for text in (export.to.text, export.held_back) if text]
            if STDOUT in named or any(text.endswith("/") for text in named):
                yield Problem("an export of a run goes to a file", "name one, such as out/vip.csv", export.to.mark)
                continue
            try:
                places.refuse([real((project.folder / text).parent) / Path(text).name for text in named])
            except UsageError as error:
                yield from (replace(problem, mark=export.to.mark) for problem in error.problems)
