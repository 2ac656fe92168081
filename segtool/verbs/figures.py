"""Segments and tables to figures: for how many users each clause holds, and how many lack what it looks at."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from segtool.compile.clauses import Clause, clauses_of
from segtool.compile.plan import Surroundings
from segtool.engine.decide import Frozen, holding
from segtool.engine.missing import missing_of
from segtool.model.columns import Bits, Tables, UserTable, count, resized
from segtool.model.events import EventNames
from segtool.model.figures import ClauseFigures, Figure
from segtool.model.project import Project, Segment
from segtool.model.run import TableState
from segtool.model.time import Clock, parse_instant
from segtool.store.store import USERS, Store
from segtool.verbs.preparation import frozen_sources


@dataclass(frozen=True)
class Ground:
    """What clauses are asked of: what they are read against, the tables, and who is in the segments that they name."""

    around: Surroundings
    tables: Tables
    frozen: Frozen
    members: Mapping[str, Bits]

    def figures(self, segments: Sequence[Segment]) -> dict[str, tuple[ClauseFigures, ...]]:
        """The figures of each clause that can be asked, by segment; what is asked of several is looked at once."""
        asked = {one.name: self._asked(one) for one in segments}
        predicates = [clause.meaning for found in asked.values() for clause in found]
        users = count(self.tables.users.present)
        held = iter(holding(predicates, self.tables, self.frozen, self.members))
        missing = iter(missing_of(predicates, self.tables))
        return {
            name: tuple(_figures(clause, count(next(held)), users, next(missing)) for clause in found)
            for name, found in asked.items()
        }

    def _asked(self, segment: Segment) -> list[Clause]:
        whole = (clause for clause in clauses_of(segment, self.members, self.around) if clause.is_whole)
        return list({clause.words: clause for clause in whole}.values())


def _figures(clause: Clause, number: int, users: int, missing: tuple[Figure, ...]) -> ClauseFigures:
    holds = Figure(f"`{clause.words}` holds", number, users)
    return ClauseFigures(clause.words, clause.mark, holds, missing)


def kept_ground(project: Project, store: Store) -> Ground | None:
    """The tables of the newest run, with its as-of and its members; None before the first import."""
    states = store.state.tables
    as_of = parse_instant(store.head.as_of, project.zone) if store.head and store.head.as_of else None
    if USERS not in states or as_of is None:
        return None
    frozen = frozen_sources(store, store.state.segments)
    events = _event_names(states)
    around = Surroundings(states[USERS].schema, Clock(as_of, project.zone), events, frozenset(frozen))
    tables = store.tables(states)
    names = {name for name, role in store.members().rows}
    return Ground(around, tables, frozen, held_members(store, tables.users, names))


def held_members(store: Store, users: UserTable, names: Iterable[str]) -> dict[str, Bits]:
    """Who the newest run left in these segments, as far as they are dynamic, of those who are users still."""
    members = store.members()
    held = {name: bits for name in names if (bits := members.of(name)) is not None}
    return {name: resized(bits, users.size) & users.present for name, bits in held.items()}


def _event_names(states: Mapping[str, TableState]) -> EventNames:
    logs = {name: state for name, state in states.items() if name != USERS}
    named = {name: [*state.report.names, *([] if state.schema.event else [name])] for name, state in logs.items()}
    tables = {event: name for name, events in named.items() for event in events}
    return EventNames({name: state.schema for name, state in logs.items()}, tables)
