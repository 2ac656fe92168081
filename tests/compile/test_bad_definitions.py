"""Each bad/NAME.yaml is a segments file, and NAME.expected what `check` says of it: drop in a pair to add a test."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest

from segtool.errors import DefinitionError
from segtool.verbs.check import check
from segtool.verbs.run import Run

BAD = Path(__file__).parent / "bad"
USERS = """\
user_id,country,age,balance,born,seen_at,subscribed,tags,lat,lon
a,UA,30,1.50,1990-01-31,2026-06-01T10:00:00Z,true,x|y,50.45,30.52
"""
SETTINGS = """\
version: 1
users:
  path: users.csv
  key: user_id
  columns: {tags: {list: text, separator: "|"}}
events:
  purchase: {path: purchases.csv, user: user, time: paid_at}
  log: {path: log.csv, user: user, time: at, name: event}
"""
PURCHASES = """\
user,paid_at,amount,sku,page,weight
a,2026-06-01T10:00:00Z,1.50,cap,7,5
a,2026-06-02T10:00:00Z,1.50,cap,7,1e5
"""
LOG = """\
user,event,at,page
a,email_open,2026-06-01T10:00:00Z,home
a,email_click,2026-06-01T10:00:00Z,home
"""


def said(text: str, folder: Path) -> str:
    (folder / "segments").mkdir()
    for name, table in (("users", USERS), ("purchases", PURCHASES), ("log", LOG)):
        (folder / f"{name}.csv").write_text(table, encoding="utf-8")
    (folder / "segtool.yaml").write_text(SETTINGS, encoding="utf-8")
    (folder / "segments" / "s.yaml").write_text(text, encoding="utf-8")
    now = datetime(2026, 6, 15, 12, tzinfo=UTC)
    with pytest.raises(DefinitionError) as raised:
        check(folder, Run(now, now))
    return "".join(f"{problem}\n" for problem in raised.value.problems)


@pytest.mark.parametrize("path", sorted(BAD.glob("*.yaml")), ids=lambda path: path.stem)
def test_bad_definitions_are_told_as_expected(path: Path, tmp_path: Path) -> None:
    expected = path.with_suffix(".expected").read_text(encoding="utf-8")
    assert said(path.read_text(encoding="utf-8"), tmp_path) == expected


if __name__ == "__main__":  # writes the reports, to be read before they are committed
    import tempfile

    for path in BAD.glob("*.yaml"):
        with tempfile.TemporaryDirectory() as folder:
            path.with_suffix(".expected").write_text(
                said(path.read_text(encoding="utf-8"), Path(folder)), encoding="utf-8"
            )
