"""Random conditions at several as-ofs, one after the other: segtool agrees with the naive reference at each of them."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from hypothesis import settings

from segtool.model.columns import to_rows
from segtool.model.plan import Plan
from segtool.model.time import Clock, Duration
from segtool.verbs.backtest import decided_at, stepped
from tests import engine, reference
from tests.generated.examples import Example, behaviour_examples, webs_of_segments
from tests.generated.rounds import PROFILE, check_each
from tests.reference import World

FEW = settings(PROFILE, max_examples=PROFILE.max_examples // 5)


def as_ofs_of(world: World) -> list[datetime]:
    """Three or four, a month apart."""
    clock = Clock(world.clock.as_of, ZoneInfo(world.zone))
    return stepped(clock, Duration(1, "mo"), clock.as_of - timedelta(days=92))[::-1]


def assert_agreement_over_time(example: Example) -> None:
    segments, world = example.segments, example.world
    dynamic = {name: {**tree, "kind": "dynamic"} for name, tree in segments.items() if name not in world.static}
    tables = engine.stored(engine.read_table(world), engine.read_events(world))
    frozen = {name: lambda keys=keys: tuple(keys) for name, keys in world.static.items()}

    def plan(as_of: datetime) -> Plan:
        return engine.planned(dynamic, replace(world, as_of=as_of))

    moments = as_ofs_of(world)
    assert len(moments) >= 3
    for moment, decided in zip(moments, decided_at(moments, plan, tables, frozen, {}), strict=True):
        then = reference.members({**segments, **dynamic}, replace(world, as_of=moment))
        for name, decision in decided.decisions.items():
            assert set(tables.users.keys.gather(to_rows(decision.members)).to_list()) == then[name], (moment, name)


def test_what_users_did_by_each_as_of_decides_who_is_in_at_it() -> None:
    check_each(behaviour_examples(), assert_agreement_over_time, FEW)


def test_segments_that_refer_to_each_other_are_decided_together_at_each_as_of() -> None:
    check_each(webs_of_segments(), assert_agreement_over_time, FEW)
