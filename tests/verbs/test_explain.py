"""In a random project, what is told of users is what a run commits; and what would make a member does, when it is made
in the files."""

from __future__ import annotations

import csv
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from segtool.model.explanation import Explanation, ToldEdit
from segtool.read.project import read_project
from segtool.store.rehearsal import rehearsing
from segtool.store.store import Store
from segtool.verbs.evaluate import evaluate
from segtool.verbs.explain import explain, subjects
from segtool.verbs.ledger import members
from segtool.verbs.run import Run
from tests.verbs.random_shop import LATE, NOW, USERS, make_shop

RUN = Run(NOW, NOW)
SEED = 20260615
BY_VALUES = ("adults", "lapsed", "readers", "spenders", "clicked", "often", "last_was_big", "fresh", "of_all_sorts")
"""Segments that one may come into by other values."""


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = make_shop(tmp_path_factory.mktemp("shop"), SEED)
    evaluate(folder, RUN)
    return folder


def committed(folder: Path) -> dict[str, set[str]]:
    return {name: set(members(folder, (name,)).to_series().to_list()) for name in Store(folder).state.segments}


def keys() -> list[str]:
    return [f"u{number:04}" for number in range(USERS)]


def test_every_user_is_told_of_every_segment_what_the_run_committed(shop: Path) -> None:
    held = committed(shop)
    with rehearsing(shop) as store:
        asked = subjects(read_project(shop), store, RUN)
        for key in keys():
            subject = asked(key)
            told = {name: subject.explanation(name, in_full=False).is_member for name in subject.names}
            assert told == {name: key in held.get(name, ()) for name in subject.names}


def test_users_are_decided_alone_as_they_are_among_all(shop: Path) -> None:
    with rehearsing(shop) as store:
        asked = subjects(read_project(shop), store, RUN)
        for key in keys()[::4]:
            subject = asked(key)
            assert subject.alone.members(subject.alone.person) == subject.members


def test_segments_that_no_others_decide_are_told_without_deciding_all_users(shop: Path) -> None:
    held = committed(shop)
    for name in ("lapsed", "readers", "tenth", "clicked", "without_some"):
        with rehearsing(shop) as store:
            asked = subjects(read_project(shop), store, Run(NOW, NOW, select=(name,)))
            for key in keys()[::40]:
                subject = asked(key)
                assert subject.outcome is None
                assert subject.explanation(name, in_full=False).is_member == (key in held[name])


def test_a_static_segment_that_no_run_has_frozen_is_told_by_its_condition(tmp_path: Path) -> None:
    folder = make_shop(tmp_path / "shop", SEED)
    (folder / "segments" / "late.yaml").write_text(LATE)
    joined = {row["user_id"]: row["joined"] for row in _rows(folder / "users.csv")}
    for key in keys()[::200]:
        (told,) = explain(folder, RUN, key, "late_spring").segments
        assert (told.is_member, told.basis, told.standing) == (
            joined[key] >= "2026-05-01T21:00",
            "the definition",
            None,
        )


def test_the_changes_that_are_offered_make_members_when_they_are_made_in_the_files(tmp_path: Path) -> None:
    folder = make_shop(tmp_path / "shop", SEED)
    offered = {name: list(_offered(folder, name)) for name in BY_VALUES}
    assert all(len(one) >= 5 for name, one in offered.items() if name not in ("readers", "of_all_sorts")), offered
    for name, told in offered.items():
        changed = make_shop(tmp_path / name, SEED)
        for key, edits in told:
            for edit in edits:
                _make(changed, key, edit)
        evaluate(changed, RUN)
        assert {key for key, _ in told} <= committed(changed).get(name, set()), name


def _offered(folder: Path, name: str) -> Iterator[tuple[str, tuple[ToldEdit, ...]]]:
    with rehearsing(folder) as store:
        asked = subjects(read_project(folder), store, Run(NOW, NOW, select=(name,)))
        for key in keys()[7::120]:
            told: Explanation = asked(key).explanation(name, in_full=True)
            if told.change:
                assert not told.is_member
                yield key, told.change


def _make(folder: Path, key: str, edit: ToldEdit) -> None:
    """The edit, made in the file that holds the row."""
    if edit.action == "set":
        _rewrite(folder / "users.csv", lambda row: row.update(_cells(edit)) if row["user_id"] == key else None)
        return
    log = "purchases.csv" if edit.name == "purchase" else "email.csv"
    rows = _rows(folder / log)
    own = {"user_id": key, **({"what": edit.name} if log == "email.csv" else {})}
    if edit.action == "add":
        rows.append({**dict.fromkeys(rows[0], ""), **own, "at": edit.at, **_cells(edit)})
    else:
        at = next(
            number
            for number, row in enumerate(rows)
            if row["at"] == edit.at and all(row[k] == v for k, v in own.items())
        )
        rows[at].update(_cells(edit))
        if edit.action == "remove":
            del rows[at]
    _write(folder / log, rows)


def _cells(edit: ToldEdit) -> dict[str, str]:
    return {name: "|".join(value) if isinstance(value, list) else value or "" for name, value in edit.values.items()}


def _rows(file: Path) -> list[dict[str, str]]:
    with file.open(newline="") as lines:
        return list(csv.DictReader(lines))


def _rewrite(file: Path, change: Callable[[dict[str, str]], None]) -> None:
    rows = _rows(file)
    for row in rows:
        change(row)
    _write(file, rows)


def _write(file: Path, rows: list[dict[str, str]]) -> None:
    with file.open("w", newline="") as lines:
        writer = csv.DictWriter(lines, rows[0])
        writer.writeheader()
        writer.writerows(rows)
