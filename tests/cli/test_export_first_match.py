"""Several segments for one send: nobody gets it twice, and neither does an address."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.cli.exports import evaluate, export, exported, shop

USERS = """\
user_id,country,email,opted,phone,sms_ok,name
a,UA,a@b.ua,true,,true,
b,UA,b@b.ua,false,,true,
c,PL,c@b.ua,true,,true,
d,PL,A@b.ua,true,,true,
e,UA,,true,,true,
f,NO,c@b.ua,true,,true,
"""
SEGMENTS = """\
ukraine: {kind: dynamic, where: {country: UA}, holdout: {percent: 100}}
poland: {kind: dynamic, where: {country: PL}}
consenting: {kind: dynamic, where: {opted: true}}
fair: {kind: static, list: fair.csv}
spring: {kind: static, where: {country: PL}, include: [zoe, yan]}
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    made = shop(tmp_path / "shop", USERS, SEGMENTS)
    (made / "fair.csv").write_text("user_id\nzoe\nb\n", encoding="utf-8")
    return evaluate(made)


def test_a_user_is_in_the_first_segment_that_holds_them_and_an_address_too(folder: Path) -> None:
    words = ("poland", "consenting", "--first-match", "--channel", "email", "--columns", "segment")
    answer = export(folder, *words, "--held-back", "held.csv")
    assert answer.out == "user_id,email,segment\nc,c@b.ua,poland\nd,A@b.ua,poland\n"
    # the address of `a` goes with `d`, who stands in the segment before
    assert answer.err == (
        "poland: 2 exported = 2 members\n"
        "consenting: 0 exported = 5 members less 1 no address, 2 duplicate address, 2 in an earlier one\n"
    )
    assert (folder / "held.csv").read_text() == (
        "segment,user_id,reason\n"
        "consenting,a,duplicate address\nconsenting,e,no address\nconsenting,f,duplicate address\n"
    )


def test_the_order_is_the_one_that_is_typed(folder: Path) -> None:
    words = ("consenting", "poland", "--first-match", "--channel", "email", "--columns", "segment", "--to", "x.csv")
    answer = export(folder, *words)
    assert (folder / "x.csv").read_text() == "user_id,email,segment\na,a@b.ua,consenting\nc,c@b.ua,consenting\n"
    assert (
        answer.out
        == """\
consenting, poland as run 1 left it, by email, as of 2026-06-15T12:00:00Z
                   consenting  poland
members                     5       2
in an earlier one           0       2
suppressed                  0       0
no consent                  0       0
no address                  1       0
invalid address             0       0
duplicate address           2       0
quiet                       0       0
held out                    0       0
exported                    2       0
x.csv: 2 rows, 62 bytes
"""
    )


def test_who_is_held_back_in_the_first_segment_gets_nothing_by_a_later_one(folder: Path) -> None:
    words = ("--first-match", "--channel", "email", "--columns", "segment")
    answer = export(folder, "ukraine", "consenting", *words)
    assert answer.out == "user_id,email,segment\nc,c@b.ua,consenting\n"
    assert answer.err == (
        "ukraine: 0 exported = 3 members less 1 no consent, 1 no address, 1 held out\n"
        "consenting: 1 exported = 5 members less 2 duplicate address, 2 in an earlier one\n"
    )


def test_the_holdout_of_a_later_segment_draws_nobody_of_an_earlier_one(folder: Path) -> None:
    words = ("--first-match", "--channel", "email", "--columns", "segment")
    answer = export(folder, "consenting", "ukraine", *words)
    assert answer.out == "user_id,email,segment\na,a@b.ua,consenting\nc,c@b.ua,consenting\n"
    assert answer.err.endswith("ukraine: 0 exported = 3 members less 1 no consent, 2 in an earlier one\n")


def test_keys_that_are_no_users_are_in_one_segment_too(folder: Path) -> None:
    (folder / "never.csv").write_text("user_id\nyan\n", encoding="utf-8")
    words = ("fair", "spring", "--first-match", "--columns", "segment")
    assert exported(folder, *words) == ("user_id,segment\nb,fair\nc,spring\nd,spring\nzoe,fair\n")
    answer = export(folder, *words, "--held-back", "held.csv")
    assert answer.err == (
        "fair: 2 exported = 2 members\nspring: 2 exported = 4 members less 1 suppressed, 1 in an earlier one\n"
    )
    assert (folder / "held.csv").read_text() == "segment,user_id,reason\nspring,yan,suppressed\n"


def test_a_segment_that_is_named_twice_is_a_mistake(folder: Path) -> None:
    answer = export(folder, "poland", "poland", "--first-match")
    assert (answer.code, answer.out, answer.err) == (2, "", "error: `poland` is named twice (name it once)\n")
