"""One folder that holds the made-up tables, and is segtool's project; what is written into it for everybody."""

from __future__ import annotations

import os
import shutil
import sys
from dataclasses import dataclass
from pathlib import Path

from bench.measure import cost_of
from bench.polars_program import program
from bench.segments import segments, yaml_of
from bench.sql_query import one_query, query_each

TABLES = ("users", "email", "purchase")
PROJECT = """\
version: 1
timezone: UTC
users:
  path: users/*{suffix}
  key: user_id
{columns}events:
  email:    {{path: email/*{suffix}, user: user_id, time: occurred_at, name: event}}
  purchase: {{path: purchase/*{suffix}, user: customer, time: paid_at}}
"""
# A CSV cannot say these two by itself; a Parquet file can.
COLUMNS = '  columns:\n    phone: text\n    interests: {list: text, separator: "|"}\n'
LATER = "later.csv"


@dataclass(frozen=True)
class Folder:
    path: Path

    @property
    def store(self) -> Path:
        return self.path / ".segtool"

    def write_segments(self, number: int) -> None:
        found = segments(number)
        (self.path / "segments").mkdir(exist_ok=True)
        texts = {
            "segments/all.yaml": yaml_of(found),
            "one.sql": one_query(found),
            "each.sql": query_each(found),
            "stages.py": program(found),
        }
        for name, text in texts.items():
            (self.path / name).write_text(text, encoding="utf-8")

    def start_afresh(self, suffix: str) -> None:
        """A project over the files of one kind, with nothing imported."""
        shutil.rmtree(self.store, ignore_errors=True)
        for later in self.path.glob(f"*/{LATER}"):
            later.unlink()
        columns = COLUMNS if suffix == ".csv" else ""
        (self.path / "segtool.yaml").write_text(PROJECT.format(suffix=suffix, columns=columns), encoding="utf-8")

    def add_later_events(self) -> None:
        for table in TABLES[1:]:
            os.link(self.path / "later" / table / "all.csv", self.path / table / LATER)

    def megabytes(self, suffix: str) -> float:
        return sum(path.stat().st_size for table in TABLES for path in (self.path / table).glob("*" + suffix)) / 1e6

    def store_megabytes(self) -> float:
        return sum(path.stat().st_size for path in self.store.rglob("*") if path.is_file()) / 1e6


def made(data: Path, users: int, events: int) -> Folder:
    """The folder of so many users and events; the tables are made if they are not there."""
    folder = data / f"{users}-{events}"
    if not folder.exists():
        say(f"Making {users:,} users and {events:,} events ...")
        unfinished = folder.with_suffix(".part")
        shutil.rmtree(unfinished, ignore_errors=True)
        cost_of(python("make", "--users", str(users), "--out", str(unfinished / "users")))
        cost_of(python("make_events", "--users", str(users), "--events", str(events), "--out", str(unfinished)))
        unfinished.rename(folder)
    return Folder(folder)


def python(module: str, *options: str) -> list[str]:
    return [sys.executable, "-m", f"bench.{module}", *options]


def say(text: str) -> None:
    print(text, file=sys.stderr, flush=True)
