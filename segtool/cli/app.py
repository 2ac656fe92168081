"""What a person types to one verb, its result shown, and its exit code."""

from __future__ import annotations

import io
import os
import sys
import traceback
from pathlib import Path
from types import TracebackType
from typing import Annotated, Any, cast

import typer

from segtool import __version__
from segtool.cli.answers import answers
from segtool.cli.beginning import init
from segtool.cli.commands import Commands
from segtool.cli.completion import offer
from segtool.cli.exporting import exporting
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
    SegmentName,
    Select,
    Verbose,
    Wait,
    guards,
    seconds,
)
from segtool.cli.planning import planning
from segtool.cli.trying import trying
from segtool.cli.upkeep import upkeep
from segtool.errors import Problem, SegtoolError
from segtool.output.safe import safe, safe_lines

USAGE = cast("type[typer.BadParameter]", typer.BadParameter.__base__)
"""What Typer raises where words make no command, under whichever name it keeps it."""

app = Commands(
    help="Segments of users, from files: static ones frozen to CSV, dynamic ones decided anew at each run.",
    no_args_is_help=True,
    add_completion=True,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
    context_settings={"help_option_names": ["-h", "--help"]},
)


def _version(wanted: bool) -> None:
    if wanted:
        sys.stdout.write(f"segtool {__version__}\n")
        raise typer.Exit


@app.callback()
def options(
    version: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Show the version.")
    ] = False,
    debug: Annotated[bool, typer.Option("--debug", help="Anywhere: show a bug's whole traceback.")] = False,
) -> None:
    """Segments of users, from files."""


app.command()(init)


@app.command("import")
def import_(
    tables: Annotated[
        list[str] | None,
        typer.Argument(
            metavar="[TABLE [FILE]]",
            help="`users FILE` reads this file until the declared ones change.",
        ),
    ] = None,
    list_file: Annotated[
        tuple[str, str] | None, typer.Option("--list", metavar="NAME FILE", help="Make a static segment of keys.")
    ] = None,
    project: ProjectOption = None,
    as_of: AsOf = "",
    output: Output = Form.text,
    quiet: Quiet = False,
    verbose: Verbose = False,
    wait: Wait = "0",
    allow_empty: AllowEmpty = False,
    allow_shrink: AllowShrink = False,
    allow_stale: AllowStale = False,
    allow_movement: AllowMovement = False,
    max_errors: MaxErrors = 0,
) -> None:
    """Read the files into the store; say how columns were read."""
    from segtool.cli import running
    from segtool.verbs.freeze import freeze_list
    from segtool.verbs.importing import import_tables

    folder = running.folder(project)
    allowed = guards(empty=allow_empty, shrink=allow_shrink, stale=allow_stale, movement=allow_movement)
    chosen: dict[str, Any] = {"allowed": allowed, "max_errors": max_errors}
    with running.run(folder, output, quiet, verbose=verbose, as_of=as_of, wait=seconds(wait), **chosen) as run:
        if list_file:
            name, keys = list_file[0], running.inside(list_file[1], folder)
            running.answer_evaluation(freeze_list(folder, run, name, keys), output, quiet)
        else:
            names, file = running.tables_and_file(tuple(tables or ()), folder)
            running.answer_import(import_tables(folder, run, names, file), output, quiet)


@app.command()
def check(
    project: ProjectOption = None,
    as_of: AsOf = "",
    output: Output = Form.text,
    quiet: Quiet = False,
    verbose: Verbose = False,
    strict: Annotated[bool, typer.Option("--strict", help="Take warnings for errors.")] = False,
) -> None:
    """Tell every problem of definitions and tables at once."""
    from segtool.cli import running
    from segtool.verbs.check import check

    folder = running.folder(project)
    with running.run(folder, output, quiet, verbose=verbose, as_of=as_of) as run:
        running.answer_checked(check(folder, run, strict=strict), output, quiet, folder)


@app.command()
def evaluate(
    select: Select = None,
    exclude: Exclude = None,
    project: ProjectOption = None,
    as_of: AsOf = "",
    output: Output = Form.text,
    quiet: Quiet = False,
    verbose: Verbose = False,
    wait: Wait = "0",
    max_errors: MaxErrors = 0,
    allow_backdate: Backdate = False,
    allow_empty: AllowEmpty = False,
    allow_shrink: AllowShrink = False,
    allow_blank: AllowBlank = False,
    allow_stale: AllowStale = False,
    allow_movement: AllowMovement = False,
    export: Annotated[bool, typer.Option("--export", help="Then write the files of `exports:`.")] = False,
) -> None:
    """Decide every segment, and record who entered and left.

    Imports what changed, freezes static segments that have no snapshot, decides dynamic ones, and commits all of it in
    one step.
    """
    from segtool.cli import running

    if export:
        from segtool.verbs.export import evaluate_and_export as evaluate
    else:
        from segtool.verbs.evaluate import evaluate

    folder = running.folder(project)
    allowed = guards(
        empty=allow_empty, shrink=allow_shrink, blank=allow_blank, stale=allow_stale, movement=allow_movement
    )
    chosen: dict[str, Any] = {"allow_backdate": allow_backdate, "allowed": allowed, "max_errors": max_errors}
    chosen |= {"select": tuple(select or ()), "exclude": tuple(exclude or ())}
    with running.run(folder, output, quiet, verbose=verbose, as_of=as_of, wait=seconds(wait), **chosen) as run:
        result = evaluate(folder, run)
    running.answer_evaluation(result, output, quiet)
    raise typer.Exit(result.exit_code)


@app.command()
def freeze(
    segment: SegmentName,
    as_name: Annotated[str, typer.Option("--as", metavar="NAME", help="The new static segment's name.")] = "",
    project: ProjectOption = None,
    as_of: AsOf = "",
    output: Output = Form.text,
    quiet: Quiet = False,
    verbose: Verbose = False,
    wait: Wait = "0",
    max_errors: MaxErrors = 0,
    allow_backdate: Backdate = False,
    allow_empty: AllowEmpty = False,
    allow_shrink: AllowShrink = False,
    allow_blank: AllowBlank = False,
    allow_stale: AllowStale = False,
    allow_movement: AllowMovement = False,
) -> None:
    """Take a snapshot now, of a dynamic segment under a new name."""
    from segtool.cli import running
    from segtool.verbs.freeze import freeze

    folder = running.folder(project)
    allowed = guards(
        empty=allow_empty, shrink=allow_shrink, blank=allow_blank, stale=allow_stale, movement=allow_movement
    )
    chosen: dict[str, Any] = {"allow_backdate": allow_backdate, "allowed": allowed, "max_errors": max_errors}
    with running.run(folder, output, quiet, verbose=verbose, as_of=as_of, wait=seconds(wait), **chosen) as run:
        result = freeze(folder, run, segment, as_name)
    running.answer_evaluation(result, output, quiet)


app.add_typer(planning)
app.add_typer(trying)
app.add_typer(exporting)
app.add_typer(answers)
app.add_typer(upkeep)


def main() -> None:
    """Runs the command line; exits with the codes of the documentation."""
    words = sys.argv[1:]
    if "--debug" not in words:
        sys.excepthook = report_bug
    try:
        _run([word for word in words if word != "--debug"])
    except BrokenPipeError:
        # nobody reads any more; Python would complain once again when it closes stdout
        sys.stdout = None
        raise SystemExit(141) from None
    except OSError as error:
        sys.stdout = None
        # a file that fails has its name, and is told of by whoever opened it, or as here
        step = "" if error.filename else " (`segtool history` tells whether a run was committed)"
        place = f"read or write {error.filename}" if error.filename else "write to stdout"
        sys.stderr.write(safe(f"error: could not {place}: {error.strerror}{step}") + "\n")
        raise SystemExit(1) from None
    except KeyboardInterrupt:
        raise SystemExit(130) from None


def _run(words: list[str]) -> None:
    for name, way in (("stdin", os.O_RDONLY), ("stdout", os.O_RDONLY), ("stderr", os.O_WRONLY)):
        if getattr(sys, name) is None:
            # it was closed by who called; left free, its number would become that of a file that is written to, and an
            # answer that nobody can have is one that could not be written
            mode = "r" if name == "stdin" else "w"
            setattr(sys, name, open(os.open(os.devnull, way), mode, encoding="utf-8"))  # noqa: SIM115  # until the end
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            # what is written is UTF-8 with plain line ends on every machine
            stream.reconfigure(encoding="utf-8", errors="backslashreplace", newline="\n")
    try:
        _called(words)
    except SegtoolError as error:
        from segtool.cli import running

        running.tell_failure(error, words)
        raise SystemExit(error.exit_code) from None
    finally:
        sys.stdout.flush()


def _called(words: list[str]) -> None:
    command = typer.main.get_command(app)
    if "_SEGTOOL_COMPLETE" in os.environ:
        offer(command, words)
    try:
        # not by its `main`, which ends a closed pipe as a failure, and shows what was typed as it is
        with command.make_context("segtool", list(words)) as context:
            command.invoke(context)
    except typer.Exit as ended:
        raise SystemExit(ended.exit_code) from None
    except USAGE as error:
        error.message = error.message.removeprefix("Value error, ")
        told = io.StringIO()
        error.show(told)
        sys.stderr.write(safe_lines(told.getvalue()))
        from segtool.cli import running

        running.answer_failure([Problem(error.format_message())], error.exit_code, words)
        raise SystemExit(error.exit_code) from None


def report_bug(kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> Any:
    """A bug shows where it is, without the values that were at hand."""
    frames = [frame for frame in traceback.extract_tb(trace) if "segtool" in frame.filename]
    places = [f"  {Path(frame.filename).name}:{frame.lineno} in {frame.name}" for frame in frames[-4:]]
    lines = [f"error: this is a bug in segtool {__version__} ({kind.__name__})", *places]
    lines.append("please report it; `segtool --debug …` shows more, with values of your data in it")
    sys.stderr.write("\n".join(lines) + "\n")


if __name__ == "__main__":
    main()
