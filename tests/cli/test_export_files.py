"""What stands in the files of an export: columns, presets, formats, limits, and what is safe in a spreadsheet."""

from __future__ import annotations

import hashlib
import json
import stat
from pathlib import Path

import pytest

from tests.channels.test_hashes import ALEX, PHONE, SMITH
from tests.cli.exports import USERS, evaluate, export, exported, rewritten, shop
from tests.cli.running import NEXT, files, project, run

EVERYBODY = "everybody: {kind: dynamic, where: {everyone: true}}\n"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return evaluate(shop(tmp_path / "shop"))


def written(folder: Path, name: str) -> bytes:
    return (folder / name).read_bytes()


def test_what_is_exported_plain_imports_again_byte_for_byte(folder: Path) -> None:
    assert export(folder, "spring", "--preset", "plain", "--to", "out/plain.csv").code == 0
    assert written(folder, "out/plain.csv").startswith(b"user_id\n01\n")
    assert written(folder, "out/plain.csv").endswith(b"10\nzoe\n")
    answer = run(folder, "import", "--list", "again", "out/plain.csv", "--as-of", NEXT)
    assert answer.code == 0, answer.err
    assert written(folder, "snapshots/again.csv") == written(folder, "out/plain.csv")
    assert exported(folder, "again", as_of=NEXT).encode() == written(folder, "out/plain.csv")


def test_a_snapshot_with_its_columns_is_exported_byte_for_byte(folder: Path) -> None:
    (folder / "never.csv").write_text("user_id\n", encoding="utf-8")
    assert export(folder, "spring", "--columns", "name", "--to", "out.csv").code == 0
    assert written(folder, "out.csv") == written(folder, "snapshots/spring.csv")
    assert b'\n03,"Eve, B"\n' in written(folder, "out.csv")


def test_columns_are_added_in_the_order_in_which_they_are_asked_for(folder: Path) -> None:
    words = ("ukraine", "--channel", "email", "--columns", "name,segment", "--columns", "country")
    assert exported(folder, *words) == (
        "user_id,email,name,segment,country\n01,ann@example.com,=Ann,ukraine,UA\n02,bob@example.com,Bob,ukraine,UA\n"
    )


MAILCHIMP = "Email Address,Tags,name\nann@example.com,spring,=Ann\nbob@example.com,spring,Bob\n"
SENDIOS = "email,client_user_id,name,country\nann@example.com,01,=Ann,UA\nbob@example.com,02,Bob,UA\n"


def test_a_file_for_mailchimp_and_one_for_sendios_have_their_columns(folder: Path) -> None:
    words = ("spring", "--channel", "email", "--preset")
    assert exported(folder, *words, "mailchimp", "--columns", "name") == MAILCHIMP
    assert exported(folder, *words, "sendios", "--columns", "name,country") == SENDIOS


def test_a_preset_of_ones_own_says_what_stands_in_the_file_and_how(folder: Path) -> None:
    (folder / "presets").mkdir()
    (folder / "presets/ours.yaml").write_text(
        """\
columns:
  - {header: Mail, from: address, channel: email}
  - {header: "{key}", from: key}
  - {header: Who, attribute: name}
  - {header: List, text: "spring; 2026"}
delimiter: semicolon
encoding: utf-8-bom
rest: underscores
""",
        encoding="utf-8",
    )
    found = exported(folder, "ukraine", "--channel", "email", "--preset", "ours", "--columns", "sms_ok")
    assert found == (
        "\ufeffMail;user_id;Who;List;sms_ok\n"
        'ann@example.com;01;=Ann;"spring; 2026";true\n'
        'bob@example.com;02;Bob;"spring; 2026";true\n'
    )
    by_path = ("--preset", "presets/ours.yaml", "--columns", "sms_ok")
    assert exported(folder, "ukraine", "--channel", "email", *by_path) == found


def test_hashes_are_the_ones_that_google_and_meta_publish(tmp_path: Path) -> None:
    users = (
        "user_id,country,email,opted,phone,sms_ok,name\n"
        "a,UA, ALEXZ@example.com ,true,+1-800-555-0100,true,\n"
        "b,UA,John_Smith@gmail.com,true,,,\n"
    )
    folder = evaluate(shop(tmp_path / "shop", users))
    words = ("ukraine", "--channel", "email", "--preset")
    assert exported(folder, *words, "google").splitlines()[:2] == ["Email", ALEX]
    assert exported(folder, *words, "meta").splitlines() == ["email", ALEX, SMITH]
    assert exported(folder, "ukraine", "--channel", "sms", "--preset", "google") == f"Phone\n{PHONE}\n"
    digits = hashlib.sha256(b"18005550100").hexdigest()
    assert exported(folder, "ukraine", "--channel", "sms", "--preset", "meta") == f"phone\n{digits}\n"


NDJSON = """\
{"user_id":"01","email":"ann@example.com","name":"=Ann"}
{"user_id":"02","email":"bob@example.com","name":"Bob"}
"""


def test_the_ending_of_the_name_says_the_format_unless_the_option_does(folder: Path) -> None:
    import polars as pl

    words = ("ukraine", "--channel", "email", "--columns", "name")
    assert exported(folder, *words, "--format", "ndjson") == NDJSON
    for name in ("x.ndjson", "x.parquet", "x.XLSX", "x.txt"):
        assert export(folder, *words, "--to", name).code == 0
    assert written(folder, "x.ndjson").decode() == NDJSON
    assert pl.read_parquet(folder / "x.parquet").rows() == [
        ("01", "ann@example.com", "=Ann"),
        ("02", "bob@example.com", "Bob"),
    ]
    assert written(folder, "x.XLSX").startswith(b"PK\x03\x04")
    assert written(folder, "x.txt") == b"user_id,email,name\n01,ann@example.com,=Ann\n02,bob@example.com,Bob\n"
    assert export(folder, *words, "--to", "x.txt", "--format", "ndjson").code == 0
    assert written(folder, "x.txt").decode() == NDJSON


def test_a_file_is_split_by_rows_and_each_piece_has_a_header(folder: Path) -> None:
    answer = export(folder, "ukraine", "--to", "out/x.csv", "--split-rows", "4")
    assert answer.out.splitlines()[-2:] == [
        "out/x.csv: 4 rows, 20 bytes",
        "out/x-2.csv: 4 rows, 20 bytes",
    ]
    assert written(folder, "out/x-2.csv") == b"user_id\n05\n06\n08\n10\n"
    assert export(folder, "ukraine", "--to", "out/x.csv", "--split-rows", "5").code == 0
    assert sorted(files(folder / "out")) == ["x-2.csv", "x.csv", "x.csv.json"]


def test_a_file_is_split_by_bytes(folder: Path) -> None:
    assert export(folder, "ukraine", "--to", "out/x.csv", "--split-bytes", "19").code == 0
    assert sorted(files(folder / "out")) == ["x-2.csv", "x-3.csv", "x.csv", "x.csv.json"]
    assert written(folder, "out/x.csv") == b"user_id\n01\n02\n03\n"
    answer = export(folder, "ukraine", "--to", "y.csv", "--split-bytes", "9")
    assert (answer.code, answer.out) == (2, "")
    assert not (folder / "y.csv").exists()


def test_limits_of_a_preset_split_or_warn(folder: Path) -> None:
    (folder / "presets").mkdir()
    text = "columns: [{header: id, from: key}]\nlimits: {rows: 5, columns: 1, beyond: BEYOND}\n"
    for beyond in ("split", "warn"):
        (folder / f"presets/{beyond}.yaml").write_text(text.replace("BEYOND", beyond), encoding="utf-8")
    answer = export(folder, "ukraine", "--preset", "split", "--to", "x.csv")
    assert answer.out.endswith("x.csv: 5 rows, 18 bytes\nx-2.csv: 3 rows, 12 bytes\n")
    answer = export(folder, "ukraine", "--preset", "warn", "--columns", "name", "--to", "y.csv", "-q")
    assert answer.out.endswith("y.csv: 8 rows, 67 bytes\n")
    assert answer.err == (
        "warning: the file has 2 columns, and `warn` takes 1\nwarning: a file has 8 rows, and `warn` takes 5\n"
    )


def test_formulas_are_quoted_for_spreadsheets_only_where_that_is_asked_for(tmp_path: Path) -> None:
    users = USERS.replace("04,UA,", "=04,UA,").replace(",UA,gus", ",UA,+gus@example.com,true,,,\n12,UA,gus")
    folder = evaluate(shop(tmp_path / "shop", users))
    words = ("ukraine", "--channel", "email", "--columns", "name", "--held-back", "held.csv")
    assert exported(folder, *words) == (
        "user_id,email,name\n01,ann@example.com,=Ann\n02,bob@example.com,Bob\n12,gus@example.com,Gus\n"
    )
    assert b"\n=04,no address\n" in written(folder, "held.csv")
    assert "01,ann@example.com,'=Ann\n" in exported(folder, *words, "--excel-safe")
    assert b"\n'=04,no address\n" in written(folder, "held.csv")


def test_files_are_of_their_owner_alone_and_the_manifest_has_their_sums(folder: Path) -> None:
    words = ("spring", "--channel", "email", "--preset", "mailchimp", "--columns", "name")
    assert export(folder, *words, "--to", "out/m.csv", "--held-back", "out/held.csv").code == 0
    assert {stat.S_IMODE((folder / "out" / name).stat().st_mode) for name in files(folder / "out")} == {0o600}
    assert written(folder, "out/m.csv").decode() == MAILCHIMP
    manifest = json.loads(written(folder, "out/m.csv.json"))
    assert [(one["name"], one["rows"], one["sha256"]) for one in manifest["files"]] == [
        (name, rows, hashlib.sha256(written(folder, f"out/{name}")).hexdigest())
        for name, rows in (("m.csv", 2), ("held.csv", 9))
    ]


def test_a_file_is_named_from_where_the_person_stands(folder: Path) -> None:
    (folder / "deep").mkdir()
    answer = run(folder / "deep", "export", "ukraine", "--to", "x.csv", "--as-of", NEXT)
    assert answer.code == 0, answer.err
    assert (folder / "deep/x.csv").read_text().startswith("user_id\n01\n")


def test_who_may_only_read_the_project_writes_elsewhere(folder: Path, tmp_path: Path) -> None:
    before = {path: path.stat().st_mtime_ns for path in [folder, *folder.rglob("*")]}
    contents = files(folder)
    rewritten(folder / "users.csv", ",Bob", ",Rob")
    contents["users.csv"] = written(folder, "users.csv")
    before[folder / "users.csv"] = (folder / "users.csv").stat().st_mtime_ns
    for path in before:
        path.chmod(0o500 if path.is_dir() else 0o400)
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    words = ("export", "ukraine", "--channel", "email", "--columns", "name", "--to", "x.csv", "--as-of", NEXT)
    answer = run(elsewhere, *words, "--held-back", "held.csv", "--project", str(folder))
    for path in before:
        path.chmod(0o700 if path.is_dir() else 0o600)
    assert answer.code == 0, answer.err
    assert written(elsewhere, "x.csv").endswith(b"02,bob@example.com,Rob\n08,hal@example.com,Hal\n")
    assert {path: path.stat().st_mtime_ns for path in [folder, *folder.rglob("*")]} == before
    assert files(folder) == contents


def test_lists_numbers_and_times_are_written_as_in_a_snapshot(tmp_path: Path) -> None:
    users = "id,likes,spent,seen,born\nb,cap|hat,10.50,2026-06-01T12:00:00+03:00,2000-02-29\na,,1e3,,\n"
    settings = 'version: 1\nusers: {path: users.csv, key: id, columns: {likes: {list: text, separator: "|"}}}\n'
    folder = evaluate(project(tmp_path / "p", users.replace("1e3", "1000"), EVERYBODY, settings))
    assert exported(folder, "everybody", "--columns", "likes,spent,seen,born") == (
        "id,likes,spent,seen,born\na,,1000,,\nb,cap|hat,10.5,2026-06-01T09:00:00Z,2000-02-29\n"
    )
