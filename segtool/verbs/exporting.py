"""What an export was asked for, and the tables of now, come in; go out: what its files hold, and what it came to."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl

from segtool.channels.delivery import Delivery, Output
from segtool.channels.files import FORMATS, FileForm, FilePiece, pieces
from segtool.channels.footing import at_rows
from segtool.channels.rows import Reached, attributes, rows
from segtool.errors import DefinitionError, Problem, UsageError
from segtool.model.cells import series_at
from segtool.model.columns import Rows, UserTable, to_rows, unpack
from segtool.model.exports import STDOUT, Exported, ExportedFile, ExportedPart, Request
from segtool.model.kinds import Column
from segtool.model.plan import PlannedChannel
from segtool.model.presets import DELIMITERS, Preset
from segtool.model.run import SegmentState
from segtool.model.time import utc_text
from segtool.store.additions import Additions
from segtool.verbs.asked import Asked, shares_of
from segtool.verbs.figures import Ground, held_members
from segtool.verbs.ledger import refuse_since
from segtool.verbs.preparation import Prepared, frozen_sources
from segtool.verbs.reach import Reaching, asked_about, suppressed_by
from segtool.verbs.recipients import Part, Recipients
from segtool.verbs.run import Run


@dataclass(frozen=True)
class Exporting:
    """One export, on the tables as they are now."""

    request: Request
    preset: Preset
    prepared: Prepared
    store: Additions
    states: Mapping[str, SegmentState]
    run: Run

    @cached_property
    def pieces(self) -> tuple[FilePiece, ...]:
        """The file, or the several that its limits make of it."""
        return tuple(pieces(self.frame, self.form))

    def outputs(self, folder: Path) -> Iterator[Output]:
        """What is written where: the file, and those who are held back where these are asked for."""
        if self.request.to != STDOUT:
            yield Output(folder / self.request.to, self.pieces)
        if self.request.held_back:
            yield Output(
                folder / self.request.held_back, pieces(self.held_back(), FileForm(excel_safe=self.request.excel_safe))
            )

    @property
    def facts(self) -> dict[str, Any]:
        """What the manifest says beside the files."""
        return {
            "segments": {part.segment: _counts(part) for part in self.counted},
            "channel": self.request.channel or None,
            "preset": self.request.preset,
            "variant": self.request.variant or None,
            "only": self.request.only or None,
            "run": self.recipients.newest,
            "as_of": utc_text(self.run.as_of),
        }

    def exported(self, delivery: Delivery | None, folder: Path) -> Exported:
        files = delivery.files if delivery else ()
        told = tuple(ExportedFile(_shown(one.path, folder), one.rows, one.bytes, one.sha256) for one in files)
        return Exported(
            self.request.channel,
            self.request.preset,
            self.recipients.newest,
            utc_text(self.run.as_of),
            self.counted,
            told,
            _shown(delivery.manifest, folder) if delivery else "",
            self.pieces[0].content if self.request.to == STDOUT else None,
            tuple(self._warnings()),
        )

    @cached_property
    def counted(self) -> tuple[ExportedPart, ...]:
        return tuple(part.facts() for part in self.parts)

    @cached_property
    def form(self) -> FileForm:
        """As the preset says; a person's own limits stand before its."""
        limits, is_split = self.preset.limits, self.preset.limits.beyond == "split"
        ending = Path(self.request.to).suffix.lstrip(".").lower()
        return FileForm(
            self.request.format or (ending if ending in FORMATS else "csv"),
            DELIMITERS[self.preset.delimiter],
            self.preset.header_row,
            self.preset.encoding == "utf-8-bom",
            self.request.excel_safe,
            self._separators(),
            self.request.split_bytes or (limits.bytes if is_split else None),
            self.request.split_rows or (limits.rows if is_split else None),
        )

    def _separators(self) -> dict[str, str]:
        """What stands between the items of lists, by the columns of the file."""
        key, channel = self.prepared.project.users.key, self.request.channel
        placed = attributes(self.preset, channel, key, self.request.columns)
        return {name: self._known[one].separator for name, one in placed.items() if one in self._known}

    def _warnings(self) -> Iterator[str]:
        yield from self.recipients.reaching.warnings
        limits, width = self.preset.limits, self.frame.width
        if limits.columns and width > limits.columns:
            yield f"the file has {width:,} columns, and `{self.request.preset}` takes {limits.columns:,}"
        for piece in self.pieces if limits.beyond == "warn" else ():
            if limits.bytes and len(piece.content) > limits.bytes:
                yield f"a file has {len(piece.content):,} bytes, and `{self.request.preset}` takes {limits.bytes:,}"
            if limits.rows and piece.rows > limits.rows:
                yield f"a file has {piece.rows:,} rows, and `{self.request.preset}` takes {limits.rows:,}"

    # what cannot be asked for

    def refuse(self) -> None:
        """UsageError or DefinitionError with all that is asked for and is not there."""
        asked = Asked(self.request, self.preset, self.prepared.project, self._known, self.states)
        if problems := list(asked.faults()):
            raise UsageError(problems)
        if self.request.only:
            refuse_since(self.store, self.recipients.since)
        if missing := list(self.preset.unknown_attributes(self.request.channel, self._known)):
            raise DefinitionError(missing)
        if self.request.to == STDOUT and len(self.pieces) > 1:
            raise UsageError(
                Problem(f"it takes {len(self.pieces):,} files, and stdout is one", "name a file with --to")
            )

    @property
    def _known(self) -> Mapping[str, Column]:
        return self.prepared.around.schema.by_name

    # who is exported

    @cached_property
    def channel(self) -> PlannedChannel | None:
        return next((one for one in self.prepared.plan.channels if one.name == self.request.channel), None)

    @cached_property
    def recipients(self) -> Recipients:
        tables = self.store.tables(self.prepared.inputs.states)
        members = held_members(self.store, tables.users, asked_about(self.prepared.plan.channels))
        ground = Ground(self.prepared.around, tables, frozen_sources(self.store, self.states), members)
        project = self.prepared.project
        reaching = Reaching(self.prepared.plan.channels, ground, suppressed_by(project), self.store.leaves())
        columns = frozenset(self.preset.needed(self.request.channel, self.request.columns))
        return Recipients(project, self.request, self.states, self.store, reaching, self.channel, columns)

    @cached_property
    def parts(self) -> list[Part]:
        return list(self.recipients.parts())

    # what stands in the file

    @cached_property
    def frame(self) -> pl.DataFrame:
        """The file's table, sorted by key."""
        found = pl.concat([self._labelled(part) for part in self.parts]).sort("key")
        key = found["key"].alias(self.prepared.project.users.key)
        asked = self.preset.needed(self.request.channel, self.request.columns)
        further = pl.DataFrame([self._column(name, found) for name in asked])
        reached = Reached(found["segment"], key, self._addresses(found["row"]), further, found["variant"])
        return rows(self.preset, self.request.channel, reached)

    def held_back(self) -> pl.DataFrame:
        """Those members who are not exported, sorted by key, each with the reason."""
        held = [(part, reason, keys) for part in self.parts for reason, keys in self._held(part)]
        columns = {
            "segment": pl.Series([part.name for part, _, keys in held for _ in keys], dtype=pl.String),
            self.prepared.project.users.key: pl.Series([key for *_, keys in held for key in keys], dtype=pl.String),
            "reason": pl.Series([reason for _, reason, keys in held for _ in keys], dtype=pl.String),
        }
        table = pl.DataFrame(columns).sort(self.prepared.project.users.key)
        return table if len(self.parts) > 1 else table.drop("segment")

    def _held(self, part: Part) -> Iterator[tuple[str, list[str]]]:
        others = {"of another variant": part.audience.reached & ~part.drawn}
        for reason, bits in {**part.audience.held_back, **others}.items():
            keys = self._users.keys.gather(to_rows(bits)).cast(pl.String).to_list()
            yield reason, [*keys, *part.strangers.get(reason, ())]
        yield "of another variant", part.of_no_variant

    def _labelled(self, part: Part) -> pl.DataFrame:
        """The keys of a part with their rows, the name of the segment, and the variant that draws each."""
        drawn, strangers = to_rows(part.drawn), [] if part.of_no_variant else part.strangers.get("", [])
        keys = pl.concat([self._users.keys.gather(drawn).cast(pl.String), pl.Series(strangers, dtype=pl.String)])
        places = pl.Series([*drawn.tolist(), *[None] * len(strangers)], dtype=pl.UInt32)
        variants = pl.Series(self._variants(part.name, drawn) + [None] * len(strangers), dtype=pl.String)
        name = pl.repeat(part.name, len(keys), dtype=pl.String, eager=True)
        return pl.DataFrame({"key": keys, "row": places, "segment": name, "variant": variants})

    def _variants(self, name: str, drawn: Rows) -> list[str | None]:
        found = np.full(len(drawn), None, object)
        for variant in shares_of(self.prepared.project, name):
            bits = self.recipients.variant(name, variant)
            found[unpack(bits, len(bits) * 8)[drawn]] = variant
        return found.tolist()

    def _column(self, name: str, found: pl.DataFrame) -> pl.Series:
        if name not in self._known:
            return found[name]
        return _spread(found["row"], lambda at: series_at(self._users.column(name), at)).alias(name)

    def _addresses(self, places: pl.Series) -> pl.Series:
        channel = self.channel
        if channel is None:
            return pl.Series([None] * len(places), dtype=pl.String)
        data = self._users.column(channel.address.name)
        found = _spread(places, lambda at: at_rows(channel.kind, channel.region, data, at).values)
        return found.alias(channel.address.name)

    @property
    def _users(self) -> UserTable:
        return self.recipients.reaching.ground.tables.users


def _spread(places: pl.Series, values: Callable[[Rows], pl.Series]) -> pl.Series:
    """The values of some rows, and none where there is no row."""
    there = places.is_not_null()
    at = pl.select(pl.when(there).then(there.cast(pl.UInt32).cum_sum() - 1)).to_series()
    return values(places.drop_nulls().to_numpy()).gather(at)


def _counts(part: ExportedPart) -> dict[str, Any]:
    others = {"other_variants": part.other_variants} if part.other_variants else {}
    counts = {"members": part.members, "earlier": part.earlier, "held_back": dict(part.counted.held_back), **others}
    return {**counts, "exported": part.exported}


def _shown(path: Path, folder: Path) -> str:
    """A path from the project's folder, if it lies inside."""
    return path.relative_to(folder).as_posix() if path.is_relative_to(folder) else str(path)
