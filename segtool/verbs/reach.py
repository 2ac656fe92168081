"""Channels, and the tables of a run, come in; go out: whom each channel reaches of a segment's members."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property

import numpy as np
import polars as pl
from numpy.typing import NDArray

from segtool.channels.audience import Reach
from segtool.channels.footing import Footing, addresses_of, at_rows, footing, version_of
from segtool.compile.plan import references
from segtool.engine.decide import holding
from segtool.engine.features import rows_of
from segtool.engine.reuse import key_of_rows, keys_of
from segtool.model.algebra import Bucket, Predicate, bucket
from segtool.model.audience import INVALID, NO_ADDRESS, NO_CONSENT, QUIET, SUPPRESSED, Counted
from segtool.model.columns import Bits, Rows, count, to_rows
from segtool.model.plan import PlannedChannel
from segtool.model.project import Project, Segment
from segtool.model.run import Frozen
from segtool.read.suppress import Suppressed, read_suppressed
from segtool.verbs.figures import Ground


def suppressed_by(project: Project) -> Suppressed:
    """Whom the project's lists keep from every export; InputError with all that is wrong in them."""
    addresses = [channel.shape.address.text for channel in project.channels.values()]
    return read_suppressed(project.suppress, project.folder, project.users.key, addresses)


def asked_about(channels: Iterable[PlannedChannel]) -> frozenset[str]:
    """The segments that conditions of channels ask about."""
    conditions = [one for channel in channels for one in (channel.consent, channel.usable, channel.quiet) if one]
    return frozenset(name for one in conditions for name in references(one))


@dataclass(frozen=True)
class Standing:
    """Who is in a segment: users, and the keys of members whom the users' table does not hold."""

    members: Bits
    strangers: tuple[str, ...] = ()


@dataclass
class Reaching:
    """Whom channels reach, of the users of some tables. `known`: sets of rows that earlier runs have found, by key;
    `kept` gathers those that later runs may ask for."""

    channels: Sequence[PlannedChannel]
    ground: Ground
    suppressed: Suppressed
    known: Mapping[str, Bits]
    kept: dict[str, Bits] = field(default_factory=dict)

    def counted(self, segment: Segment | None, standing: Standing) -> dict[str, Counted]:
        """By channel, how many of a segment's members are reached; none of those of no row."""
        held_out = self.held_out(segment)
        return {
            channel.name: self.reach[channel.name]
            .audience(standing.members, held_out)
            .counted(self.strangers(channel, standing.strangers))
            for channel in self.channels
        }

    def of_frozen(self, name: str, frozen: Frozen) -> Standing:
        """Who of a snapshot's members are users, and who are none."""
        users = self.ground.tables.users
        key = key_of_rows(users, [], "frozen", frozen.csv)
        keys = self.ground.frozen[name]
        members = self._once({"": key}, lambda: {"": rows_of(keys(), users)})[""]
        if count(members) == frozen.rows:
            return Standing(members)
        known = set(users.keys.gather(to_rows(members)).to_list())
        return Standing(members, tuple(one for one in keys() if one not in known))

    def strangers(self, channel: PlannedChannel | None, keys: Collection[str]) -> dict[str, list[str]]:
        """Members whom the users' table does not hold, by the reason that holds them back; without a channel none but a
        list of whom never to send to does."""
        reason = "" if channel is None else NO_CONSENT if channel.consent else NO_ADDRESS
        suppressed = [key for key in keys if key in self._never]
        return {SUPPRESSED: suppressed, reason: [key for key in keys if key not in self._never]}

    def held_out(self, segment: Segment | None) -> Bits:
        """The share of users that a segment's holdout draws, whoever is a member."""
        holdout = segment.definition.holdout if segment else None
        if segment is None or holdout is None:
            return np.zeros_like(self.present)
        return self.drawn(bucket(f"holdout:{holdout.salt or segment.name}", holdout.percent))

    def variants(self, segment: Segment) -> dict[str, Bits]:
        """The users whom each variant of a segment's split draws, whoever is a member."""
        split, before, found = segment.definition.split, np.zeros_like(self.present), dict[str, Bits]()
        assert split
        for name, upto in split.upto.items():
            below = self.drawn(bucket(f"split:{split.salt or segment.name}", upto))
            found[name], before = below & ~before, below
        return found

    def drawn(self, leaf: Bucket) -> Bits:
        key = keys_of([leaf], self.ground.tables.users)[leaf]
        return self._once({"": key}, lambda: {"": self._held(leaf)})[""]

    @cached_property
    def reach(self) -> Mapping[str, Reach]:
        return {channel.name: self._reach(channel) for channel in self.channels}

    def _reach(self, channel: PlannedChannel) -> Reach:
        present, foot = self.present, self._footing(channel)
        nobody = np.zeros_like(present)
        consenting, usable, quiet = (
            self._held(one) if one is not None else None for one in (channel.consent, channel.usable, channel.quiet)
        )
        held = {
            SUPPRESSED: self.suppressed_users | foot.listed,
            NO_CONSENT: nobody if consenting is None else present & ~consenting,
            NO_ADDRESS: present & ~foot.given,
            INVALID: present & ~(foot.valid if usable is None else foot.valid & usable),
            QUIET: nobody if quiet is None else quiet,
        }
        return Reach(held, *self._shared(channel, foot))

    @property
    def warnings(self) -> list[str]:
        """What stands in lists of whom never to send to among addresses, and is none."""
        found = []
        for channel in {one.address.name: one for one in self.channels}.values():
            listed = self._listed(channel)
            unread = addresses_of(channel.kind, channel.region, listed).invalid.sum()
            if unread:
                where = f"`{channel.address.name}` in the files of `suppress`"
                found.append(f"{unread:,} of {len(listed):,} values of {where} are no address, and keep nobody out")
        return found

    def listed(self, channel: PlannedChannel) -> Bits:
        """The users whose address by the channel is on a list of whom never to send to."""
        return self._footing(channel).listed

    def _footing(self, channel: PlannedChannel) -> Footing:
        users, column, listed = self.ground.tables.users, channel.address.name, self._listed(channel)
        asked = ("address", channel.kind, channel.region, version_of(channel.kind))
        keys = {side: key_of_rows(users, [column], *asked, side) for side in ("given", "valid", "shared")}
        keys["listed"] = key_of_rows(users, [column], *asked, "listed", listed.sort().to_list())

        def found() -> dict[str, Bits]:
            return vars(footing(channel.kind, channel.region, users.column(column), self.present, listed))

        return Footing(**self._once(keys, found))

    def _listed(self, channel: PlannedChannel) -> pl.Series:
        return self.suppressed.addresses.get(channel.address.name, pl.Series([], dtype=pl.String))

    def _shared(self, channel: PlannedChannel, foot: Footing) -> tuple[Rows, NDArray[np.integer]]:
        users = self.ground.tables.users
        rows = to_rows(foot.shared)
        if not users.keys_ascend:
            rows = rows[users.keys.gather(rows).arg_sort().to_numpy()]
        compared = at_rows(channel.kind, channel.region, users.column(channel.address.name), rows).compared
        return rows, compared.rank("dense").to_numpy()

    def _once(self, keys: Mapping[str, str], found: Callable[[], Mapping[str, Bits]]) -> dict[str, Bits]:
        """Sets of rows as an earlier run has kept them under these keys, or found now and kept."""
        if not all(key in self.known or key in self.kept for key in keys.values()):
            self.kept.update((keys[side], bits) for side, bits in found().items())
        else:
            self.kept.update((key, self.known[key]) for key in keys.values() if key not in self.kept)
        return {side: self.kept[key] for side, key in keys.items()}

    def _held(self, predicate: Predicate) -> Bits:
        """For whom a channel's condition holds. Of a segment that no run has decided, nobody is a member."""
        undecided = {*references(predicate)} - self.ground.members.keys() - self.ground.frozen.keys()
        members = {**self.ground.members, **dict.fromkeys(undecided, np.zeros_like(self.present))}
        return holding([predicate], self.ground.tables, self.ground.frozen, members)[0]

    @cached_property
    def suppressed_users(self) -> Bits:
        """The users whose keys are on a list of whom never to send to."""
        return rows_of(tuple(self._never), self.ground.tables.users)

    @cached_property
    def _never(self) -> frozenset[str]:
        return frozenset(self.suppressed.keys.to_list())

    @property
    def present(self) -> Bits:
        return self.ground.tables.users.present
