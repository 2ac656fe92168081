"""What a person types to try definitions: nothing of the project's is decided, and nothing is written."""

from __future__ import annotations

from typing import Any

import typer

from segtool.cli.options import Exclude, Form, Output, ProjectOption, Quiet, Select, Verbose

trying = typer.Typer()
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
    running.answer_tested(result, output, quiet)
    raise typer.Exit(FAILED if result.failed else 0)
