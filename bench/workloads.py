"""What can be measured: which tables are made, what segtool.yaml says of them, and who writes the segments."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from bench import attribute_segments, behaviour_segments

USERS = "version: 1\ntimezone: UTC\nusers:\n  path: users{suffix}\n  key: user_id\n"
# A CSV cannot say these two by itself; a Parquet file can.
COLUMNS = '  columns:\n    phone: text\n    interests: {list: text, separator: "|"}\n'
EVENTS = """\
events:
  email:    {{path: email{suffix}, user: user_id, time: occurred_at, name: event}}
  purchase: {{path: purchase{suffix}, user: customer, time: paid_at}}
"""


@dataclass(frozen=True)
class Workload:
    """`write` writes the segments into a folder, and the DuckDB query there under the name `query`."""

    title: str
    tables: tuple[str, ...]
    query: str
    write: Callable[[Path], None]

    @property
    def has_events(self) -> bool:
        return len(self.tables) > 1

    def files(self, suffix: str) -> list[str]:
        return [table + suffix for table in self.tables]

    def label(self, suffix: str) -> str:
        return f"users{suffix}" + (" and events" if self.has_events else "")

    def project(self, suffix: str) -> str:
        columns = COLUMNS if suffix == ".csv" else ""
        events = EVENTS if self.has_events else ""
        return USERS.format(suffix=suffix) + columns + events.format(suffix=suffix)


WORKLOADS = {
    "attributes": Workload(
        "100 attribute segments",
        ("users",),
        "attributes.sql",
        attribute_segments.write,
    ),
    "behaviour": Workload(
        "100 segments on behaviour",
        ("users", "email", "purchase"),
        "behaviour.sql",
        behaviour_segments.write,
    ),
}
