"""Presets by their names and by their paths, and what is told of those that do not hold."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from segtool.errors import DefinitionError, UsageError
from segtool.read.presets import PACKAGED, preset_names, read_preset

BAD = Path(__file__).parent / "bad_presets"
MINE = """\
channels: email
columns:
  - {header: mail, from: address}
  - {header: Name, attribute: name}
limits: {bytes: 1 GB}
"""
NAMES = [
    *("braze", "customerio", "google", "klaviyo", "mailchimp"),
    *("meta", "onesignal", "plain", "sendgrid", "sendios"),
]


def write(folder: Path, path: str, text: str = MINE) -> None:
    (folder / path).parent.mkdir(exist_ok=True)
    (folder / path).write_text(text, encoding="utf-8")


def said(folder: Path, shown: str) -> str:
    with pytest.raises(DefinitionError) as raised:
        read_preset(shown, folder)
    return "".join(f"{problem}\n" for problem in raised.value.problems)


@pytest.mark.parametrize("path", sorted(BAD.glob("*.yaml")), ids=lambda path: path.stem)
def test_bad_presets_are_told_as_expected(path: Path) -> None:
    assert said(BAD, path.name) == path.with_suffix(".expected").read_text(encoding="utf-8")


def test_the_presets_are_those_of_segtool_and_those_of_the_project(tmp_path: Path) -> None:
    assert preset_names(tmp_path) == NAMES
    write(tmp_path, "presets/a_own.yaml")
    write(tmp_path, "presets/meta.yaml")
    assert preset_names(tmp_path) == ["a_own", *NAMES]


@pytest.mark.parametrize("name", NAMES)
def test_each_preset_of_segtool_says_what_it_is_for_and_where_and_when_that_was_read(name: str, tmp_path: Path) -> None:
    preset = read_preset(name, tmp_path)
    assert preset.description
    assert preset.source.startswith("https://") or name == "plain"
    assert preset.date is not None and preset.date >= date(2026, 11, 25)


@pytest.mark.parametrize("name", sorted({*NAMES} - {"plain"}))
def test_each_preset_has_the_address_or_the_key_for_every_channel(name: str, tmp_path: Path) -> None:
    preset = read_preset(name, tmp_path)
    for channel in preset.served:
        assert {column.origin for column in preset.columns_of(channel)} & {"address", "key"}


@pytest.mark.parametrize("name", ["google", "meta"])
def test_customer_match_takes_no_address_that_is_not_hashed_and_nothing_else(name: str, tmp_path: Path) -> None:
    preset = read_preset(name, tmp_path)
    assert preset.rest == "none"
    unhashed = {column.header.text for column in preset.columns if not column.hash}
    assert unhashed == ({"Country", "Zip"} if name == "google" else set())


def test_a_preset_of_the_project_stands_before_one_of_segtool(tmp_path: Path) -> None:
    write(tmp_path, "presets/mailchimp.yaml")
    assert [column.header.text for column in read_preset("mailchimp", tmp_path).columns] == ["mail", "Name"]


def test_a_preset_is_found_by_its_path_from_the_project(tmp_path: Path) -> None:
    write(tmp_path, "elsewhere/mine.yml")
    preset = read_preset("elsewhere/mine.yml", tmp_path)
    assert (preset.served, preset.limits.bytes, preset.limits.beyond) == (["email"], 1_000_000_000, "split")
    assert (preset.delimiter, preset.encoding, preset.header_row) == ("comma", "utf-8", True)


def test_a_copy_of_a_preset_is_the_preset(tmp_path: Path) -> None:
    for name in NAMES:
        write(tmp_path, "copy.yaml", (PACKAGED / f"{name}.yaml").read_text(encoding="utf-8"))
        assert read_preset("copy.yaml", tmp_path) == read_preset(name, tmp_path)


def test_an_unknown_preset_is_told_with_the_nearest_name_or_all(tmp_path: Path) -> None:
    with pytest.raises(UsageError) as near:
        read_preset("mailchmp", tmp_path)
    assert str(near.value) == "there is no preset `mailchmp` (did you mean `mailchimp`?)"
    with pytest.raises(UsageError) as far:
        read_preset("xyz", tmp_path)
    assert str(far.value) == f"there is no preset `xyz` (there are {', '.join(NAMES)})"


def test_a_path_without_a_file_is_told(tmp_path: Path) -> None:
    told = (
        "presets/mine.yaml: no such file (there is no folder `presets`; paths are relative to the project's folder)\n"
    )
    assert said(tmp_path, "presets/mine.yaml") == told


def test_an_attribute_that_the_users_lack_is_told_at_its_place_unless_it_is_optional(tmp_path: Path) -> None:
    write(tmp_path, "presets/mine.yaml")
    problems = list(read_preset("mine", tmp_path).unknown_attributes("email", {"names", "city"}))
    assert [str(problem) for problem in problems] == [
        "presets/mine.yaml:4:31: there is no column `name` (did you mean `names`?)"
    ]
    assert list(read_preset("mailchimp", tmp_path).unknown_attributes("email", {"city"})) == []


def test_what_a_file_needs_are_the_attributes_of_its_columns_and_those_asked_for(tmp_path: Path) -> None:
    write(tmp_path, "presets/mine.yaml")
    assert read_preset("mine", tmp_path).needed("email", ["city", "name"]) == ["name", "city"]
    assert read_preset("mailchimp", tmp_path).needed("email", ["first_name"]) == ["first_name"]
    assert read_preset("mailchimp", tmp_path).needed("email", []) == []


if __name__ == "__main__":  # writes the reports, to be read before they are committed
    for path in sorted(BAD.glob("*.yaml")):
        path.with_suffix(".expected").write_text(said(BAD, path.name), encoding="utf-8")
