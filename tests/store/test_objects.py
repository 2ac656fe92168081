"""Objects keep payloads to the byte, mapped where they are large, and leave nothing to guess from."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from segtool.errors import DamageError
from segtool.model.columns import from_rows, to_rows
from segtool.model.movement import NOBODY, Moved, Movement, moved, moved_together
from segtool.model.run import REASONS, State
from segtool.store.arrays import packed
from segtool.store.store import Store
from segtool.store.writer import writing

from .builders import commit, first_run, members, second_run


def test_the_same_payload_twice_has_two_names(tmp_path: Path) -> None:
    with writing(tmp_path) as writer:
        one, other = writer.add_bytes(b"ann@example.com"), writer.add_bytes(b"ann@example.com")
        assert one != other
        assert writer.object_bytes(one) == writer.object_bytes(other) == b"ann@example.com"


def test_a_changed_byte_of_an_object_is_damage(tmp_path: Path) -> None:
    with writing(tmp_path) as writer:
        name = writer.add_bytes(b"id\nann\n")
        path = tmp_path / ".segtool/objects" / name
        path.write_bytes(path.read_bytes()[:-2] + b"x\n")
        with pytest.raises(DamageError, match=f".segtool/objects/{name} is damaged"):
            writer.object_bytes(name)


def test_a_lost_object_is_damage_that_names_it(tmp_path: Path) -> None:
    with writing(tmp_path) as writer:
        name = first_run(writer).changes
    (tmp_path / ".segtool/objects" / name).unlink()
    store = Store(tmp_path)
    with pytest.raises(DamageError, match=f".segtool/objects/{name} is missing"):
        store.changes(store.record(1))


@pytest.mark.parametrize("kept", [0, 10, 30, 100, -1])
def test_members_that_were_cut_short_are_damage(tmp_path: Path, kept: int) -> None:
    with writing(tmp_path) as writer:
        first_run(writer)
    path = tmp_path / ".segtool/objects" / Store(tmp_path).state.members
    path.write_bytes(path.read_bytes()[:kept])
    with pytest.raises(DamageError, match="is damaged"):
        Store(tmp_path).members()


def test_members_are_mapped_and_stay_readable_when_a_later_run_removes_them(tmp_path: Path) -> None:
    with writing(tmp_path) as writer:
        first_run(writer)
    before = Store(tmp_path)
    with writing(tmp_path) as writer:
        second_run(writer)
    bits = before.members().of("buyers")
    assert bits is not None
    assert not bits.flags.writeable
    assert not bits.flags.owndata
    assert to_rows(bits).tolist() == [0, 2]


def test_members_decided_on_a_smaller_table_are_kept_as_long_as_the_table_is_now(tmp_path: Path) -> None:
    with writing(tmp_path) as writer:
        commit(writer, State(members=writer.add_members(members(4, buyers=[0, 2]), 100)))
    bits = Store(tmp_path).members().of("buyers")
    assert bits is not None
    assert (len(bits), to_rows(bits).tolist()) == (16, [0, 2])


def test_arrays_start_at_a_multiple_of_64_bytes(tmp_path: Path) -> None:
    with writing(tmp_path) as writer:
        commit(writer, State(members=writer.add_members(members(70, a=[0], longer_name=[69]), 70)))
    starts = [bits.__array_interface__["data"][0] % 64 for bits in Store(tmp_path).members().rows.values()]
    assert starts == [0, 0]


def side(size: int, **reasons: list[int]) -> Moved:
    """Rows with the reason of each, in a table of so many rows."""
    of = {row: REASONS.index(reason) for reason, rows in reasons.items() for row in rows}
    rows = sorted(of)
    return moved(np.array(rows, np.uint32), np.array([of[row] for row in rows], np.uint8), size)


def test_changes_come_back_as_they_were(tmp_path: Path) -> None:
    many = list(range(100, 1_000))
    changes = {
        "still": Movement(3, 3, NOBODY, NOBODY),
        "few": Movement(5, 4, side(1_000, matches=[7]), side(1_000, gone=[2], no_longer_matches=[3])),
        "many": Movement(0, 903, side(1_000, matches=many, definition=[1, 2, 3]), NOBODY),
        "new": Movement(0, 900, moved_together(from_rows(np.array(many), 1_000), "initial"), NOBODY),
        "last": Movement(1, 0, NOBODY, side(1_000, gone=[999])),
    }
    with writing(tmp_path) as writer:
        record = commit(writer, State(), changes=writer.add_changes(changes))
    found = Store(tmp_path).changes(record)
    assert [(name, move.before, move.after) for name, move in found.items()] == [
        ("still", 3, 3),
        ("few", 5, 4),
        ("many", 0, 903),
        ("new", 0, 900),
        ("last", 1, 0),
    ]
    assert [name for name, move in found.items() if move.is_still] == ["still"]
    assert told(found["few"].entered) == [(7, "matches")]
    assert told(found["few"].left) == [(2, "gone"), (3, "no_longer_matches")]
    assert told(found["many"].entered) == [(row, "definition") for row in (1, 2, 3)] + [
        (row, "matches") for row in many
    ]
    assert told(found["new"].entered) == [(row, "initial") for row in many]
    assert told(found["last"].left) == [(999, "gone")]


def told(side: Moved) -> list[tuple[int, str]]:
    return [(row, REASONS[why]) for row, why in zip(side.rows.tolist(), side.reasons.tolist(), strict=True)]


def test_changes_are_kept_as_rows_or_as_bits_whichever_is_smaller() -> None:
    new = moved_together(from_rows(np.arange(900), 1_000), "initial")
    few = moved_together(from_rows(np.arange(32), 1_000), "initial")
    assert (new.who.nbytes, new.why.nbytes, new.count) == (128, 1, 900)
    assert (few.who.nbytes, few.why.nbytes, few.count) == (128, 1, 32)
    assert few.who.tolist() == list(range(32))
    assert (side(1_000, gone=list(range(33))).who.nbytes, side(1_000, gone=[1, 2]).who.nbytes) == (128, 8)
    assert (side(1_000, gone=[1, 2]).why.nbytes, side(1_000, gone=[1], matches=[2]).why.nbytes) == (1, 2)


def test_changes_whose_counts_do_not_fit_are_damage(tmp_path: Path) -> None:
    with writing(tmp_path) as writer:
        payload = packed([["a", 0, 2, [2, False, 2, 1], [0, False, 0, 0]]], [np.zeros(3, np.uint32), *EMPTY])
        record = commit(writer, State(), changes=writer.add_bytes(b"".join(payload)))
        with pytest.raises(DamageError, match="is damaged"):
            writer.changes(record)


EMPTY = (np.empty(0, np.uint8), np.zeros(1, np.uint8))


def test_definitions_come_back_in_their_order(tmp_path: Path) -> None:
    trees = {"zeta": {"where": {"b": "1", "a": ["x", "ї"]}}, "alpha": {"where": "everyone"}}
    with writing(tmp_path) as writer:
        commit(writer, State(definitions=writer.add_definitions(trees)))
    found = Store(tmp_path).definitions()
    assert found == trees
    assert list(found) == ["zeta", "alpha"]
    assert list(found["zeta"]["where"]) == ["b", "a"]
