"""What was decided once is taken as it is only where the same would come out again."""

from __future__ import annotations

import random
import shutil
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path

import numpy as np
import pytest
from hypothesis import settings
from hypothesis import strategies as st

from segtool.model.columns import Bits, to_rows
from segtool.store.store import Store
from segtool.verbs.evaluate import evaluate
from segtool.verbs.run import Run
from tests import engine, reference
from tests.cli.running import AS_OF, NEXT, project, run
from tests.generated.examples import Example, behaviour_examples, examples, webs_of_segments
from tests.generated.rounds import PROFILE, ROUND, check_each
from tests.reference import World
from tests.reference_values import Row

FEW = settings(PROFILE, max_examples=PROFILE.max_examples // 100 * ROUND)
"""Each example is decided several times."""

Drawn = Callable[[], st.SearchStrategy[Example]]


@pytest.mark.parametrize("drawn", [examples, webs_of_segments, behaviour_examples])
def test_what_was_kept_of_other_days_and_other_data_changes_no_answer(drawn: Drawn) -> None:
    kept: dict[str, Bits] = {}

    def assert_agreement(example: Example) -> None:
        for world in changing(example.world):
            found = engine.members(example.segments, world, kept)
            assert found == reference.members(example.segments, world)

    check_each(drawn(), assert_agreement, FEW)


def changing(world: World) -> Iterator[World]:
    """The world, and again when a day has gone by, when one thing in its data is another, and as it was."""
    yield world
    yield replace(world, as_of=world.as_of + timedelta(days=1))
    yield replace(world, users=world.users[1:] or world.users)
    for name in world.kinds:
        yield replace(world, users=passed_on(world.users, name))
        yield replace(world, users=tenfold(world.users, name))
    yield world


def passed_on(users: Sequence[Row], name: str) -> list[Row]:
    """Each user has the next one's value of a column."""
    values = [user.get(name) for user in users]
    return [{**user, name: value} for user, value in zip(users, [*values[1:], values[0]], strict=True)]


def tenfold(users: Sequence[Row], name: str) -> list[Row]:
    """Exact numbers that are held in the same digits, at another scale."""
    values = [user.get(name) for user in users]
    more = [value.scaleb(1) if isinstance(value, Decimal) else value for value in values]
    return [{**user, name: value} for user, value in zip(users, more, strict=True)]


# What a leaf looks at


USERS = [{"id": "a", "country": "UA", "spent": Decimal("1.5")}, {"id": "b", "country": "UA", "spent": Decimal("0.5")}]
WORLD = World("UTC", datetime(2026, 6, 15, tzinfo=UTC), "id", {"country": "text", "spent": "number"}, USERS)
SEGMENTS = {"s": {"where": {"country": "UA"}}}


def test_what_is_kept_is_not_decided_again() -> None:
    kept: dict[str, Bits] = {}
    assert engine.members(SEGMENTS, WORLD, kept) == {"s": {"a", "b"}}
    nobody = {key: np.zeros_like(bits) for key, bits in kept.items()}
    assert engine.members(SEGMENTS, WORLD, nobody) == {"s": set()}


def test_who_is_gone_is_in_nothing_that_was_kept() -> None:
    kept: dict[str, Bits] = {}
    segments = {"s": {"where": {"sample": {"percent": "100", "salt": "spring"}}}}
    assert engine.members(segments, WORLD, kept) == {"s": {"a", "b"}}
    assert engine.members(segments, replace(WORLD, users=USERS[:1]), kept) == {"s": {"a"}}
    assert engine.members(segments, WORLD, kept) == {"s": {"a", "b"}}


def test_the_same_digits_at_another_scale_are_other_numbers() -> None:
    kept: dict[str, Bits] = {}
    segments = {"s": {"where": {"spent": {"gte": "5"}}}}
    assert engine.members(segments, WORLD, kept) == {"s": set()}
    assert engine.members(segments, replace(WORLD, users=tenfold(USERS, "spent")), kept) == {"s": {"a", "b"}}


def test_a_percentile_is_decided_again_where_other_users_have_other_values() -> None:
    kept: dict[str, Bits] = {}
    segments = {"s": {"where": {"spent": {"percentile": {"gt": "50"}}}}}
    assert engine.members(segments, WORLD, kept) == {"s": {"a"}}
    assert engine.members(segments, replace(WORLD, users=passed_on(USERS, "spent")), kept) == {"s": {"b"}}


# What a store keeps


TABLE = "user_id,country,seen\n1,UA,2026-06-10\n2,PL,2026-05-10\n3,UA,\n"
DEFINITIONS = "a:\n  kind: dynamic\n  where: {country: UA}\nb:\n  kind: dynamic\n  where: {seen: {in_last: 30d}}\n"
MORE = "c:\n  kind: dynamic\n  where: {seen: {is_set: true}, country: {starts_with: P}}\n"


def evaluated(folder: Path, as_of: str = AS_OF, *words: str) -> dict[str, Bits]:
    """What the store keeps after a run."""
    answer = run(folder, "evaluate", "--as-of", as_of, *words)
    assert answer.code == 0, answer.err
    return Store(folder).leaves()


def test_what_does_not_move_with_the_clock_is_kept_once_for_all_days(tmp_path: Path) -> None:
    folder = project(tmp_path / "p", TABLE, DEFINITIONS)
    kept = evaluated(folder)
    written = Store(folder).state.leaves
    assert [bits.tolist()[:1] for bits in kept.values()] == [[0b101]]
    evaluated(folder, NEXT)
    assert Store(folder).state.leaves == written


def test_another_column_s_values_leave_what_is_kept_of_the_others(tmp_path: Path) -> None:
    folder = project(tmp_path / "p", TABLE, DEFINITIONS + MORE)
    before = evaluated(folder)
    (folder / "users.csv").write_text(TABLE.replace("3,UA,", "3,UA,2026-06-01"), encoding="utf-8")
    after = evaluated(folder)
    assert (len(before), len(after), len(before.keys() & after.keys())) == (3, 3, 2)


def test_what_no_segment_asks_any_more_is_kept_no_more(tmp_path: Path) -> None:
    folder = project(tmp_path / "p", TABLE, DEFINITIONS + MORE)
    evaluated(folder)
    (folder / "segments" / "all.yaml").write_text(DEFINITIONS, encoding="utf-8")
    assert len(evaluated(folder)) == 1
    (folder / "segments" / "all.yaml").write_text(DEFINITIONS.replace("country: UA", "everyone: true"), "utf-8")
    assert evaluated(folder) == {}


def test_a_run_of_chosen_segments_leaves_what_is_kept(tmp_path: Path) -> None:
    folder = project(tmp_path / "p", TABLE, DEFINITIONS + MORE)
    before = evaluated(folder)
    assert evaluated(folder, NEXT, "a").keys() == before.keys()


def test_what_is_kept_makes_no_run_by_itself(tmp_path: Path) -> None:
    folder = project(tmp_path / "p", TABLE, DEFINITIONS)
    evaluated(folder)
    (folder / "segments" / "all.yaml").write_text(DEFINITIONS.replace("UA", "PL"), encoding="utf-8")
    before = evaluated(folder, AS_OF, "a", "b")
    assert len(evaluated(folder)) == len(before) == 1
    head = Store(folder).head
    assert head is not None
    assert head.number == 2


def test_a_store_holds_no_more_than_what_was_kept_last(tmp_path: Path) -> None:
    folder = project(tmp_path / "p", TABLE, DEFINITIONS)
    evaluated(folder)
    first = Store(folder).state.leaves
    (folder / "users.csv").write_text(TABLE.replace("PL", "UA"), encoding="utf-8")
    evaluated(folder)
    objects = {path.name for path in (folder / ".segtool" / "objects").iterdir()}
    assert first not in objects
    assert Store(folder).state.leaves in objects


# A run in which nothing has changed


STATIC = "fair:\n  kind: static\n  where: {country: UA}\n"


def test_where_nothing_has_changed_no_column_is_touched(tmp_path: Path) -> None:
    folder = project(tmp_path / "p", TABLE, DEFINITIONS + MORE + STATIC)
    evaluated(folder)
    for column in (folder / ".segtool" / "tables").glob("*/*.npy"):
        if column.name not in ("present.npy", "seen.npy"):
            column.unlink()
    assert run(folder, "evaluate", "--as-of", AS_OF).code == 0
    assert run(folder, "evaluate", "--as-of", NEXT).code == 8


CHOICES = {
    "where": ["{country: UA}", "{not: {country: UA}}", "{seen: {in_last: 30d}}", "{sample: {percent: 50}}"],
    "more": ["", "\n  include: {list: in.csv}", "\n  exclude: {list: in.csv}", "\n  top: {by: seen, count: 4}"],
}


def random_segments(draw: random.Random) -> str:
    texts = [
        f"s{n}:\n  kind: dynamic\n  where: {draw.choice(CHOICES['where'])}{draw.choice(CHOICES['more'])}\n"
        for n in range(2)
    ]
    return "".join(texts) + "both:\n  kind: dynamic\n  where: {in_segment: [s0, s1]}\n"


def random_table(draw: random.Random) -> str:
    lines = [
        f"{key},{draw.choice(['UA', 'PL', ''])},2026-0{draw.randint(4, 6)}-0{draw.randint(1, 9)}" for key in range(9)
    ]
    return "\n".join(["user_id,country,seen", *draw.sample(lines, 7)]) + "\n"


@pytest.mark.parametrize("seed", range(6))
def test_a_warm_store_has_the_members_of_a_cold_one(seed: int, tmp_path: Path) -> None:
    draw, day = random.Random(seed), 1
    folder = project(tmp_path / "p", random_table(draw), random_segments(draw))
    (folder / "in.csv").write_text("user_id\n1\n", encoding="utf-8")
    for _ in range(12):
        match draw.randrange(6):
            case 0:
                (folder / "users.csv").write_text(random_table(draw), encoding="utf-8")
            case 1:
                (folder / "segments" / "all.yaml").write_text(random_segments(draw), encoding="utf-8")
            case 2:
                (folder / "in.csv").write_text(f"user_id\n{draw.randrange(9)}\n", encoding="utf-8")
            case 3:
                day += 7
            case 4:
                decided(folder, day, "s0")
        warm = decided(folder, day)
        cold = tmp_path / "cold"
        shutil.copytree(folder, cold, ignore=shutil.ignore_patterns(".segtool"))
        assert warm == decided(cold, day)
        shutil.rmtree(cold)


def decided(folder: Path, day: int, *chosen: str) -> dict[str, list[str]]:
    """The members after a run in this process."""
    as_of = datetime(2026, 6, 1, tzinfo=UTC) + timedelta(days=day)
    evaluate(folder, Run(as_of, as_of, chosen))
    store = Store(folder)
    users = store.users()
    assert users is not None
    rows = {name: to_rows(bits) for (name, role), bits in store.members().rows.items() if role == "members"}
    return {name: sorted(users.keys.gather(found).to_list()) for name, found in rows.items()}
