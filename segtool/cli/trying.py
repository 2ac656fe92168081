"""What a person types to try definitions: nothing of the project's is decided, and nothing is written."""

from __future__ import annotations

from typing import Annotated, Any

import typer

from segtool.cli.commands import Commands
from segtool.cli.options import (
    AllowBlank,
    AllowEmpty,
    AllowShrink,
    AllowStale,
    AsOf,
    Exclude,
    Form,
    MaxErrors,
    Output,
    ProjectOption,
    Quiet,
    SegmentName,
    Select,
    Verbose,
    guards,
)

trying = Commands()
MOMENT = "DATE|INSTANT"
FAILED = 4


@trying.command()
def test(
    select: Select = None,
    exclude: Exclude = None,
    project: ProjectOption = None,
    output: Output = Form.text,
    quiet: Quiet = False,
    verbose: Verbose = False,
) -> None:
    """Run the tests of the definitions."""
    from segtool.cli import running
    from segtool.verbs.test import run_tests

    folder = running.folder(project)
    chosen: dict[str, Any] = {"select": tuple(select or ()), "exclude": tuple(exclude or ())}
    with running.run(folder, output, quiet, verbose=verbose, **chosen) as run:
        result = run_tests(folder, run)
    running.answer_tested(result, output, quiet, folder)
    raise typer.Exit(FAILED if result.failed else 0)


@trying.command()
def backtest(
    segment: SegmentName,
    since: Annotated[str, typer.Option("--since", metavar=MOMENT, help="No as-of is before this one.")],
    every: Annotated[str, typer.Option("--every", metavar="DURATION", help="From one as-of to the next.")] = "7d",
    until: Annotated[str, typer.Option("--until", metavar=MOMENT, show_default="as-of", help="The last as-of.")] = "",
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
    """Show the size, entries and exits of a definition at past as-ofs.

    Events are cut at each as-of; attributes and users are as they are now.
    """
    from segtool.cli import running
    from segtool.verbs.backtest import backtest

    folder = running.folder(project)
    allowed = guards(empty=allow_empty, shrink=allow_shrink, blank=allow_blank, stale=allow_stale)
    chosen: dict[str, Any] = {"allowed": allowed, "max_errors": max_errors}
    with running.run(folder, output, quiet, verbose=verbose, as_of=as_of, **chosen) as run:
        result = backtest(folder, run, segment, since=since, until=until, every=every)
    running.answer_backtest(result, output, quiet)


@trying.command()
def explain(
    user: Annotated[str, typer.Argument(metavar="USER", help="The user's key.")],
    segment: Annotated[
        str, typer.Argument(metavar="[SEGMENT]", help="Tell this one in full; else a line for each.")
    ] = "",
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
    """Show why a user is in a segment, or what is missing."""
    from segtool.cli import running
    from segtool.verbs.explain import explain

    folder = running.folder(project)
    allowed = guards(empty=allow_empty, shrink=allow_shrink, blank=allow_blank, stale=allow_stale)
    chosen: dict[str, Any] = {"allowed": allowed, "max_errors": max_errors}
    with running.run(folder, output, quiet, verbose=verbose, as_of=as_of, **chosen) as run:
        result = explain(folder, run, user, segment)
    running.answer_explained(result, output)
