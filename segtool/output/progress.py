"""What a run is at, how fast and for how long still: to stderr, as a bar on a terminal or as a line for each step."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from segtool.model.progress import Progress, Unit, untold
from segtool.output.safe import safe
from segtool.output.streams import console, talk

if TYPE_CHECKING:
    from rich.progress import Progress as Bars

Clock = Callable[[], float]
PATIENCE = 0.5
"""Seconds that a run may take before a bar appears; one that ends sooner needs none."""
MEGABYTE = 1_000_000


@contextmanager
def progress(clock: Clock, *, quiet: bool = False, verbose: bool = False) -> Iterator[Progress]:
    """Gives a function that is told the steps. `verbose` writes each of them on a line of its own when it ends,
    wherever stderr goes; `clock` counts seconds."""
    if not verbose and (quiet or not sys.stderr.isatty()):
        yield untold
        return
    shown = _Lines(clock) if verbose else _Bar(clock)
    try:
        yield shown.tell
    finally:
        shown.end()


class _Lines:
    """Tells how long each step took."""

    def __init__(self, clock: Clock) -> None:
        self.clock, self.step = clock, ""

    def tell(self, step: str, done: int, of: int, unit: Unit = "") -> None:
        if step != self.step:
            self.end()
            self.step, self.began = step, self.clock()
        self.done, self.unit = done, unit

    def end(self) -> None:
        if self.step:
            seconds = self.clock() - self.began
            talk(", ".join([f"{self.step}: {seconds:.1f} s", *rate(self.done, self.unit, seconds)]))
        self.step = ""


class _Bar:
    """Shows the step that a run is at."""

    def __init__(self, clock: Clock) -> None:
        self.clock, self.first, self.step = clock, clock(), ""
        self.bars: Bars | None = None

    def tell(self, step: str, done: int, of: int, unit: Unit = "") -> None:
        now = self.clock()
        if step != self.step:
            self.step, self.began = step, now
        if self.bars is None and now - self.first >= PATIENCE:
            self.bars = started_bars()
        if self.bars is not None:
            facts = ", ".join(standing(done, of, unit, now - self.began))
            self.bars.update(
                self.bars.task_ids[0], description=safe(step), completed=done, total=of or None, facts=facts
            )

    def end(self) -> None:
        if self.bars is not None:
            self.bars.stop()


def started_bars() -> Bars:
    from rich.progress import BarColumn, Progress, SpinnerColumn, TextColumn

    texts = [TextColumn(f"{{task.{field}}}", markup=False) for field in ("description", "fields[facts]")]
    columns = (SpinnerColumn(), texts[0], BarColumn(), texts[1])
    bars = Progress(*columns, console=console(error=True), transient=True, refresh_per_second=4)
    bars.add_task("", total=None, facts="")
    bars.start()
    return bars


def standing(done: int, of: int, unit: Unit, seconds: float) -> list[str]:
    """How far a step is, how fast, and how long it will take still; what nobody knows is left out."""
    far = [f"{_number(done, unit)} of {_number(of, unit)} {_name(unit)}".rstrip()] if of else []
    left = [_time_left((of - done) * seconds / done)] if of and done else []
    return [*far, *rate(done, unit, seconds), *left]


def rate(done: int, unit: Unit, seconds: float) -> list[str]:
    return [f"{_number(done / seconds, unit)} {_name(unit)}/s"] if unit and done and seconds else []


def _number(number: float, unit: Unit) -> str:
    return f"{number / MEGABYTE:,.1f}" if unit == "bytes" else f"{number:,.0f}"


def _name(unit: Unit) -> str:
    return "MB" if unit == "bytes" else unit


def _time_left(seconds: float) -> str:
    minutes, rest = divmod(round(seconds), 60)
    return f"{minutes}:{rest:02} min left" if minutes else f"{rest} s left"
