"""Files that go out appear all together or not at all, private, and nowhere that something else has a place."""

from __future__ import annotations

import errno
import hashlib
import json
import os
import resource
import shutil
import stat
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from segtool.channels.delivery import Consignment, Output, deliver
from segtool.channels.files import FilePiece
from segtool.errors import StoreError, UsageError

FACTS = {"segments": ["vip"], "channel": "email", "preset": None, "run": 7, "as_of": "2026-08-01T09:00:00Z"}


def output(path: Path, *contents: bytes) -> Output:
    return Output(path, [FilePiece(content, content.count(b"\n")) for content in contents])


def send(project: Path, *outputs: Output, inputs: tuple[Path, ...] = ()) -> None:
    deliver([Consignment(tuple(outputs), FACTS)], project, inputs)


def tree(folder: Path) -> dict[str, bytes]:
    files = (path for path in folder.rglob("*") if path.is_file())
    return {str(path.relative_to(folder)): path.read_bytes() for path in files}


def refusal(project: Path, *outputs: Output, inputs: tuple[Path, ...] = ()) -> list[str]:
    """What is said; nothing is changed."""
    before = tree(project)
    with pytest.raises(UsageError) as failure:
        send(project, *outputs, inputs=inputs)
    assert tree(project) == before
    return [str(problem) for problem in failure.value.problems]


def test_files_are_written_with_a_manifest_beside_the_first(tmp_path: Path) -> None:
    target, held = tmp_path / "out/vip.csv", tmp_path / "held.csv"
    outputs = (output(target, b"a\n", b"b\nc\n"), output(held, b"d\n"))
    [delivery] = deliver([Consignment(outputs, FACTS)], tmp_path)
    assert [(file.path, file.rows, file.bytes) for file in delivery.files] == [
        (target, 1, 2),
        (tmp_path / "out/vip-2.csv", 2, 4),
        (held, 1, 2),
    ]
    found = tree(tmp_path)
    manifest = json.loads(found.pop("out/vip.csv.json"))
    assert found == {"out/vip.csv": b"a\n", "out/vip-2.csv": b"b\nc\n", "held.csv": b"d\n"}
    assert manifest == {
        "version": 1,
        **FACTS,
        "files": [
            {"name": "vip.csv", "rows": 1, "bytes": 2, "sha256": hashlib.sha256(b"a\n").hexdigest()},
            {"name": "vip-2.csv", "rows": 2, "bytes": 4, "sha256": hashlib.sha256(b"b\nc\n").hexdigest()},
            {"name": "../held.csv", "rows": 1, "bytes": 2, "sha256": hashlib.sha256(b"d\n").hexdigest()},
        ],
    }


def test_files_and_new_folders_are_private_whatever_the_umask(tmp_path: Path) -> None:
    before = os.umask(0)
    try:
        send(tmp_path, output(tmp_path / "a/b/vip.csv", b"a\n"))
    finally:
        os.umask(before)
    modes = {path.name: stat.S_IMODE(path.stat().st_mode) for path in tmp_path.rglob("*")}
    assert modes == {"a": 0o700, "b": 0o700, "vip.csv": 0o600, "vip.csv.json": 0o600}


def test_pieces_of_a_longer_export_before_are_removed_and_nothing_else(tmp_path: Path) -> None:
    target, held = tmp_path / "out/vip.csv", tmp_path / "far/held.csv"
    send(tmp_path, output(target, b"1", b"2", b"3", b"4"), output(held, b"5", b"6", b"7"))
    (tmp_path / "out/vip-9.csv").write_bytes(b"mine")
    send(tmp_path, output(target, b"8", b"9"), output(held, b"10", b"11"))
    found = tree(tmp_path)
    assert len(json.loads(found.pop("out/vip.csv.json"))["files"]) == 4
    assert found == {
        "out/vip.csv": b"8",
        "out/vip-2.csv": b"9",
        "out/vip-9.csv": b"mine",
        "far/held.csv": b"10",
        "far/held-2.csv": b"11",
    }


def test_what_took_the_place_of_a_piece_and_is_no_file_stays(tmp_path: Path) -> None:
    send(tmp_path, output(tmp_path / "vip.csv", b"1", b"2"))
    (tmp_path / "vip-2.csv").unlink()
    (tmp_path / "vip-2.csv").mkdir()
    send(tmp_path, output(tmp_path / "vip.csv", b"3"))
    assert (tmp_path / "vip-2.csv").is_dir()


def test_a_name_that_is_no_utf_8_is_found_again_in_its_manifest(tmp_path: Path) -> None:
    target = tmp_path / os.fsdecode(b"vip\xff.csv")
    send(tmp_path, output(target, b"1", b"2", b"3"))
    send(tmp_path, output(target, b"4", b"5"))
    assert sorted(tree(tmp_path).values())[:2] == [b"4", b"5"]
    assert len(tree(tmp_path)) == 3


def test_a_manifest_removes_no_file_that_is_no_piece(tmp_path: Path) -> None:
    for folder in ("out", "elsewhere"):
        (tmp_path / folder).mkdir()
    mine = {"out/users.csv": b"mine", "elsewhere/vip-3.csv": b"mine"}
    for name, content in mine.items():
        (tmp_path / name).write_bytes(content)
    listed = '{"version": 1, "files": [{"name": "users.csv"}, {"name": "../elsewhere/vip-3.csv"}]}'
    (tmp_path / "out/vip.csv.json").write_text(listed)
    send(tmp_path, output(tmp_path / "out/vip.csv", b"1"))
    assert mine.items() < tree(tmp_path).items()


def test_a_file_in_the_place_of_a_later_piece_or_the_manifest_is_not_overwritten(tmp_path: Path) -> None:
    target = output(tmp_path / "vip.csv", b"1", b"2")
    (tmp_path / "vip-2.csv").write_bytes(b"mine")
    assert refusal(tmp_path, target) == ["vip-2.csv exists and is not of the export before (move it away)"]
    (tmp_path / "vip-2.csv").unlink()
    send(tmp_path, target)
    (tmp_path / "vip-2.csv").unlink()
    (tmp_path / "vip-2.csv").symlink_to("vip.csv")
    assert refusal(tmp_path, target) == ["vip-2.csv is a link (name the file that it leads to, or remove it)"]
    for mine in (b"[1]", b"{}", b'{"version": 2, "files": []}', b'{"version": 1, "files": [{"name": 1}]}', b"\xff"):
        (tmp_path / "vip.csv.json").write_bytes(mine)
        assert refusal(tmp_path, target) == ["vip.csv.json exists and is no manifest of an export (move it away)"]


def test_what_is_no_file_is_refused_without_waiting_for_it(tmp_path: Path) -> None:
    (tmp_path / "folder.csv").mkdir()
    os.mkfifo(tmp_path / "fifo.csv")
    (tmp_path / "there.csv").write_bytes(b"mine")
    (tmp_path / "link.csv").symlink_to("there.csv")
    (tmp_path / "dangling.csv").symlink_to("nowhere.csv")
    names = ("folder", "fifo", "link", "dangling")
    assert refusal(tmp_path, *(output(tmp_path / f"{name}.csv", b"1") for name in names)) == [
        "folder.csv is a folder (name a file in it)",
        "fifo.csv is a device or FIFO (name a file, or - for stdout)",
        "link.csv is a link (name the file that it leads to, or remove it)",
        "dangling.csv is a link (name the file that it leads to, or remove it)",
    ]
    assert refusal(tmp_path, output(Path("/dev/null"), b"1")) == [
        "/dev/null is a device or FIFO (name a file, or - for stdout)"
    ]


def test_the_store_the_snapshots_and_the_input_files_are_no_places(tmp_path: Path) -> None:
    (tmp_path / "users.csv").write_bytes(b"mine")
    os.link(tmp_path / "users.csv", tmp_path / "same.csv")
    (tmp_path / "snapshots").mkdir()
    (tmp_path / "elsewhere").symlink_to("snapshots")
    places = [".segtool/vip.csv", "snapshots/vip.csv", "elsewhere/far/vip.csv", "same.csv", "out/../users.csv"]
    outputs = [output(tmp_path / place, b"1") for place in places]
    assert refusal(tmp_path, *outputs, inputs=(tmp_path / "users.csv",)) == [
        "two files would be same.csv (name them apart)",
        "two files would be users.csv (name them apart)",
        ".segtool/vip.csv is where segtool keeps its own (name a file elsewhere)",
        "snapshots/vip.csv is where segtool keeps its own (name a file elsewhere)",
        "snapshots/far/vip.csv is where segtool keeps its own (name a file elsewhere)",
        "same.csv is an input of this project (name another file)",
        "users.csv is an input of this project (name another file)",
        ".segtool/vip.csv.json is where segtool keeps its own (name a file elsewhere)",
    ]


def test_two_files_of_one_name_are_refused(tmp_path: Path) -> None:
    target = tmp_path / "vip.csv"
    assert refusal(tmp_path, output(target, b"1"), output(tmp_path / "out/../vip.csv", b"2")) == [
        "two files would be vip.csv (name them apart)"
    ]
    assert refusal(tmp_path, output(target, b"1", b"2"), output(tmp_path / "vip-2.csv", b"3")) == [
        "two files would be vip-2.csv (name them apart)"
    ]
    assert refusal(tmp_path, output(target, b"1"), output(tmp_path / "vip.csv.json", b"3")) == [
        "two files would be vip.csv.json (name them apart)"
    ]


CALLS = ("open", "fsync", "fchmod", "close", "link", "replace", "unlink", "mkdir", "rmdir")
TAKING_SPACE = ("open", "fsync", "link", "mkdir")
Error = Callable[..., BaseException]


class Fault:
    """Raises at the n-th of some calls that change files, or at every one of them from it."""

    def __init__(self, at: int, error: Error, calls: tuple[str, ...], once: bool) -> None:
        self.at, self.error, self.calls, self.once, self.count = at, error, calls, once, 0

    def install(self, monkeypatch: pytest.MonkeyPatch) -> None:
        for name in self.calls:
            monkeypatch.setattr(os, name, self.around(name, getattr(os, name)))

    def around(self, name: str, real: Callable[..., Any]) -> Callable[..., Any]:
        def call(*args: Any, **more: Any) -> Any:
            if name == "close":
                real(*args)
            if name != "open" or args[1] & os.O_CREAT:
                self.count += 1
                if self.count == self.at or (not self.once and self.count > self.at):
                    raise self.error(name, *args)
            return None if name == "close" else real(*args, **more)

        return call


def failed(name: str, *args: Any) -> OSError:
    """As the system says it: with the names that the call was given, and without one for a descriptor."""
    number = errno.EIO if name in ("fsync", "close") else errno.ENOSPC
    names = [str(arg) for arg in args if isinstance(arg, str | Path)]
    return OSError(number, os.strerror(number), *names[:1], *([None, names[1]] if len(names) == 2 else []))


def without_links(name: str, *args: Any) -> OSError:
    return OSError(errno.EPERM, os.strerror(errno.EPERM))


def interrupted(name: str, *args: Any) -> KeyboardInterrupt:
    return KeyboardInterrupt("stopped")


def first(folder: Path) -> None:
    send(folder, output(folder / "vip.csv", b"1", b"2", b"3"), output(folder / "held.csv", b"4"))


def second(folder: Path) -> None:
    send(folder, output(folder / "vip.csv", b"5", b"6"), output(folder / "new/held.csv", b"7"))


@pytest.fixture
def before(tmp_path: Path) -> Path:
    (tmp_path / "before").mkdir()
    first(tmp_path / "before")
    return tmp_path / "before"


@pytest.fixture
def after(before: Path, tmp_path: Path) -> dict[str, bytes]:
    shutil.copytree(before, tmp_path / "after")
    second(tmp_path / "after")
    return tree(tmp_path / "after")


def faults(
    before: Path, error: Error, calls: tuple[str, ...], once: bool = True
) -> Iterator[tuple[dict[str, bytes], str]]:
    """What stands there after the second delivery, and what was said, for a fault at each call in turn."""
    for at in range(1, 1000):
        folder = before.with_name(str(at))
        shutil.copytree(before, folder)
        fault, said = Fault(at, error, calls, once), ""
        with pytest.MonkeyPatch.context() as monkeypatch:
            fault.install(monkeypatch)
            try:
                second(folder)
            except (StoreError, KeyboardInterrupt) as failure:
                said = str(failure)
        yield tree(folder), said
        if fault.count < at:
            return


TOLD = ("vip.csv", "vip-2.csv", "vip-3.csv", "vip.csv.json", "new", "new/held.csv", "the project's folder")


@pytest.mark.parametrize(("calls", "once"), [(CALLS, True), (TAKING_SPACE, False)])
def test_a_call_that_fails_leaves_all_as_it_was_and_says_so(
    before: Path, after: dict[str, bytes], calls: tuple[str, ...], once: bool
) -> None:
    *failures, last = faults(before, failed, calls, once)
    assert last == (after, "")
    unchanged = [said for found, said in failures if found == tree(before)]
    assert len(unchanged) > 15
    assert {said.rpartition(": ")[0] for said in unchanged} == {f"could not write {name}" for name in TOLD}
    ending = "; no file was changed (make room, or name another place)"
    assert [said for said in unchanged if not said.endswith(ending)] == []
    others = [(found, said) for found, said in failures if found != tree(before)]
    for found, said in others:
        left = [name for name in found if name not in after]
        assert {name: found[name] for name in after} == after
        assert len(left) == 1 and left[0].endswith(".tmp")
        assert "the files were written, but" in said and f"{left[0]} could not be removed" in said
    assert len(others) == (len(tree(before)) - 1 if once else 0)


def test_an_interrupt_leaves_all_as_it_was(before: Path, after: dict[str, bytes]) -> None:
    changing = tuple(call for call in CALLS if call != "unlink")
    *stopped, last = faults(before, interrupted, changing)
    assert last == (after, "")
    assert len(stopped) > 20
    assert [found for found, said in stopped if (found, said) != (tree(before), "stopped")] == []


def test_a_disk_without_hard_links_is_no_hindrance(before: Path, after: dict[str, bytes]) -> None:
    found, said = next(faults(before, without_links, ("link",), once=False))
    assert (found, said) == (after, "")


def test_a_copy_that_fails_is_never_put_in_the_place_of_the_file(
    before: Path, after: dict[str, bytes], monkeypatch: pytest.MonkeyPatch
) -> None:
    Fault(1, without_links, ("link",), once=False).install(monkeypatch)
    *failures, last = faults(before, failed, ("open", "fchmod", "fsync", "close"))
    assert last == (after, "")
    assert len(failures) > 20
    assert [said for found, said in failures if found != tree(before)] == []


def test_a_file_that_the_disk_does_not_take_leaves_all_as_it_was(before: Path) -> None:
    found = tree(before)
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (1000, hard))
    try:
        with pytest.raises(StoreError, match=r"could not write .*: File too large; no file was changed"):
            send(before, output(before / "vip.csv", b"8", b"x" * 2000))
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
    assert tree(before) == found


def test_new_folders_go_again_where_nothing_was_written(tmp_path: Path) -> None:
    def broken() -> Iterator[FilePiece]:
        yield FilePiece(b"1", 1)
        raise UsageError("row 2 is too large")

    with pytest.raises(UsageError):
        send(tmp_path, Output(tmp_path / "a/b/vip.csv", broken()))
    assert list(tmp_path.iterdir()) == []
