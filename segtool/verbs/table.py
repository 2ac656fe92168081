"""One table of a run, as the run works on it."""

from __future__ import annotations

from collections.abc import Container, Mapping
from dataclasses import dataclass, field, replace

from segtool.model.kinds import Schema
from segtool.model.results import TableResult
from segtool.model.run import TableState
from segtool.model.tables import ImportReport, TableSource
from segtool.store.rejects import shown_file


@dataclass(frozen=True)
class Table:
    """One table of a run, in the version that the run works on. `is_new`: it was read in this run, `added` events of
    it beside those that the store had."""

    source: TableSource
    state: TableState
    is_new: bool = False
    added: int | None = None
    rejects: Mapping[str, int] = field(default_factory=dict)
    """How many rows this run rejected, by what is wrong with them."""
    gone: int = 0
    """How many users of the store's version are not in this one."""

    @property
    def schema(self) -> Schema:
        return self.state.schema

    @property
    def report(self) -> ImportReport:
        """What became of all rows of the table."""
        return self.state.report

    def beside(self, known: TableState) -> Table:
        """The table with a note of the columns that had values in a version before, and have none now."""
        held = {column.name for column in known.schema.columns if column.form} | {*known.lost}
        lost = [column.name for column in self.schema.columns if column.name in held and not column.form]
        return replace(self, state=replace(self.state, lost=tuple(lost)))

    def accepting(self, columns: Container[str]) -> Table:
        """The table where these columns may be missing for everyone."""
        lost = tuple(name for name in self.state.lost if name not in columns)
        return replace(self, state=replace(self.state, lost=lost))

    @property
    def result(self) -> TableResult:
        """What an import made of the table."""
        name, by_hand = self.source.name, self.state.by_hand
        file = shown_file(name) if self.rejects else ""
        return TableResult(name, self.schema, self.report, self.is_new, by_hand, self.added, self.rejects, file)
