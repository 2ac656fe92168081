"""Whatever commands follow each other, killed or not: everything adds up, and everybody is where they belong."""

from __future__ import annotations

import itertools
import os
import shutil
import tempfile
from collections.abc import Callable, Set
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from segtool.errors import UsageError
from segtool.model.columns import to_rows
from segtool.model.progress import untold
from segtool.store.store import Store
from segtool.store.verification import examined
from segtool.verbs.erase import erase
from segtool.verbs.evaluate import evaluate
from segtool.verbs.freeze import freeze
from segtool.verbs.importing import import_tables
from segtool.verbs.prune import prune
from segtool.verbs.run import Run
from tests.cli.running import project
from tests.store.test_faults import Fault

KEYS = [f"person-{letter}" for letter in "abcdefgh"]
PEOPLE = st.dictionaries(st.sampled_from(KEYS), st.sampled_from(["UA", "PL"]), min_size=1)
KILL = st.none() | st.integers(1, 150)
"""At which of the calls that change files a command is killed."""
SETTINGS = "version: 1\nusers: {path: users.csv, key: id}\nevents:\n  buy: {path: buy.csv, user: id, time: at}\n"
SEGMENTS = """\
ua: {kind: dynamic, where: {country: UA}}
buyers: {kind: dynamic, where: {did: buy}}
steady: {kind: dynamic, where: {country: UA}, guard: {max_shrink: 40%, max_size: 5}}
of_steady: {kind: dynamic, where: {in_segment: steady}}
"""
START = datetime(2026, 6, 15, tzinfo=UTC)
ALL = frozenset({"empty", "shrink", "blank", "stale"})


class Killed(BaseException):
    """Nothing catches it, and no call that changes files works any more."""


def die(name: str) -> None:
    raise Killed


class Histories(RuleBasedStateMachine):
    def __init__(self) -> None:
        super().__init__()
        self.room = tempfile.mkdtemp()
        self.folder = project(Path(self.room) / "p", "id,country\nperson-a,UA\n", SEGMENTS, SETTINGS)
        self.people, self.buyers = {"person-a": "UA"}, set[str]()
        self.suppressed = set[str]()
        self.days, self.names = itertools.count(), itertools.count()
        self.write()

    def teardown(self) -> None:
        shutil.rmtree(self.room)

    def write(self) -> None:
        rows = "".join(f"{key},{country}\n" for key, country in self.people.items())
        (self.folder / "users.csv").write_text("id,country\n" + rows)
        bought = "".join(f"{key},2026-06-01T00:00:00Z\n" for key in sorted(self.buyers))
        (self.folder / "buy.csv").write_text("id,at\n" + bought)

    def done(self, command: Callable[[Run], object], kill: int | None) -> bool:
        """Whether the command came to its end."""
        at = START + timedelta(days=next(self.days))
        run = Run(at, at, allowed=ALL)
        if kill is None:
            command(run)
            return True
        with pytest.MonkeyPatch.context() as patched:
            fault = Fault(kill, die, from_then_on=True)
            fault.install(patched)
            try:
                command(run)
            except Killed:
                return False
        return True

    @initialize(people=PEOPLE, buyers=st.sets(st.sampled_from(KEYS)))
    def begin(self, people: dict[str, str], buyers: set[str]) -> None:
        self.change(people, buyers)
        self.decide(None)

    @rule(people=PEOPLE, buyers=st.sets(st.sampled_from(KEYS)))
    def change(self, people: dict[str, str], buyers: set[str]) -> None:
        self.people, self.buyers = people, buyers
        self.write()

    @rule(kill=KILL)
    def decide(self, kill: int | None) -> None:
        before = self.members("steady") if "steady" in Store(self.folder).state.segments else None
        if self.done(lambda run: evaluate(self.folder, run), kill):
            known = {key: country for key, country in self.people.items() if key not in self.suppressed}
            assert self.members("ua") == sorted(key for key, country in known.items() if country == "UA")
            assert self.members("buyers") == sorted(known.keys() & self.buyers)
            self.guarded_members_hold(before, known.keys())

    def guarded_members_hold(self, before: list[str] | None, known: Set[str]) -> None:
        """They are those who match, or where these would be too few of those before or too many, those before."""
        wanted = self.members("ua")
        fits = len(wanted) <= 5 and (before is None or len(wanted) * 10 >= len(before) * 6)
        if before is None and not fits:
            assert Store(self.folder).state.segments.keys().isdisjoint({"steady", "of_steady"})
            return
        stands = wanted if fits or before is None else before
        assert self.members("steady") == stands
        assert self.members("of_steady") == sorted(known & set(stands))

    @rule(kill=KILL)
    def read(self, kill: int | None) -> None:
        self.done(lambda run: import_tables(self.folder, run), kill)

    @rule(kill=KILL)
    def snapshot(self, kill: int | None) -> None:
        name = f"kept_{next(self.names)}"
        if self.done(lambda run: freeze(self.folder, run, "ua", name), kill):
            frozen = Store(self.folder).state.segments[name].frozen
            assert frozen and (self.folder / f"snapshots/{name}.csv").is_file()

    @rule(key=st.sampled_from(KEYS), suppress=st.booleans(), kill=KILL)
    def forget(self, key: str, suppress: bool, kill: int | None) -> None:
        asked = self.folder / "asked.txt"
        asked.write_text(key + "\n")
        try:
            done = self.done(lambda run: erase(self.folder, run, str(asked), suppress=suppress), kill)
        except UsageError:
            assert not suppress and key in self.users()
            return
        if suppress:
            # one that was killed is asked again
            done = done or self.done(lambda run: erase(self.folder, run, str(asked), suppress=True), None)
            self.suppressed.add(key)
        if done:
            assert key not in Store(self.folder).keys().to_list()

    @rule(keep=st.integers(1, 3), kill=KILL)
    def shorten(self, keep: int, kill: int | None) -> None:
        before = Store(self.folder).state.segments
        self.done(lambda run: prune(self.folder, run, keep_last=keep), kill)
        assert Store(self.folder).state.segments == before

    @invariant()
    def everything_adds_up(self) -> None:
        assert examined(self.folder, quick=False, progress=untold).problems == []

    @invariant()
    def nobody_who_is_to_stay_out_is_kept(self) -> None:
        if (self.folder / ".segtool/unfinished").exists():
            # the next command removes what a killed one left
            return
        places = [path for place in (".segtool", "snapshots") for path in (self.folder / place).rglob("*")]
        content = b"".join(path.read_bytes() for path in places if path.is_file())
        assert [key for key in self.suppressed if key.encode() in content] == []

    def users(self) -> list[str]:
        users = Store(self.folder).users()
        return users.keys.gather(to_rows(users.present)).to_list() if users else []

    def members(self, name: str) -> list[str]:
        store = Store(self.folder)
        users, bits = store.users(), store.members().of(name)
        assert users and bits is not None
        return sorted(users.keys.gather(to_rows(bits)).to_list())


Histories.TestCase.settings = settings(
    max_examples=int(os.environ.get("HISTORIES", "12")),
    stateful_step_count=8,
    deadline=None,
    derandomize=True,
    suppress_health_check=list(HealthCheck),
)
TestHistories = Histories.TestCase
