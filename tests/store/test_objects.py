"""Objects keep payloads to the byte, mapped where they are large, and leave nothing to guess from."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from segtool.errors import DamageError
from segtool.model.columns import to_rows
from segtool.model.run import Movement, State
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


def test_changes_come_back_as_they_were(tmp_path: Path) -> None:
    moved = Movement(
        before=5,
        after=4,
        entered=np.array([7], np.uint32),
        entered_for=np.array([1], np.uint8),
        left=np.array([2, 3], np.uint32),
        left_for=np.array([2, 4], np.uint8),
    )
    still = Movement(3, 3, moved.entered[:0], moved.entered_for[:0], moved.left[:0], moved.left_for[:0])
    with writing(tmp_path) as writer:
        record = commit(writer, State(), changes=writer.add_changes({"still": still, "moved": moved, "last": moved}))
    found = Store(tmp_path).changes(record)
    assert list(found) == ["still", "moved", "last"]
    assert found["still"].is_still
    assert (found["still"].before, found["still"].after) == (3, 3)
    for name in ("moved", "last"):
        move = found[name]
        assert (move.before, move.after, move.entered.tolist(), move.left.tolist()) == (5, 4, [7], [2, 3])
        assert (move.entered_for.tolist(), move.left_for.tolist()) == ([1], [2, 4])


def test_definitions_come_back_in_their_order(tmp_path: Path) -> None:
    trees = {"zeta": {"where": {"b": "1", "a": ["x", "ї"]}}, "alpha": {"where": "everyone"}}
    with writing(tmp_path) as writer:
        commit(writer, State(definitions=writer.add_definitions(trees)))
    found = Store(tmp_path).definitions()
    assert found == trees
    assert list(found) == ["zeta", "alpha"]
    assert list(found["zeta"]["where"]) == ["b", "a"]
