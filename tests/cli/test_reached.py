"""`evaluate`, `list` and `show` tell how many of the members each channel reaches, as of the run."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.cli.exports import SEGMENTS, USERS, evaluate, exported, rewritten, shop
from tests.cli.running import AS_OF, NEXT, project, run

HOLDOUT = "tested: {kind: dynamic, where: {everyone: true}, holdout: {percent: 100}}\n"


def reached(folder: Path, *words: str) -> dict[str, dict[str, int]]:
    segments = json.loads(run(folder, *words, "-o", "json").out)["segments"]
    return {segment["name"]: segment["reached"] for segment in segments}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return shop(tmp_path / "shop", segments=SEGMENTS + HOLDOUT)


FIRST = {
    "everybody": {"email": 3, "sms": 5},
    "spring": {"email": 2, "sms": 4},
    "tested": {"email": 0, "sms": 0},
    "ukraine": {"email": 2, "sms": 4},
}


def test_evaluate_and_list_have_a_column_for_each_channel(folder: Path) -> None:
    assert (
        run(folder, "evaluate", "--as-of", AS_OF).out
        == """\
segment    kind     before  entered  left  after  by email  by sms  note
everybody  dynamic       0       11     0     11         3       5
spring     static        0       11     0     11         2       4  frozen now, 1 not among the users
tested     dynamic       0       11     0     11         0       0
ukraine    dynamic       0       10     0     10         2       4
"""
    )
    assert [line.split()[:5] for line in run(folder, "list").out.splitlines()[1:]] == [
        ["everybody", "dynamic", "11", "3", "5"],
        ["spring", "static", "11", "2", "4"],
        ["tested", "dynamic", "11", "0", "0"],
        ["ukraine", "dynamic", "10", "2", "4"],
    ]
    assert "\nreached: 2 by email, 4 by sms\n" in run(folder, "show", "spring").out
    assert reached(folder, "list") == FIRST


def test_the_reached_are_those_whom_an_export_would_reach(folder: Path) -> None:
    evaluate(folder)
    for name, channels in reached(folder, "list").items():
        for channel, number in channels.items():
            assert len(exported(folder, name, "--channel", channel).splitlines()) == 1 + number


def test_a_run_asks_consent_and_addresses_again_of_static_segments_too(folder: Path) -> None:
    evaluate(folder)
    rewritten(folder / "users.csv", "bob@example.com,true", "bob@example.com,false")
    assert reached(folder, "list") == FIRST
    assert reached(folder, "evaluate", "--as-of", AS_OF) == FIRST | {
        "everybody": {"email": 2, "sms": 5},
        "spring": {"email": 1, "sms": 4},
        "ukraine": {"email": 1, "sms": 4},
    }
    # a day later hal has to be left alone no more
    assert reached(folder, "evaluate", "--as-of", NEXT) == FIRST == reached(folder, "list")


def test_a_list_that_is_edited_counts_from_the_next_run_on(folder: Path) -> None:
    evaluate(folder)
    (folder / "never.csv").write_text("user_id\n10\n", encoding="utf-8")
    assert reached(folder, "evaluate", "--as-of", AS_OF)["ukraine"] == {"email": 4, "sms": 5}
    rewritten(folder / "segtool.yaml", "suppress: never.csv\n", "")
    assert reached(folder, "evaluate", "--as-of", AS_OF)["ukraine"] == {"email": 4, "sms": 6}
    (folder / "never.csv").unlink()
    rewritten(folder / "segtool.yaml", "channels:", "suppress: gone.csv\nchannels:")
    answer = run(folder, "evaluate", "--as-of", NEXT)
    assert (answer.code, answer.out) == (3, "")
    assert answer.err.startswith("error: gone.csv: no such file")


def test_a_channel_that_is_new_is_told_with_the_next_run(folder: Path) -> None:
    evaluate(folder)
    rewritten(folder / "segtool.yaml", "suppress:", "  post: {address: name, kind: token}\nsuppress:")
    assert reached(folder, "list") == FIRST
    assert reached(folder, "evaluate", "--as-of", AS_OF)["spring"] == {"email": 2, "sms": 4, "post": 8}
    assert "reached: 2 by email, 4 by sms, 8 by post\n" in run(folder, "show", "spring").out


def test_without_channels_nothing_is_told_of_them(tmp_path: Path) -> None:
    folder = evaluate(project(tmp_path / "p", USERS, SEGMENTS))
    assert run(folder, "list").out.splitlines()[0].split()[:4] == ["segment", "kind", "members", "changed"]
    assert "reached" not in run(folder, "show", "spring").out
    assert reached(folder, "list") == {"everybody": {}, "spring": {}, "ukraine": {}}
