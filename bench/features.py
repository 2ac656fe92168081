"""An event feature that measured segments are made of, and the tests on it, by hand for segtool, DuckDB and Polars.

A feature is an aggregate over one user's rows up to as-of: in SQL over those of its table, in Polars over those that
one pass of the program selects. Of a feature that counts different values it is the SELECT of those values. Whoever has
no row at all has NULL in every feature, so a test that holds for nothing done says so itself; what stays NULL is turned
into false. A last event's property is tested by two times: some last event passes if the last that passes is the last
of all.
"""

from __future__ import annotations

from dataclasses import dataclass

from bench.trees import Leaf


@dataclass(frozen=True)
class Feature:
    """One aggregate, and tests on it in YAML, SQL and Polars."""

    name: str
    sql: str
    rows: str
    polars: str
    tests: tuple[tuple[str, str, str], ...]

    @property
    def leaves(self) -> list[Leaf]:
        return [Leaf(*test, feature=self.name) for test in self.tests]
