"""Segments and a channel come in; go out: files of those whom it reaches, and why the other members are held back."""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from segtool.channels.delivery import Consignment, deliver
from segtool.errors import Problem, SegtoolError
from segtool.model.exports import Exported, Request
from segtool.model.results import Evaluation
from segtool.model.time import utc_text
from segtool.read.presets import read_preset
from segtool.read.project import read_project
from segtool.store.rehearsal import rehearsing
from segtool.store.steady import steady
from segtool.store.store import Store
from segtool.store.writer import writing
from segtool.verbs.adoption import adopted
from segtool.verbs.asked import requested
from segtool.verbs.channel_checks import files_read
from segtool.verbs.evaluate import evaluate
from segtool.verbs.exporting import Exporting
from segtool.verbs.preparation import prepare
from segtool.verbs.run import Run


def evaluate_and_export(folder: Path, run: Run) -> Evaluation:
    """A run, and after it the files that its segments ask for under `exports:`; of those that a guard keeps, none.

    The log notes what was written. Where nothing can be exported the run stands, and the error says so."""
    project, result = read_project(folder, keep_problems=True), evaluate(folder, run)
    store = Store(folder)
    wanted = [
        requested(one.name, export, _since(store, one.name, export.to.text) if export.only else None)
        for one in result.segments
        if one.name in project.segments and not one.held
        for export in project.segments[one.name].definition.exports
    ]
    try:
        written = exports(folder, replace(run, select=(), exclude=()), wanted) if wanted else ()
    except SegtoolError as error:
        fact = f"run {result.run} is committed, and nothing was exported of it"
        raise type(error)([*error.problems, Problem(fact, "then run `segtool evaluate --export` again")]) from None
    _note(folder, run, written)
    return replace(result, exports=written)


def _since(store: Store, segment: str, to: str) -> int:
    """The run after which somebody entered or left who is news for a file: the newest one that wrote it before the
    newest decision, so that what a run failed to write comes with the next one; all runs, where none has."""
    path, is_decided = os.path.realpath(store.project / to), False
    for number in range(store.head.number if store.head else 0, store.state.first - 1, -1):
        record = store.record(number)
        notes = record.details.get("exports", ()) if is_decided else ()
        if any(one["segment"] == segment and os.path.realpath(store.project / one["path"]) == path for one in notes):
            return number
        is_decided = is_decided or record.kind == "evaluate"
    return store.state.first - 1


def _note(folder: Path, run: Run, written: Sequence[Exported]) -> None:
    """A record of what was exported, without a word of whom; the same twice is noted once."""
    notes = [
        {"segment": part.segment, "channel": one.channel, "path": file.path, "rows": file.rows, "sha256": file.sha256}
        for one in written
        for part in one.parts
        for file in one.files
    ]
    with writing(folder, run.wait) as store:
        head, as_of = store.head, utc_text(run.as_of)
        assert head
        if notes and not (head.as_of == as_of and head.details.get("exports") == notes):
            decided = {key: head.details[key] for key in ("decided",) if key in head.details}
            at, details = utc_text(run.at), {"exports": notes, **decided}
            store.commit(kind="export", as_of=as_of, at=at, state=store.state, details=details)


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
        delivered = deliver(list(consignments.values()), folder, files_read(project, prepared.inputs))
        deliveries = dict(zip(consignments, delivered, strict=True))
        return tuple(one.exported(deliveries.get(number), folder) for number, one in enumerate(asked))
