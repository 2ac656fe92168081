"""Lists of whom never to send to: keys and addresses, and what is told of files that are none."""

from __future__ import annotations

from pathlib import Path

import pytest

from segtool.errors import InputError, SegtoolError
from segtool.read.suppress import read_suppressed


def read(folder: Path, **files: str) -> tuple[list[str], dict[str, list[str]]]:
    """The keys, and the addresses by their columns, in files of these names and texts."""
    for name, text in files.items():
        (folder / f"{name}.csv").write_text(text, encoding="utf-8")
    found = read_suppressed([f"{name}.csv" for name in files], folder, "user_id", ["email", "phone", "email"])
    return sorted(found.keys), {name: sorted(values) for name, values in found.addresses.items()}


def told(folder: Path, *paths: str) -> list[str]:
    with pytest.raises(InputError) as raised:
        read_suppressed(paths, folder, "user_id", ["email", "phone"])
    return [str(problem) for problem in raised.value.problems]


def test_the_headers_say_what_stands_in_a_file(tmp_path: Path) -> None:
    keys, addresses = read(
        tmp_path,
        one="email,since,user_id\nA@b.ua ,2026,007\n,2026,1e5\n",
        two="phone;email\n050 111;A@b.ua\n;\n",
        three="user_id\n007\n\n  \n",
    )
    assert keys == ["  ", "007", "1e5"]
    assert addresses == {"email": ["A@b.ua", "A@b.ua "], "phone": ["050 111"]}


def test_without_files_nobody_is_suppressed(tmp_path: Path) -> None:
    assert read(tmp_path) == ([], {})
    assert read(tmp_path, empty="email\n") == ([], {"email": []})


def test_all_files_that_are_no_lists_are_told_at_once(tmp_path: Path) -> None:
    (tmp_path / "folder.csv").mkdir()
    (tmp_path / "mails.csv").write_text("mail\na@b.ua\n", encoding="utf-8")
    (tmp_path / "good.csv").write_text("email\na@b.ua\n", encoding="utf-8")
    (tmp_path / "ragged.csv").write_text("email,phone\na@b.ua\n", encoding="utf-8")
    (tmp_path / "empty.csv").touch()
    paths = ("gone.csv", "mails.csv", "good.csv", "folder.csv", "ragged.csv", "empty.csv", "list.parquet")
    assert told(tmp_path, *paths) == [
        "gone.csv: no such file (did you mean `good.csv`, `ragged.csv`, `folder.csv`?)",
        "mails.csv:1: the header names none of `user_id`, `email`, `phone` "
        "(name the column of keys as the users' key is, one of addresses as theirs is)",
        "folder.csv: this is a folder, not a file (name a file)",
        "ragged.csv:2: 1 field where the header has 2 (the row is cut short; write it whole)",
        "empty.csv: the file is empty (a header is needed)",
        "list.parquet: a list must be a CSV file (save it as .csv)",
    ]


@pytest.mark.parametrize("url", ["https://example.com/never.csv", "s3://lists/never.csv"])
def test_what_stands_at_a_url_is_never_fetched(url: str, tmp_path: Path) -> None:
    with pytest.raises(SegtoolError) as raised:
        read_suppressed([url], tmp_path, "user_id", [])
    assert str(raised.value) == f"`{url}` is a URL (download it, and name the file)"
