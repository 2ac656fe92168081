"""What a person types to see what is kept: segments, members, changes, runs. Nothing is written."""

from __future__ import annotations

from typing import Annotated

import typer

from segtool.cli.commands import Commands
from segtool.cli.options import (
    Exclude,
    Form,
    Output,
    ProjectOption,
    SegmentName,
    Select,
    TextOrJson,
    WholeOutput,
)

answers = Commands()


@answers.command("list")
def list_(
    select: Select = None,
    exclude: Exclude = None,
    project: ProjectOption = None,
    output: Output = Form.text,
) -> None:
    """List the segments with their sizes."""
    from segtool.cli import running
    from segtool.verbs.reading import list_segments

    result = list_segments(running.folder(project), tuple(select or ()), tuple(exclude or ()))
    running.answer_listing(result, output)


@answers.command()
def show(segment: SegmentName, project: ProjectOption = None, output: Output = Form.text) -> None:
    """Show one segment in words, and its size over time."""
    from segtool.cli import running
    from segtool.verbs.reading import show

    running.answer_shown(show(running.folder(project), segment), output)


@answers.command()
def members(
    select: Select = None,
    exclude: Exclude = None,
    everything: Annotated[bool, typer.Option("--all", help="Of every segment.")] = False,
    project: ProjectOption = None,
    output: Output = Form.csv,
) -> None:
    """Write the keys of members as CSV."""
    from segtool.cli import running
    from segtool.verbs.ledger import members

    if not select and not everything:
        raise typer.BadParameter("name a segment, or give --all")
    words = () if everything else tuple(select or ())
    running.answer_frame(members(running.folder(project), words, tuple(exclude or ())), output)


@answers.command()
def changes(
    select: Select = None,
    exclude: Exclude = None,
    since: Annotated[int, typer.Option("--since", min=0, metavar="RUN", help="After this run only.")] = 0,
    project: ProjectOption = None,
    output: Output = Form.csv,
) -> None:
    """Write who entered and left, in which run and why, as CSV."""
    from segtool.cli import running
    from segtool.verbs.ledger import changes

    words = tuple(select or ()), tuple(exclude or ())
    running.answer_frame(changes(running.folder(project), *words, since), output)


@answers.command()
def history(project: ProjectOption = None, output: Output = Form.text) -> None:
    """List the runs."""
    from segtool.cli import running
    from segtool.verbs.reading import history

    running.answer_history(history(running.folder(project)), output)


@answers.command()
def schema(
    of: Annotated[
        str, typer.Option("--of", metavar="COMMAND", help="Of what this command answers under -o json.")
    ] = "",
    preset: Annotated[bool, typer.Option("--preset", help="Of a file of a preset.")] = False,
    output: WholeOutput = TextOrJson.json,
) -> None:
    """Write the JSON Schema of segments files, of presets, or of a command's JSON. It is JSON in any form."""
    from segtool.cli import running
    from segtool.verbs.schema import json_schema, preset_schema

    own = preset_schema if preset else json_schema
    running.answer_json(running.answer_schema(of) if of else own())
