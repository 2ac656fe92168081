"""Segments and a channel come in; go out: files of those whom it reaches, and why the other members are held back."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import numpy as np
import polars as pl

from segtool.channels.footing import at_rows
from segtool.channels.rows import Reached, rows
from segtool.engine.values import column_values
from segtool.errors import DefinitionError, Problem, UsageError
from segtool.model.columns import Rows, UserTable, to_rows, unpack
from segtool.model.exports import Exported, Request
from segtool.model.nodes import near_name
from segtool.model.plan import PlannedChannel
from segtool.model.presets import Preset
from segtool.model.run import SegmentState
from segtool.read.presets import read_preset
from segtool.read.project import read_project
from segtool.store.additions import Additions
from segtool.store.rehearsal import rehearsing
from segtool.store.steady import steady
from segtool.verbs.adoption import adopted
from segtool.verbs.figures import Ground, held_members
from segtool.verbs.ledger import refuse_since
from segtool.verbs.preparation import Prepared, frozen_sources, prepare
from segtool.verbs.reach import Reaching, suppressed_by
from segtool.verbs.recipients import Part, Recipients
from segtool.verbs.run import Run

LABELS = ("segment", "variant")


@steady
def export(folder: Path, run: Run, request: Request) -> Exported:
    """Those members, as the newest run left them, whom the channel reaches by the tables as their files are now."""
    project, preset = read_project(folder, keep_problems=True), read_preset(request.preset, folder)
    with rehearsing(folder) as store:
        kept = {**store.state.segments, **adopted(project, store, store.state.segments)}
        prepared = prepare(project, store, run, kept)
        return Exporting(request, preset, prepared, store, kept, run).exported()


@dataclass(frozen=True)
class Exporting:
    """One export, on the tables as they are now."""

    request: Request
    preset: Preset
    prepared: Prepared
    store: Additions
    states: Mapping[str, SegmentState]
    run: Run

    def exported(self) -> Exported:
        self._refuse()

    # what cannot be asked for

    def _refuse(self) -> None:
        problems = [*self._undecided(), *self._without_channel(), *self._without_variant(), *self._without_column()]
        if problems:
            raise UsageError(problems)
        if self.request.only:
            refuse_since(self.store, self.request.since or 0)
        if missing := list(self.preset.unknown_attributes(self.request.channel, self._known)):
            raise DefinitionError(missing)

    def _undecided(self) -> Iterator[Problem]:
        known = {*self.prepared.project.segments, *self.states}
        for name in self.request.segments:
            if name not in known:
                yield Problem(f"there is no segment `{name}`", near_name(name, known) or "see `segtool list`")
            elif name not in self.states:
                yield Problem(f"`{name}` has not been decided yet", "run `segtool evaluate`")
        if len(self.request.segments) > 1 and not self.request.first_match:
            yield Problem(
                "several segments in one export", "give --first-match, which puts a user in the first of them"
            )

    def _without_channel(self) -> Iterator[Problem]:
        channels = self.prepared.project.channels
        if self.request.channel and self.request.channel not in channels:
            step = near_name(self.request.channel, channels) or f"channels: {', '.join(channels) or 'none is declared'}"
            yield Problem(f"there is no channel `{self.request.channel}`", step)

    def _without_variant(self) -> Iterator[Problem]:
        for name in self.request.segments:
            shares = self._shares(name)
            if self.request.variant and self.request.variant not in shares:
                step = near_name(self.request.variant, shares) or (f"variants: {', '.join(shares)}" if shares else "")
                yield Problem(f"`{name}` has no variant `{self.request.variant}`", step)
            elif shares and not self.request.variant and not self._tells_variant:
                yield Problem(f"`{name}` is split into {', '.join(shares)}", "give --variant, or --columns variant")

    def _shares(self, name: str) -> Sequence[str]:
        segment = self.prepared.project.segments.get(name)
        return tuple(segment.definition.split.shares) if segment and segment.definition.split else ()

    @property
    def _tells_variant(self) -> bool:
        columns = self.preset.columns_of(self.request.channel)
        return "variant" in self.request.columns or any(column.origin == "variant" for column in columns)

    def _without_column(self) -> Iterator[Problem]:
        for name in self.request.columns:
            if name not in self._known and name not in LABELS:
                yield Problem(f"there is no column `{name}`", near_name(name, self._known))

    @property
    def _known(self) -> Mapping[str, object]:
        return self.prepared.around.schema.by_name

    # who is exported

    @cached_property
    def channel(self) -> PlannedChannel | None:
        return next((one for one in self.prepared.plan.channels if one.name == self.request.channel), None)

    @cached_property
    def recipients(self) -> Recipients:
        tables = self.store.tables(self.prepared.inputs.states)
        members = held_members(self.store, tables.users)
        ground = Ground(self.prepared.around, tables, frozen_sources(self.store, self.states), members)
        project = self.prepared.project
        reaching = Reaching(self.prepared.plan.channels, ground, suppressed_by(project), self.store.leaves())
        return Recipients(project, self.request, self.states, self.store, reaching, self.channel)

    @cached_property
    def parts(self) -> list[Part]:
        return list(self.recipients.parts())

    # what stands in the file

    def frame(self) -> pl.DataFrame:
        """The file's table, sorted by key."""
        found = pl.concat([self._labelled(part) for part in self.parts]).sort("key")
        key = found["key"].alias(self.prepared.project.users.key)
        asked = self.preset.needed(self.request.channel, self.request.columns)
        further = pl.DataFrame([self._column(name, found) for name in asked])
        reached = Reached(found["segment"], key, self._addresses(found["row"]), further, found["variant"])
        return rows(self.preset, self.request.channel, reached)

    def _labelled(self, part: Part) -> pl.DataFrame:
        """The keys of a part with their rows, the name of the segment, and the variant that draws each."""
        drawn, strangers = to_rows(part.drawn), part.strangers.get("", [])
        keys = pl.concat([self._users.keys.gather(drawn).cast(pl.String), pl.Series(strangers, dtype=pl.String)])
        places = pl.Series([*drawn.tolist(), *[None] * len(strangers)], dtype=pl.UInt32)
        variants = pl.Series(self._variants(part.name, drawn) + [None] * len(strangers), dtype=pl.String)
        return pl.DataFrame({"key": keys, "row": places, "segment": part.name, "variant": variants})

    def _variants(self, name: str, drawn: Rows) -> list[str | None]:
        found = np.full(len(drawn), None, object)
        for variant in self._shares(name):
            bits = self.recipients.variant(name, variant)
            found[unpack(bits, len(bits) * 8)[drawn]] = variant
        return found.tolist()

    def _column(self, name: str, found: pl.DataFrame) -> pl.Series:
        if name not in self._known:
            return found[name]
        return _spread(found["row"], lambda at: column_values(self._users.column(name), at)).alias(name)

    def _addresses(self, places: pl.Series) -> pl.Series:
        channel = self.channel
        if channel is None:
            return pl.Series([None] * len(places), dtype=pl.String)
        data = self._users.column(channel.address.name)
        return _spread(places, lambda at: at_rows(channel.kind, channel.region, data, at).values)

    @property
    def _users(self) -> UserTable:
        return self.recipients.reaching.ground.tables.users


def _spread(places: pl.Series, values: Callable[[Rows], pl.Series]) -> pl.Series:
    """The values of some rows, and none where there is no row."""
    there = places.is_not_null()
    at = pl.select(pl.when(there).then(there.cast(pl.UInt32).cum_sum() - 1)).to_series()
    return values(places.drop_nulls().to_numpy()).gather(at)
