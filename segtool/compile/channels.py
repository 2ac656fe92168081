"""A project's channels and the columns of its users to channels with lowered conditions, and every problem in them."""

from __future__ import annotations

import os
from collections.abc import Container, Iterable, Mapping

from segtool.compile.base import lowered
from segtool.compile.scope import Scope
from segtool.model.algebra import Column, Compare, Predicate
from segtool.model.channels import LABELS, Channel, ExportShape
from segtool.model.nodes import Node, Scalar, near_name
from segtool.model.plan import PlannedChannel
from segtool.model.project import Segment

ADDRESSES = {"email": ("text",), "phone": ("text", "integer"), "token": ("text", "integer")}
"""The kinds of columns that addresses of each kind may stand in."""
EXAMPLES = {"text": '"yes"', "integer": "1", "number": "1"}
"""What may stand for consent in columns of these kinds; in others a value is one, such as the day it was given."""


def planned_channels(channels: Mapping[str, Channel], scope: Scope) -> tuple[PlannedChannel, ...]:
    """Each channel whose columns are there; what is wrong is noted in the scope."""
    found = (_planned(channel, scope) for channel in channels.values())
    return tuple(one for one in found if one)


def _planned(channel: Channel, scope: Scope) -> PlannedChannel | None:
    shape = channel.shape
    address, region = _address(channel, scope), shape.region.text if shape.region else ""
    conditions = (_consent(shape.consent, scope), _lowered(shape.usable, scope), _lowered(shape.quiet, scope))
    return PlannedChannel(channel.name, channel.kind, region, address, *conditions) if address else None


def _address(channel: Channel, scope: Scope) -> Column | None:
    named, kinds = channel.shape.address, ADDRESSES[channel.kind]
    subject = scope.subject(named.text, named.mark)
    if subject is None or not isinstance(subject.value, Column):
        return None
    if subject.kind.name not in kinds:
        fact = f"`{named.text}` is {subject.kind}, and no {channel.kind}"
        scope.problem(named.mark, fact, f"name a column of {' or '.join(kinds)}")
        return None
    return subject.value


def _consent(node: Node | None, scope: Scope) -> Predicate | None:
    if not isinstance(node, Scalar):
        return _lowered(node, scope)
    subject = scope.subject(node.text, node.mark)
    if subject is None:
        return None
    if subject.kind.name != "boolean":
        fact = f"`{node.text}` is {subject.kind}, and consent is true or false"
        example = EXAMPLES.get(subject.kind.name, "{is_set: true}")
        return scope.problem(node.mark, fact, f"write a condition, such as `consent: {{{node.text}: {example}}}`")
    return Compare(subject.value, "eq", True)


def check_exports(segments: Iterable[Segment], channels: Container[str], scope: Scope) -> None:
    """Notes what exports name that is not there, and files that two of them would be."""
    files: dict[str, Scalar] = {}
    for segment in segments:
        for export in segment.definition.exports:
            _check_export(segment, export, channels, scope)
            path = os.path.normpath(export.to.text)
            if path in files:
                fact = f"`{export.to.text}` is written by another export, at {files[path].mark}"
                scope.problem(export.to.mark, fact, "give it another name")
            files.setdefault(path, export.to)


def _check_export(segment: Segment, export: ExportShape, channels: Container[str], scope: Scope) -> None:
    split, channel, variant = segment.definition.split, export.channel, export.variant
    shares = split.shares if split else {}
    if channel and channel.text not in channels:
        scope.problem(channel.mark, f"there is no channel `{channel.text}`", "declare it in segtool.yaml")
    if variant and variant.text not in shares:
        step = near_name(variant.text, shares) or "variants are named under `split:`"
        scope.problem(variant.mark, f"`{segment.name}` has no variant `{variant.text}`", step)
    for column in export.columns:
        if column.text not in LABELS:
            scope.subject(column.text, column.mark)


def _lowered(node: Node | None, scope: Scope) -> Predicate | None:
    return lowered(node, scope) if node is not None else None
