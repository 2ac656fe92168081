"""A table of users that a program writes anew each day: most of them as they were, some changed, come or gone."""

from __future__ import annotations

import io
import json
import random
from collections.abc import Callable
from typing import Any

import polars as pl

from segtool.model.kinds import Schema

Row = dict[str, Any]
KINDS: dict[str, Callable[[random.Random], Any]] = {
    "city": lambda draw: draw.choice(["Kyiv", "Oslo", "Lviv", None]),
    "mail": lambda draw: f"{draw.randrange(10**9)}@example.net",
    "points": lambda draw: draw.choice([None, draw.randrange(99)]),
    "spent": lambda draw: draw.choice([None, 12.5, draw.randrange(400) / 4]),
    "vip": lambda draw: draw.choice([True, False, None]),
    "since": lambda draw: f"2026-03-{draw.randint(10, 30)}",
    "seen": lambda draw: f"2026-04-{draw.randint(10, 30)}T08:00:00Z",
    "tags": lambda draw: draw.choice([None, "x", "x|y", "z|y"]),
}
WIDER: dict[str, Any] = {"points": 0.125, "spent": 0.0625, "since": "2026-03-20T10:30:00"}


def valued(schema: Schema) -> list[str]:
    """The columns that hold a value in some row, as a schema tells."""
    return [column.name for column in schema.columns if column.form]


class People:
    """Rows by key, in the order of the file."""

    def __init__(self, draw: random.Random, count: int) -> None:
        self.draw = draw
        self.names = list(KINDS)
        self.rows: dict[str, Row] = {}
        self.gone: dict[str, Row] = {}
        self.twice = False
        for _ in range(count):
            self.come()

    def row(self) -> Row:
        return {name: KINDS[name](self.draw) for name in KINDS} | {f"more{i}": i for i in range(3)}

    def any(self) -> str:
        return self.draw.choice(list(self.rows))

    def come(self) -> None:
        self.rows[f"u{len(self.rows) + len(self.gone)}"] = self.row()

    def go(self) -> None:
        if len(self.rows) > 4:
            key = self.any()
            self.gone[key] = self.rows.pop(key)

    def return_(self) -> None:
        for key in list(self.gone)[:1]:
            self.rows[key] = self.gone.pop(key) if self.draw.random() < 0.5 else self.row()
            self.gone.pop(key, None)

    def edit(self) -> None:
        for _ in range(self.draw.randint(1, 4)):
            name = self.draw.choice(list(KINDS))
            self.rows[self.any()][name] = KINDS[name](self.draw)

    def edit_many(self) -> None:
        for row in self.rows.values():
            row["points"] = KINDS["points"](self.draw)

    def widen(self) -> None:
        name = self.draw.choice(list(WIDER))
        self.rows[self.any()][name] = WIDER[name]

    def forget(self) -> None:
        """A column of which no row holds a value any more."""
        name = self.draw.choice(["city", "tags", "vip"])
        for row in self.rows.values():
            row[name] = None

    def shuffle(self) -> None:
        self.rows = dict(self.draw.sample(list(self.rows.items()), len(self.rows)))

    def shuffle_columns(self) -> None:
        self.draw.shuffle(self.names)

    def add_column(self) -> None:
        self.names.append(f"more{len([name for name in self.names if name.startswith('more')])}")
        self.names = list(dict.fromkeys(self.names))[: len(KINDS) + 3]

    def drop_columns(self) -> None:
        self.names = [name for name in self.names if not name.startswith("more")]

    def repeat_a_key(self) -> None:
        self.twice = True

    def change(self) -> None:
        self.twice = False
        changes: dict[Callable[[], None], int] = {
            self.edit: 9,
            self.come: 4,
            self.go: 3,
            self.return_: 2,
            self.edit_many: 1,
            self.widen: 1,
            self.forget: 1,
            self.shuffle: 1,
            self.shuffle_columns: 1,
            self.add_column: 1,
            self.drop_columns: 1,
            self.repeat_a_key: 1,
        }
        for change in self.draw.choices(list(changes), list(changes.values()), k=self.draw.randint(1, 3)):
            change()

    def written(self, form: str) -> bytes:
        """The bytes of a file of that form."""
        rows = [{"user": key} | {name: row[name] for name in self.names} for key, row in self.rows.items()]
        rows += rows[1:2] if self.twice else []
        if form == "ndjson":
            return "".join(json.dumps(row) + "\n" for row in rows).encode()
        frame, file = pl.DataFrame(rows, infer_schema_length=None, strict=False), io.BytesIO()
        frame.write_csv(file) if form == "csv" else frame.write_parquet(file)
        return file.getvalue()
