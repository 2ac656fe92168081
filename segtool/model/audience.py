"""Who of a segment's members is reached by a channel, and who is held back and why: facts in numbers."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

SUPPRESSED, NO_CONSENT, NO_ADDRESS, INVALID = "suppressed", "no consent", "no address", "invalid address"
DUPLICATE, QUIET, HELD_OUT = "duplicate address", "quiet", "held out"
REASONS = (SUPPRESSED, NO_CONSENT, NO_ADDRESS, INVALID, DUPLICATE, QUIET, HELD_OUT)
"""Why a member is held back; of several, the first one counts."""


@dataclass(frozen=True)
class Counted:
    """The members of a segment by a channel: `members` are the `reached` and those of each reason."""

    members: int
    reached: int
    held_back: Mapping[str, int]
