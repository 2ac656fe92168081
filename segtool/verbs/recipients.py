"""Segments of the newest run come in; go out: their members, or who entered or left, and whom a channel reaches."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from functools import cached_property, reduce

import numpy as np

from segtool.channels.audience import Audience, Reach
from segtool.model.audience import DUPLICATE, INVALID, NO_ADDRESS, NO_CONSENT, REASONS, SUPPRESSED
from segtool.model.columns import Bits, UserTable, count, from_rows, resized, to_rows
from segtool.model.exports import ExportedPart, Request
from segtool.model.plan import PlannedChannel
from segtool.model.project import Project
from segtool.model.run import REASONS as CHANGES
from segtool.model.run import SegmentState
from segtool.store.store import Store
from segtool.verbs.reach import Reaching, Standing

LEFT_OUT = frozenset({"initial", "definition"})
"""Reasons of entering that are news of the definitions, and not of the users."""
OF_THOSE_WHO_LEFT = (NO_ADDRESS, INVALID, DUPLICATE)
"""What holds somebody back who is to be taken off a list; whether they want to be on it does not."""


@dataclass(frozen=True)
class Part:
    """One segment of an export: its members, whom the channel reaches of those in no earlier one, and of these the ones
    that the variant asked for draws."""

    name: str
    members: Standing
    audience: Audience
    drawn: Bits
    strangers: Mapping[str, list[str]]
    of_no_variant: list[str]
    """Keys of no row that nothing holds back but the variant asked for, which draws users."""

    def facts(self) -> ExportedPart:
        counted = self.audience.counted(self.strangers)
        members = count(self.members.members) + len(self.members.strangers)
        others = count(self.audience.reached & ~self.drawn) + len(self.of_no_variant)
        return ExportedPart(self.name, members, members - counted.members, counted, others)


@dataclass(frozen=True)
class Recipients:
    """Whom an export is about. `states`: the segments as the newest run left them."""

    project: Project
    request: Request
    states: Mapping[str, SegmentState]
    store: Store
    reaching: Reaching
    channel: PlannedChannel | None
    columns: frozenset[str]
    """The attributes that the file holds."""

    def parts(self) -> Iterator[Part]:
        """The segments in the order in which they were asked for; nobody is in two of them."""
        members = [self._asked(name) for name in self.request.segments]
        earlier, bits = list(self._earlier(members)), [one.members for one in members]
        reach, seen = self._reach.in_order([*self._still_reached, *bits]), set[str]()
        held_out = self._held_out(bits, earlier)
        everybody = reach.audience(reduce(np.bitwise_or, [*self._still_reached, *bits]), held_out)
        for name, standing, before in zip(self.request.segments, members, earlier, strict=True):
            audience = everybody.among(standing.members & ~before)
            strangers = [key for key in standing.strangers if key not in seen]
            seen.update(strangers)
            drawn = audience.reached & self.variant(name, self.request.variant)
            by_reason = self._strangers(strangers)
            of_no_variant = by_reason.get("", []) if self.request.variant else []
            yield Part(name, standing, audience, drawn, by_reason, of_no_variant)

    def variant(self, name: str, variant: str) -> Bits:
        """The users whom a variant of a segment's split draws; all of them where none is asked for."""
        segment = self.project.segments.get(name)
        return self.reaching.variants(segment)[variant] if variant and segment else self._users.present

    @property
    def _users(self) -> UserTable:
        return self.reaching.ground.tables.users

    @cached_property
    def _nobody(self) -> Bits:
        return np.zeros_like(self._users.present)

    def _earlier(self, members: list[Standing]) -> Iterator[Bits]:
        before = self._nobody
        for one in members:
            yield one.members & before
            before = before | one.members

    @cached_property
    def _reach(self) -> Reach:
        """Without a channel nothing but lists of whom never to send to holds anybody back."""
        if self.channel is None:
            never = dict.fromkeys(REASONS, self._nobody) | {SUPPRESSED: self.reaching.suppressed_users}
            reach = Reach(never, to_rows(self._nobody), to_rows(self._nobody))
        else:
            reach = self.reaching.reach[self.channel.name]
        if self.request.only != "left":
            return replace(reach, held={**reach.held, SUPPRESSED: reach.held[SUPPRESSED] | self._listed})
        held = {reason: bits if reason in OF_THOSE_WHO_LEFT else self._nobody for reason, bits in reach.held.items()}
        return replace(reach, held=held)

    @property
    def _listed(self) -> Bits:
        """Whose address is on such a list and would stand in the file; without a channel, who has any such address."""
        channels = [one for one in self.reaching.channels if self.channel is None or one.address.name in self.columns]
        return reduce(np.bitwise_or, map(self.reaching.listed, channels), self._nobody)

    def _strangers(self, keys: list[str]) -> dict[str, list[str]]:
        if self.request.only != "left":
            return self.reaching.strangers(self.channel, keys)
        return {NO_ADDRESS if self.channel else "": keys}

    @cached_property
    def _still_reached(self) -> list[Bits]:
        """Of those who left, none is taken off a list whose address is that of a member who may be sent to."""
        if self.request.only != "left" or self.channel is None:
            return []
        held = self.reaching.reach[self.channel.name].held
        barred = held[SUPPRESSED] | held[NO_CONSENT]
        return [self._members(name).members & ~barred for name in self.request.segments]

    def _held_out(self, members: list[Bits], earlier: list[Bits]) -> Bits:
        if self.request.only == "left":
            return self._nobody
        drawn = zip(self.request.segments, members, earlier, strict=True)
        return reduce(
            np.bitwise_or,
            (bits & ~before & self.reaching.held_out(self.project.segments.get(name)) for name, bits, before in drawn),
        )

    # who is in, who entered, who left

    def _asked(self, name: str) -> Standing:
        members = self._members(name)
        return members if not self.request.only else self._moved(name, members)

    def _members(self, name: str) -> Standing:
        state = self.states[name]
        return self.reaching.of_frozen(name, state.frozen) if state.frozen else self._of_bits(self._bits(name))

    def _bits(self, name: str) -> Bits:
        bits = self.store.members().of(name)
        assert bits is not None
        return resized(bits, self._users.size)

    def _of_bits(self, bits: Bits) -> Standing:
        gone = to_rows(bits & ~self._users.present)
        return Standing(bits & self._users.present, tuple(self._users.keys.gather(gone).to_list()))

    def _moved(self, name: str, members: Standing) -> Standing:
        """Who is in and was not after the run that is asked about, or the other way round."""
        state = self.states[name]
        if state.frozen:
            is_new = state.run > self.since and self.request.only == "entered" and "initial" in self.request.also
            return members if is_new else Standing(self._nobody)
        moved, reasons = self._moves(name, self.since)
        if self.request.only == "left":
            return self._of_bits(moved & ~self._bits(name))
        return self._of_bits(moved & self._bits(name) & ~reasons)

    @property
    def since(self) -> int:
        """The run after which somebody moved who is asked for."""
        return self.newest - 1 if self.request.since is None else self.request.since

    @cached_property
    def newest(self) -> int:
        """The newest run that decided segments: what was imported or exported since is noted in the log too."""
        number = self.store.head.number if self.store.head else 0
        while number > self.store.state.first and self.store.record(number).kind != "evaluate":
            number -= 1
        return number

    def _moves(self, name: str, since: int) -> tuple[Bits, Bits]:
        """Who stands otherwise than after that run, and whose last move was for a reason that is left out."""
        moved, without = np.zeros(self._users.size, np.bool_), np.zeros(self._users.size, np.bool_)
        left_out = [CHANGES.index(reason) for reason in LEFT_OUT - self.request.also]
        for record in self.store.records(since):
            move = self.store.changes(record).get(name) if name in record.sizes else None
            for side in (move.left, move.entered) if move else ():
                moved[side.rows] ^= True
                without[side.rows] = np.isin(side.reasons, left_out)
        size = self._users.size
        return from_rows(np.flatnonzero(moved), size), from_rows(np.flatnonzero(without), size)
