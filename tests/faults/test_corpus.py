"""Each file in `corpus` is a bad input, and what comes of it: drop one in and it is a test.

Whatever is put in, nothing hangs, grows without bound, shows a traceback, moves the cursor of a terminal, or writes
where it may not; and unless a run is committed, all that is kept stays as it was, to the byte.
"""

from __future__ import annotations

import os
import re
import shutil
import stat
from pathlib import Path

import pytest

from tests.cli.running import AS_OF, EMPTY_STORE, NEXT, run
from tests.faults.corpus import Case, cases, read_case
from tests.faults.files import lay
from tests.shell import Answer, shell

SECONDS = 20
MOST_MEMORY = 2 * 2**30
QUIET = 141
"""The code of a closed pipe, of which nobody is told."""
CONTROL = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]")


def contents(place: Path) -> dict[str, object]:
    """What is below a folder, without the folders of a store: files of the store by their bytes, others by their size
    and time."""
    found: dict[str, object] = {}
    for path in place.rglob("*"):
        status, is_kept = path.lstat(), bool({".segtool", "snapshots"} & set(path.parts))
        if stat.S_ISLNK(status.st_mode):
            found[str(path.relative_to(place))] = os.readlink(path)
        elif stat.S_ISREG(status.st_mode):
            found[str(path.relative_to(place))] = path.read_bytes() if is_kept else _outside(status)
        elif not is_kept:
            found[str(path.relative_to(place))] = stat.S_IFMT(status.st_mode)
    return found


def _outside(status: os.stat_result) -> tuple[int, int]:
    return status.st_size, status.st_mtime_ns


def differences(before: dict[str, object], after: dict[str, object]) -> list[str]:
    """Names of what came, went or changed, but for what a store has before its first run."""
    made = {f"p/{name}" for name in EMPTY_STORE} - set(before)
    names = sorted({*before, *after} - made)
    return [name for name in names if before.get(name) != after.get(name)]


@pytest.mark.parametrize("name", cases())
def test_what_is_put_in_ends_as_its_case_says(name: str, folder: Path) -> None:
    case = read_case(cases()[name])
    if case.not_as_root and os.geteuid() == 0:
        pytest.skip("root may write and read everything")
    prepare(case, folder)
    before = contents(folder.parent)
    environment = {"SEGTOOL_AS_OF": NEXT, **case.environment}
    answer = shell().run(folder / case.inside, tuple(case.words), environment, case.stdin, case.stdout, SECONDS)
    assert answer.code == case.code, told(answer)
    check_streams(case, answer)
    assert answer.peak < MOST_MEMORY
    check_kept(case, differences(before, contents(folder.parent)))
    for path, pattern in case.holds.items():
        assert re.search(pattern, (folder / path).read_bytes().decode())


def prepare(case: Case, folder: Path) -> None:
    if case.fresh or case.parquet:
        shutil.rmtree(folder / ".segtool")
        shutil.rmtree(folder / "snapshots")
    lay(case.laid, folder)
    if case.first:
        answer = run(folder, *case.first.split(), SEGTOOL_AS_OF=AS_OF)
        assert answer.code == 0, told(answer)
    lay(case.then, folder)


def told(answer: Answer) -> str:
    return f"ended with {answer.code}\n{answer.out[:2000]}\n{answer.err[:2000]}"


def check_streams(case: Case, answer: Answer) -> None:
    assert re.search(case.says, answer.err, re.MULTILINE), told(answer)
    assert re.search(case.shows, answer.out, re.MULTILINE), told(answer)
    both = answer.err + ("" if case.exact else answer.out)
    assert "Traceback" not in both and "this is a bug" not in both
    assert not CONTROL.search(both), told(answer)
    assert not case.silent or not re.search(case.silent, both), told(answer)


def check_kept(case: Case, changed: list[str]) -> None:
    kept = [name for name in changed if name.startswith(("p/.segtool/", "p/snapshots/"))]
    assert [name for name in changed if name not in kept] == []
    assert bool(kept) == case.changed, kept


def test_every_subject_has_ten_cases_and_every_refusal_says_what() -> None:
    found = {name: read_case(path) for name, path in cases().items()}
    subjects = [name.split("/")[0] for name in found]
    assert len(found) >= 150
    assert {subject for subject in subjects if subjects.count(subject) < 10} == set()
    assert [name for name, case in found.items() if case.code not in (0, QUIET) and not case.says] == []
