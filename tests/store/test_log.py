"""The log: numbered records that name the one before, light where nothing changed, without personal data."""

from __future__ import annotations

import json
import os
from dataclasses import replace
from pathlib import Path

import pytest

from segtool import __version__
from segtool.errors import BusyError, DamageError
from segtool.model.columns import to_rows
from segtool.model.run import Record, Size, State
from segtool.store import log
from segtool.store.log import link_record
from segtool.store.store import Store
from segtool.store.writer import writing

from .builders import commit, entering, facts, first_run, members, second_run, segment, tree, users


def objects(project: Path) -> set[str]:
    return set(os.listdir(project / ".segtool/objects"))


def test_a_project_without_a_store_is_an_empty_one_and_reading_makes_nothing(tmp_path: Path) -> None:
    store = Store(tmp_path)
    assert (store.head, store.state, list(store.records()), store.definitions()) == (None, State(), [], {})
    assert store.users() is None
    assert store.members().rows == {}
    store.check_snapshots()
    assert tree(tmp_path) == {}


def test_reading_writes_nothing(tmp_path: Path) -> None:
    with writing(tmp_path) as writer:
        first_run(writer)
        second_run(writer)
    before = tree(tmp_path)
    facts(tmp_path)
    Store(tmp_path).check_snapshots()
    assert tree(tmp_path) == before


def test_a_record_is_canonical_json_with_sizes_and_the_names_of_objects(tmp_path: Path) -> None:
    with writing(tmp_path) as writer:
        record = first_run(writer)
    text = (tmp_path / ".segtool/log/1.json").read_text()
    assert text == (
        '{"as_of":"2026-08-01T00:00:00Z","at":"2026-08-01T06:00:00Z","changes":"' + record.changes + '",'
        '"checkpoint":0,"details":{},"frozen":[],"kind":"evaluate","members":"","number":1,"parent":"","removes":[],"rewritten":[],"since":240,'
        '"sizes":{"buyers":[0,2,0,2]},"state":"' + record.state + '","tool":"' + __version__ + '"}\n'
    )


def test_a_state_comes_back_equal(tmp_path: Path) -> None:
    with writing(tmp_path) as writer:
        table = writer.add_users(users(["ann"], tags=[["a", "b"]]), by_hand="other.csv")
        file = replace(table.files[0], path=os.fsdecode(b"data/caf\xe9.csv"))
        state = State({"users": replace(table, files=(file,))}, {"buyers": segment(2)})
        commit(writer, state)
    assert Store(tmp_path).state == state


def test_each_record_names_the_hash_of_the_one_before(tmp_path: Path) -> None:
    with writing(tmp_path) as writer:
        first_run(writer)
        second_run(writer)
    assert [record.number for record in Store(tmp_path).records()] == [1, 2]
    path = tmp_path / ".segtool/log/1.json"
    path.write_text(path.read_text().replace('"number":1', '"number": 1'))
    with pytest.raises(DamageError, match=r"\.segtool/log/2\.json does not follow the one before it"):
        list(Store(tmp_path).records())


def test_the_runs_after_one_are_read_without_those_before(tmp_path: Path) -> None:
    with writing(tmp_path) as writer:
        first_run(writer)
        second_run(writer)
        commit(writer, writer.state)
    (tmp_path / ".segtool/log/1.json").unlink()
    assert [record.number for record in Store(tmp_path).records(since=2)] == [3]
    assert list(Store(tmp_path).records(since=3)) == []


def test_a_missing_record_is_damage_that_names_it(tmp_path: Path) -> None:
    with writing(tmp_path) as writer:
        first_run(writer)
        second_run(writer)
    (tmp_path / ".segtool/log/1.json").unlink()
    with pytest.raises(DamageError, match=r"\.segtool/log/1\.json is missing"):
        list(Store(tmp_path).records())


@pytest.mark.parametrize("content", ["", "{", "[]", "null", '{"number":1}', '{"number":"x","sizes":{"a":1}}'])
def test_a_record_that_has_not_its_form_is_damage(tmp_path: Path, content: str) -> None:
    with writing(tmp_path) as writer:
        first_run(writer)
    (tmp_path / ".segtool/log/1.json").write_text(content)
    with pytest.raises(DamageError, match=r"\.segtool/log/1\.json is damaged"):
        Store(tmp_path)


def test_a_record_under_another_number_is_damage(tmp_path: Path) -> None:
    with writing(tmp_path) as writer:
        first_run(writer)
    (tmp_path / ".segtool/log/1.json").rename(tmp_path / ".segtool/log/2.json")
    with pytest.raises(
        DamageError, match=r"\.segtool/log/2\.json is newer than run 1, the newest that \.segtool/head notes"
    ):
        Store(tmp_path)


def test_a_run_that_changes_no_state_adds_a_light_record_and_no_object(tmp_path: Path) -> None:
    with writing(tmp_path) as writer:
        first = first_run(writer)
    before = objects(tmp_path)
    with writing(tmp_path) as writer:
        second = commit(writer, writer.state)
    assert (second.number, second.state, second.changes, second.removes) == (2, first.state, "", ())
    assert objects(tmp_path) == before
    assert Store(tmp_path).state == State({}, {"buyers": segment(2)}, Store(tmp_path).state.members)


def test_a_reader_whose_state_a_run_removes_while_it_opens_reads_the_newer_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with writing(tmp_path) as writer:
        first_run(writer)
    read_record = log.read_record

    def overtaken(root: Path, number: int) -> Record:
        record = read_record(root, number)
        monkeypatch.undo()
        with writing(tmp_path) as writer:
            second_run(writer)
        return record

    monkeypatch.setattr(log, "read_record", overtaken)
    store = Store(tmp_path)
    assert store.head is not None
    assert (store.head.number, store.state.segments["buyers"].members) == (2, 3)


def test_what_was_added_and_not_committed_goes_again(tmp_path: Path) -> None:
    with writing(tmp_path) as writer:
        first_run(writer)
    before = tree(tmp_path)
    with writing(tmp_path) as writer:
        writer.add_bytes(b"never used")
        writer.add_users(users(["ann"]))
    assert tree(tmp_path) == before


def test_an_error_of_the_caller_leaves_the_state_before(tmp_path: Path) -> None:
    with writing(tmp_path) as writer:
        first_run(writer)
    before = facts(tmp_path)
    with pytest.raises(KeyboardInterrupt), writing(tmp_path) as writer:
        writer.add_bytes(b"never used")
        raise KeyboardInterrupt
    assert facts(tmp_path) == before
    with writing(tmp_path):
        pass
    assert len(objects(tmp_path)) == 3


def test_a_run_that_another_one_overtook_is_refused(tmp_path: Path) -> None:
    with writing(tmp_path) as writer:
        first = first_run(writer)
    with pytest.raises(BusyError, match="another run has committed run 1"):
        link_record(tmp_path / ".segtool", first)
    assert list(tree(tmp_path / ".segtool/log")) == ["1.json"]


def test_members_are_kept_as_a_whole_where_the_changes_since_the_last_one_weigh_twice_the_members(
    tmp_path: Path,
) -> None:
    # members of 125 kB, and changes of 64 kB in each run: so every fourth run is kept
    users = 1_000_000
    with writing(tmp_path) as writer:
        for number in range(1, 11):
            held = writer.add_members(members(users, buyers=[number]), users)
            state = State({}, {"buyers": segment(number)}, held)
            moves = writer.add_changes({"buyers": entering(*range(16_000), size=users)})
            commit(writer, state, changes=moves, sizes={"buyers": Size(0, 16_000, 0, 16_000)})
    store = Store(tmp_path)
    records = list(store.records())
    assert [record.checkpoint for record in records] == [0, 0, 0, 4, 4, 4, 4, 8, 8, 8]
    changes = {record.changes for record in records}
    kept = {record.members for record in records} - {""} | {records[-1].state, store.state.members}
    assert len(kept) == 4
    assert objects(tmp_path) == changes | kept
    (tmp_path / ".segtool/unfinished").touch()
    with writing(tmp_path):
        assert objects(tmp_path) == changes | kept
    found = [store.checkpoint(record) for record in records]
    assert [to_rows(one.rows["buyers", "members"]).tolist() for one in found if one] == [[4], [8]]


def test_a_checkpoint_keeps_what_later_runs_share_with_it(tmp_path: Path) -> None:
    with writing(tmp_path) as writer:
        state = State({}, {"buyers": segment(2)}, writer.add_members(members(4, buyers=[0, 2]), 4))
        commit(writer, state, changes=writer.add_changes({"buyers": entering(*range(5_000), size=10_000)}))
        commit(writer, writer.state)
        second_run(writer)
        second_run(writer)
    store = Store(tmp_path)
    assert [record.checkpoint for record in store.records()][:2] == [1, 1]
    checkpoint = store.checkpoint(store.record(1))
    assert checkpoint and to_rows(checkpoint.rows["buyers", "members"]).tolist() == [0, 2]


def test_definitions_stay_while_a_kept_state_refers_to_them(tmp_path: Path) -> None:
    with writing(tmp_path) as writer:
        state = State(definitions=writer.add_definitions({"buyers": 1}))
        commit(writer, state)
        commit(writer, replace(state, segments={"buyers": segment(1)}))
        assert writer.definitions() == {"buyers": 1}
        commit(writer, State(definitions=writer.add_definitions({"buyers": 2})))
    assert len(objects(tmp_path)) == 2


def test_a_record_holds_no_value_of_the_tables(tmp_path: Path) -> None:
    with writing(tmp_path) as writer:
        commit(writer, State({"users": writer.add_users(users(["ann-0815"], city=["Kyiv"]))}))
    assert "ann-0815" not in (tmp_path / ".segtool/log/1.json").read_text()
    assert "Kyiv" not in (tmp_path / ".segtool/log/1.json").read_text()


def test_the_log_alone_is_read_without_polars(tmp_path: Path) -> None:
    import subprocess
    import sys

    with writing(tmp_path) as writer:
        first_run(writer)
    program = (
        "import sys; from pathlib import Path; from segtool.store.store import Store;"
        f"list(Store(Path({str(tmp_path)!r})).records()); sys.exit('polars' in sys.modules)"
    )
    assert subprocess.run([sys.executable, "-c", program], check=False).returncode == 0


def test_details_of_a_record_come_back(tmp_path: Path) -> None:
    with writing(tmp_path) as writer:
        commit(writer, State(), details={"flags": ["--allow-shrink"], "guards": {"buyers": "max_shrink"}})
    record = Store(tmp_path).head
    assert isinstance(record, Record)
    assert record.details == {"flags": ["--allow-shrink"], "guards": {"buyers": "max_shrink"}}
    assert json.loads((tmp_path / ".segtool/log/1.json").read_text())["state"] == ""
