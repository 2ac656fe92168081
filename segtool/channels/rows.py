"""Those who are reached and a preset come in; go out: the columns of the file for them, in the preset's order."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

import polars as pl

from segtool.channels.hashes import hashed
from segtool.errors import Problem, UsageError
from segtool.model.nodes import near_name
from segtool.model.presets import ADDRESS, KEY, Preset, PresetColumn


@dataclass(frozen=True)
class Reached:
    """Those who are reached, one in each row of every column."""

    segment: pl.Series
    """The name of the segment that each is exported of."""
    key: pl.Series
    """Their keys, named as the key column of the users is."""
    address: pl.Series
    further: pl.DataFrame
    """The attributes that the preset needs and those that were asked for, as text or in their own types."""
    variant: pl.Series
    """The variant that the segment's split draws each to; null without a split."""


def rows(preset: Preset, channel: str, reached: Reached) -> pl.DataFrame:
    """The table that the file holds; `channel` is empty where none was chosen, and then no column has addresses.

    UsageError: the preset is not for the channel, what was asked for has no place, or two columns have one name."""
    if fault := preset.unserved(channel):
        raise UsageError(fault)
    own = [column for column in preset.columns_of(channel) if _is_there(column, channel, reached)]
    placed = {column.attribute.text for column in own if column.attribute}
    rest = [name for name in reached.further.columns if name not in placed]
    if rest and preset.rest == "none":
        raise UsageError([_without_place(name, preset, channel) for name in rest])
    columns = [*_own(own, reached), *(reached.further[name].alias(_name(name, preset)) for name in rest)]
    repeated = [name for name, count in Counter(column.name for column in columns).items() if count > 1]
    if repeated:
        raise UsageError([_two_named(name) for name in repeated])
    return pl.DataFrame(columns)


def attributes(preset: Preset, channel: str, key: str, asked: Iterable[str]) -> dict[str, str]:
    """The attribute in each column of the file that has one, by the name it bears there; `key` names the key column."""
    own = {
        column.header.text.replace(KEY, key): column.attribute.text
        for column in preset.columns_of(channel)
        if column.attribute
    }
    rest = {_name(name, preset): name for name in asked if name not in own.values()}
    return {**rest, **own}


def _is_there(column: PresetColumn, channel: str, reached: Reached) -> bool:
    if column.origin == "address" and not channel:
        return False
    return not column.optional or (column.attribute is not None and column.attribute.text in reached.further.columns)


def _own(columns: list[PresetColumn], reached: Reached) -> Iterator[pl.Series]:
    for column in columns:
        values = _values(column, reached)
        values = hashed(values, column.hash) if column.hash else values
        yield values.alias(column.header.text.replace(KEY, reached.key.name).replace(ADDRESS, reached.address.name))


def _values(column: PresetColumn, reached: Reached) -> pl.Series:
    if column.attribute:
        return reached.further[column.attribute.text]
    match column.origin:
        case "address":
            return reached.address
        case "key":
            return reached.key
        case "variant":
            return reached.variant
        case "segment":
            return reached.segment
        case _:
            return pl.repeat(column.text, len(reached.key), dtype=pl.String, eager=True)


def _name(attribute: str, preset: Preset) -> str:
    """What a column is called that the preset does not name."""
    return re.sub(r"[^A-Za-z0-9_]", "_", attribute) if preset.rest == "underscores" else attribute


def _without_place(name: str, preset: Preset, channel: str) -> Problem:
    taken = [column.attribute.text for column in preset.columns_of(channel) if column.attribute]
    fact = f"the preset has no column for `{name}`, and takes no others"
    return Problem(fact, near_name(name, taken) or f"it takes {', '.join(taken) or 'none'}")


def _two_named(name: str) -> Problem:
    return Problem(f"two columns of the file would be named `{name}`", "take it out of --columns, or edit the preset")
