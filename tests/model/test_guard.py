"""What a guard allows, in members and in words, and how shares are told."""

from __future__ import annotations

from typing import Any

import pytest

from segtool.model.figures import percent
from segtool.model.guard import Guard
from segtool.model.nodes import to_node


def guard(**limits: str) -> Guard:
    return Guard.model_validate(to_node(limits))


@pytest.mark.parametrize(
    ("limits", "before", "least", "most"),
    [
        ({"min_size": "3"}, None, 3, 1000),
        ({"max_size": "3"}, None, 0, 3),
        ({"max_size": "0"}, None, 0, 0),
        ({"max_shrink": "30%"}, 10, 7, 1000),
        ({"max_shrink": "30"}, 11, 8, 1000),
        ({"max_shrink": "0%"}, 10, 10, 1000),
        ({"max_shrink": "100%"}, 10, 0, 1000),
        ({"max_shrink": "12.5%"}, 8, 7, 1000),
        ({"max_growth": "50%"}, 10, 0, 15),
        ({"max_growth": "50%"}, 11, 0, 16),
        ({"max_growth": "200%"}, 10, 0, 30),
        ({"max_growth": "0%"}, 10, 0, 10),
        ({"max_growth": "0%", "max_shrink": "0%"}, 0, 0, 1000),
        ({"max_growth": "0%", "max_shrink": "0%"}, None, 0, 1000),
        ({"min_size": "5", "max_size": "9", "max_shrink": "10%", "max_growth": "10%"}, 8, 8, 8),
    ],
)
def test_a_guard_allows_these_sizes_and_no_others(
    limits: dict[str, str], before: int | None, least: int, most: int
) -> None:
    allowed = [size for size in range(1001) if not guard(**limits).broken(size, before)]
    assert allowed == list(range(least, most + 1))


def test_a_segments_own_guard_replaces_the_limits_that_it_names() -> None:
    both = guard(min_size="1", max_shrink="5%").over(guard(min_size="100", max_growth="50%"))
    assert both == guard(min_size="1", max_shrink="5%", max_growth="50%")


def test_a_guard_in_words() -> None:
    assert guard(min_size="1000", max_size="2000", max_shrink="5", max_growth="12.5%").words() == (
        "at least 1,000 members",
        "at most 2,000 members",
        "loses at most 5 % of its members in a run",
        "grows by at most 12.5 % of its members in a run",
    )
    assert guard(min_size="0").words() == ("at least 0 members",)


@pytest.mark.parametrize(
    ("part", "whole", "said"),
    [
        (0, 0, "0 %"),
        (0, 7, "0 %"),
        (7, 7, "100 %"),
        (1, 8, "12.5 %"),
        (1, 3, "33.3 %"),
        (200, 1000, "20 %"),
        (1, 100_000, "less than 0.1 %"),
        (99_999, 100_000, "more than 99.9 %"),
    ],
)
def test_a_share_is_told_to_a_tenth_and_never_as_nothing_or_all_where_it_is_not(
    part: Any, whole: Any, said: str
) -> None:
    assert percent(part, whole) == said
