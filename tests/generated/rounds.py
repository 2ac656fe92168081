"""How many examples there are, and how they are drawn: always the same 300, or 5,000 by HYPOTHESIS_PROFILE=long.

An example has four to eight conditions, each with its negation. The rounds count their seeds from 0, or AGREE_SEED.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from typing import TypeVar

from hypothesis import HealthCheck, given, seed, settings
from hypothesis import strategies as st

from tests.generated.examples import Example

Drawn = TypeVar("Drawn")
QUIET = [HealthCheck.too_slow, HealthCheck.data_too_large]
for name, number in (("suite", 300), ("long", 5_000)):
    settings.register_profile(
        name, max_examples=number, derandomize=True, deadline=None, suppress_health_check=QUIET, print_blob=True
    )
PROFILE = settings.get_profile(os.environ.get("HYPOTHESIS_PROFILE", "suite"))
FIRST_SEED = int(os.environ.get("AGREE_SEED", "0"))
SUITE = settings.get_profile("suite")
ROUND = 10
"""After so many examples hypothesis makes five of six by repeating a part of another: fewer differ, by half."""


def check_each(strategy: st.SearchStrategy[Drawn], check: Callable[[Drawn], None], of: settings = PROFILE) -> None:
    """Checks a profile's examples, in rounds of a few, each round from other random numbers."""

    @settings(of, max_examples=ROUND)
    @given(strategy)
    def check_round(example: Drawn) -> None:
        check(example)

    for number in range(of.max_examples // ROUND):
        seed(FIRST_SEED + number)(check_round)()


def drawn(strategy: st.SearchStrategy[Example]) -> list[Example]:
    """The examples of the suite, whatever the profile."""
    found: list[Example] = []
    check_each(strategy, found.append, SUITE)
    return found
