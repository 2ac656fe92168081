"""How users are reached, as people wrote it: channels with consent, holdouts, splits, and the files of an export."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from itertools import accumulate
from typing import Annotated, Any

from pydantic import BeforeValidator, Field, WithJsonSchema

from segtool.errors import Mark
from segtool.model.nodes import (
    Faults,
    Fields,
    Flag,
    Literals,
    Percent,
    Scalar,
    Shape,
    Word,
    described,
    one_word_of,
    to_percent,
    to_word,
    wrong,
)

ADDRESS_KINDS = ("email", "phone", "token")
KNOWN_KINDS = {"email": "email", "sms": "phone", "push": "token"}
"""What the addresses of these channels are, where it is not said."""
FORMATS = ("csv", "parquet", "ndjson", "xlsx")
SIDES = ("entered", "left")
LABELS = ("segment", "variant")
"""What may stand in a file beside attributes: the segment that a user is exported of, the variant that draws them."""


class ChannelShape(Shape):
    """How users are reached by one channel, and who may be."""

    address: Scalar = Field(description="the column that holds the address")
    kind: Annotated[str, one_word_of(*ADDRESS_KINDS), WithJsonSchema({"enum": list(ADDRESS_KINDS)})] = Field(
        "", description="what an address is: `email`, `phone` or `token`; known of `email`, `sms` and `push`"
    )
    consent: Annotated[Any, WithJsonSchema({"$comment": "Consent"})] = Field(
        None, description="a column of true and false, or a condition; who has no value has not consented"
    )
    region: Scalar | None = Field(
        None, description="two letters, such as UA: where numbers without + and a country are dialled"
    )
    usable: Annotated[Any, WithJsonSchema({"$comment": "Where"})] = Field(
        None, description="a condition without which an address is held to be invalid, such as the age of a token"
    )
    quiet: Annotated[Any, WithJsonSchema({"$comment": "Where"})] = Field(
        None, description="a condition for whom to leave alone now, such as who had a mail this week"
    )


@dataclass(frozen=True)
class Channel:
    """One channel, by its name and its place."""

    name: str
    shape: ChannelShape
    kind: str
    mark: Mark


def to_channels(node: Any) -> dict[str, Channel]:
    if not isinstance(node, Fields):
        raise wrong(f"{described(node)} is not a mapping of channels", "write `email: {address: …, consent: …}`")
    faults, channels = Faults(), {}
    for name, value in node.items():
        with faults.kept(value):
            mark = value.key_mark or value.mark
            if not re.fullmatch(r"[A-Za-z0-9_-]{1,40}", name):
                raise wrong(f"`{name}` cannot name a channel", "use ASCII letters, digits, `_` and `-`", mark)
            shape = ChannelShape.model_validate(value)
            channels[name] = Channel(name, shape, _kind_of(name, shape, mark), mark)
    faults.raise_any()
    return channels


def _kind_of(name: str, shape: ChannelShape, mark: Mark) -> str:
    kind = shape.kind or KNOWN_KINDS.get(name, "")
    if not kind:
        raise wrong(f"what an address of `{name}` is has to be said", "add kind: email, phone or token", mark)
    if shape.region and kind != "phone":
        raise wrong("`region` goes with telephone numbers only", "take it out", mark)
    return kind


Channels = Annotated[
    dict[str, Channel],
    BeforeValidator(to_channels),
    WithJsonSchema({"type": "object", "additionalProperties": {"$comment": "Channel"}}),
]


class Holdout(Shape):
    """A stable share of the members that is not sent to."""

    percent: Percent
    salt: Word = Field("", description="another salt draws others; the segment's name where it is not said")


@dataclass(frozen=True)
class Split:
    """Variants by name with their shares in percent, in order; the salt that draws them, "" for the segment's name."""

    shares: Mapping[str, Decimal]
    salt: str = ""

    @property
    def upto(self) -> Mapping[str, Decimal]:
        """Where the share of each ends, after those of the ones before it."""
        return dict(zip(self.shares, accumulate(self.shares.values()), strict=True))


def to_split(node: Any) -> Split:
    if not isinstance(node, Fields):
        raise wrong(f"{described(node)} is not a split", "write for example {a: 45, b: 45, control: 10}")
    faults, shares, salt = Faults(), {}, ""
    for name, value in node.items():
        with faults.kept(value):
            if name == "salt":
                salt = to_word(value)
            elif re.fullmatch(r"[A-Za-z0-9_-]{1,40}", name):
                shares[name] = to_percent(value)
            else:
                raise wrong(f"`{name}` cannot name a variant", "use ASCII letters, digits, `_` and `-`", value.key_mark)
    faults.raise_any()
    total = sum(shares.values())
    if total != 100:
        raise wrong(f"the shares add up to {total}", "make them 100 together")
    return Split(shares, salt)


Variants = Annotated[
    Split,
    BeforeValidator(to_split),
    WithJsonSchema({"type": "object", "additionalProperties": {"type": ["number", "string"]}}),
]


class ExportShape(Shape):
    """A file that `segtool evaluate --export` writes of a segment."""

    to: Scalar = Field(description="the file, from the project's folder")
    channel: Scalar | None = Field(None, description="the channel whose addresses are in it; without one, the keys")
    preset: Scalar = Field(Scalar("plain"), description="what the file holds")
    format: Annotated[str, one_word_of(*FORMATS), WithJsonSchema({"enum": list(FORMATS)})] = Field(
        "", description="`csv`, `parquet`, `ndjson` or `xlsx`; else as the file's name ends"
    )
    columns: Literals = Field((), description="attributes to add")
    variant: Scalar | None = Field(None, description="this variant of the split alone")
    only: Annotated[str, one_word_of(*SIDES), WithJsonSchema({"enum": list(SIDES)})] = Field(
        "", description="those alone who `entered` in this run, or who `left`"
    )
    held_back: Word = Field("", description="a file for those who are not exported, each with the reason")
    excel_safe: Flag = Field(False, description="`true`: texts that a spreadsheet would take for formulas are quoted")


def to_exports(node: Any) -> tuple[ExportShape, ...]:
    faults, exports = Faults(), []
    for item in node if isinstance(node, list) else [node]:
        with faults.kept(item):
            exports.append(ExportShape.model_validate(item))
    faults.raise_any()
    return tuple(exports)


Exports = Annotated[
    tuple[ExportShape, ...],
    BeforeValidator(to_exports),
    WithJsonSchema({"type": "array", "items": {"$comment": "Export"}}),
]
