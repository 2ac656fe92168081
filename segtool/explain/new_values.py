"""A leaf and a value come in; go out: other values for which the leaf may hold, or not hold; the nearest come first.

They are guesses: the engine decides of each whether it does."""

from __future__ import annotations

import operator
from collections.abc import Callable, Iterable, Iterator
from datetime import UTC, date, datetime, timedelta
from decimal import ROUND_CEILING, ROUND_FLOOR, Decimal
from typing import Any
from zoneinfo import ZoneInfo

from segtool.model.algebra import Compare, Has, IsSet, Leaf, Match, OneOf, Part, Value, root
from segtool.model.kinds import Kind
from segtool.model.time import Clock, add_months

FEW = 4
"""As many values are tried of each leaf."""
MOST, PLACES = 10**12, 6
"""Numbers beyond these are not offered: a column keeps exactly only so many digits."""
LAST_TICK = 999_999
"""The last microsecond of a second, as at the end of a day."""
STAND_INS: dict[str, Any] = {"text": "any", "integer": Decimal(1), "number": Decimal(1), "boolean": True}
NEGATED = {"gt": "lte", "gte": "lt", "lt": "gte", "lte": "gt"}
COMPARED: dict[str, Callable[[Any, Any], bool]] = {
    "eq": operator.eq,
    "gt": operator.gt,
    "gte": operator.ge,
    "lt": operator.lt,
    "lte": operator.le,
}


def new_values(leaf: Leaf, wanted: bool, now: Any, kind: Kind, clock: Clock) -> list[Any]:
    """Values of this kind for which the leaf may be as wanted; None is a missing one."""
    found = _found(leaf, wanted, now, kind, clock)
    missing = [] if wanted or now is None else [None]
    return list(_distinct([*found, *missing]))[: FEW + len(missing)]


def _found(leaf: Leaf, wanted: bool, now: Any, kind: Kind, clock: Clock) -> list[Any]:
    match leaf:
        case IsSet():
            return [stand_in(kind, clock)] if wanted else []
        case Compare(Part() as part, comparison, literal) if part.name not in ("lower", "size"):
            return _of_part(part, lambda held: COMPARED[comparison](held, literal) == wanted, now, kind, clock)
        case OneOf(Part() as part, literals) if part.name not in ("lower", "size"):
            return _of_part(part, lambda held: (held in literals) == wanted, now, kind, clock)
        case Compare(Part(name="size"), comparison, literal):
            return _of_size(lambda size: COMPARED[comparison](size, literal) == wanted, now)
        case OneOf(Part(name="size"), literals):
            return _of_size(lambda size: (size in literals) == wanted, now)
        case Compare(_, comparison, literal):
            return compared(comparison, literal, wanted, kind)
        case OneOf(_, literals):
            return sorted(literals, key=lambda one: _distance(one, now)) if wanted else []
        case Match(_, manner, patterns):
            return _matching(manner, patterns, now or "") if wanted else []
        case Has(_, items, every):
            return _having(items, every, list(now or ())) if wanted else [_without(items, list(now or ()))]
        case _:
            return []


def _distinct(values: Iterable[Any]) -> Iterator[Any]:
    seen: list[Any] = []
    for value in values:
        if not any(value is one or (type(value) is type(one) and value == one) for one in seen):
            seen.append(value)
            yield value


def compared(comparison: str, literal: Any, wanted: bool, kind: Kind) -> list[Any]:
    """The values nearest to the literal for which the comparison is as wanted."""
    if comparison == "eq":
        if wanted:
            return _held(literal, kind)
        if isinstance(literal, bool):
            return [not literal]
        return [] if isinstance(literal, str) else [above(literal, kind), below(literal, kind)]
    match comparison if wanted else NEGATED[comparison]:
        case "gt":
            return [above(literal, kind)]
        case "lt":
            return [below(literal, kind)]
        case "gte":
            return _held(literal, kind, ROUND_CEILING)
        case _:
            return _held(literal, kind, ROUND_FLOOR)


def _held(literal: Any, kind: Kind, rounding: str = "") -> list[Any]:
    """The literal as a column of this kind holds it."""
    if kind.name == "integer" and isinstance(literal, Decimal):
        whole = literal.to_integral_value(rounding or ROUND_FLOOR)
        return [int(whole)] if rounding or whole == literal else []
    return [literal]


def after(moment: datetime) -> datetime:
    """The next second; the one that begins, where one ends."""
    return moment + (timedelta(microseconds=1) if moment.microsecond == LAST_TICK else timedelta(seconds=1))


def above(literal: Any, kind: Kind) -> Any:
    return _beside(literal, kind, 1)


def below(literal: Any, kind: Kind) -> Any:
    return _beside(literal, kind, -1)


def _beside(literal: Any, kind: Kind, sign: int) -> Any:
    """The next value in one direction: a whole number, a hundredth, a day, a second."""
    try:
        match literal:
            case datetime():
                return after(literal) if sign > 0 else literal - timedelta(seconds=1)
            case date():
                return literal + timedelta(days=sign)
            case _ if kind.name == "integer":
                return int(Decimal(literal).to_integral_value(ROUND_FLOOR if sign > 0 else ROUND_CEILING)) + sign
            case _:
                number = Decimal(literal)
                return number + sign * Decimal(1).scaleb(min(int(number.as_tuple().exponent), -2))
    except OverflowError:
        return literal


def stand_in(kind: Kind, clock: Clock) -> Any:
    """Some value of a kind."""
    if kind.of:
        return [stand_in(kind.of, clock)]
    if kind.name == "struct":
        return {name: stand_in(of, clock) for name, of in kind.fields}
    if kind.is_time:
        return clock.today if kind.name == "date" else clock.as_of.replace(microsecond=0)
    return STAND_INS[kind.name] if kind.name != "integer" else 1


def _distance(one: Any, now: Any) -> float:
    try:
        return abs(float(one) - float(now))
    except (TypeError, ValueError):
        return 0


def _matching(manner: str, patterns: tuple[str, ...], now: str) -> list[Any]:
    match manner:
        case "contains":
            return [f"{now}{pattern}" for pattern in patterns]
        case "starts_with":
            return [f"{pattern}{now}" for pattern in patterns]
        case "ends_with":
            return [f"{now}{pattern}" for pattern in patterns]
        case _:
            plain = [pattern.removeprefix("(?i)").strip("^$") for pattern in patterns]
            return [text for pattern in plain for text in (f"{now}{pattern}", pattern) if text]


def _having(items: tuple[Any, ...], every: bool, now: list[Any]) -> list[Any]:
    lacking = [item for item in items if item not in now]
    return [[*now, *lacking]] if every else [[*now, item] for item in lacking]


def _without(items: tuple[Any, ...], now: list[Any]) -> list[Any] | None:
    return [item for item in now if item not in items] or None


def _of_size(fits: Callable[[int], bool], now: list[Any] | None) -> list[Any]:
    """The list cut short; what it could gain is not known."""
    held = now or []
    sizes = [size for size in range(len(held), -1, -1) if fits(size)]
    return [held[: sizes[0]] or None] if sizes else []


def _of_part(part: Part, fits: Callable[[int], bool], now: Any, kind: Kind, clock: Clock) -> list[Any]:
    """The nearest dates or times of which a part fits."""
    zone = ZoneInfo(part.zone) if part.zone else clock.zone
    start = now or (clock.today if kind.name == "date" else clock.as_of.replace(microsecond=0))
    return [one for one in _around(start, part, zone) if fits(_part_of(one, part, zone))][:FEW]


def _around(start: Any, part: Part, zone: ZoneInfo) -> Iterator[Any]:
    """Dates, or times, further and further away; for an age, the birthdays."""
    if part.name == "hour":
        yield from (start + timedelta(hours=hours) for near in range(25) for hours in (near, -near))
    elif part.name == "age" and part.on:
        births = [
            add_months(part.on, -12 * years) + timedelta(days=days) for years in range(121) for days in (0, 1, -1)
        ]
        day = _day(start, zone)
        for birth in sorted(births, key=lambda one: abs((one - day).days)):
            yield birth if not isinstance(start, datetime) else start + timedelta(days=(birth - day).days)
    else:
        yield from (start + timedelta(days=days) for near in range(367) for days in (near, -near))


def _day(moment: Any, zone: ZoneInfo) -> date:
    if isinstance(moment, datetime):
        return moment.astimezone(zone).date()
    day: date = moment
    return day


def _part_of(moment: Any, part: Part, zone: ZoneInfo) -> int:
    day = _day(moment, zone)
    match part.name:
        case "age":
            assert part.on
            later = (part.on.month, part.on.day) < (day.month, min(day.day, 28) if day.month == 2 else day.day)
            return part.on.year - day.year - later
        case "weekday":
            return day.isoweekday()
        case "month":
            return day.month
        case "day_of_month":
            return day.day
        case "month_day":
            return 100 * day.month + day.day
        case "hour":
            return int(moment.astimezone(zone).hour)
        case _:
            return (day - datetime(1970, 1, 1, tzinfo=UTC).date()).days


def root_kind(value: Value) -> Kind:
    """The kind of the column that a value is computed from."""
    found = root(value)
    return found.kind if hasattr(found, "kind") else Kind("number")


def fitting(value: Any, kind: Kind) -> Any:
    """The value as a cell of this kind holds it."""
    if isinstance(value, list) and kind.of:
        return [fitting(one, kind.of) for one in value] or None
    if kind.name == "integer" and isinstance(value, Decimal | float):
        return int(value)
    if kind.name == "number" and isinstance(value, int) and not isinstance(value, bool):
        return Decimal(value)
    return value.astimezone(UTC) if isinstance(value, datetime) else value


def can_be_held(value: Any) -> bool:
    """Whether a table holds this number, or the numbers in this list, exactly."""
    match value:
        case list():
            return all(map(can_be_held, value))
        case bool():
            return True
        case int():
            return abs(value) < MOST
        case Decimal():
            return abs(value) < MOST and value == round(value, PLACES)
        case _:
            return True
