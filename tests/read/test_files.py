"""Paths name regular files that are what their names promise, and unchanged files are recognised."""

from __future__ import annotations

import gzip
import os
from pathlib import Path

import polars as pl
import pytest

from segtool.errors import DefinitionError, InputError
from segtool.model.tables import TableSource
from segtool.read import csv
from segtool.read.files import is_unchanged, opened, resolved
from segtool.read.lists import read_keys
from tests.read.reading import problems, rows, table

CONTENT = "user_id,a\n1,x\n"


def test_a_name_with_brackets_is_a_plain_name(tmp_path: Path) -> None:
    (tmp_path / "users1.csv").write_text("user_id,a\n9,z\n")
    assert rows(table(tmp_path, CONTENT, name="users[1].csv")) == [("1", "x")]


def test_a_name_with_a_star_is_plain_where_such_a_file_exists(tmp_path: Path) -> None:
    (tmp_path / "users2.csv").write_text("user_id,a\n9,z\n")
    assert rows(table(tmp_path, CONTENT, name="users*.csv")) == [("1", "x")]


@pytest.mark.parametrize("name", ["users[1].parquet", "users*.parquet", "^users.*$.parquet"])
def test_a_parquet_file_is_read_by_its_plain_name_too(tmp_path: Path, name: str) -> None:
    pl.DataFrame({"user_id": ["9"]}).write_parquet(tmp_path / "users1.parquet")
    pl.DataFrame({"user_id": ["1"]}).write_parquet(tmp_path / name)
    assert rows(table(tmp_path, name=name)) == [("1",)]


def test_a_pattern_names_files_in_order_and_takes_brackets_as_letters(tmp_path: Path) -> None:
    (tmp_path / "d[1]").mkdir()
    for name in ("b.csv", "a.csv", "c.txt"):
        (tmp_path / "d[1]" / name).touch()
    assert resolved("d[1]/?.csv", tmp_path) == ["d[1]/a.csv", "d[1]/b.csv"]


@pytest.mark.parametrize("url", ["https://example.com/users.csv", "s3://bucket/*.parquet", "file:///etc/passwd"])
def test_a_url_is_refused(tmp_path: Path, url: str) -> None:
    with pytest.raises(DefinitionError, match="is a URL"):
        resolved(url, tmp_path)


def test_a_list_that_is_a_url_is_refused_too(tmp_path: Path) -> None:
    with pytest.raises(DefinitionError, match="is a URL"):
        read_keys("https://example.com/keys.csv", tmp_path, "user_id")


def test_a_missing_file_offers_near_names(tmp_path: Path) -> None:
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / "users.csv").touch()
    assert problems(tmp_path, name="data/user.csv") == ["data/user.csv: no such file (did you mean `data/users.csv`?)"]
    assert problems(tmp_path, name="date/users.csv") == [
        "date/users.csv: no such file (there is no folder `date`; paths are relative to the project's folder)"
    ]


def test_a_pattern_without_files_is_refused(tmp_path: Path) -> None:
    assert problems(tmp_path, name="x*.csv")[0].startswith("no file matches `x*.csv`")


def test_a_pipe_is_refused_without_waiting_for_it(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "users.csv")
    assert problems(tmp_path) == ["users.csv: this is a pipe, not a file (name a file)"]


def test_a_folder_and_a_device_are_refused(tmp_path: Path) -> None:
    (tmp_path / "users.csv").mkdir()
    assert problems(tmp_path) == ["users.csv: this is a folder, not a file (name a file)"]
    (tmp_path / "null.csv").symlink_to("/dev/null")
    assert problems(tmp_path, name="null.csv") == ["null.csv: this is a device, not a file (name a file)"]


def test_a_folder_among_the_files_of_a_pattern_is_refused(tmp_path: Path) -> None:
    (tmp_path / "a1.csv").write_text(CONTENT)
    (tmp_path / "a2.csv").mkdir()
    assert problems(tmp_path, name="a*.csv") == ["a2.csv: this is a folder, not a file (name a file)"]


def test_a_list_must_be_a_regular_file_too(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "list.csv")
    with pytest.raises(InputError, match=r"list\.csv: this is a pipe, not a file"):
        read_keys("list.csv", tmp_path, "user_id")


@pytest.mark.parametrize("name", ["users.csv", "users.csv.gz", "users.ndjson", "users.parquet"])
def test_a_file_beyond_the_limit_is_refused_by_its_size_alone(tmp_path: Path, name: str) -> None:
    with (tmp_path / name).open("wb") as file:
        file.truncate(16 * 2**30 + 1)
    assert problems(tmp_path, name=name) == [f"{name}: the file holds 16.0 GiB; at most 16 are read (split it)"]


def test_what_is_packed_in_a_gzip_file_is_limited_too(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(csv, "MAX_BYTES", 2**21)
    assert problems(tmp_path, gzip.compress(b"user_id\n" + b"1\n" * 2**21), name="u.csv.gz") == [
        "u.csv.gz: more than 0 GiB are packed in it (split it)"
    ]


def test_a_symlink_to_a_file_is_fine_and_one_to_nothing_is_not(tmp_path: Path) -> None:
    (tmp_path / "real.csv").write_text(CONTENT)
    (tmp_path / "users.csv").symlink_to("real.csv")
    assert rows(table(tmp_path)) == [("1", "x")]
    (tmp_path / "real.csv").unlink()
    assert problems(tmp_path) == ["users.csv: this is a link to nothing (remove or mend it)"]


@pytest.mark.parametrize(
    ("name", "content", "words"),
    [
        ("u.csv", b"PAR1\0\0", "this is a Parquet file, not CSV"),
        ("u.csv", b"PK\x03\x04zip", "this is a zip archive or an Excel workbook, not CSV"),
        ("u.csv", b"u\0s\0e\0r\0", "this is UTF-16 text"),
        ("u.csv", b'\xef\xbb\xbf {"user_id": 1}\n', "this is JSON, not CSV"),
        ("u.csv.gz", CONTENT.encode(), "this is not gzip"),
        ("u.csv.gz", gzip.compress(b'{"user_id": 1}\n', mtime=0), "this is JSON, not CSV"),
        ("u.parquet", CONTENT.encode(), "this is not Parquet"),
        ("u.parquet", gzip.compress(b"x", mtime=0), "this is gzip data, not Parquet"),
        ("u.ndjson", CONTENT.encode(), "this is not NDJSON"),
        ("u.ndjson", b'[{"user_id": 1}]', "this is not NDJSON"),
        ("u.xlsx", CONTENT.encode(), "this is not Excel"),
        ("u.xlsx", b"\xd0\xcf\x11\xe0....", "this is an old Excel workbook (.xls), not Excel"),
        ("u.txt", CONTENT.encode(), "this kind of file is not read"),
    ],
)
def test_a_file_under_a_wrong_name_is_named_for_what_it_is(
    tmp_path: Path, name: str, content: bytes, words: str
) -> None:
    (problem,) = problems(tmp_path, content, name=name)
    assert problem.startswith(f"{name}: {words}")


def test_a_file_that_changes_while_it_is_read_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "users.csv"
    path.write_text(CONTENT)
    with opened("users.csv", tmp_path) as file:
        path.write_text(CONTENT + "2,y\n")
        with pytest.raises(InputError, match="changed while it was read"):
            file.source_file()


def test_a_file_that_is_replaced_while_it_is_read_is_refused(tmp_path: Path) -> None:
    (tmp_path / "users.csv").write_text(CONTENT)
    (tmp_path / "new.csv").write_text(CONTENT)
    with opened("users.csv", tmp_path) as file:
        os.replace(tmp_path / "new.csv", tmp_path / "users.csv")
        with pytest.raises(InputError, match="changed while it was read"):
            file.source_file()


def test_an_unchanged_file_is_recognised_by_its_bytes(tmp_path: Path) -> None:
    path = tmp_path / "users.csv"
    files = table(tmp_path, CONTENT).files
    source = TableSource("users", "users*.csv", "user_id")
    assert is_unchanged(files, source, tmp_path)
    os.utime(path, ns=(1, 1))
    assert is_unchanged(files, source, tmp_path)
    path.write_text(CONTENT.replace("x", "y"))
    assert not is_unchanged(files, source, tmp_path)
    path.write_text(CONTENT)
    assert is_unchanged(files, source, tmp_path)
    (tmp_path / "users2.csv").write_text(CONTENT)
    assert not is_unchanged(files, source, tmp_path)
    path.unlink()
    assert not is_unchanged(files, source, tmp_path)


def test_a_sha_256_is_that_of_the_file_even_where_it_is_packed(tmp_path: Path) -> None:
    packed = gzip.compress(CONTENT.encode(), mtime=0)
    (file,) = table(tmp_path, packed, name="users.csv.gz").files
    import hashlib

    assert file.sha256 == hashlib.sha256(packed).hexdigest()


def test_a_list_gives_each_of_its_keys_once(tmp_path: Path) -> None:
    (tmp_path / "list.csv").write_text("name;user_id\nAnn;007\nBo;7\n;\nCy;007\n")
    keys, file = read_keys("list.csv", tmp_path, "user_id")
    assert (keys, file.path) == (["007", "7"], "list.csv")


def test_a_list_without_the_key_column_or_the_file_is_refused(tmp_path: Path) -> None:
    (tmp_path / "list.csv").write_text("user-id\n1\n")
    with pytest.raises(InputError) as caught:
        read_keys("list.csv", tmp_path, "user_id")
    assert str(caught.value) == (
        "list.csv:1: no column `user_id`, which is the key of the users (did you mean `user-id`?)"
    )
    with pytest.raises(InputError, match=r"lost\.csv: no such file"):
        read_keys("lost.csv", tmp_path, "user_id")
