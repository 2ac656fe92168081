"""What a file holds for those who are reached, by the preset that it is written for."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from segtool.channels.rows import Reached, attributes, rows
from segtool.errors import UsageError
from segtool.model.presets import Preset
from segtool.read.presets import read_preset

KEY = pl.Series("user_id", ["01", "02", "03"])
EMAILS = pl.Series("email", ["Anna@example.com", "b@example.com", "c@gmail.com"])
PHONES = pl.Series("phone", ["+380671234567", "+16505551212", "+442079460958"])
FURTHER = pl.DataFrame({"first_name": ["Anna", None, "Olha"], "last order": [date(2026, 6, 1), None, date(2026, 6, 2)]})


def preset(name: str) -> Preset:
    return read_preset(name, Path(__file__).parent)


def mine(text: str, folder: Path) -> Preset:
    (folder / "mine.yaml").write_text(text, encoding="utf-8")
    return read_preset("mine.yaml", folder)


def reached(address: pl.Series = EMAILS, further: pl.DataFrame | None = None, **also: Any) -> Reached:
    labels = {"segment": pl.Series(["vip"] * 3), "variant": pl.Series([None] * 3, dtype=pl.String), **also}
    return Reached(key=KEY, address=address, further=pl.DataFrame() if further is None else further, **labels)


def told(preset: Preset, channel: str, reached: Reached) -> list[str]:
    with pytest.raises(UsageError) as raised:
        rows(preset, channel, reached)
    return [str(problem) for problem in raised.value.problems]


def test_the_columns_are_those_of_the_preset_in_its_order() -> None:
    assert rows(preset("mailchimp"), "email", reached()).to_dict(as_series=False) == {
        "Email Address": ["Anna@example.com", "b@example.com", "c@gmail.com"],
        "Tags": ["vip", "vip", "vip"],
    }


def test_the_address_has_the_header_of_the_channel() -> None:
    assert rows(preset("onesignal"), "sms", reached(PHONES)).to_dict(as_series=False) == {
        "external_id": ["01", "02", "03"],
        "phone_number": ["+380671234567", "+16505551212", "+442079460958"],
    }
    assert rows(preset("onesignal"), "push", reached()).columns == ["external_id"]


def test_an_optional_column_is_there_where_it_was_asked_for() -> None:
    found = rows(preset("mailchimp"), "email", reached(further=FURTHER.select("first_name")))
    assert found.columns == ["Email Address", "First Name", "Tags"]
    assert found["First Name"].to_list() == ["Anna", None, "Olha"]


def test_what_else_was_asked_for_follows_under_its_own_name_and_in_its_own_type() -> None:
    found = rows(preset("customerio"), "email", reached(further=FURTHER))
    assert found.columns == ["id", "email", "first_name", "last order"]
    assert found["last order"].to_list() == [date(2026, 6, 1), None, date(2026, 6, 2)]


def test_names_of_columns_are_written_with_underscores_where_the_receiver_takes_no_others() -> None:
    found = rows(preset("sendgrid"), "email", reached(further=FURTHER))
    assert found.columns == ["email", "first_name", "external_id", "last_order"]


def test_plain_is_the_key_and_the_address_of_a_channel_under_their_own_names_and_what_was_asked_for() -> None:
    found = rows(preset("plain"), "", reached(further=FURTHER))
    assert found.columns == ["user_id", "first_name", "last order"]
    for channel in ("email", "viber"):
        found = rows(preset("plain"), channel, reached(EMAILS.alias("mail"), further=FURTHER))
        assert found.columns == ["user_id", "mail", "first_name", "last order"]


def test_customer_match_of_google_holds_hashes_of_what_it_asks_for() -> None:
    people = pl.DataFrame({"first_name": ["Anna", None, ""], "country": ["UA", "US", None]})
    emails = pl.Series([" ALEXZ@example.com", "alexz@example.com", None])
    found = rows(preset("google"), "email", reached(emails, people))
    alex = "509e933019bb285a134a9334b8bb679dff79d0ce023d529af4bd744d47b4fd8a"
    assert found.to_dict(as_series=False) == {
        "Email": [alex, alex, None],
        "First Name": ["55579b557896d0ce1764c47fed644f9b35f58bad620674af23f356d80ed0c503", None, None],
        "Country": ["UA", "US", None],
    }


def test_a_custom_audience_of_meta_holds_the_hash_of_a_number_without_its_plus() -> None:
    found = rows(preset("meta"), "sms", reached(PHONES))
    assert found.columns == ["phone"]
    assert found["phone"][1] == "e323ec626319ca94ee8bff2e4c87cf613be6ea19919ed1364124e16807ab3176"


def test_a_column_may_hold_one_text_the_segment_or_the_variant(tmp_path: Path) -> None:
    text = """\
columns:
  - {header: List, text: spring}
  - {header: Segment, from: segment}
  - {header: Variant, from: variant}
"""
    variants = pl.Series(["a", "b", "a"])
    assert rows(mine(text, tmp_path), "email", reached(variant=variants)).to_dict(as_series=False) == {
        "List": ["spring"] * 3,
        "Segment": ["vip"] * 3,
        "Variant": ["a", "b", "a"],
    }
    assert rows(mine(text, tmp_path), "email", reached())["Variant"].to_list() == [None, None, None]


def test_a_file_for_nobody_has_the_same_columns() -> None:
    nobody = Reached(KEY.clear(), KEY.clear(), EMAILS.clear(), FURTHER.clear(), KEY.clear())
    for name in ("mailchimp", "sendios", "klaviyo"):
        found = rows(preset(name), "email", nobody)
        assert found.columns == rows(preset(name), "email", reached(further=FURTHER)).columns
        assert found.height == 0


def test_a_channel_that_the_preset_does_not_serve_is_refused() -> None:
    assert told(preset("mailchimp"), "push", reached()) == ["the preset is not for `push` (it is for email, sms)"]
    assert told(preset("mailchimp"), "", reached()) == [
        "the preset is for a channel, and none was chosen (it is for email, sms)"
    ]


def test_a_column_without_a_place_is_refused_where_the_preset_takes_no_others(tmp_path: Path) -> None:
    assert told(preset("google"), "email", reached(further=FURTHER.rename({"first_name": "frst_name"}))) == [
        "the preset has no column for `frst_name`, and takes no others (did you mean `first_name`?)",
        "the preset has no column for `last order`, and takes no others (it takes first_name, last_name, country, zip)",
    ]
    alone = mine("rest: none\ncolumns:\n  - {header: k, from: key}\n", tmp_path)
    assert told(alone, "", reached(further=FURTHER.select("first_name"))) == [
        "the preset has no column for `first_name`, and takes no others (it takes none)"
    ]


def test_two_columns_of_one_name_are_refused() -> None:
    asked = pl.DataFrame({"email": ["x", "y", "z"], "a b": [1, 2, 3], "a_b": [1, 2, 3]})
    step = "take it out of --columns, or edit the preset"
    assert told(preset("sendgrid"), "email", reached(further=asked)) == [
        f"two columns of the file would be named `email` ({step})",
        f"two columns of the file would be named `a_b` ({step})",
    ]


def test_the_attribute_in_a_column_is_known_by_the_name_that_the_column_bears(tmp_path: Path) -> None:
    text = 'columns: [{header: id, from: key}, {header: "{key} likes", attribute: likes}]\nrest: underscores\n'
    own = mine(text, tmp_path)
    further = FURTHER.with_columns(likes=pl.Series([["hats"], [], None]))
    placed = attributes(own, "email", "user_id", ["last order", "likes", "first_name"])
    assert placed == {"last_order": "last order", "first_name": "first_name", "user_id likes": "likes"}
    assert set(rows(own, "email", reached(further=further)).columns) - {"id"} == set(placed)
