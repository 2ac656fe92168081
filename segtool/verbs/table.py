"""One table of a run, as the run works on it."""

from __future__ import annotations

from dataclasses import dataclass

from segtool.model.kinds import Schema
from segtool.model.results import TableResult
from segtool.model.run import TableState
from segtool.model.tables import ImportReport, TableSource


@dataclass(frozen=True)
class Table:
    """One table of a run, in the version that the run works on. `is_new`: it was read in this run, `added` events of
    it beside those that the store had."""

    source: TableSource
    state: TableState
    is_new: bool = False
    added: int | None = None

    @property
    def schema(self) -> Schema:
        return self.state.schema

    @property
    def report(self) -> ImportReport:
        """What became of all rows of the table."""
        return self.state.report

    @property
    def result(self) -> TableResult:
        """What an import made of the table."""
        return TableResult(self.source.name, self.schema, self.report, self.is_new, self.state.by_hand, self.added)
