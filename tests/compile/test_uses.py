"""A plan tells which columns of which tables its definitions name, and where: guards of tables ask for it."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

from segtool.read.project import read_project
from segtool.store.store import Store
from segtool.verbs.preparation import prepare
from segtool.verbs.run import Run
from tests.cli.running import project

AT = datetime(2026, 6, 15, 12, tzinfo=UTC)
SETTINGS = """\
version: 1
users: {path: users.ndjson, key: user_id}
events:
  buy: {path: buy.csv, user: user, time: at}
  log: {path: log.csv, user: user, time: at, name: event}
"""
USERS = '{"user_id": "a", "city": "Kyiv", "lat": 50.5, "lon": 30.5, "age": 30, "pets": [{"kind": "cat"}]}\n'
SEGMENTS = """\
s:
  kind: static
  where:
    - any: [{city: Kyiv}, {not: {age: {gte: 18}}}]
    - near: {lat: lat, lon: lon, point: [50.45, 30.52], radius: 25km}
    - pets: {has_element: {kind: cat}}
    - did: {event: buy, where: {sku: cap}, sum: {amount: {gte: 5}}}
    - did_not: {event: ["o*", buy], where: {page: home}}
  top: {by: age, count: 1}
  columns: [city]
"""


def test_a_plan_tells_the_columns_that_its_segments_name_and_where(tmp_path: Path) -> None:
    folder = project(tmp_path / "p", "", SEGMENTS, SETTINGS)
    (folder / "users.ndjson").write_text(USERS, encoding="utf-8")
    (folder / "buy.csv").write_text("user,at,sku,amount,page\na,2026-06-01,cap,5,home\n", encoding="utf-8")
    (folder / "log.csv").write_text("user,at,event,page\na,2026-06-01,open,home\n", encoding="utf-8")
    uses = prepare(read_project(folder), Store(folder), Run(AT, AT)).plan.uses
    assert {use.segment for use in uses} == {"s"}
    assert sorted((use.mark.line, use.mark.column, use.table, use.column) for use in uses) == [
        (4, 14, "users", "city"),
        (4, 34, "users", "age"),
        (5, 19, "users", "lat"),
        (5, 29, "users", "lon"),
        (6, 7, "users", "pets"),
        (7, 33, "buy", "sku"),
        (7, 50, "buy", "amount"),
        (8, 45, "buy", "page"),
        (8, 45, "log", "page"),
        (9, 13, "users", "age"),
        (10, 12, "users", "city"),
    ]
