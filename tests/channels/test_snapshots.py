"""What goes out of a segment's columns is, byte for byte, what a snapshot of them holds."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path

import polars as pl

from segtool.channels.files import FileForm, pieces
from segtool.model.cells import series_at
from segtool.store.store import Store
from tests.cli.running import AS_OF, project, run

USERS = """\
user_id,name,age,spent,score,opt_in,born,seen,likes,empty
007,"O""Neil, Ann",41,12.50,12345678.5,true,2000-02-29,2026-06-01T09:30:00Z,shoes;hats,
ann,,,,,,,,,
b|b,"two
lines",-3,100.00,0.00000000000000125,false,1899-01-01,2026-06-01T09:30:00.250Z,hats,
"""
SNAPSHOT = """\
user_id,name,age,spent,score,opt_in,born,seen,likes,empty
007,"O""Neil, Ann",41,12.5,12345678.5,true,2000-02-29,2026-06-01T09:30:00Z,shoes;hats,
ann,,,,,,,,,
b|b,"two
lines",-3,100,0.00000000000000125,false,1899-01-01,2026-06-01T09:30:00.250000Z,hats,
"""
SEGMENT = """\
all:
  kind: static
  columns: [name, age, spent, score, opt_in, born, seen, likes, empty]
  where: {everyone: true}
"""


SETTINGS = """\
version: 1
users: {path: users.csv, key: user_id, columns: {likes: {list: text, separator: ";"}}}
"""


def test_a_table_of_the_same_columns_is_the_same_bytes(tmp_path: Path) -> None:
    project(tmp_path, USERS, SEGMENT, SETTINGS)
    assert run(tmp_path, "evaluate", "--as-of", AS_OF).code == 0
    assert (tmp_path / "snapshots/all.csv").read_text() == SNAPSHOT
    users = Store(tmp_path).users()
    assert users is not None
    rows = users.keys.arg_sort().to_numpy()
    columns = [users.column(column.name) for column in users.schema.columns if column.name != "user_id"]
    frame = pl.DataFrame([users.keys.gather(rows).alias("user_id"), *(series_at(data, rows) for data in columns)])
    (piece,) = pieces(frame, FileForm(separators={data.column.name: data.column.separator for data in columns}))
    assert piece.content.decode() == SNAPSHOT
    ann = {"user_id": "ann", **dict.fromkeys(frame.columns[1:])}
    assert frame.row(1, named=True) == ann
    assert frame.row(0) == (
        *("007", 'O"Neil, Ann', 41, Decimal("12.5"), 12345678.5, True, date(2000, 2, 29)),
        *(datetime(2026, 6, 1, 9, 30, tzinfo=UTC), ["shoes", "hats"], None),
    )
