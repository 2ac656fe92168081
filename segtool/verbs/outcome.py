"""What was decided to what is committed: snapshots, movements with reasons, and the state after the run."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any

import numpy as np

from segtool.compile.plan import digest
from segtool.engine.compare import Before, movement
from segtool.engine.decide import Decided, Decision
from segtool.engine.reuse import key_of
from segtool.errors import Problem
from segtool.model.columns import Bits, UserTable
from segtool.model.figures import Held
from segtool.model.movement import Movement
from segtool.model.plan import Plan, PlannedSegment
from segtool.model.results import Evaluation, SegmentResult
from segtool.model.run import Members, SegmentState, Size, State
from segtool.store.additions import Additions
from segtool.store.store import Store
from segtool.store.writer import Writer
from segtool.verbs.departed import kept_tree
from segtool.verbs.guards import noted
from segtool.verbs.preparation import Prepared
from segtool.verbs.reach import Reaching, Standing
from segtool.verbs.snapshots import Moment, frozen_segment, strangers_of
from segtool.verbs.warnings import warnings_of


@dataclass(frozen=True)
class View:
    """Whom the committed definitions hold on today's data, for segments whose definition is another one now.
    `problems`: why that cannot be told, so that every change is one of definition."""

    changed: frozenset[str]
    would_be: Mapping[str, Decision]
    problems: tuple[Problem, ...] = ()


def decided_from(plan: Plan, moment: Moment, states: Mapping[str, SegmentState]) -> str:
    """The key of all that the members of the plan's segments follow from, after static ones among them are frozen."""
    frozen = {name: state.frozen.csv for name, state in sorted(states.items()) if state.frozen}
    dynamic = tuple(planned for planned in plan.segments if planned.name not in frozen)
    parts = {name: state.parts for name, state in sorted(moment.tables.items())}
    return key_of(replace(plan, segments=dynamic), parts, frozen)


def is_as_committed(prepared: Prepared, store: Store, moment: Moment, kept: Mapping[str, SegmentState]) -> bool:
    """The newest run decided all segments from what they would be decided from now."""
    known = store.head.details.get("decided") if store.head else None
    return known == decided_from(prepared.plan, moment, kept)


@dataclass
class Outcome:
    """What a run comes to, gathered until it is committed."""

    prepared: Prepared
    store: Additions
    users: UserTable
    before: UserTable | None
    decided: Decided
    moment: Moment
    states: dict[str, SegmentState]
    closures: Mapping[str, str]
    held: Mapping[str, Held]
    """The segments that stay as they were."""
    allowed: tuple[str, ...]
    """The guards of segments that let something through."""
    reaching: Reaching
    movements: dict[str, Movement] = field(default_factory=dict)
    view: View = View(frozenset(), {})
    frozen: list[str] = field(default_factory=list)
    removed: list[str] = field(default_factory=list)

    @property
    def decisions(self) -> Mapping[str, Decision]:
        return self.decided.decisions

    @property
    def number(self) -> int:
        return self.store.head.number + 1 if self.store.head else 1

    def freeze(self) -> None:
        segments = self.prepared.project.segments
        for planned in self.prepared.plan.segments:
            name = planned.name
            if name in self.decisions.keys() - self.held and segments[name].definition.kind == "static":
                self.states[name] = frozen_segment(
                    name, segments[name], planned, self.decisions[name], self.users, self.moment, self.store
                )
                self.frozen.append(name)

    def compare(self, view: View) -> None:
        self.view = view
        committed = self.store.members()
        for name in self.prepared.names:
            if name in self.held:
                self._hold(name)
            elif name not in self.frozen:
                self.movements[name] = movement(
                    self.decisions[name],
                    self._before(name, committed, view),
                    self.users.present,
                    self.users.size,
                )
                self._note(name)
            elif committed.of(name) is not None:
                # it was dynamic until now: those who were in leave, and the snapshot's members enter
                self._empty(name, committed)
        self._remove_lost(committed)

    def reach(self) -> None:
        """Counts whom the channels reach, of the segments that stand."""
        for name, state in self.states.items() if self.reaching.channels else ():
            if self.prepared.chosen is None or name in self.prepared.chosen:
                counted = self.reaching.counted(self.prepared.project.segments.get(name), self._standing(name, state))
                self.states[name] = replace(state, reached={channel: one.reached for channel, one in counted.items()})

    def _standing(self, name: str, state: SegmentState) -> Standing:
        if name in self.decisions:
            strangers = strangers_of(self._planned[name], self.users, self.store.suppression())
            return Standing(self.decisions[name].members, tuple(strangers) if state.frozen else ())
        assert state.frozen
        return self.reaching.of_frozen(name, state.frozen)

    def _hold(self, name: str) -> None:
        """The segment's state stays, with a note of when a guard began to keep it."""
        if name in self.states:
            self.states[name] = replace(self.states[name], held=self.held[name].baseline)

    def _before(self, name: str, committed: Members, view: View) -> Before:
        table = self.before or self.users
        bits = committed.of(name)
        would_be = view.would_be[name].members if name in view.changed and name in view.would_be else None
        unknown = name in view.changed and would_be is None
        lists = committed.of(name, "include"), committed.of(name, "exclude")
        return Before(bits, *lists, table.present, table.seen, would_be, unknown)

    def _note(self, name: str) -> None:
        """The segment's state; it stays what it was where nothing about the segment changed."""
        move, known = self.movements[name], self.states.get(name)
        segment = self.prepared.project.segments[name]
        definition, closure = digest(segment.tree), self.closures[name]
        fresh = known is None or (known.definition, known.closure) != (definition, closure)
        if fresh or not move.is_still:
            self.states[name] = SegmentState("dynamic", definition, closure, move.after, self.number, self.moment.as_of)
        elif known and known.held:
            self.states[name] = replace(known, held=None)

    def _remove_lost(self, committed: Members) -> None:
        """Dynamic segments that the files no longer hold: everybody leaves, and they are kept no more."""
        if self.prepared.chosen is not None:
            return
        gone = set(self.states) - set(self.prepared.project.segments)
        for name in sorted(name for name in gone if not self.states[name].frozen):
            self._empty(name, committed)
            del self.states[name]
            self.removed.append(name)

    def _empty(self, name: str, committed: Members) -> None:
        nobody = Decision(np.zeros_like(self.users.present))
        before = replace(self._before(name, committed, View(frozenset(), {})), unknown=True)
        self.movements[name] = movement(nobody, before, self.users.present, self.users.size)

    def commit(self, store: Writer) -> Evaluation:
        state = self._state()
        head = store.head
        if head and state == store.state and head.as_of == self.moment.as_of:
            return self.evaluation(head.number, committed=False)
        if state != store.state:
            # alone, what is kept for speed is nothing to write
            state = replace(state, leaves=self._leaves())
        moved = {name: move for name, move in self.movements.items() if not move.is_still}
        record = store.commit(
            kind="evaluate",
            as_of=self.moment.as_of,
            at=self.moment.at,
            state=state,
            changes=store.add_changes(moved) if moved else "",
            sizes={**{name: _size(move) for name, move in moved.items()}, **self._frozen_sizes()},
            frozen=tuple(self.frozen),
            details=self._details(),
        )
        return self.evaluation(record.number, committed=True)

    def _details(self) -> dict[str, Any]:
        chosen, allowed = self.prepared.chosen, noted([*self.prepared.allowed, *self.allowed])
        details = {**self.prepared.inputs.details, **allowed}
        if chosen is not None:
            return {**details, "selected": sorted(chosen)}
        if self.held:
            # what stands does not follow from the definitions and the tables alone
            return details
        return {**details, "decided": decided_from(self.prepared.plan, self.moment, self.states)}

    def _frozen_sizes(self) -> dict[str, Size]:
        sizes = {}
        for name in self.frozen:
            members, move = self.states[name].members, self.movements.get(name)
            before, left = (move.before, move.left.count) if move else (0, 0)
            sizes[name] = Size(before, members, left, members)
        return sizes

    def _state(self) -> State:
        segments, suppression = self.prepared.project.segments, self.store.suppression()
        key, decided = self.prepared.project.users.key, self.decisions.keys() - self.held
        trees = {
            **self.store.definitions(),
            **{name: kept_tree(segments[name], key, suppression) for name in decided},
        }
        trees = {name: tree for name, tree in trees.items() if name in self.states}
        definitions = self.store.state.definitions
        if trees != self.store.definitions():
            definitions = self.store.add_definitions(trees)
        tables, members = dict(self.moment.tables), self._members()
        return replace(self.store.state, tables=tables, segments=self.states, members=members, definitions=definitions)

    def _members(self) -> str:
        """The object of everybody's members; the newest one stands where nothing in it changed."""
        committed = self.store.members()
        over = {*self.removed, *self.frozen}
        rows = {key: bits for key, bits in committed.rows.items() if key[0] in self.states and key[0] not in over}
        for name in self.movements.keys() - over:
            decision = self.decisions[name]
            roles = {"members": decision.members, "include": decision.include, "exclude": decision.exclude}
            for role, bits in roles.items():
                if bits is not None:
                    rows[name, role] = bits
                else:
                    rows.pop((name, role), None)
        same = rows.keys() == committed.rows.keys() and all(
            _same(bits, committed.rows[key]) for key, bits in rows.items()
        )
        return self.store.state.members if same else self.store.add_members(Members(rows), self.users.size)

    def _leaves(self) -> str:
        """The object of what need not be decided again; a run of chosen segments does not know what all others need."""
        leaves = {**self.decided.leaves, **self.reaching.kept}
        if self.prepared.chosen is not None or leaves.keys() == self.store.leaves().keys():
            return self.store.state.leaves
        return self.store.add_leaves(leaves)

    def evaluation(self, number: int, *, committed: bool) -> Evaluation:
        """What is told of the run, under its number."""
        results = [
            self._result(name) for name in sorted({*self.prepared.project.segments, *self.states, *self.removed})
        ]
        known = tuple(result for result in results if result)
        return Evaluation(
            self.moment.as_of,
            number,
            committed,
            self.prepared.inputs.results,
            known,
            (*map(str, warnings_of(self.prepared, self.states, self.store.suppression())), *self.reaching.warnings),
        )

    def _result(self, name: str) -> SegmentResult | None:
        result, state = self._moved(name), self.states.get(name)
        return replace(result, reached=state.reached) if result and state else result

    def _moved(self, name: str) -> SegmentResult | None:
        state, move = self.states.get(name), self.movements.get(name)
        if name in self.removed and move:
            return SegmentResult(name, "dynamic", "removed", _size(move))
        if name in self.held:
            members = state.members if state else 0
            kind = self.prepared.project.segments[name].definition.kind
            return SegmentResult(name, kind, "held", Size(members, 0, 0, members), held=self.held[name])
        if state is None or (self.prepared.chosen is not None and name not in self.prepared.chosen):
            return None
        if state.frozen and name in self.frozen:
            return SegmentResult(name, "static", "frozen", self._frozen_sizes()[name], state.frozen.strangers)
        if state.frozen or move is None:
            size = Size(state.members, 0, 0, state.members)
            strangers = state.frozen.strangers if state.frozen else 0
            return SegmentResult(name, state.kind, "kept", size, strangers)
        return SegmentResult(name, "dynamic", "decided", _size(move), self._strangers(name))

    def _strangers(self, name: str) -> int:
        planned = self._planned[name]
        return len(strangers_of(planned, self.users, self.store.suppression())) if planned.include else 0

    @cached_property
    def _planned(self) -> Mapping[str, PlannedSegment]:
        return {planned.name: planned for planned in self.prepared.plan.segments}


def _same(bits: Bits, committed: Bits) -> bool:
    return np.array_equal(bits, committed)


def _size(move: Movement) -> Size:
    return Size(move.before, move.entered.count, move.left.count, move.after)
