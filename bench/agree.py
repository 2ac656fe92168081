"""Holds the 200 segments, as every contender decides them, against the tests' naive evaluator, over few users."""

from __future__ import annotations

import argparse
import tempfile
from collections import defaultdict
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import polars as pl
import yaml
from polars._typing import PolarsDataType

from bench import contenders
from bench.contenders import Contender, installed
from bench.folder import Folder, made
from bench.measure import cost_of
from tests.reference import Run, World
from tests.reference_events import Behaviour, Event, events_of
from tests.reference_values import Kind, Row

KEY = "user_id"
AS_OFS = ("2025-03-01T00:00:00Z", contenders.TODAY, contenders.TOMORROW)
KINDS: dict[PolarsDataType, Kind] = {
    pl.String: "text",
    pl.Int64: "integer",
    pl.Float64: "number",
    pl.Decimal: "number",
    pl.Boolean: "boolean",
    pl.Date: "date",
    pl.Datetime: "datetime",
}

Members = dict[str, set[str]]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--users", type=int, default=200)
    parser.add_argument("--events", type=int, default=4_000)
    given = parser.parse_args()
    engines = {name: of for name, of in installed([*contenders.CONTENDERS]).items() if of.decides}
    with tempfile.TemporaryDirectory() as name:
        folder = made(Path(name), given.users, given.events)
        folder.write_segments(200)
        if problems := [problem for as_of in AS_OFS for problem in differences(folder, as_of, engines)]:
            raise SystemExit("\n".join(problems))
    print(f"the same members by {', '.join(engines)}, as of {', '.join(AS_OFS)}")


def differences(folder: Folder, as_of: str, engines: dict[str, Contender]) -> Iterator[str]:
    expected = by_reference(folder.path, as_of)
    for name, contender in engines.items():
        out = folder.path / f"{name}-{as_of[:10]}"
        command = [as_of if word == contenders.TOMORROW else word for word in contender.command(folder.path, out)]
        cost_of(command)
        decided = members_in(out)
        wrong = [segment for segment in expected if decided.get(segment) != expected[segment]]
        yield from (f"{name} as of {as_of}: {segment} differs" for segment in wrong)


def members_in(out: Path) -> Members:
    if out.is_dir():
        return {path.stem: set(pl.read_parquet(path)[KEY]) for path in out.glob("*.parquet")}
    decided = pl.read_parquet(out).with_columns(pl.col(KEY).cast(pl.String))
    names = [name for name in decided.columns if name != KEY]
    return {name: set(decided.filter(pl.col(name).cast(pl.Boolean))[KEY]) for name in names}


def by_reference(folder: Path, as_of: str) -> Members:
    # As text, since a literal takes its type from the column.
    segments = yaml.load((folder / "segments" / "all.yaml").read_text(encoding="utf-8"), yaml.BaseLoader)
    run = QuickRun(segments, world(folder, datetime.fromisoformat(as_of)))
    return {name: run.members(name) for name in segments}


class QuickRun(Run):
    """Looks for a user's events once: in all of them, for each condition anew, it would take hours."""

    def __init__(self, segments: dict[str, object], world: World) -> None:
        super().__init__(segments, world)
        rows: dict[str, list[Row]] = defaultdict(list)
        for row in world.events:
            rows[str(row[world.key])].append(row)
        self.events: dict[str, list[Event]] = {
            key: events_of(key, own, world.key, self.clock) for key, own in rows.items()
        }

    def behaviour(self, user: Row) -> Behaviour:
        return Behaviour(
            events=self.events.get(self.world.key_of(user), []),
            kinds=self.world.event_columns,
            clock=self.clock,
            holds_for_row=self.holds_for_event,
            everyone=lambda: [self.behaviour(other) for other in self.world.users],
        )


def world(folder: Path, as_of: datetime) -> World:
    users = pl.read_parquet(folder / "users" / "*.parquet")
    email = pl.read_parquet(folder / "email" / "*.parquet").rename({"occurred_at": "at"})
    purchase = pl.read_parquet(folder / "purchase" / "*.parquet").rename({"customer": KEY, "paid_at": "at"})
    log = pl.concat([email, purchase.with_columns(event=pl.lit("purchase"))], how="diagonal")
    rows = users.rows(named=True)
    return World("UTC", as_of.astimezone(UTC), KEY, kinds(users), rows, log.rows(named=True), kinds(log))


def kinds(table: pl.DataFrame) -> dict[str, Kind]:
    return {name: kind(dtype) for name, dtype in table.schema.items()}


def kind(dtype: PolarsDataType) -> Kind:
    return {"list": kind(dtype.inner)} if isinstance(dtype, pl.List) else KINDS[dtype.base_type()]


if __name__ == "__main__":
    main()
