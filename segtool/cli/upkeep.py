"""What a person types to look after what is kept: verify it, prune it, erase somebody from it, ask the doctor."""

from __future__ import annotations

from typing import Annotated

import typer

from segtool.cli.commands import Commands
from segtool.cli.options import Form, Output, ProjectOption, Quiet, Verbose, Wait, seconds

upkeep = Commands()


@upkeep.command()
def verify(
    quick: Annotated[bool, typer.Option("--quick", help="Leave out the bytes, and the sums of older runs.")] = False,
    restore: Annotated[
        bool, typer.Option("--restore", help="Bring back snapshots that are missing or were changed.")
    ] = False,
    project: ProjectOption = None,
    output: Output = Form.text,
    quiet: Quiet = False,
    verbose: Verbose = False,
    wait: Wait = "0",
) -> None:
    """Recount and re-hash all that is kept; name what was changed or lost."""
    from segtool.cli import running
    from segtool.verbs.verify import verify

    folder = running.folder(project)
    with running.run(folder, output, quiet, verbose=verbose, wait=seconds(wait)) as run:
        result = verify(folder, run, quick=quick, restore=restore)
    running.answer_kept(result, output, quiet)


@upkeep.command()
def prune(
    keep_last: Annotated[int | None, typer.Option("--keep-last", min=1, metavar="N", help="The newest N runs.")] = None,
    keep_within: Annotated[
        str, typer.Option("--keep-within", metavar="DURATION", help="The runs of so long ago at most, such as 90d.")
    ] = "",
    project: ProjectOption = None,
    output: Output = Form.text,
    quiet: Quiet = False,
    verbose: Verbose = False,
    wait: Wait = "0",
) -> None:
    """Drop old runs that neither rule keeps, and never a snapshot."""
    from segtool.cli import running
    from segtool.verbs.prune import prune

    folder = running.folder(project)
    with running.run(folder, output, quiet, verbose=verbose, wait=seconds(wait)) as run:
        result = prune(folder, run, keep_last=keep_last, keep_within=keep_within)
    running.answer_kept(result, output, quiet)


@upkeep.command()
def erase(
    file: Annotated[str, typer.Argument(metavar="[FILE]", help="Keys, one a line; else stdin, as for -.")] = "-",
    suppress: Annotated[
        bool, typer.Option("--suppress", help="Keep them out of later imports too, by a hash of the key.")
    ] = False,
    project: ProjectOption = None,
    output: Output = Form.text,
    quiet: Quiet = False,
    verbose: Verbose = False,
    wait: Wait = "0",
) -> None:
    """Take people out of the store, the snapshots and the changes."""
    from segtool.cli import running
    from segtool.verbs.erase import erase

    folder = running.folder(project)
    with running.run(folder, output, quiet, verbose=verbose, wait=seconds(wait)) as run:
        result = erase(folder, run, file, suppress=suppress)
    running.answer_kept(result, output, quiet)


@upkeep.command()
def doctor(project: ProjectOption = None, output: Output = Form.text) -> None:
    """Tell what is installed, found, stale, locked and readable.

    It tries what the disk can do, and changes nothing.
    """
    from segtool.cli import running
    from segtool.verbs.doctor import doctor

    result = doctor(project)
    running.answer_diagnosis(result, output)
    raise typer.Exit(result.exit_code)
