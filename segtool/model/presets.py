"""What a preset may say: the columns that a system asks for, each from what, and how large its files may be."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator
from datetime import date
from typing import Annotated, Any

from pydantic import BeforeValidator, Field, WithJsonSchema, model_validator

from segtool.errors import Problem
from segtool.model.nodes import (
    Faults,
    Flag,
    OneOrMore,
    Scalar,
    Shape,
    Word,
    near_name,
    one_word_of,
    to_items,
    to_word,
    wrong,
)

HASHES = (
    *("plain", "google_email", "google_phone", "google_name"),
    *("meta_email", "meta_phone", "meta_name", "meta_place", "meta_zip", "meta_date"),
)
"""How a value may be written before it is hashed."""
ORIGINS = ("address", "key", "segment", "variant")
BEYOND = ("split", "warn")
REST = ("as_is", "underscores", "none")
ENCODINGS = ("utf-8", "utf-8-bom")
DELIMITERS = {"comma": ",", "semicolon": ";", "tab": "\t", "pipe": "|"}
UNITS = {"": 1, "kB": 10**3, "MB": 10**6, "GB": 10**9}
KEY, ADDRESS = "{key}", "{address}"
"""In a header, the names of the users' columns of keys and of the channel's addresses."""


def to_name(node: Any) -> Scalar:
    to_word(node)
    return node  # type: ignore[no-any-return]


def to_size(node: Any) -> int:
    text = to_word(node)
    found = re.fullmatch(r"0*([1-9][0-9]{0,8}) ?(kB|MB|GB)?", text)
    if not found:
        raise wrong(f"`{text}` is not a size", "write for example 50MB")
    return int(found[1]) * UNITS[found[2] or ""]


def to_most(node: Any) -> int:
    text = to_word(node)
    if not re.fullmatch(r"0*[1-9][0-9]{0,14}", text):
        raise wrong(f"`{text}` is not a whole number, 1 or more")
    return int(text)


def to_day(node: Any) -> date:
    text = to_word(node)
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise wrong(f"`{text}` is not a date", "write one such as 2026-06-15") from None


Name = Annotated[Scalar, BeforeValidator(to_name)]
Names = Annotated[tuple[Name, ...], OneOrMore]
Most = Annotated[int, BeforeValidator(to_most)]
Size = Annotated[int, BeforeValidator(to_size), WithJsonSchema({"type": "string"})]
Day = Annotated[date, BeforeValidator(to_day), WithJsonSchema({"type": "string"})]
Origin = Annotated[str, one_word_of(*ORIGINS), WithJsonSchema({"enum": list(ORIGINS)})]
Hash = Annotated[str, one_word_of(*HASHES), WithJsonSchema({"enum": list(HASHES)})]
Beyond = Annotated[str, one_word_of(*BEYOND), WithJsonSchema({"enum": list(BEYOND)})]
Rest = Annotated[str, one_word_of(*REST), WithJsonSchema({"enum": list(REST)})]
Delimiter = Annotated[str, one_word_of(*DELIMITERS), WithJsonSchema({"enum": list(DELIMITERS)})]
Encoding = Annotated[str, one_word_of(*ENCODINGS), WithJsonSchema({"enum": list(ENCODINGS)})]


class PresetColumn(Shape):
    """One column of the file."""

    header: Name = Field(
        description="its name in the file; `{key}` stands for the name of your key column, "
        "`{address}` for the channel's"
    )
    origin: Origin | None = Field(
        None,
        alias="from",
        description="what is in it: the `address` of the channel, the user's `key`, the name of the `segment`, or the "
        "`variant` of its split",
    )
    attribute: Name | None = Field(None, description="or a column of your table of users")
    text: Word | None = Field(None, description="or this text in every row")
    optional: Flag = Field(False, description="`true`: the attribute is written only where `--columns` asks for it")
    hash: Hash | None = Field(None, description="write the SHA-256 of each value, by one of the rules below")
    channel: Names = Field((), description="the channels whose files have this column; all where it is not said")

    @model_validator(mode="after")
    def _has_one_source(self) -> PresetColumn:
        if [self.origin, self.attribute, self.text].count(None) != 2:
            raise wrong("give one of `from`, `attribute` and `text`")
        if self.optional and self.attribute is None:
            raise wrong("`optional` goes with `attribute` only", "take it out")
        return self


class FileLimits(Shape):
    """How large one file may be."""

    bytes: Size | None = Field(None, description="its size, such as 50MB; a kB is 1,000 bytes")
    rows: Most | None = Field(None, description="its rows, without the header")
    columns: Most | None = Field(None, description="its columns; more are a warning, for they cannot be split")
    beyond: Beyond = Field(
        "split", description="what is done with more bytes or rows: `split` into several files, or `warn`"
    )


NO_LIMITS = FileLimits.model_construct()


class Preset(Shape):
    """What a file for one system holds."""

    description: Word = Field("", description="what it is for")
    source: Word = Field("", description="where the system says what it asks for")
    date: Day | None = Field(None, description="the day on which that was read")
    channels: Names = Field(
        (),
        description="the channels that it serves, by the names they have in `segtool.yaml`; all where it is not said",
    )
    columns: Annotated[tuple[PresetColumn, ...], BeforeValidator(to_items)] = Field(
        description="the columns of the file, in order"
    )
    rest: Rest = Field(
        "as_is",
        description="the columns of `--columns` that stand nowhere above: added under their own names (`as_is`), under "
        "names of ASCII letters, digits and `_` (`underscores`), or not taken (`none`)",
    )
    delimiter: Delimiter = Field(
        "comma", description="what stands between values: `comma`, `semicolon`, `tab` or `pipe`"
    )
    encoding: Encoding = Field(
        "utf-8", description="`utf-8`, or `utf-8-bom` for programs that ask for a byte order mark"
    )
    header_row: Flag = Field(True, description="`false`: the file begins with the first user")
    limits: FileLimits = Field(NO_LIMITS, description="how large one file may be")

    @model_validator(mode="after")
    def _adds_up(self) -> Preset:
        faults = Faults()
        named = dict.fromkeys(channel for column in self.columns for channel in column.channel)
        for channel in [one for one in named if self.channels and one not in self.channels]:
            fact = f"`{channel.text}` is not among the `channels` of this preset"
            faults.add(wrong(fact, near_name(channel.text, self.served) or "name it there"), channel)
        for channel in self.channels or (Scalar(""), *named):
            self._check_headers(channel, faults)
        faults.raise_any()
        return self

    def _check_headers(self, channel: Scalar, faults: Faults) -> None:
        seen: set[str] = set()
        for column in self.columns_of(channel.text):
            if column.header.text in seen:
                fact = f"two columns of a file are named `{column.header.text}`"
                faults.add(wrong(fact, "name them apart, or say `channel:` in each"), column.header)
            seen.add(column.header.text)
        if not seen and channel.text:
            fact = f"there is no column for `{channel.text}`"
            faults.add(wrong(fact, "add one, or take the channel out"), channel)

    @property
    def served(self) -> list[str]:
        """The names of the channels that it is for; of none, where it is for all."""
        return [channel.text for channel in self.channels]

    def unserved(self, channel: str) -> Problem | None:
        """Why it is not for a channel ("": none was chosen)."""
        if not self.served or channel in self.served:
            return None
        fact = f"the preset is not for `{channel}`" if channel else "the preset is for a channel, and none was chosen"
        return Problem(fact, f"it is for {', '.join(self.served)}")

    def columns_of(self, channel: str) -> list[PresetColumn]:
        return [column for column in self.columns if not column.channel or Scalar(channel) in column.channel]

    def needed(self, channel: str, asked: Collection[str]) -> list[str]:
        """The attributes that a file for the channel takes, where `asked` are to be in it."""
        own = [column for column in self.columns_of(channel) if column.attribute]
        always = [column.attribute.text for column in own if column.attribute and not column.optional]
        return list(dict.fromkeys([*always, *asked]))

    def unknown_attributes(self, channel: str, known: Collection[str]) -> Iterator[Problem]:
        """What the file must have and the table of users has not."""
        for column in self.columns_of(channel):
            if column.attribute and not column.optional and column.attribute.text not in known:
                fact = f"there is no column `{column.attribute.text}`"
                yield Problem(fact, near_name(column.attribute.text, known), column.attribute.mark)
