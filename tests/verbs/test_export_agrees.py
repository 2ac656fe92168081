"""Whom an export reaches, of one segment or of several, is what asking the members one by one gives."""

from __future__ import annotations

import csv
import random
from collections import Counter
from datetime import timedelta
from pathlib import Path

import pytest

from segtool.model.exports import Exported, Request
from segtool.verbs.evaluate import evaluate
from segtool.verbs.export import export
from segtool.verbs.run import Run
from tests.verbs.test_reach import NOW, asked_one_by_one, drawn, make, members_of, quieted

CHANNELS = ("email", "sms", "push")
SEGMENTS = ("all_of_them", "some", "of_some", "frozen")


def listed(file: Path) -> list[dict[str, str]]:
    with file.open(encoding="utf-8", newline="") as lines:
        return list(csv.DictReader(lines))


def sent(folder: Path, request: Request) -> tuple[Exported, list[dict[str, str]], list[dict[str, str]]]:
    """What an export came to, its rows, and those who are held back."""
    result = export(folder, Run(NOW, NOW), request)
    return result, listed(folder / request.to), listed(folder / request.held_back)


@pytest.mark.parametrize("seed", range(6))
def test_of_several_segments_each_member_is_reached_or_held_back_once(seed: int, tmp_path: Path) -> None:
    folder, chance = tmp_path / "shop", random.Random(seed)
    users = {user["user_id"]: user for user in make(folder, seed)}
    evaluate(folder, Run(NOW, NOW))
    quiet, members = quieted(folder), members_of(users)
    for channel in CHANNELS:
        order = chance.sample(SEGMENTS, chance.randint(1, 4))
        first = {key: name for name in reversed(order) for key in members[name][0]}
        ranked = sorted(first, key=lambda key: (order.index(first[key]), key))
        found = asked_one_by_one(channel, {key: members[first[key]][1] for key in ranked}, users, quiet)
        request = Request(tuple(order), channel, to="x.csv", columns=("segment",), held_back="h.csv", first_match=True)
        result, rows, held = sent(folder, request)
        assert {row["user_id"]: row["segment"] for row in rows} == {
            key: first[key] for key in first if found[key] == "reached"
        }
        assert {row["user_id"]: row["reason"] for row in held} == {
            key: reason for key, reason in found.items() if reason != "reached"
        }
        assert len(rows) + len(held) == len(first)
        for part in result.parts:
            own = Counter(found[key] for key in first if first[key] == part.segment)
            told = {reason: number for reason, number in part.counted.held_back.items() if number}
            assert {**told, "reached": part.exported} == {"reached": 0, **own}
            assert part.members == len(members[part.segment][0]) == part.earlier + own.total()


@pytest.mark.parametrize("seed", range(3))
def test_variants_divide_those_who_are_reached_by_where_their_shares_end(seed: int, tmp_path: Path) -> None:
    folder = tmp_path / "shop"
    users = {user["user_id"]: user for user in make(folder, seed)}
    definitions = (folder / "segments/all.yaml").read_text(encoding="utf-8")
    split = "salt: h}, split: {a: 12.5, b: 0, c: 60, d: 27.5, salt: v}"
    (folder / "segments/all.yaml").write_text(definitions.replace("salt: h}", split), encoding="utf-8")
    evaluate(folder, Run(NOW, NOW))
    for channel in ("", *CHANNELS):
        whole, rows, _ = sent(folder, Request(("some",), channel, to="x.csv", columns=("variant",), held_back="h.csv"))
        upto = {"a": 12.5, "b": 12.5, "c": 72.5, "d": 100}
        for row in rows:
            assert row["variant"] == next(name for name, end in upto.items() if drawn("split:v", row["user_id"], end))
        for variant in upto:
            request = Request(("some",), channel, to="v.csv", variant=variant, held_back="h.csv")
            one, its, held = sent(folder, request)
            assert [row["user_id"] for row in its] == [row["user_id"] for row in rows if row["variant"] == variant]
            assert len(its) + len(held) == one.parts[0].members == len([key for key in users if drawn("x", key, 40)])
            assert one.parts[0].exported + one.parts[0].other_variants == whole.parts[0].exported


@pytest.mark.parametrize("seed", range(3))
def test_who_moved_is_the_difference_of_the_members_of_two_runs(seed: int, tmp_path: Path) -> None:
    """Of a segment whose members come and go with the clock, whatever happened in between."""
    folder = tmp_path / "shop"
    make(folder, seed)
    definition = "lately: {kind: dynamic, where: {any: [{did: {event: sent, in_last: 1d}}, {seen: {in_last: 16d}}]}}\n"
    (folder / "segments/all.yaml").write_text(definition, encoding="utf-8")
    chance, times = random.Random(seed), [NOW + timedelta(days=days) for days in range(-14, 6, 3)]
    for file in ("never.csv", "mails.csv"):
        (folder / file).write_text("user_id\n", encoding="utf-8")
    keys = [f"{number:04}" for number in range(300)]
    moments = [f"{key},{chance.choice(times).isoformat()}" for key in keys for _ in range(3)]
    (folder / "sent.csv").write_text("\n".join(["user_id,at", *moments, ""]), encoding="utf-8")
    after = list[set[str]]()
    for time in times:
        evaluate(folder, Run(time, time))
        export(folder, Run(time, time), Request(("lately",), to="all.csv"))
        after.append({row["user_id"] for row in listed(folder / "all.csv")})
    assert len({len(members) for members in after}) > 3
    for since, before in enumerate(after, 1):
        for side, wanted in (("entered", after[-1] - before), ("left", before - after[-1])):
            export(folder, Run(times[-1], times[-1]), Request(("lately",), to="m.csv", only=side, since=since))
            assert {row["user_id"] for row in listed(folder / "m.csv")} == wanted
