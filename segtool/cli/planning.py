"""What a person types to see what a run would do, or what an edit comes to. Nothing is written."""

from __future__ import annotations

import os
from typing import Annotated, Any

import typer

from segtool.cli.commands import Commands
from segtool.cli.options import (
    AllowBlank,
    AllowEmpty,
    AllowMovement,
    AllowShrink,
    AllowStale,
    AsOf,
    Backdate,
    Exclude,
    Form,
    MaxErrors,
    Output,
    ProjectOption,
    Quiet,
    Select,
    Verbose,
    guards,
)

planning = Commands()
WOULD_CHANGE = 7


@planning.command()
def plan(
    select: Select = None,
    exclude: Exclude = None,
    against: Annotated[
        str | None,
        typer.Option("--against", metavar="GITREF", help="Compare with the definitions of a git revision, not a run."),
    ] = None,
    keys: Annotated[
        int, typer.Option("--keys", min=0, metavar="N", help="Name the first N who would enter and who would leave.")
    ] = 0,
    exit_code: Annotated[bool, typer.Option("--exit-code", help="End with 7 where a segment would change.")] = False,
    project: ProjectOption = None,
    as_of: AsOf = "",
    output: Output = Form.text,
    quiet: Quiet = False,
    verbose: Verbose = False,
    max_errors: MaxErrors = 0,
    allow_backdate: Backdate = False,
    allow_empty: AllowEmpty = False,
    allow_shrink: AllowShrink = False,
    allow_blank: AllowBlank = False,
    allow_stale: AllowStale = False,
    allow_movement: AllowMovement = False,
) -> None:
    """Tell who would enter and leave, and why; write nothing.

    Without `--against`, this is what `evaluate` would do now: what the data change is told apart from what edited
    definitions do. With it, the definitions of the git revision and today's are compared on the same data.
    """
    from segtool.cli import running
    from segtool.verbs.against import plan_against
    from segtool.verbs.plan import plan

    _look_for_repositories()
    folder = running.folder(project)
    allowed = guards(
        empty=allow_empty, shrink=allow_shrink, blank=allow_blank, stale=allow_stale, movement=allow_movement
    )
    chosen: dict[str, Any] = {"allow_backdate": allow_backdate, "allowed": allowed, "max_errors": max_errors}
    chosen |= {"select": tuple(select or ()), "exclude": tuple(exclude or ())}
    with running.run(folder, output, quiet, verbose=verbose, as_of=as_of, **chosen) as run:
        result = plan(folder, run, keys) if against is None else plan_against(folder, run, against, keys)
    running.answer_preview(result, output, quiet)
    raise typer.Exit(WOULD_CHANGE if exit_code and result.moving else 0)


def _look_for_repositories() -> None:
    """Lets git find the repository of a folder where it says itself, to its hooks, which one there is."""
    if "GIT_WORK_TREE" not in os.environ:
        # any folder would be taken for the top of that one
        os.environ.pop("GIT_DIR", None)
