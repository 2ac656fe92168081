"""What a plan says is what the next run does, and what it tells of the causes is what each of them does alone."""

from __future__ import annotations

import random
import shutil
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from segtool.model.preview import Preview, SegmentPreview
from segtool.model.results import Evaluation
from segtool.store.store import Store
from segtool.verbs.evaluate import evaluate
from segtool.verbs.ledger import members
from segtool.verbs.plan import plan
from segtool.verbs.run import Run
from tests.cli.running import files

NOW = datetime(2026, 6, 15, 12, tzinfo=UTC)
SETTINGS = """\
version: 1
users: {path: users.csv, key: user_id, columns: {points: integer}}
events: {purchase: {path: purchases.csv, user: user_id, time: at, columns: {amount: integer}}}
"""
COUNTRIES = ("UA", "PL", "NO", "")


@dataclass
class Shop:
    """A project at one moment: what its files hold, each part drawn anew by `change`."""

    rng: random.Random
    users: dict[str, tuple[str, int]] = field(default_factory=dict)
    purchases: list[tuple[str, int, int]] = field(default_factory=list)
    definitions: dict[str, str] = field(default_factory=dict)
    listed: list[str] = field(default_factory=list)
    as_of: datetime = NOW
    guard: str = ""

    def change(self) -> None:
        self._users()
        self._define()
        for part in self.rng.sample([self._purchases, self._list, self._undefine, self._pass], 2):
            part()

    def _users(self) -> None:
        for key in self.rng.sample([f"u{number}" for number in range(40)], 12):
            if self.rng.random() < 0.3:
                self.users.pop(key, None)
            else:
                self.users[key] = (self.rng.choice(COUNTRIES), self.rng.randrange(100))

    def _purchases(self) -> None:
        keys = [f"u{number}" for number in range(45)]
        self.purchases += [
            (self.rng.choice(keys), self.rng.randrange(30), self.rng.randrange(50))
            for _ in range(self.rng.randrange(9))
        ]

    def _list(self) -> None:
        self.listed = self.rng.sample([f"u{number}" for number in range(50)], 6)

    def _pass(self) -> None:
        self.as_of += timedelta(days=self.rng.randrange(1, 5))

    def _undefine(self) -> None:
        if len(self.definitions) > 3:
            del self.definitions[self.rng.choice(sorted(self.definitions))]

    def _define(self) -> None:
        rng = self.rng
        for _ in range(rng.randrange(1, 4)):
            name = rng.choice("abcdefg")
            kind = "static" if rng.random() < 0.15 else "dynamic"
            lower = [other for other in self.definitions if other < name]
            wheres = [
                f"country: [{rng.choice(COUNTRIES[:3])}, {rng.choice(COUNTRIES[:3])}]",
                f"points: {{gte: {rng.randrange(100)}}}",
                f"did: {{event: purchase, in_last: {rng.randrange(1, 20)}d, count: {{gte: {rng.randrange(1, 3)}}}}}",
                f"not: {{points: {{lt: {rng.randrange(100)}}}}}",
                *(f"in_segment: {other}" for other in lower),
            ]
            extras = [
                "include: {list: listed.csv}",
                "exclude: {list: listed.csv}",
                f"top: {{by: points, count: {rng.randrange(1, 20)}}}",
                f"exclude: [u1, u2, u{rng.randrange(40)}]",
            ]
            lines = [
                f"  kind: {kind}",
                f"  where: {{{rng.choice(wheres)}}}",
                *rng.sample([f"  {e}" for e in extras], 1),
            ]
            self.definitions[name] = "\n".join([f"{name}:", *lines[: rng.randrange(2, 4)]]) + "\n"

    @property
    def segments(self) -> str:
        known = set(self.definitions)
        kept = {name: text for name, text in self.definitions.items() if _names(text) <= known}
        return "".join(text for name, text in sorted(kept.items()) if _names(text) <= set(kept)) or NOBODY

    def write(self, folder: Path, segments: str) -> None:
        (folder / "segments").mkdir(parents=True, exist_ok=True)
        (folder / "segtool.yaml").write_text(SETTINGS + self.guard, encoding="utf-8")
        (folder / "segments" / "all.yaml").write_text(segments, encoding="utf-8")
        users = sorted(self.users.items())
        _csv(
            folder / "users.csv",
            "user_id,country,points",
            [f"{key},{country},{points}" for key, (country, points) in users],
        )
        purchases = [
            f"{key},{NOW - timedelta(days=days):%Y-%m-%dT%H:%M:%SZ},{amount}" for key, days, amount in self.purchases
        ]
        _csv(folder / "purchases.csv", "user_id,at,amount", purchases)
        _csv(folder / "listed.csv", "user_id", self.listed)


NOBODY = "nobody: {kind: dynamic, where: {points: {gt: 1000}}}\n"


def _names(text: str) -> set[str]:
    return {part[0] for part in text.split("in_segment: ")[1:]}


def _csv(path: Path, header: str, lines: list[str]) -> None:
    path.write_text("\n".join([header, *lines]) + "\n", encoding="utf-8")


def run_at(as_of: datetime) -> Run:
    return Run(as_of, as_of, allowed=frozenset({"empty", "shrink", "blank"}))


def held(folder: Path) -> dict[str, set[str]]:
    """The keys in every segment that the store holds."""
    names = sorted(Store(folder).state.segments)
    return {name: set(members(folder, (name,))["user_id"].to_list()) for name in names}


def frozen(folder: Path) -> set[str]:
    return {name for name, state in Store(folder).state.segments.items() if state.frozen}


def as_told(told: Preview, done: Evaluation) -> None:
    facts = [(one.name, one.kind, one.size, one.strangers, one.held) for one in told.segments]
    assert facts == [(one.name, one.kind, one.size, one.strangers, one.held) for one in done.segments]
    assert told.warnings == done.warnings
    assert [(one.name, one.changed, one.report) for one in told.tables] == [
        (one.name, one.changed, one.report) for one in done.tables
    ]


def by_committed(folder: Path, segments: str, as_of: datetime) -> dict[str, set[str]]:
    """Whom the definitions of before hold on the data of now, decided in a copy of the project."""
    copy = folder.with_name(f"{folder.name}-copy")
    shutil.copytree(folder, copy)
    (copy / "segments" / "all.yaml").write_text(segments, encoding="utf-8")
    evaluate(copy, run_at(as_of))
    found = held(copy)
    shutil.rmtree(copy)
    return found


def steps(before: set[str], after: set[str]) -> tuple[int, int, tuple[str, ...], tuple[str, ...]]:
    entered, left = sorted(after - before), sorted(before - after)
    return len(entered), len(left), tuple(entered[:3]), tuple(left[:3])


def facts(one: SegmentPreview) -> Iterator[tuple[int, int, tuple[str, ...], tuple[str, ...]]]:
    for step in (one.data, one.definition):
        yield step.entered, step.left, step.first_entered, step.first_left


STILL = (0, 0, (), ())


def opened(rng: random.Random, guard: str = "") -> Shop:
    """A shop that has something in all of its files."""
    shop = Shop(rng, guard=guard)
    for part in (shop._users, shop._purchases, shop._list, shop._define, shop._define):
        part()
    return shop


@pytest.mark.parametrize("seed", range(12))
def test_each_cause_comes_to_what_it_does_alone(seed: int, tmp_path: Path) -> None:
    shop, folder = opened(random.Random(seed)), tmp_path / "p"
    committed = ""
    for _ in range(5):
        shop.write(folder, shop.segments)
        before, stood = held(folder), frozen(folder)
        told = plan(folder, run_at(shop.as_of), keys=3)
        would_be = by_committed(folder, committed, shop.as_of) if committed else {}
        evaluate(folder, run_at(shop.as_of))
        after = held(folder)
        for one in told.segments:
            was, now = before.get(one.name, set()), after.get(one.name, set())
            if one.name in stood:
                assert (one.status, *facts(one)) == ("kept", STILL, STILL)
            elif one.status == "frozen":
                assert list(facts(one)) == [STILL, (len(now), len(was), tuple(sorted(now)[:3]), tuple(sorted(was)[:3]))]
            else:
                then = would_be[one.name] if one.name in before and one.name in after else was
                assert list(facts(one)) == [steps(was, then), steps(then, now)]
        committed = shop.segments
        shop.change()


@pytest.mark.parametrize("guard", ["", "guard: {min_size: 1, max_shrink: 40%, max_growth: 60%}\n"])
@pytest.mark.parametrize("seed", range(20, 28))
def test_a_run_does_what_the_plan_said_of_which_nothing_is_kept(seed: int, guard: str, tmp_path: Path) -> None:
    shop, folder = opened(random.Random(seed), guard), tmp_path / "p"
    for _ in range(5):
        shop.write(folder, shop.segments)
        before, stood, written = held(folder), frozen(folder), files(folder)
        told = plan(folder, run_at(shop.as_of))
        assert files(folder) == written
        done = evaluate(folder, run_at(shop.as_of))
        as_told(told, done)
        after = held(folder)
        assert bool(told.moving) == (before != after or frozen(folder) != stood)
        for one in told.segments:
            size, data, definition = one.size, one.data, one.definition
            assert size.before + data.entered - data.left + definition.entered - definition.left == size.after
            assert (one.status == "held") == (one.held is not None)
            if one.name in after:
                assert size.after == len(after[one.name])
        shop.change()
