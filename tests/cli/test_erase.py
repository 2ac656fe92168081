"""Somebody who asked to be forgotten stands nowhere in what is kept, and everything else is as it was."""

from __future__ import annotations

import csv
import io
import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.cli.running import files, run
from tests.cli.upkeep import DAYS, LATER, LOG, SEGMENTS, done, erase, facts, holding


def moves(folder: Path) -> list[tuple[str, str, str, str]]:
    rows = csv.DictReader(io.StringIO(done(run(folder, "changes")).out))
    return [(row["user_id"], row["segment"], row["change"], row["reason"]) for row in rows]


def test_somebody_who_left_stands_nowhere_any_more(folder: Path) -> None:
    assert len(holding(folder, "bob")) == 3
    snapshot = (folder / "snapshots/spring.csv").read_text()
    answer = done(erase(folder, "bob\n"))
    assert holding(folder, "bob") == []
    assert holding(folder, "b-note") == holding(folder, "b-other") == []
    assert (folder / "snapshots/spring.csv").read_text() == snapshot.replace("bob,bob@example.com\n", "")
    assert answer.err.splitlines() == [
        "1 key of 1 found in the store",
        "the snapshot spring was written anew without them",
        "run 4 committed",
        "warning: mail.csv still holds the key of somebody who was erased",
        "warning: out of reach: data files that hold them still, copies that were delivered, backups, "
        "and what git remembers of snapshots/",
    ]
    done(run(folder, "verify"))


def test_everybody_else_stays_as_they_were(folder: Path) -> None:
    before = {name: done(run(folder, "members", name)).out for name in ("ukraine", "openers", "spring")}
    done(erase(folder, "bob\n"))
    after = {name: done(run(folder, "members", name)).out for name in before}
    assert after == {**before, "spring": before["spring"].replace("bob\n", "")}
    again = facts(folder, "evaluate", "--as-of", DAYS[2])
    assert {one["name"]: (one["entered"], one["left"]) for one in again["segments"]} == {
        "ukraine": (0, 0),
        "openers": (0, 0),
        "spring": (0, 0),
    }
    assert facts(folder, "list")["segments"][1]["frozen"]["rows"] == 3


def test_the_changes_of_all_runs_still_add_up_and_name_nobody(folder: Path) -> None:
    before = moves(folder)
    assert ("bob", "ukraine", "entered", "initial") in before
    done(erase(folder, "bob\n"))
    nameless = [("" if key == "bob" else key, *rest) for key, *rest in before]
    assert sorted(moves(folder)) == sorted([*nameless, ("", "spring", "left", "erased")])


def test_somebody_in_the_table_of_users_is_refused(folder: Path) -> None:
    before = files(folder)
    answer = erase(folder, "ann\neve\n")
    step = "(take them out of users.csv and run `segtool import`, or give --suppress)"
    assert answer.code == 2
    assert answer.err == (
        f"error: `ann` stands in the table of users {step}\nerror: `eve` stands in the table of users {step}\n"
    )
    assert files(folder) == before


def test_who_is_suppressed_stays_out_of_later_imports(folder: Path) -> None:
    answer = done(erase(folder, "ann\n", "--suppress"))
    assert "1 key will stay out of later imports" in answer.err
    assert "warning: users.csv still holds the key of somebody who was erased" in answer.err
    assert holding(folder, "ann") == holding(folder, "a-note") == []
    assert ("", "openers", "left", "erased") in moves(folder)
    (folder / "users.csv").write_text(LATER + "new,UA,new@example.com\n")
    (folder / "mail.csv").write_text(LOG.replace("ann,open", "ann,click"))
    found = facts(folder, "evaluate", "--as-of", DAYS[2])
    dropped = {table["name"]: (table["read"], table["kept"], table["dropped"]) for table in found["tables"]}
    assert dropped == {
        "users": (4, 3, {"of people who were erased and stay out": 1}),
        "mail": (5, 4, {"of people who were erased and stay out": 1}),
    }
    assert holding(folder, "ann") == holding(folder, "a-note") == []
    assert done(run(folder, "members", "openers")).out == "user_id\n"
    done(run(folder, "verify"))


def test_who_was_never_a_user_is_taken_out_of_events_and_snapshots(folder: Path) -> None:
    assert "out" in (folder / "snapshots/spring.csv").read_text()
    answer = done(erase(folder, "out\n"))
    assert holding(folder, "o-note") == []
    assert "out" not in (folder / "snapshots/spring.csv").read_text().split("\n")[1:]
    manifest = json.loads((folder / "snapshots/spring.json").read_text())
    assert (manifest["rows"], manifest["definition"]["include"]) == (3, [])
    again = facts(folder, "evaluate", "--as-of", DAYS[2])
    assert {one["name"]: one["strangers"] for one in again["segments"]}["spring"] == 0
    assert "warning: segments/all.yaml:11:13 still holds the key of somebody who was erased" in answer.err
    done(run(folder, "verify"))


def test_the_next_run_after_a_definition_still_names_somebody_is_told(folder: Path) -> None:
    (folder / "segments/all.yaml").write_text(SEGMENTS.replace("exclude: [eve]", "exclude: [gone]"))
    done(run(folder, "evaluate", "--as-of", DAYS[2]))
    assert holding(folder, "gone") != []
    answer = done(erase(folder, "gone\n"))
    assert holding(folder, "gone") == []
    assert "warning: segments/all.yaml:4:13 still holds the key of somebody who was erased" in answer.err


def test_erasing_twice_changes_nothing_more(folder: Path) -> None:
    done(erase(folder, "bob\n", "--suppress"))
    before = files(folder)
    answer = done(erase(folder, "bob\n", "--suppress"))
    assert "nothing to erase" in answer.err
    assert files(folder) == before


def test_a_key_that_nobody_has_is_counted_and_changes_nothing(folder: Path) -> None:
    before = files(folder)
    found = json.loads(done(erase(folder, "nobody\n", "-o", "json")).out)
    assert (found["asked"], found["known"], found["committed"]) == (1, 0, False)
    assert files(folder) == before


def test_keys_come_from_the_standard_input_too(folder: Path) -> None:
    done_ = subprocess.run([sys.executable, "-m", "segtool", "erase", "-q"], cwd=folder, input=b"bob\r\n", check=True)
    assert done_.returncode == 0
    assert holding(folder, "bob") == []


def test_a_person_whose_name_needs_quotes_is_taken_out_of_a_snapshot(tmp_path: Path) -> None:
    from segtool.store.erasure import lines_without

    content = b'id,note\n"a,b",x\n"say ""hi""","two\nlines"\nplain,"a,b"\n'
    assert lines_without(content, frozenset({"a,b"})) == (content.replace(b'"a,b",x\n', b""), ["a,b"])
    assert lines_without(content, frozenset({'say "hi"'})) == (
        content.replace(b'"say ""hi""","two\nlines"\n', b""),
        ['say "hi"'],
    )
    assert lines_without(content, frozenset({"id"})) == (content, [])


def test_everybody_can_be_erased(folder: Path) -> None:
    done(erase(folder, "ann\nbob\neve\nzoe\nout\n", "--suppress"))
    assert holding(folder, "example.com") == []
    assert done(run(folder, "members", "--all")).out == "segment,user_id\n"
    done(run(folder, "verify"))


def test_who_is_suppressed_comes_into_no_snapshot_by_a_list(folder: Path) -> None:
    done(erase(folder, "bob\n", "--suppress"))
    (folder / "fair.csv").write_text("user_id\nbob\nzoe\n")
    (folder / "segments/more.yaml").write_text("fair:\n  kind: static\n  list: fair.csv\n")
    done(run(folder, "evaluate", "--as-of", DAYS[2]))
    done(run(folder, "import", "--list", "again", "fair.csv", "--as-of", DAYS[2]))
    assert (
        (folder / "snapshots/fair.csv").read_text() == (folder / "snapshots/again.csv").read_text() == "user_id\nzoe\n"
    )
    assert holding(folder, "bob") == []


def test_a_test_of_the_key_no_longer_names_somebody_in_what_is_kept(folder: Path) -> None:
    (folder / "segments/more.yaml").write_text("others:\n  kind: static\n  where: {not: {user_id: [bob, ann]}}\n")
    done(run(folder, "evaluate", "--as-of", DAYS[2]))
    answer = done(erase(folder, "bob\nnobody\n"))
    assert "warning: segments/more.yaml:3:27 still holds the key of somebody who was erased" in answer.err
    assert "warning: not found in the store: `nobody`" in answer.err
    assert json.loads((folder / "snapshots/others.json").read_text())["definition"]["where"] == {
        "not": {"user_id": ["ann"]}
    }
    assert holding(folder, "bob") == []
    done(run(folder, "verify"))


def test_a_value_that_kept_a_column_text_is_told_no_more(folder: Path) -> None:
    users = "user_id,country,email,points\nann,UA,,1\nbob,UA,,bobs-points\n"
    log = "who,what,at,note,amount\nann,open,2026-06-01T10:00:00Z,x,1\nbob,open,2026-06-02T10:00:00Z,x,bobs-amount\n"
    (folder / "users.csv").write_text(users)
    (folder / "mail.csv").write_text(log)
    assert 'line 3: "bobs-points"' in done(run(folder, "import")).out
    assert holding(folder, "bobs-points") != [] != holding(folder, "bobs-amount")
    done(erase(folder, "bob\n", "--suppress"))
    assert holding(folder, "bobs-points") == holding(folder, "bobs-amount") == []
    (folder / "users.csv").write_text(users + "new,UA,,2\n")
    (folder / "mail.csv").write_text(log + "new,open,2026-06-03T10:00:00Z,x,2\n")
    answer = done(run(folder, "import"))
    assert "text because of line 3" in answer.out
    assert "bobs" not in answer.out + answer.err
    assert holding(folder, "bobs-points") == holding(folder, "bobs-amount") == []


CUP = "cup:\n  kind: dynamic\n  where: {country: UA}\n  include: [zoe, bob]\n"


def test_who_stays_out_is_not_kept_by_a_definition_that_names_them_and_that_is_told(folder: Path) -> None:
    done(erase(folder, "bob\n", "--suppress"))
    (folder / "segments/more.yaml").write_text("fair:\n  kind: static\n  list: fair.csv\n  include: [zoe, bob]\n" + CUP)
    (folder / "fair.csv").write_text("user_id\nbob\nzoe\n")
    told = [
        "warning: segments/more.yaml:4:18: this holds the key of somebody who was erased and stays out "
        "(take it out of the definition)",
        "warning: segments/more.yaml:8:18: this holds the key of somebody who was erased and stays out "
        "(take it out of the definition)",
        "warning: fair.csv: this holds the key of somebody who was erased and stays out (take them out of the file)",
    ]
    for words in (["check"], ["evaluate", "--as-of", DAYS[2]]):
        answer = done(run(folder, *words))
        assert sorted(line for line in answer.err.splitlines() if "stay" in line) == sorted(told)
    assert holding(folder, "bob") == []
    assert json.loads((folder / "snapshots/fair.json").read_text())["definition"]["include"] == ["zoe"]
    done(run(folder, "verify"))
    again = facts(folder, "evaluate", "--as-of", DAYS[2])
    assert again["committed"] is False
    answer = done(run(folder, "freeze", "cup", "--as", "now", "--as-of", DAYS[2]))
    assert told[0] in answer.err
    assert holding(folder, "bob") == []


REFUSED = {
    "\n\r\n": (2, "error: asked.txt: there is no key (give keys, one a line)\n"),
    "user_id\nbob\n": (2, "error: asked.txt:1: `user_id` is the name of the column of keys (leave the header out)\n"),
    ' bob\nnobody\n"zoe"\n': (
        2,
        "error: asked.txt:1: ` bob` is nobody's key, and `bob` is (give keys alone, one a line)\n"
        'error: asked.txt:3: `"zoe"` is nobody\'s key, and `zoe` is (give keys alone, one a line)\n',
    ),
}


@pytest.mark.parametrize("keys", REFUSED)
def test_what_is_no_list_of_keys_is_refused(keys: str, folder: Path) -> None:
    before = files(folder)
    answer = erase(folder, keys, "--suppress")
    assert (answer.code, answer.err) == REFUSED[keys]
    assert files(folder) == before


def test_what_is_no_file_is_not_read(folder: Path) -> None:
    os.mkfifo(folder / "pipe")
    for name, fact in {
        "pipe": "this is a pipe, not a file (name a file)",
        "segments": "this is a folder, not a file (name a file)",
        "/dev/zero": "this is a device, not a file (name a file)",
        "gone.txt": "there is no such file",
    }.items():
        answer = run(folder, "erase", name)
        assert (answer.code, answer.err) == (3, f"error: {name}: {fact}\n")


def test_files_of_rejected_rows_go_and_that_is_told(folder: Path) -> None:
    (folder / "users.csv").write_text(LATER + "bad,UA\n")
    done(run(folder, "import", "--max-errors", "1"))
    assert holding(folder, "bad,UA") == [".segtool/rejects/users.csv"]
    assert "1 file of rejected rows removed from .segtool/rejects/" in done(erase(folder, "nobody\n")).err
    assert holding(folder, "bad,UA") == []


def test_those_who_are_kept_out_and_were_never_in_are_told(folder: Path) -> None:
    answer = done(erase(folder, "bob\nnobody\n", "--suppress"))
    assert "warning: not found in the store, and kept out all the same: `nobody`" in answer.err
