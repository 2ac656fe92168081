"""What `doctor` finds: plain sentences, and whether somebody has to do something about them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

GRAVEST = (8, 1, 3, 4, 2)
"""Exit codes in the order in which one goes before another, where several things are wrong."""


@dataclass(frozen=True)
class Finding:
    """One thing that was looked at. What is `noted` is worth knowing, and nothing to mend; what is wrong has the exit
    code that a command would end with because of it."""

    about: str
    name: str
    fact: str
    noted: bool = False
    exit_code: int = 0

    @property
    def state(self) -> Literal["fine", "noted", "wrong"]:
        return "wrong" if self.exit_code else "noted" if self.noted else "fine"


@dataclass(frozen=True)
class Diagnosis:
    findings: tuple[Finding, ...]

    @property
    def exit_code(self) -> int:
        codes = {finding.exit_code for finding in self.findings}
        return next((code for code in GRAVEST if code in codes), 0)
