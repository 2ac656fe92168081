"""What a person types to get the files that can be sent to."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any

import typer

from segtool.cli.commands import Commands
from segtool.cli.completion import name_of_segment
from segtool.cli.options import (
    AllowBlank,
    AllowEmpty,
    AllowShrink,
    AllowStale,
    AsOf,
    Form,
    MaxErrors,
    Output,
    ProjectOption,
    Quiet,
    Verbose,
    guards,
)


class FileFormat(StrEnum):
    """The format of a file."""

    csv = "csv"
    parquet = "parquet"
    ndjson = "ndjson"
    xlsx = "xlsx"


class Side(StrEnum):
    """Those who moved one way."""

    entered = "entered"
    left = "left"


class Reason(StrEnum):
    """Why somebody may have entered who is no news."""

    initial = "initial"
    definition = "definition"


Segments = Annotated[
    list[str], typer.Argument(metavar="SEGMENT...", help="Names of segments.", autocompletion=name_of_segment)
]
Channel = Annotated[
    str, typer.Option("--channel", metavar="NAME", help="By which to reach them; without one, their keys.")
]
Preset = Annotated[str, typer.Option("--preset", metavar="NAME", help="What the file holds; or the path of one.")]
To = Annotated[str, typer.Option("--to", metavar="FILE", help="Where to; - is stdout.")]
Format = Annotated[FileFormat | None, typer.Option("--format", show_default="as the file's name ends")]
Columns = Annotated[
    list[str] | None, typer.Option("--columns", metavar="A,B", help="Attributes to add, or segment, or variant.")
]
Variant = Annotated[str, typer.Option("--variant", metavar="NAME", help="Of the segment's split, this one alone.")]
FirstMatch = Annotated[
    bool, typer.Option("--first-match", help="Of several segments, a user only in the first that holds them.")
]
Only = Annotated[Side | None, typer.Option("--only", help="Who entered or left, in place of all members.")]
Since = Annotated[
    int | None, typer.Option("--since", min=0, metavar="RUN", help="With --only: after this run.", show_default="last")
]
Also = Annotated[
    list[Reason] | None,
    typer.Option(
        "--also", metavar="REASON", help="With --only: who entered for this reason too, initial or definition."
    ),
]
HeldBack = Annotated[str, typer.Option("--held-back", metavar="FILE", help="List the other members, and why.")]
ExcelSafe = Annotated[bool, typer.Option("--excel-safe", help="Quote texts that a spreadsheet takes for formulas.")]
SplitRows = Annotated[int | None, typer.Option("--split-rows", min=1, metavar="N", help="At most N rows a file.")]
SplitBytes = Annotated[int | None, typer.Option("--split-bytes", min=1, metavar="N", help="At most N bytes a file.")]

exporting = Commands()


@exporting.command()
def export(
    segments: Segments,
    channel: Channel = "",
    preset: Preset = "plain",
    to: To = "-",
    form: Format = None,
    columns: Columns = None,
    variant: Variant = "",
    first_match: FirstMatch = False,
    only: Only = None,
    since: Since = None,
    also: Also = None,
    held_back: HeldBack = "",
    excel_safe: ExcelSafe = False,
    split_rows: SplitRows = None,
    split_bytes: SplitBytes = None,
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
    if held_back == "-":
        raise typer.BadParameter("--held-back takes the name of a file, for the rows may go to stdout")
    names = tuple(name for word in columns or () for name in word.split(",") if name)
    to, held_back = (str(Path(file).absolute()) if file not in ("", "-") else file for file in (to, held_back))
    what = (tuple(segments), channel, preset, to, form or "", names, variant)
    whom = (only or "", since, frozenset(map(str, also or ())), first_match, held_back)
    request = Request(*what, *whom, excel_safe, split_rows, split_bytes)
    folder = running.folder(project)
    allowed = guards(empty=allow_empty, shrink=allow_shrink, blank=allow_blank, stale=allow_stale)
    chosen: dict[str, Any] = {"allowed": allowed, "max_errors": max_errors}
    with running.run(folder, output, quiet, verbose=verbose, as_of=as_of, **chosen) as run:
        result = export(folder, run, request)
    running.answer_exported(result, output, quiet)
