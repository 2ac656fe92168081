"""Sets of rows, and texts found by the codes of their distinct values."""

from __future__ import annotations

from datetime import UTC, datetime

import numpy as np
import pytest

from segtool.model.columns import from_rows, to_rows
from tests import engine
from tests.reference import World


@pytest.mark.parametrize("share", [0.0, 0.001, 0.3, 1.0])
def test_a_set_of_rows_holds_the_rows_it_was_made_of(share: float) -> None:
    rows = np.flatnonzero(np.random.default_rng(1).random(10_000) < share)
    assert to_rows(from_rows(rows, 10_000)).tolist() == rows.tolist()


TEXTS = [f"{number:03}" for number in range(255)]
"""With what is missing, as many distinct values as one byte tells apart."""


@pytest.mark.parametrize("wanted", [[], ["000"], ["254"], TEXTS[3:9], TEXTS[::2], TEXTS[:40] + TEXTS[250:], TEXTS])
def test_a_test_holds_for_the_texts_that_pass_it_however_they_lie_among_all(wanted: list[str]) -> None:
    users = [{"id": f"u{place}", "country": text} for place, text in enumerate(["", *TEXTS])]
    where = {"any": [{"country": text} for text in ["nowhere", *wanted]]}
    one_test = {"country": ["nowhere", *wanted]}
    world = World("UTC", datetime(2026, 6, 15, tzinfo=UTC), "id", {"country": "text"}, users)
    expected = {f"u{TEXTS.index(text) + 1}" for text in wanted}
    found = engine.members({"any": {"where": where}, "one": {"where": one_test}}, world)
    assert found == {"any": expected, "one": expected}
