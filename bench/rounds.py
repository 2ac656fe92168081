"""Runs segtool and the contenders in turn, says each cost at once, and tells whose members differ."""

from __future__ import annotations

import shutil
from collections import defaultdict
from collections.abc import Iterable, Mapping
from pathlib import Path

from bench.contenders import UNHASHED, Contender, Segtool, Step
from bench.folder import Folder, python, say
from bench.measure import Cost, Failure, cost_of, typical

Result = Cost | str
"""What it costs, or why it cannot."""


class Rounds:
    """The costs so far of everybody, by title; and those that gave up, with the reason."""

    def __init__(
        self, folder: Folder, segtool: Segtool | None, contenders: Mapping[str, Contender], limit: float
    ) -> None:
        self.folder, self.segtool, self.contenders, self.limit = folder, segtool, contenders, limit
        self.costs: dict[str, list[Cost]] = defaultdict(list)
        self.failed: dict[str, str] = {}
        self.checked: set[str] = set()
        self.differing = False
        self.store_megabytes = 0.0

    def run(self) -> None:
        """One round; the first compares all members as well."""
        self.contend_all()
        if self.segtool:
            self.take(self.segtool.imported())
            self.check("from Parquet")
            self.take(self.segtool.daily())
            self.check("from CSV")
            self.store_megabytes = self.folder.store_megabytes()
            self.take(self.segtool.later())

    def daily(self) -> None:
        """Segtool's import and its daily run, and the contenders; nothing else."""
        self.contend_all()
        if self.segtool:
            self.take(self.segtool.daily())
            self.check("from CSV")

    def take(self, steps: Iterable[Step]) -> None:
        for title, step in steps:
            try:
                self.add(title, step())
            except Failure as failure:
                raise SystemExit(f"{title}: {failure}") from None

    def add(self, title: str, cost: Cost) -> None:
        say(f"  {title}: {cost.wall:.2f} s, {cost.cpu:.2f} CPU s, {cost.peak:,.0f} MiB")
        self.costs[title].append(cost)

    def contend_all(self) -> None:
        for name, contender in self.contenders.items():
            if contender.title not in self.failed:
                self.contend(name, contender)

    def contend(self, name: str, contender: Contender) -> None:
        out, told = self.decided(name), self.folder.path / "told"
        remove(out)
        try:
            cost = cost_of(contender.command(self.folder.path, out), told, self.limit)
        except Failure as failure:
            self.fail(contender.title, str(failure))
            return
        self.add(contender.title, cost)
        if name == "polars" and (hashing := told.read_text()):
            # on one thread, so that it is as much of the one time as of the other
            self.add(UNHASHED, Cost(cost.wall - float(hashing), cost.cpu - float(hashing), cost.peak))

    def fail(self, title: str, reason: str) -> None:
        say(f"  {title}: {reason}")
        self.failed[title] = reason

    def decided(self, name: str) -> Path:
        return self.folder.path / f"decided-{name}"

    def check(self, source: str) -> None:
        """Once for each store and contender: the same files give the same members in each round."""
        for name, contender in self.contenders.items():
            key = f"{contender.title} {source}"
            if not contender.decides or contender.title in self.failed or key in self.checked:
                continue
            options = ("--project", str(self.folder.path), "--decided", str(self.decided(name)))
            try:
                cost_of(python("members", *options), self.folder.path / "told")
            except Failure as failure:
                self.fail(contender.title, f"the members {source} differ: {failure}")
                self.differing = True
                continue
            self.checked.add(key)
            say(f"  the same members {source} as {contender.title}")

    def results(self) -> dict[str, Result]:
        return {title: typical(costs) for title, costs in self.costs.items()} | self.failed


def remove(path: Path) -> None:
    if path.is_dir():
        shutil.rmtree(path)
    path.unlink(missing_ok=True)
