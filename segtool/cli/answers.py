"""What a person types to see what is kept: segments, members, changes, runs. Nothing is written."""

from __future__ import annotations

from typing import Annotated

import typer

from segtool.cli.options import Form, Output, ProjectOption

answers = typer.Typer()


@answers.command("list")
def list_(project: ProjectOption = None, output: Output = Form.text) -> None:
    """List the segments with their sizes."""
    from segtool.cli import running
    from segtool.verbs.reading import list_segments

    running.answer_listing(list_segments(running.folder(project)), output)


@answers.command()
def show(segment: str, project: ProjectOption = None, output: Output = Form.text) -> None:
    """Show one segment in words, and its size over time."""
    from segtool.cli import running
    from segtool.verbs.reading import show

    running.answer_shown(show(running.folder(project), segment), output)


@answers.command()
def members(
    segments: Annotated[list[str] | None, typer.Argument()] = None,
    everything: Annotated[bool, typer.Option("--all", help="Of every segment.")] = False,
    project: ProjectOption = None,
    output: Output = Form.csv,
) -> None:
    """Write the keys of members as CSV."""
    from segtool.cli import running
    from segtool.verbs.ledger import members

    if not segments and not everything:
        raise typer.BadParameter("name a segment, or give --all")
    running.answer_frame(members(running.folder(project), tuple(segments or ()), everything=everything), output)


@answers.command()
def changes(
    segments: Annotated[list[str] | None, typer.Argument()] = None,
    since: Annotated[int, typer.Option("--since", min=0, metavar="RUN", help="After this run only.")] = 0,
    project: ProjectOption = None,
    output: Output = Form.csv,
) -> None:
    """Write who entered and left, in which run and why, as CSV."""
    from segtool.cli import running
    from segtool.verbs.ledger import changes

    running.answer_frame(changes(running.folder(project), tuple(segments or ()), since), output)


@answers.command()
def history(project: ProjectOption = None, output: Output = Form.text) -> None:
    """List the runs."""
    from segtool.cli import running
    from segtool.verbs.reading import history

    running.answer_history(history(running.folder(project)), output)


@answers.command()
def schema() -> None:
    """Write the JSON Schema of segments files."""
    from segtool.cli import running
    from segtool.verbs.schema import json_schema

    running.answer_json(json_schema())
