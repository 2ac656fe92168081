"""What an export was asked for comes in, beside the project and the users' columns; goes out: what is wrong with it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from pathlib import PurePath

from segtool.errors import Problem
from segtool.model.channels import LABELS, ExportShape
from segtool.model.exports import STDOUT, Request
from segtool.model.nodes import near_name
from segtool.model.presets import Preset
from segtool.model.project import Project
from segtool.model.run import SegmentState

PACKED = (".gz", ".zip", ".bz2", ".xz", ".zst")


def requested(segment: str, export: ExportShape, since: int | None = None) -> Request:
    """What a definition asks for under `exports:`."""
    return Request(
        (segment,),
        channel=export.channel.text if export.channel else "",
        preset=export.preset.text,
        to=export.to.text,
        format=export.format,
        columns=tuple(column.text for column in export.columns),
        variant=export.variant.text if export.variant else "",
        only=export.only,
        since=since if export.only else None,
        held_back=export.held_back,
        excel_safe=export.excel_safe,
    )


def shares_of(project: Project, name: str) -> tuple[str, ...]:
    """The variants of a segment's split."""
    segment = project.segments.get(name)
    return tuple(segment.definition.split.shares) if segment and segment.definition.split else ()


@dataclass(frozen=True)
class Asked:
    """An export as it was asked for; `known`: the columns of users."""

    request: Request
    preset: Preset
    project: Project
    known: Collection[str]
    states: Mapping[str, SegmentState]

    def faults(self) -> Iterator[Problem]:
        yield from self._undecided()
        yield from self._without_channel()
        yield from self._without_column()
        yield from self._without_only()
        yield from self.of_contents()

    def of_contents(self) -> Iterator[Problem]:
        """What is wrong whether or not the segment has been decided."""
        yield from self._without_variant()
        if fault := self.preset.unserved(self.request.channel):
            yield fault
        if self.request.to != STDOUT and PurePath(self.request.to).suffix.lower() in PACKED:
            step = "name a .csv, .parquet, .ndjson or .xlsx, and pack it after that"
            yield Problem(f"`{PurePath(self.request.to).name}` would be a packed file", step)

    def _undecided(self) -> Iterator[Problem]:
        for name, number in Counter(self.request.segments).items():
            if name not in self._segments:
                step = near_name(name, self._segments) or "see `segtool list`"
                yield Problem(f"there is no segment `{name}`", step)
            elif name not in self.states:
                yield Problem(f"`{name}` has not been decided yet", "run `segtool evaluate`")
            if number > 1:
                yield Problem(f"`{name}` is named twice", "name it once")
        if len(self.request.segments) > 1 and not self.request.first_match:
            step = "give --first-match, which puts a user in the first of them"
            yield Problem("several segments in one export", step)

    def _without_channel(self) -> Iterator[Problem]:
        channels = self.project.channels
        if self.request.channel and self.request.channel not in channels:
            step = near_name(self.request.channel, channels) or f"channels: {', '.join(channels) or 'none is declared'}"
            yield Problem(f"there is no channel `{self.request.channel}`", step)

    def _without_column(self) -> Iterator[Problem]:
        for name in self.request.columns:
            if name not in self.known and name not in LABELS:
                yield Problem(f"there is no column `{name}`", near_name(name, self.known))
        for name in filter(self._segments.__contains__, self.request.segments):
            shares = shares_of(self.project, name)
            if self.request.variant and self.request.variant not in shares:
                step = near_name(self.request.variant, shares) or (f"variants: {', '.join(shares)}" if shares else "")
                yield Problem(f"`{name}` has no variant `{self.request.variant}`", step)

    def _without_variant(self) -> Iterator[Problem]:
        for name in self.request.segments:
            shares = shares_of(self.project, name)
            if shares and not self.request.variant and not self._tells_variant:
                yield Problem(f"`{name}` is split into {', '.join(shares)}", "give --variant, or --columns variant")

    @property
    def _tells_variant(self) -> bool:
        columns = self.preset.columns_of(self.request.channel)
        return "variant" in self.request.columns or any(column.origin == "variant" for column in columns)

    def _without_only(self) -> Iterator[Problem]:
        if self.request.since is not None and not self.request.only:
            yield Problem("`--since` is of those who moved", "give --only entered, or --only left")
        if self.request.also and self.request.only != "entered":
            yield Problem("`--also` is of those who entered", "give --only entered")

    @property
    def _segments(self) -> frozenset[str]:
        return frozenset({*self.project.segments, *self.states})
