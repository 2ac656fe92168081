"""Literals, as YAML has them: text."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

from tests.generated.values import Setting, plain
from tests.reference_time import read_time, start_of_day
from tests.reference_values import Kind

FAR_NUMBERS = ("10.5", "-0.01", "9223372036854775808", "-1" + "0" * 30)
OF_FEW = ("tally", "sum", "avg")
"""Kinds of whose values each is worth a comparison."""
ZONES_WRITTEN = ("UTC", "offset", "")


def literals(kind: str, setting: Setting) -> list[str]:
    """What may be compared with a column of a kind; empty texts and NaN are no literals."""
    pool = [value for value in setting.pools[kind] if value == value]
    match plain(kind):
        case "text":
            return sorted({"a", *pool} - {"", "~", "null"})
        case "integer" | "number":
            return [*map(number_text, pool), *([] if kind in OF_FEW else FAR_NUMBERS)]
        case "datetime":
            days = sorted({setting.clock.day(moment).isoformat() for moment in pool})
            return [
                moment_text(moment, ZONES_WRITTEN[i // 3 % 3], setting) for i, moment in enumerate(pool[::3])
            ] + days
        case _:
            return [str(value).lower() for value in pool]


def number_text(value: float | Decimal) -> str:
    return format(Decimal(repr(value)) if isinstance(value, float) else Decimal(value), "f")


def moment_text(moment: datetime, zone: str, setting: Setting) -> str:
    """In UTC with `Z`, with the offset of the project's zone, or (where that is the same moment) without one."""
    if zone == "UTC":
        return moment.astimezone(UTC).isoformat().replace("+00:00", "Z")
    local = moment.astimezone(ZoneInfo(setting.clock.zone))
    offset = local.utcoffset()
    assert offset is not None
    if zone and offset % timedelta(minutes=1) == timedelta():
        return local.isoformat()
    wall = local.replace(tzinfo=None)
    return wall.isoformat(sep=" ") if setting.clock.instant(wall) == moment else moment_text(moment, "UTC", setting)


def element_literals(kind: Kind, setting: Setting) -> list[str]:
    """What an element, or a value, is compared with; the times in a list with moments alone."""
    if isinstance(kind, str):
        return literals(kind, setting)
    of = kind["list"]
    assert isinstance(of, str)
    return [text for text in literals(of, setting) if of != "datetime" or len(text) > 10]


def start(text: str, kind: str, setting: Setting) -> Any:
    """What orders literals: the moment at which a day starts."""
    if plain(kind) in ("integer", "number"):
        return Decimal(text)
    found = read_time(text, setting.clock)
    is_day = plain(kind) == "datetime" and not isinstance(found, datetime)
    return start_of_day(found, setting.clock) if is_day else found
