"""The name of a time zone comes in, as people wrote it; goes out: the same, where every machine knows that zone."""

from __future__ import annotations

from typing import Any
from zoneinfo import available_timezones

from segtool.model.nodes import near_name, to_word, wrong

NOWHERE_ZONES = {"localtime", "Factory"}
"""Zones that are another one on each machine, or none."""


def to_zone(node: Any) -> str:
    name = to_word(node)
    zones = available_timezones() - NOWHERE_ZONES
    if name not in zones:
        hint = near_name(name, zones) or "write an IANA name such as Europe/Kyiv"
        raise wrong(f"there is no time zone `{name}`", hint)
    return name
