"""What a run is at, on stderr, where that is a terminal and the run takes longer than a second."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager

from rich.progress import BarColumn, MofNCompleteColumn, Progress, SpinnerColumn, TextColumn, TimeRemainingColumn

from segtool.output.streams import console, talk


@contextmanager
def progress(*, quiet: bool = False, verbose: bool = False) -> Iterator[Callable[[str, int, int], None]]:
    """Gives a function that is told the step, and how many of how many are done (0 of 0: nobody knows).

    `verbose` writes each step on a line of its own, wherever stderr goes.
    """
    if verbose:
        yield _Steps().tell
        return
    errors = console(error=True)
    if quiet or not errors.is_terminal:
        yield lambda step, done, of: None
        return
    columns = (SpinnerColumn(), TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn())
    with Progress(*columns, TimeRemainingColumn(), console=errors, transient=True, refresh_per_second=4) as bars:
        task = bars.add_task("starting", total=None)
        yield lambda step, done, of: bars.update(task, description=step, completed=done, total=of or None)


class _Steps:
    """Tells each step once."""

    last = ""

    def tell(self, step: str, done: int, of: int) -> None:
        if step != self.last:
            talk(f"{step} …")
            self.last = step
