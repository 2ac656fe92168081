"""Holdouts and splits: who is drawn is said by SHA-256 of `holdout:salt:key` and `split:salt:key`, and by nothing else.

The first 32 bits of the hash, as a share of 2^32 in percent:

    key   holdout:spring  split:spring  holdout:tested  split:tested
    a             78.454        65.985          37.045        92.653
    b             39.896        48.246          17.973         0.199
    c             26.597        38.028          66.653        40.115
    d             30.247        35.240          76.608        23.628
    e             80.625        23.861          43.779        23.207
    f             32.942        38.692          13.874        34.349
    ключ          74.903        47.244          87.724        47.931
"""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.cli.exports import evaluate, export, exported, shop
from tests.cli.running import NEXT, run

HEADER = "user_id,country,email,opted,phone,sms_ok,name\n"
KEYS = ["a", "b", "c", "d", "e", "f", "ключ"]


def users(keys: list[str]) -> str:
    return HEADER + "".join(f"{key},UA,{key}@b.ua,true,,true,\n" for key in keys)


def labelled(folder: Path, labels: str, keys: list[str] = KEYS) -> Path:
    """A project of a segment of everybody, `tested`, with a holdout or a split."""
    return evaluate(
        shop(folder / "shop", users(keys), f"tested: {{kind: dynamic, where: {{everyone: true}}, {labels}}}")
    )


def keys_of(folder: Path, *words: str, as_of: str = NEXT) -> list[str]:
    return [line.split(",")[0] for line in exported(folder, "tested", *words, as_of=as_of).splitlines()[1:]]


@pytest.mark.parametrize(
    ("holdout", "drawn"),
    [
        ("{percent: 26.59, salt: spring}", ""),
        ("{percent: 26.6, salt: spring}", "c"),
        ("{percent: 33, salt: spring}", "cdf"),
        ("{percent: 50, salt: spring}", "bcdf"),
        ("{percent: 100, salt: spring}", "all"),
        ("{percent: 0, salt: spring}", ""),
        ("{percent: 18}", "bf"),
        ("{percent: 17.97}", "f"),
    ],
)
def test_a_holdout_draws_those_below_its_percent(holdout: str, drawn: str, tmp_path: Path) -> None:
    folder = labelled(tmp_path, f"holdout: {holdout}")
    out = set(KEYS if drawn == "all" else drawn)
    assert keys_of(folder, "--held-back", "held.csv") == [key for key in KEYS if key not in out]
    held = (folder / "held.csv").read_text(encoding="utf-8").splitlines()[1:]
    assert held == [f"{key},held out" for key in KEYS if key in out]
    assert run(folder, "members", "tested").out.split() == ["user_id", *KEYS]


SPLIT = "split: {a: 38, b: 10, control: 52, salt: spring}"


def test_a_split_draws_each_user_to_one_variant_by_where_its_shares_end(tmp_path: Path) -> None:
    folder = labelled(tmp_path, SPLIT)
    assert keys_of(folder, "--variant", "a") == ["d", "e"]
    assert keys_of(folder, "--variant", "b") == ["c", "f", "ключ"]
    assert keys_of(folder, "--variant", "control") == ["a", "b"]
    assert exported(folder, "tested", "--columns", "variant") == (
        "user_id,variant\na,control\nb,control\nc,b\nd,a\ne,a\nf,b\nключ,b\n"
    )


def test_the_salt_of_a_split_is_the_segments_name_where_none_is_given(tmp_path: Path) -> None:
    folder = labelled(tmp_path, "split: {x: 23.21, y: 24.72, z: 52.07}")
    assert exported(folder, "tested", "--columns", "variant") == (
        "user_id,variant\na,z\nb,x\nc,y\nd,y\ne,x\nf,y\nключ,z\n"
    )


def test_who_is_held_out_is_in_no_variant_and_the_counts_add_up(tmp_path: Path) -> None:
    folder = labelled(tmp_path, f"holdout: {{percent: 30, salt: spring}}, {SPLIT}")
    answer = export(folder, "tested", "--variant", "b", "--channel", "email", "--held-back", "held.csv")
    assert answer.out == "user_id,email\nf,f@b.ua\nключ,ключ@b.ua\n"
    assert answer.err == "tested: 2 exported = 7 members less 1 held out, 4 of other variants\n"
    assert (folder / "held.csv").read_text(encoding="utf-8").splitlines()[1:] == [
        *("a,of another variant", "b,of another variant", "c,held out", "d,of another variant", "e,of another variant")
    ]
    answer = export(folder, "tested", "--variant", "b", "--channel", "email", "--to", "b.csv")
    assert answer.out.splitlines()[-4:] == [
        "held out                1",
        "of other variants       4",
        "exported                2",
        "b.csv: 2 rows, 46 bytes",
    ]


def test_draws_stay_as_users_come_and_go(tmp_path: Path) -> None:
    labels = f"holdout: {{percent: 10}}, {SPLIT}"
    folder = labelled(tmp_path, labels, [f"u{number}" for number in range(1000)])
    first = {variant: keys_of(folder, "--variant", variant) for variant in ("a", "b", "control")}
    assert {variant: len(keys) for variant, keys in first.items()} == FIRST
    more = [f"u{number}" for number in range(2000, 0, -1)]
    (folder / "users.csv").write_text(users(more), encoding="utf-8")
    evaluate(folder, NEXT)
    second = {variant: keys_of(folder, "--variant", variant) for variant in ("a", "b", "control")}
    assert {variant: sorted({*keys} - {*more[:1001]}) for variant, keys in second.items()} == {
        variant: sorted({*keys} - {"u0"}) for variant, keys in first.items()
    }


FIRST = {"a": 326, "b": 99, "control": 463}


def test_a_preset_may_say_the_variant_and_then_all_go_out_together(tmp_path: Path) -> None:
    folder = labelled(tmp_path, SPLIT)
    (folder / "presets").mkdir()
    text = "columns: [{header: id, from: key}, {header: Cell, from: variant}]\n"
    (folder / "presets/cells.yaml").write_text(text, encoding="utf-8")
    assert exported(folder, "tested", "--preset", "cells").startswith("id,Cell\na,control\nb,control\nc,b\n")


def test_keys_that_are_no_users_are_of_no_variant(tmp_path: Path) -> None:
    segments = f"tested: {{kind: static, where: {{everyone: true}}, include: [zoe], {SPLIT}}}"
    folder = evaluate(shop(tmp_path / "shop", users(KEYS), segments))
    assert exported(folder, "tested", "--columns", "variant").endswith("f,b\nzoe,\nключ,b\n")
    answer = export(folder, "tested", "--variant", "a", "--held-back", "held.csv")
    assert (answer.out, answer.err) == (
        "user_id\nd\ne\n",
        "tested: 2 exported = 8 members less 6 of other variants\n",
    )
    assert "zoe,of another variant\n" in (folder / "held.csv").read_text(encoding="utf-8")
