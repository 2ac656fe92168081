"""What a project asks of a segment's size: the limits that people write, and what they allow."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import ROUND_CEILING, ROUND_FLOOR, Decimal
from typing import Annotated, Any

from pydantic import BeforeValidator, model_validator

from segtool.model.nodes import Count, Percent, Shape, to_word, wrong


def to_growth(node: Any) -> Decimal:
    text = to_word(node)
    if not re.fullmatch(r"[0-9]{1,6}(\.[0-9]{1,9})?%?", text):
        raise wrong(f"`{text}` is not a percentage", "write a number from 0 to 999999, such as 50%")
    return Decimal(text.rstrip("%"))


@dataclass(frozen=True)
class Bound:
    """One limit as it is written, and the fewest and the most members that it allows."""

    limit: str
    least: int = 0
    most: int | None = None

    def holds(self, size: int) -> bool:
        return self.least <= size and (self.most is None or size <= self.most)

    @property
    def allowed(self) -> str:
        return f"{self.least:,} or more" if self.most is None else f"{self.most:,} or fewer"


class Guard(Shape):
    """How few and how many members a segment may have, and by what share of them it may change in a run."""

    min_size: Count | None = None
    max_size: Count | None = None
    max_shrink: Percent | None = None
    max_growth: Annotated[Decimal, BeforeValidator(to_growth)] | None = None

    @model_validator(mode="after")
    def _leaves_room(self) -> Guard:
        if fault := self.fault:
            raise wrong(fault, "swap them")
        return self

    @property
    def fault(self) -> str:
        """Why no size can be right; an empty text where one can."""
        if self.min_size is None or self.max_size is None or self.min_size <= self.max_size:
            return ""
        return f"`min_size: {self.min_size}` is more than `max_size: {self.max_size}`"

    @property
    def of_size(self) -> Guard:
        """The limits of size alone."""
        return self.model_copy(update={"max_shrink": None, "max_growth": None})

    def over(self, default: Guard) -> Guard:
        """These limits, and where they do not say, those of the default."""
        return default.model_copy(update={name: limit for name, limit in self if limit is not None})

    def broken(self, size: int, before: int | None) -> tuple[Bound, ...]:
        """The limits that a size does not keep to; `before`: that of the last run, None where there is none."""
        return tuple(bound for bound in self._bounds(before) if not bound.holds(size))

    def _bounds(self, before: int | None) -> Iterator[Bound]:
        if self.min_size is not None:
            yield Bound(f"min_size: {self.min_size}", least=self.min_size)
        if self.max_size is not None:
            yield Bound(f"max_size: {self.max_size}", most=self.max_size)
        if before and self.max_shrink is not None:
            left = (before * (100 - self.max_shrink) / 100).to_integral_value(ROUND_CEILING)
            yield Bound(f"max_shrink: {self.max_shrink:f}%", least=int(left))
        # of nobody there is no percentage
        if before and self.max_growth is not None:
            grown = (before * (100 + self.max_growth) / 100).to_integral_value(ROUND_FLOOR)
            yield Bound(f"max_growth: {self.max_growth:f}%", most=int(grown))

    def words(self) -> tuple[str, ...]:
        """The limits, each in the marketer's words."""
        said = (
            (self.min_size, f"at least {_members(self.min_size or 0)}"),
            (self.max_size, f"at most {_members(self.max_size or 0)}"),
            (self.max_shrink, f"loses at most {self.max_shrink or 0:f} % of its members in a run"),
            (self.max_growth, f"grows by at most {self.max_growth or 0:f} % of its members in a run"),
        )
        return tuple(words for limit, words in said if limit is not None)


def _members(number: int) -> str:
    return f"{number:,} member{'' if number == 1 else 's'}"


NO_GUARD = Guard.model_construct()
