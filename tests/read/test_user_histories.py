"""After any history of changes to a table of users, a store decides what a fresh one on the same file would."""

from __future__ import annotations

import random
from pathlib import Path

import pytest

from segtool.errors import InputError
from segtool.model.results import Evaluation
from tests.read.growing import Place
from tests.read.people import People, valued
from tests.read.pieces import read_in_blocks

SETTINGS = 'version: 1\nusers: {{path: users.{}, key: user, columns: {{tags: {{list: text, separator: "|"}}}}}}\n'
SEGMENTS = """\
at_home: {kind: dynamic, where: {city: Kyiv}}
elsewhere: {kind: dynamic, where: {city: {not_in: [Kyiv, Oslo]}}}
keen: {kind: dynamic, where: {points: {gte: 50}}}
spent: {kind: dynamic, where: {spent: {gt: 12.25}}}
top: {kind: dynamic, where: {in_segment: vip}, top: {by: spent, count: 5}}
vip: {kind: dynamic, where: {vip: true}}
tagged: {kind: dynamic, where: {tags: {has: x}}}
written: {kind: dynamic, where: {mail: {starts_with: "1"}}}
"""
FROZEN = "now{}: {{kind: static, where: {{mail: {{is_set: true}}}}, columns: [city, mail, points, spent, vip, tags]}}\n"


def outcome(place: Place) -> Evaluation | list[str]:
    """What a run comes to, or what is wrong."""
    try:
        return place.evaluated()
    except InputError as error:
        return [str(problem) for problem in error.problems]


@pytest.mark.parametrize("size", [0, 900])
@pytest.mark.parametrize("form", ["csv", "ndjson", "parquet"])
@pytest.mark.parametrize("seed", range(2))
def test_users_with_a_history_are_decided_as_fresh_ones(
    seed: int, form: str, size: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    people = People(random.Random(f"{seed} {form}"), 20)
    old = Place(tmp_path / "p")
    (old.folder / "segments").mkdir(parents=True)
    old.write("segtool.yaml", SETTINGS.format(form))
    for step in range(10):
        old.write(f"users.{form}", people.written(form))
        old.write("segments/all.yaml", SEGMENTS + FROZEN.format(step))
        fresh = old.anew()
        with monkeypatch.context() as patch:
            if size:
                read_in_blocks(patch, size, rows=6)
            mine = outcome(old)
        its = outcome(fresh)
        if isinstance(mine, list) or isinstance(its, list):
            assert mine == its
        else:
            name = f"now{step}"
            members = [pair for pair in old.members() if not pair[0].startswith("now") or pair[0] == name]
            assert members == fresh.members()
            snapshots = [(one.folder / "snapshots" / f"{name}.csv").read_bytes() for one in (old, fresh)]
            assert snapshots[0] == snapshots[1]
            (one,), (other,) = mine.tables, its.tables
            assert (one.report.read, one.report.kept) == (other.report.read, other.report.kept)
            assert valued(one.schema) == valued(other.schema)
        people.change()
