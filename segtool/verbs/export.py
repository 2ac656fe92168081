"""Segments and a channel come in; go out: files of those whom it reaches, and why the other members are held back."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from segtool.channels.delivery import Consignment, deliver
from segtool.model.exports import Exported, Request
from segtool.read.presets import read_preset
from segtool.read.project import read_project
from segtool.store.rehearsal import rehearsing
from segtool.store.steady import steady
from segtool.verbs.adoption import adopted
from segtool.verbs.exporting import Exporting
from segtool.verbs.preparation import prepare
from segtool.verbs.run import Run


def export(folder: Path, run: Run, request: Request) -> Exported:
    """Those members, as the newest run left them, whom the channel reaches by the tables as their files are now."""
    [exported] = exports(folder, run, [request])
    return exported


@steady
def exports(folder: Path, run: Run, requests: Sequence[Request]) -> tuple[Exported, ...]:
    """Several of them: all of their files are written, or none."""
    project = read_project(folder, keep_problems=True)
    presets = {request.preset: read_preset(request.preset, folder) for request in requests}
    with rehearsing(folder) as store:
        kept = {**store.state.segments, **adopted(project, store, store.state.segments)}
        prepared = prepare(project, store, run, kept)
        asked = [Exporting(one, presets[one.preset], prepared, store, kept, run) for one in requests]
        for one in asked:
            one.refuse()
        consignments = {
            number: Consignment(outputs, one.facts)
            for number, one in enumerate(asked)
            if (outputs := tuple(one.outputs(folder)))
        }
        inputs = [folder / file.path for table in prepared.inputs.tables.values() for file in table.state.files]
        deliveries = dict(zip(consignments, deliver(list(consignments.values()), folder, inputs), strict=True))
        return tuple(one.exported(deliveries.get(number), folder) for number, one in enumerate(asked))
