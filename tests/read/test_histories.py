"""After any history of changes to its files, a store decides what a fresh one on the same files would."""

from __future__ import annotations

import json
import os
import random
from collections.abc import Callable
from pathlib import Path

import pytest

from segtool.model.results import TableResult
from tests.read.growing import Place, place
from tests.read.people import People
from tests.read.pieces import read_in_blocks

EVENTS = """\
  buy: {{path: "buy-*.csv", user: user, time: at{}}}
  log: {{path: log.ndjson, user: user, time: at, name: event}}
"""
SEGMENTS = """\
buyers: {kind: dynamic, where: {did: buy}}
often: {kind: dynamic, where: {did: {event: buy, count: {gte: 3}, days: {gte: 2}}}}
spent: {kind: dynamic, where: {did: {event: buy, sum: {amount: {gte: 50.5}}}}}
last_pro: {kind: dynamic, where: {did: {event: buy, last_value: {plan: pro}}}}
first_free: {kind: dynamic, where: {did: {event: buy, first_value: {plan: free}, avg: {amount: {lt: 40}}}}}
at_home: {kind: dynamic, where: {city: Kyiv, points: {gte: 30}}}
opened: {kind: dynamic, where: {did: {event: "open*", where: {n: {gte: 5}}}}}
tagged: {kind: dynamic, where: {did: {event: ["open", "click"], where: {tags: {has: x}}}}}
lapsed: {kind: dynamic, where: {all: [{did: buy}, {did_not: {event: buy, in_last: 20d}}]}}
ordered: {kind: dynamic, where: {sequence: {steps: [{event: buy}, {event: "*", within: 9d}]}}}
"""
FROZEN = "now{}: {{kind: static, where: {{did: {{event: buy, max: {{amount: {{gte: 60}}}}}}}}, columns: [city]}}\n"
HEADER = "user,at,order,plan,amount\n"


class World:
    """The files of a project, and changes that a person or a program may make to them."""

    def __init__(self, place: Place, seed: int) -> None:
        self.place, self.draw = place, random.Random(seed)
        self.people = People(self.draw, 6)
        self.orders = 0
        self.files = {"buy-m.csv": HEADER + self.rows(4 + seed % 3 * 30, "7") + self.rows(2, "2.25")}
        self.files["log.ndjson"] = self.lines(5, n=3, tags=["x"]) + self.lines(1, n=8, tags=[])
        self.save_users()

    def save(self) -> None:
        folder = self.place.folder
        for path in [*folder.glob("buy-*.csv"), *folder.glob("log.ndjson")]:
            if path.name not in self.files:
                path.unlink()
        for name, content in self.files.items():
            path = folder / name
            if not path.exists() or path.read_text() != content:
                path.write_text(content)

    def save_users(self) -> None:
        self.place.write("users.csv", self.people.written("csv"))

    def user(self) -> str:
        return f"u{self.draw.randrange(10)}" if self.draw.random() < 0.95 else ""

    def moment(self) -> str:
        return f"2026-0{self.draw.randint(4, 6)}-{self.draw.randint(10, 20)}T0{self.draw.randrange(3)}:00:00Z"

    def row(self, amount: str = "", order: int = 0) -> str:
        self.orders += not order
        plan = self.draw.choice(["pro", "free", ""])
        return f"{self.user()},{self.moment()},{order or self.orders},{plan},{amount or self.draw.randrange(99)}\n"

    def rows(self, count: int, amount: str = "") -> str:
        return "".join(self.row(amount) for _ in range(count))

    def lines(self, count: int, **more: object) -> str:
        found = []
        for _ in range(count):
            event = self.draw.choice(["open", "click", f"open_{self.draw.randrange(4)}"])
            fields = {"user": self.user(), "at": self.moment(), "event": event, **more}
            absent = self.draw.choice(["", "", "user", "event", "n", "tags"])
            found.append(json.dumps({name: value for name, value in fields.items() if name != absent}) + "\n")
        return "".join(found)

    def table(self) -> str:
        return self.draw.choice([name for name in self.files if name != "log.ndjson"])

    def append(self, amount: str = "") -> None:
        name = self.table()
        self.files[name] += ("" if self.files[name].endswith("\n") else "0\n") + self.rows(
            self.draw.randint(1, 4), amount
        )

    def append_decimals(self) -> None:
        self.append("0.125")

    def append_lines(self) -> None:
        self.files["log.ndjson"] += self.lines(
            self.draw.randint(1, 4), n=self.draw.choice([4, 5.5, None]), tags=["y", "x"]
        )

    def append_other_fields(self) -> None:
        self.files["log.ndjson"] += self.lines(2, **{f"p{self.draw.randrange(3)}": {"q": 1}})

    def append_repeats(self) -> None:
        name = self.table()
        whole = [
            line for line in self.files[name].splitlines(keepends=True)[1:] if line.endswith("\n") and line.strip()
        ]
        if self.files[name].endswith("\n"):
            self.files[name] += "".join(self.draw.choices(whole, k=2)) if whole else ""

    def append_others_of_an_order(self) -> None:
        if self.files[name := self.table()].endswith("\n"):
            self.files[name] += self.row(order=self.draw.randint(1, self.orders))

    def begin_a_line(self) -> None:
        if self.files[name := self.table()].endswith("\n"):
            self.files[name] += self.row("7").removesuffix("\n")

    def append_blank_lines(self) -> None:
        for name in (self.table(), "log.ndjson"):
            self.files[name] += "\n" if self.files[name].endswith("\n") else ""

    def come(self) -> None:
        self.files[f"buy-{self.draw.choice('abcxyz')}{self.draw.randrange(99)}.csv"] = HEADER + self.rows(
            self.draw.randrange(3)
        )

    def edit(self) -> None:
        if not self.files[name := self.table()].endswith("\n"):
            return
        lines = self.files[name].splitlines(keepends=True)
        place = self.draw.randrange(1, len(lines) + 1)
        self.files[name] = "".join([*lines[:place], self.row(), *lines[place + 1 :]])

    def cut(self) -> None:
        for name in (self.table(), "log.ndjson"):
            self.files[name] = "".join(self.files[name].splitlines(keepends=True)[: self.draw.randint(5, 9)])

    def remove(self) -> None:
        if (name := self.table()) != "buy-m.csv":
            del self.files[name]

    def rename(self) -> None:
        if (name := self.table()) != "buy-m.csv":
            self.files[f"buy-r{self.draw.randrange(99)}.csv"] = self.files.pop(name)

    def touch(self) -> None:
        for name in self.files:
            if (self.place.folder / name).exists():
                os.utime(self.place.folder / name, (1, self.draw.randrange(10**9)))

    def change_users(self) -> None:
        self.people.change()
        self.people.twice = False
        self.save_users()

    def change(self) -> None:
        changes: list[Callable[[], None]] = [
            *(self.append, self.append_decimals, self.append_lines, self.append_other_fields, self.append_repeats),
            *(self.append_others_of_an_order, self.begin_a_line, self.append_blank_lines, self.come, self.edit),
            *(self.cut, self.remove, self.rename, self.touch, self.change_users),
        ]
        for change in self.draw.choices(
            changes, weights=[4, 2, 4, 1, 2, 2, 1, 1, 3, 1, 1, 1, 1, 1, 2], k=self.draw.randint(1, 3)
        ):
            change()


def _counts(tables: tuple[TableResult, ...]) -> list[object]:
    reports = [table.report for table in tables]
    return [(one.table, one.read, one.kept, one.dropped, {k: v for k, v in one.names.items() if v}) for one in reports]


@pytest.mark.parametrize("size", [0, 60])
@pytest.mark.parametrize("seed", range(4))
def test_a_store_with_a_history_decides_as_a_fresh_one_on_the_same_files(
    seed: int, size: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    old = place(tmp_path, EVENTS.format(", unique: [order]" if seed % 4 else ""), SEGMENTS)
    world = World(old, seed)
    for step in range(8):
        world.save()
        old.write("segments/all.yaml", SEGMENTS + FROZEN.format(step))
        fresh = old.anew()
        with monkeypatch.context() as patch:
            if size:
                read_in_blocks(patch, size)
            evaluation = old.evaluated()
        other = fresh.evaluated()
        name = f"now{step}"
        assert [pair for pair in old.members() if not pair[0].startswith("now") or pair[0] == name] == fresh.members()
        snapshots = [(one.folder / "snapshots" / f"{name}.csv").read_bytes() for one in (old, fresh)]
        assert snapshots[0] == snapshots[1]
        assert _counts(evaluation.tables) == _counts(other.tables)
        world.change()
