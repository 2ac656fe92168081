"""What has moved is what people would see to have moved."""

from __future__ import annotations

from segtool.model.figures import Figure, Shift


def test_a_share_that_is_told_as_the_same_has_not_moved() -> None:
    now = Figure("`country` is missing", 0, 1_000)
    assert not Shift(now, 0, 900).has_moved
    assert not Shift(Figure("`country` is missing", 100, 1_000), 90, 900).has_moved
    assert Shift(now, 1, 1_000).has_moved
    assert Shift(Figure("`country` is missing", 100, 1_000), 100, 900).has_moved
