"""Snapshots are published once, as copies, after the commit; what stands in their place stops a run."""

from __future__ import annotations

import os
import stat
from pathlib import Path

import pytest

from segtool.errors import DamageError, StoreError, UsageError
from segtool.model.run import State
from segtool.store.store import Store
from segtool.store.writer import writing

from .builders import commit, facts, first_run, frozen, second_run, segment, tree

CSV = b"id\nann\nbob\n"


def test_a_snapshot_is_published_with_its_manifest(tmp_path: Path) -> None:
    with writing(tmp_path) as writer:
        second_run(writer)
    assert tree(tmp_path / "snapshots") == {"fair.csv": CSV, "fair.json": b"{}\n"}
    Store(tmp_path).check_snapshots()


def test_a_snapshot_is_a_private_copy_and_no_link_into_the_store(tmp_path: Path) -> None:
    with writing(tmp_path) as writer:
        second_run(writer)
    for name in ("fair.csv", "fair.json"):
        status = (tmp_path / "snapshots" / name).stat()
        assert (stat.S_IMODE(status.st_mode), status.st_nlink) == (0o600, 1)


@pytest.mark.parametrize("name", ["fair.csv", "fair.json"])
def test_a_file_in_a_snapshots_place_stops_the_run_before_the_commit(tmp_path: Path, name: str) -> None:
    with writing(tmp_path) as writer:
        first_run(writer)
    (tmp_path / "snapshots").mkdir()
    (tmp_path / "snapshots" / name).write_bytes(b"mine")
    before = tree(tmp_path)
    message = rf"snapshots/{name} exists and is not segtool's \(move it away\)"
    with pytest.raises(UsageError, match=message), writing(tmp_path) as writer:
        second_run(writer)
    with writing(tmp_path):
        pass
    assert tree(tmp_path) == before


def test_a_folder_or_a_dangling_link_in_a_snapshots_place_stops_the_run_too(tmp_path: Path) -> None:
    (tmp_path / "snapshots/fair.csv").mkdir(parents=True)
    (tmp_path / "snapshots/fair.json").symlink_to("nowhere")
    with pytest.raises(UsageError) as failure, writing(tmp_path) as writer:
        second_run(writer)
    assert [problem.fact for problem in failure.value.problems] == [
        "snapshots/fair.csv exists and is not segtool's",
        "snapshots/fair.json exists and is not segtool's",
    ]
    assert Store(tmp_path).head is None


def test_a_file_named_snapshots_stops_the_run(tmp_path: Path) -> None:
    (tmp_path / "snapshots").write_text("mine")
    with pytest.raises(UsageError, match="snapshots exists and is not a folder"), writing(tmp_path) as writer:
        second_run(writer)
    assert Store(tmp_path).head is None


def test_a_file_that_is_the_snapshot_to_the_byte_is_taken_for_it(tmp_path: Path) -> None:
    (tmp_path / "snapshots").mkdir()
    (tmp_path / "snapshots/fair.csv").write_bytes(CSV)
    inode = (tmp_path / "snapshots/fair.csv").stat().st_ino
    with writing(tmp_path) as writer:
        second_run(writer)
    assert (tmp_path / "snapshots/fair.csv").stat().st_ino == inode
    Store(tmp_path).check_snapshots()


def test_a_commit_cut_short_before_publishing_is_rolled_forward_by_the_next_writer(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with writing(tmp_path) as writer:
        first_run(writer)

    real = os.mkdir

    def full(path: Path, mode: int = 0o777) -> None:
        if Path(path).name == "snapshots":
            raise OSError(28, "No space left on device", str(path))
        real(path, mode)

    message = "could not write snapshots: No space left on device; run 2 is committed, and the next run does"
    with monkeypatch.context() as broken:
        broken.setattr(os, "mkdir", full)
        with pytest.raises(StoreError, match=message), writing(tmp_path) as writer:
            second_run(writer)
    assert not (tmp_path / "snapshots").exists()
    Store(tmp_path).check_snapshots()
    committed = facts(tmp_path)
    with writing(tmp_path):
        assert tree(tmp_path / "snapshots") == {"fair.csv": CSV, "fair.json": b"{}\n"}
    assert facts(tmp_path) == committed
    assert not (tmp_path / ".segtool/unfinished").exists()


def test_a_snapshot_that_is_lost_or_of_another_size_is_damage(tmp_path: Path) -> None:
    with writing(tmp_path) as writer:
        second_run(writer)
    (tmp_path / "snapshots/fair.csv").write_bytes(CSV + b"eve\n")
    (tmp_path / "snapshots/fair.json").unlink()
    step, again = "bring it back with `segtool verify --restore`", "then erase again, if .segtool is an older copy"
    with pytest.raises(DamageError) as failure:
        Store(tmp_path).check_snapshots()
    assert [str(problem) for problem in failure.value.problems] == [
        f"snapshots/fair.csv was changed: it has 15 bytes, and 11 were frozen ({step}; {again})",
        f"snapshots/fair.json is missing ({step})",
    ]


def test_the_bytes_of_a_snapshot_stay_while_later_runs_come(tmp_path: Path) -> None:
    with writing(tmp_path) as writer:
        second_run(writer)
    with writing(tmp_path) as writer:
        fair = writer.state.segments["fair"]
        commit(
            writer,
            State({}, {"fair": fair, "new": segment(2, frozen(writer, b"id\neve\n"))}),
            frozen=("new",),
        )
    store = Store(tmp_path)
    assert fair.frozen is not None
    assert store.object_bytes(fair.frozen.csv) == (tmp_path / "snapshots/fair.csv").read_bytes() == CSV
    assert (tmp_path / "snapshots/new.csv").read_bytes() == b"id\neve\n"
