"""Stores that were released open: one of each format, as it was written then. To make one anew mends no test."""

from __future__ import annotations

import os
import tarfile
from pathlib import Path

import pytest

from segtool.model.progress import untold
from segtool.store.verification import examined
from tests.cli.running import run
from tests.cli.upkeep import done, facts

GOLDEN = sorted((Path(__file__).parent / "golden").glob("*.tar.gz"))


@pytest.fixture(params=GOLDEN, ids=[path.name for path in GOLDEN])
def folder(request: pytest.FixtureRequest, tmp_path: Path) -> Path:
    with tarfile.open(request.param) as archive:
        archive.extractall(tmp_path, filter="data")
    for place, _, names in os.walk(tmp_path / "p/.segtool"):
        Path(place).chmod(0o700)
        for name in names:
            Path(place, name).chmod(0o600)
    return tmp_path / "p"


def test_a_store_of_a_format_that_was_released_is_whole_and_says_what_it_said(folder: Path) -> None:
    assert examined(folder, quick=False, progress=untold).problems == []
    assert done(run(folder, "members", "--all")).out == (
        "segment,user_id\nfirst,ann\nopeners,ann\nspring,ann\nspring,eve\nspring,out\nukraine,zoe\n"
    )
    assert [(one["run"], one["kind"]) for one in facts(folder, "history")["runs"]] == [
        (2, "evaluate"),
        (3, "evaluate"),
        (4, "erase"),
        (5, "freeze"),
        (6, "prune"),
    ]


def test_runs_go_on_in_it(folder: Path) -> None:
    found = facts(folder, "evaluate", "--as-of", "2026-06-20T12:00:00Z")
    assert {one["name"]: (one["entered"], one["left"], one["after"]) for one in found["segments"]} == {
        "first": (0, 0, 1),
        "openers": (0, 0, 1),
        "spring": (0, 0, 3),
        "ukraine": (0, 0, 1),
    }
    done(run(folder, "verify"))


if __name__ == "__main__":  # writes the store of the format that is current, for a release
    import sys
    import tempfile

    from segtool.store.store import FORMAT
    from tests.cli.upkeep import upkept

    with tempfile.TemporaryDirectory() as room:
        made = upkept(Path(room) / "p")
        (made / "asked.txt").write_text("bob\n")
        done(run(made, "erase", "asked.txt", "--suppress"))
        done(run(made, "freeze", "openers", "--as", "first", "--as-of", "2026-06-18T12:00:00Z"))
        done(run(made, "prune", "--keep-last", "4"))
        (made / "asked.txt").unlink()
        with tarfile.open(Path(__file__).parent / f"golden/format-{FORMAT}.tar.gz", "w:gz") as archive:
            archive.add(made, "p")
        sys.stdout.write(f"golden/format-{FORMAT}.tar.gz\n")
