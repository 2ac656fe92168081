"""A run that is committed while others read takes nothing from them."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest

from segtool.errors import DamageError
from segtool.store.store import Store
from segtool.store.tables import StoredTable
from segtool.verbs.backtest import backtest
from segtool.verbs.explain import explain
from segtool.verbs.ledger import changes, members
from segtool.verbs.plan import plan
from segtool.verbs.reading import show
from segtool.verbs.run import Run
from tests.cli.running import project, run
from tests.cli.upkeep import done

NOON = datetime(2026, 6, 15, 12, tzinfo=UTC)
ASKED = Run(NOON, NOON)
READERS: dict[str, Callable[[Path], object]] = {
    "members": lambda folder: members(folder, ("s",))["user_id"].to_list(),
    "changes": lambda folder: changes(folder)["user_id"].to_list(),
    "show": lambda folder: show(folder, "s").clauses[0].holds.of,
    "explain": lambda folder: [one.is_member for one in explain(folder, ASKED, "a").segments],
    "plan": lambda folder: plan(folder, ASKED).as_of,
    "backtest": lambda folder: [
        point.members for point in backtest(folder, ASKED, "s", since="2026-06-14", every="1d").points
    ],
}


@pytest.mark.parametrize("reader", READERS)
def test_a_reader_begins_again_where_a_run_takes_what_it_reads(
    reader: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = evaluated(tmp_path)
    users, runs = Store.users, list[int]()

    def meanwhile(store: Store) -> StoredTable | None:
        if not runs:
            runs.append(store.head.number if store.head else 0)
            (folder / "users.csv").write_text("user_id,country\na,PL\nb,UA\nc,UA\n")
            done(run(folder, "evaluate", "--as-of", "2026-06-15T12:00:00Z"))
        return users(store)

    monkeypatch.setattr(Store, "users", meanwhile)
    answer = READERS[reader](folder)
    assert runs == [1]
    assert answer == READERS[reader](folder)


def test_what_is_missing_although_no_run_came_between_is_damage(tmp_path: Path) -> None:
    folder = evaluated(tmp_path)
    (schema,) = folder.glob(".segtool/tables/*/schema.json")
    schema.unlink()
    with pytest.raises(DamageError):
        members(folder, ("s",))


def evaluated(folder: Path) -> Path:
    made = project(folder / "p", "user_id,country\na,UA\nb,PL\n", "s: {kind: dynamic, where: {country: UA}}\n")
    done(run(made, "evaluate", "--as-of", "2026-06-15T12:00:00Z"))
    return made
