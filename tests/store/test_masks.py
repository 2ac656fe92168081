"""Lists of few items as sets: what they hold, and when they are none."""

from __future__ import annotations

import polars as pl
import pytest

from segtool.store import masks
from segtool.store.masks import masks_of


def sets(lists: pl.Series) -> list[set[object]]:
    found = masks_of(lists)
    assert found
    items = found.items.to_list()
    return [{item for bit, item in enumerate(items) if number >> bit & 1} for number in found.bits.tolist()]


def test_a_list_has_a_bit_for_each_item_that_it_holds() -> None:
    lists = pl.Series([["b", "a", "b"], None, [], ["c"]])
    assert sets(lists) == [{"a", "b"}, set(), set(), {"c"}]


@pytest.mark.parametrize(("number", "dtype"), [(8, "|u1"), (9, "<u2"), (33, "<u8"), (64, "<u8"), (65, None)])
def test_sets_are_as_wide_as_the_items_need_up_to_64(number: int, dtype: str | None) -> None:
    lists = pl.Series([[item] for item in range(number)])
    found = masks_of(lists)
    assert (found and found.bits.dtype.str) == dtype
    if found:
        assert sets(lists) == [{item} for item in range(number)]


def test_sets_are_the_same_however_many_lists_are_looked_at_together(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(masks, "SOME", 2)
    assert sets(pl.Series([[1.5], [], [2.5, 1.5], None, [3.5]])) == [{1.5}, set(), {1.5, 2.5}, set(), {3.5}]


def test_what_is_no_list_of_plain_values_has_no_sets() -> None:
    assert masks_of(pl.Series(["a"])) is None
    assert masks_of(pl.Series([[{"n": 1}]])) is None
