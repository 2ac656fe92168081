"""What a person types to get the files that can be sent to."""

from __future__ import annotations

from typing import Annotated, Any

import typer

from segtool.cli.completion import name_of_segment
from segtool.cli.options import (
    AllowBlank,
    AllowEmpty,
    AllowShrink,
    AllowStale,
    AsOf,
    FileFormat,
    Form,
    MaxErrors,
    Output,
    ProjectOption,
    Quiet,
    Reason,
    Side,
    Verbose,
    guards,
)

exporting = typer.Typer()


@exporting.command()
def export(
    segments: Annotated[
        list[str],
        typer.Argument(metavar="SEGMENT …", help="The segments by name.", autocompletion=name_of_segment),
    ],
    channel: Annotated[str, typer.Option("--channel", help="By which to reach them; without one, their keys.")] = "",
    preset: Annotated[str, typer.Option("--preset", metavar="NAME|FILE", help="What the file holds.")] = "plain",
    to: Annotated[str, typer.Option("--to", metavar="FILE", help="Where to; - is stdout.")] = "-",
    form: Annotated[FileFormat | None, typer.Option("--format", help="Else as the file's name ends.")] = None,
    columns: Annotated[
        list[str] | None, typer.Option("--columns", metavar="A,B", help="Attributes to add, or segment, or variant.")
    ] = None,
    variant: Annotated[str, typer.Option("--variant", help="One variant of the segment's split alone.")] = "",
    first_match: Annotated[
        bool, typer.Option("--first-match", help="Of several segments, a user only in the first that holds them.")
    ] = False,
    only: Annotated[Side | None, typer.Option("--only", help="Who entered or left, not all members.")] = None,
    since: Annotated[
        int | None, typer.Option("--since", min=0, metavar="RUN", help="With --only: after this run; else the newest.")
    ] = None,
    also: Annotated[
        list[Reason] | None, typer.Option("--also", help="With --only: those too who entered for this reason.")
    ] = None,
    held_back: Annotated[str, typer.Option("--held-back", metavar="FILE", help="List the others and why.")] = "",
    excel_safe: Annotated[
        bool, typer.Option("--excel-safe", help="Quote texts that a spreadsheet would take for formulas.")
    ] = False,
    split_rows: Annotated[int | None, typer.Option("--split-rows", min=1, metavar="N", help="Rows a file.")] = None,
    split_bytes: Annotated[int | None, typer.Option("--split-bytes", min=1, metavar="N", help="Bytes a file.")] = None,
    project: ProjectOption = None,
    as_of: AsOf = "",
    output: Output = Form.text,
    quiet: Quiet = False,
    verbose: Verbose = False,
    max_errors: MaxErrors = 0,
    allow_empty: AllowEmpty = False,
    allow_shrink: AllowShrink = False,
    allow_blank: AllowBlank = False,
    allow_stale: AllowStale = False,
) -> None:
    """Write the members whom a channel reaches, and tell why others are held back."""
    from segtool.cli import running
    from segtool.model.exports import Request
    from segtool.verbs.export import export

    if to == "-" and output is not Form.text:
        raise typer.BadParameter("the rows go to stdout: name a file with --to for an answer in another form")
    names = tuple(name for word in columns or () for name in word.split(",") if name)
    request = Request(
        tuple(segments), channel, preset, to, form or "", names, variant, only or "", since, frozenset(also or ()),
        first_match, held_back, excel_safe, split_rows, split_bytes,
    )  # fmt: skip
    folder = running.folder(project)
    allowed = guards(empty=allow_empty, shrink=allow_shrink, blank=allow_blank, stale=allow_stale)
    chosen: dict[str, Any] = {"allowed": allowed, "max_errors": max_errors}
    with running.run(folder, output, quiet, verbose=verbose, as_of=as_of, **chosen) as run:
        result = export(folder, run, request)
    running.answer_exported(result, output, quiet)
