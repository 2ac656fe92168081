"""Whom an export reaches, and under which reason each of the others is held back."""

from __future__ import annotations

import csv
import json
from pathlib import Path

import pytest

from tests.cli.exports import USERS, evaluate, export, exported, rewritten, shop
from tests.cli.running import AS_OF, NEXT, files, run

HELD_BACK = """\
user_id,reason
03,no consent
04,no address
05,invalid address
06,duplicate address
07,suppressed
08,quiet
09,suppressed
10,no consent
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return evaluate(shop(tmp_path / "shop"))


def test_the_rows_go_to_stdout_and_the_counts_to_stderr(folder: Path) -> None:
    answer = export(folder, "ukraine", "--channel", "email")
    assert (answer.code, answer.out) == (0, "user_id,email\n01,ann@example.com\n02,bob@example.com\n")
    assert answer.err == (
        "ukraine: 2 exported = 10 members less 2 suppressed, 2 no consent, 1 no address, 1 invalid address, "
        "1 duplicate address, 1 quiet\n"
    )
    assert export(folder, "ukraine", "--channel", "email", "-q").err == ""


def test_to_a_file_go_the_rows_and_to_stdout_the_counts_that_add_up(folder: Path) -> None:
    answer = export(folder, "ukraine", "--channel", "email", "--to", "out/email.csv", "--held-back", "out/held.csv")
    assert (answer.code, answer.err) == (0, "")
    assert (
        answer.out
        == """\
ukraine as run 1 left it, by email, as of 2026-06-15T12:00:00Z
                   ukraine
members                 10
suppressed               2
no consent               2
no address               1
invalid address          1
duplicate address        1
quiet                    1
held out                 0
exported                 2
out/email.csv: 2 rows, 52 bytes
out/held.csv: 8 rows, 134 bytes
"""
    )
    assert (folder / "out/email.csv").read_text() == "user_id,email\n01,ann@example.com\n02,bob@example.com\n"
    assert (folder / "out/held.csv").read_text() == HELD_BACK


def test_a_number_is_reached_in_the_form_that_is_dialled_everywhere(folder: Path) -> None:
    assert exported(folder, "everybody", "--channel", "sms") == (
        "user_id,phone\n01,+380501112233\n03,+380501112234\n08,+380501112238\n10,+380501112240\n11,+48501112241\n"
    )


def test_an_address_is_suppressed_however_it_is_written(folder: Path) -> None:
    export(folder, "ukraine", "--channel", "sms", "--held-back", "held.csv")
    assert "09,suppressed\n" in (folder / "held.csv").read_text()
    rewritten(folder / "never.csv", "+380501112239", "(050) 111 22 38")
    rewritten(folder / "never.csv", "IDA@EXAMPLE.com", " Bob@Example.COM ")
    export(folder, "ukraine", "--channel", "sms", "--held-back", "held.csv")
    held = (folder / "held.csv").read_text()
    assert "08,suppressed\n" in held
    assert "09," not in held
    assert exported(folder, "ukraine", "--channel", "email") == (
        "user_id,email\n01,ann@example.com\n09,ida@example.com\n"
    )


def test_without_a_channel_all_keys_are_exported_but_of_those_on_a_list_by_key_or_address(folder: Path) -> None:
    answer = export(folder, "spring")
    assert answer.out == "user_id\n" + "".join(f"{key}\n" for key in [*USERS_OF_UKRAINE, "zoe"])
    assert answer.err == "spring: 9 exported = 11 members less 2 suppressed\n"


USERS_OF_UKRAINE = ["01", "02", "03", "04", "05", "06", "08", "10"]


def test_a_suppressed_address_stands_in_no_file_of_another_channel(folder: Path) -> None:
    (folder / "never.csv").write_text("email\nhal@example.com\n", encoding="utf-8")
    words = ("ukraine", "--channel", "sms", "--columns")
    assert "08,+380501112238,Hal\n" in exported(folder, *words, "name")
    assert "08," not in exported(folder, *words, "name,email")


def test_what_is_no_address_in_a_list_of_whom_never_to_send_to_is_warned_of(folder: Path) -> None:
    (folder / "never.csv").write_text("email,phone\nhal@example,050111\nann@example.com,\n", encoding="utf-8")
    told = "warning: 1 of {} values of `{}` in the files of `suppress` {}, and keep nobody out\n"
    wanted = told.format(2, "email", "are no address") + told.format(1, "phone", "are no address")
    assert export(folder, "ukraine", "-q").err == wanted
    assert run(folder, "evaluate", "-q", "--as-of", AS_OF).err == wanted


def test_a_key_that_is_no_users_is_no_recipient_and_may_be_suppressed(folder: Path) -> None:
    export(folder, "spring", "--channel", "email", "--held-back", "held.csv")
    assert "zoe,no consent\n" in (folder / "held.csv").read_text()
    rewritten(folder / "never.csv", "07", "zoe")
    assert "zoe" not in exported(folder, "spring")
    answer = export(folder, "spring", "--channel", "email", "--held-back", "held.csv")
    assert "zoe,suppressed\n" in (folder / "held.csv").read_text()
    assert answer.err.startswith("spring: 3 exported = 11 members less 2 suppressed, ")


def test_several_lists_are_one(folder: Path) -> None:
    (folder / "more.csv").write_text("user_id\n01\nnobody\n", encoding="utf-8")
    rewritten(folder / "segtool.yaml", "suppress: never.csv", "suppress: [never.csv, more.csv]")
    # the address of 01 is now the first of 06
    assert exported(folder, "ukraine", "--channel", "email") == (
        "user_id,email\n02,bob@example.com\n06,ANN@example.com\n"
    )


def test_who_withdraws_consent_stays_a_member_of_a_static_segment_and_is_not_exported(folder: Path) -> None:
    words = ("spring", "--channel", "email", "--to", "out.csv", "--held-back", "held.csv")
    assert export(folder, *words).code == 0
    assert (folder / "out.csv").read_text() == "user_id,email\n01,ann@example.com\n02,bob@example.com\n"
    rewritten(folder / "users.csv", "bob@example.com,true", "bob@example.com,false")
    store = files(folder / ".segtool")
    answer = export(folder, *words)
    assert (folder / "out.csv").read_text() == "user_id,email\n01,ann@example.com\n"
    assert "02,no consent\n" in (folder / "held.csv").read_text()
    assert "members                11\n" in answer.out
    assert "no consent              4\n" in answer.out
    assert files(folder / ".segtool") == store
    assert "02\n" in run(folder, "members", "spring").out
    # and a run that takes the table changes nothing of that
    evaluate(folder, NEXT)
    assert "02\n" in run(folder, "members", "spring").out
    assert exported(folder, "spring", "--channel", "email", as_of=NEXT) == (
        "user_id,email\n01,ann@example.com\n08,hal@example.com\n"
    )


def test_addresses_and_attributes_are_those_of_the_file_as_it_is(folder: Path) -> None:
    lines = USERS.replace("bob@example.com", "robert@example.com").replace(",Bob", ",Robert").splitlines()
    rows = [line for line in lines[1:] if not line.startswith("01,")] + ["00,UA,ann@example.com,true,,,Anna"]
    (folder / "users.csv").write_text("\n".join([lines[0], *reversed(rows), ""]), encoding="utf-8")
    store = files(folder / ".segtool")
    answer = export(folder, "ukraine", "--channel", "email", "--columns", "name", "--held-back", "held.csv")
    # 00 is no member as yet, and 01 still is one
    assert answer.out == "user_id,email,name\n02,robert@example.com,Robert\n06,ANN@example.com,Fay\n"
    assert "01,no consent\n" in (folder / "held.csv").read_text()
    assert answer.err.startswith("ukraine: 2 exported = 10 members less 2 suppressed, 3 no consent, ")
    assert files(folder / ".segtool") == store


def test_who_is_left_alone_is_decided_at_the_as_of_of_the_export(folder: Path) -> None:
    assert "hal@" not in exported(folder, "ukraine", "--channel", "email")
    assert "08,hal@example.com\n" in exported(folder, "ukraine", "--channel", "email", as_of="2026-06-16T12:00:00Z")
    with (folder / "sent.csv").open("a", encoding="utf-8") as lines:
        lines.write("01,2026-06-15T09:00:00Z\n")
    # the address of 01 goes with 01, for 06 shares it
    assert exported(folder, "ukraine", "--channel", "email") == "user_id,email\n02,bob@example.com\n"


def test_consent_may_be_a_condition_and_an_address_may_have_to_be_usable(folder: Path) -> None:
    rewritten(folder / "segtool.yaml", "consent: sms_ok", "consent: {sms_ok: true, opted: {is_not: false}}")
    rewritten(folder / "segtool.yaml", "region: UA", "region: UA, usable: {name: {is_set: true}}, quiet: {name: Jan}")
    assert exported(folder, "everybody", "--channel", "sms") == (
        "user_id,phone\n01,+380501112233\n08,+380501112238\n11,+48501112241\n"
    )
    answer = export(folder, "everybody", "--channel", "sms", "--held-back", "held.csv")
    assert "03,no consent\n" in (folder / "held.csv").read_text()
    assert "10,quiet\n" in (folder / "held.csv").read_text()
    assert "1 quiet" in answer.err


def test_without_consent_asked_all_who_have_an_address_are_reached(folder: Path) -> None:
    rewritten(folder / "segtool.yaml", "suppress:", "  post: {address: name, kind: token}\nsuppress:")
    assert exported(folder, "spring", "--channel", "post").splitlines()[1:3] == ["01,=Ann", "02,Bob"]
    answer = export(folder, "spring", "--channel", "post", "--held-back", "held.csv")
    assert (folder / "held.csv").read_text() == "user_id,reason\n05,no address\n07,suppressed\nzoe,no address\n"
    assert answer.err == "spring: 8 exported = 11 members less 1 suppressed, 2 no address\n"


@pytest.mark.parametrize(
    ("never", "opted", "email", "sent", "reason"),
    [
        ("02", "", "", "02", "suppressed"),
        ("nobody", "", "", "02", "no consent"),
        ("nobody", "true", "", "02", "no address"),
        ("nobody", "true", "ann", "02", "invalid address"),
        ("nobody", "true", "ANN@example.com", "02", "duplicate address"),
        ("nobody", "true", "bob@example.com", "02", "quiet"),
        ("nobody", "true", "bob@example.com", "nobody", "held out"),
    ],
)
def test_of_several_reasons_the_first_one_counts(
    never: str, opted: str, email: str, sent: str, reason: str, folder: Path
) -> None:
    holdout = "everyone: true}, holdout: {percent: 100}"
    rewritten(folder / "segments/all.yaml", "everyone: true}", holdout)
    rewritten(folder / "users.csv", "02,UA,bob@example.com,true", f"02,UA,{email},{opted}")
    (folder / "never.csv").write_text(f"user_id\n{never}\n", encoding="utf-8")
    (folder / "sent.csv").write_text(f"user_id,at\n{sent},2026-06-15T09:00:00Z\n", encoding="utf-8")
    export(folder, "everybody", "--channel", "email", "--held-back", "held.csv")
    assert held(folder)["02"] == reason
    assert len(held(folder)) == 11


def held(folder: Path) -> dict[str, str]:
    with (folder / "held.csv").open(encoding="utf-8") as lines:
        return {row["user_id"]: row["reason"] for row in csv.DictReader(lines)}


def test_the_answer_in_json_holds_the_same_facts(folder: Path) -> None:
    answer = export(folder, "spring", "--channel", "sms", "--preset", "mailchimp", "--to", "out/sms.csv", "-o", "json")
    facts = json.loads(answer.out)
    sha256 = facts["files"][0].pop("sha256")
    assert len(sha256) == 64
    held_back = {"suppressed": 2, "no consent": 2, "no address": 1, "invalid address": 1, "duplicate address": 1}
    assert facts == {
        "version": 1,
        "channel": "sms",
        "preset": "mailchimp",
        "run": 1,
        "as_of": "2026-06-15T12:00:00Z",
        "segments": [
            {
                "segment": "spring",
                "members": 11,
                "earlier": 0,
                "held_back": {**held_back, "quiet": 0, "held out": 0},
                "other_variants": 0,
                "exported": 4,
            }
        ],
        "files": [{"path": "out/sms.csv", "rows": 4, "bytes": 106}],
        "manifest": "out/sms.csv.json",
        "warnings": [],
    }
    manifest = json.loads((folder / "out/sms.csv.json").read_text())
    assert manifest["files"] == [{"name": "sms.csv", "rows": 4, "bytes": 106, "sha256": sha256}]
    assert manifest["segments"]["spring"]["held_back"] == facts["segments"][0]["held_back"]
    assert [manifest[name] for name in ("version", "channel", "preset", "run")] == [1, "sms", "mailchimp", 1]


def test_an_empty_segment_is_a_file_with_a_header(folder: Path) -> None:
    rewritten(folder / "segments/all.yaml", "{country: UA}}\neverybody", "{country: NO}}\neverybody")
    evaluate(folder, NEXT)
    answer = export(folder, "ukraine", "--channel", "email", "--columns", "name", "--to", "x.csv", as_of=NEXT)
    assert answer.code == 0, answer.err
    assert (folder / "x.csv").read_text() == "user_id,email,name\n"
    assert "exported                 0\nx.csv: 0 rows, 19 bytes\n" in answer.out


def test_a_segment_that_the_files_have_lost_is_exported_as_it_was_left(folder: Path) -> None:
    (folder / "segments/all.yaml").write_text("other: {kind: dynamic, where: {everyone: true}}\n", encoding="utf-8")
    assert exported(folder, "spring", "--channel", "email") == (
        "user_id,email\n01,ann@example.com\n02,bob@example.com\n"
    )


def test_a_fault_of_another_definition_is_told_and_nothing_exported(folder: Path) -> None:
    with (folder / "segments/all.yaml").open("a", encoding="utf-8") as lines:
        lines.write("other: {kind: dynamic, where: {contry: UA}}\n")
    answer = export(folder, "spring", "--to", "x.csv")
    assert (answer.code, answer.out) == (4, "")
    assert "there is no column `contry`" in answer.err
    assert not (folder / "x.csv").exists()
