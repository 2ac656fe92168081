"""The measured segments: the same on every run, 200 of them, or more or fewer for the growth over segments.

Half are on attributes, three in ten on behaviour, one in ten of other segments; one in twenty is a sample, and one in
twenty keeps the highest. Fewer than 200 are some of those; more are further trees over the same leaves, with other
numbers in them.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from random import Random

from bench import attribute_leaves
from bench.distinct_features import DISTINCT
from bench.email_features import EMAIL
from bench.other_leaves import EVERYBODY, HIGHEST, SAMPLES, TOPS
from bench.purchase_features import PURCHASE
from bench.trees import PARTS, SHAPES, Four, Leaf, Node, Tree, block, four_leaves, leaves_of, nested, spread

SEED = 200
NUMBER = 200
ALONE = 0.2
"""Of the segments on attributes and of those on behaviour, the share that are one test alone."""
# Not a divisor of the number of shapes, so that the mixed ones come in several.
MIXED_EACH = 7

ATTRIBUTES = attribute_leaves.LEAVES
BEHAVIOUR = [leaf for feature in EMAIL + PURCHASE + DISTINCT for leaf in feature.leaves]
POOLS: tuple[Sequence[Leaf], ...] = (ATTRIBUTES, BEHAVIOUR, SAMPLES, HIGHEST, [EVERYBODY])


@dataclass(frozen=True)
class Cut:
    """The first so many, or so many percent, by a column."""

    by: str
    number: int
    unit: str


@dataclass(frozen=True)
class Segment:
    where: Tree
    top: Cut | None = None

    @property
    def leaves(self) -> list[Leaf]:
        return list(leaves_of(self.where))


Segments = dict[str, Segment]


def segments(number: int = NUMBER) -> Segments:
    """By name; each refers only to ones before it."""
    behaviour, groups, each = number * 3 // 10, number // 10, max(1, number // 20)
    found = {
        **named("attribute", on_attributes(), number - behaviour - groups - 2 * each),
        **named("behaviour", on_behaviour(), behaviour),
        **named("sample", samples(), each),
        **named("top", tops(), each),
    }
    draw = Random(SEED)
    for place in range(1, groups + 1):
        found[f"group_{place:03d}"] = Segment(group(draw, list(found), place))
    return found


def named(kind: str, first: Sequence[Segment], number: int) -> Segments:
    few = min(number, len(first))
    draw = Random(f"{SEED} {kind}")
    chosen = [changed(first[place * len(first) // few]) for place in range(few)]
    further = [changed(first[place % len(first)], draw) for place in range(number - few)]
    return {f"{kind}_{place:03d}": segment for place, segment in enumerate(chosen + further, start=1)}


def changed(segment: Segment, draw: Random | None = None) -> Segment:
    """As it is written; or, where something is drawn, over other leaves of the same kind with other numbers."""
    cut = segment.top
    if cut and draw:
        cut = Cut(cut.by, max(1, round(cut.number * part(draw))), cut.unit)
    return Segment(changed_tree(segment.where, draw), cut)


def changed_tree(tree: Tree, draw: Random | None) -> Tree:
    if isinstance(tree, Node):
        return Node(tree.word, tuple(changed_tree(below, draw) for below in tree.parts))
    if draw is None:
        return tree.scaled()
    pool = next(pool for pool in POOLS if tree in pool)
    return pool[int(draw.random() * len(pool))].scaled(part(draw))


def part(draw: Random) -> float:
    return PARTS[int(draw.random() * len(PARTS))]


def on_attributes() -> list[Segment]:
    draw = Random(f"{SEED} attributes")
    fours = (four_leaves(draw, ATTRIBUTES) for _ in range(80))
    return [Segment(tree) for tree in spread(ATTRIBUTES, 20) + nested(fours)]


def on_behaviour() -> list[Segment]:
    return [Segment(tree) for tree in spread(BEHAVIOUR, 12) + nested(behaviour_fours(48))]


def behaviour_fours(number: int) -> Iterator[Four]:
    """Leaves on behaviour, and now and then two of them with two on attributes."""
    draw = Random(f"{SEED} behaviour")
    for place in range(1, number + 1):
        a, b, c, d = four_leaves(draw, BEHAVIOUR)
        if place % MIXED_EACH == 0:
            b, d, *_ = four_leaves(draw, ATTRIBUTES)
        yield a, b, c, d


def samples() -> list[Segment]:
    """Four that are nothing else, and six in trees with tests on attributes."""
    draw = Random(f"{SEED} samples")
    alone, among = SAMPLES[:4], SAMPLES[4:]
    fours = ((leaf, *four_leaves(draw, ATTRIBUTES)[1:]) for leaf in among)
    return [Segment(tree) for tree in [*alone, *nested(fours)]]


def tops() -> list[Segment]:
    """By attributes, and by what people did: the highest percent of an aggregate."""
    cuts = [Segment(top.where, Cut(top.by, top.number, top.unit)) for top in TOPS]
    return cuts + [Segment(leaf) for leaf in HIGHEST]


def group(draw: Random, names: Sequence[str], place: int) -> Tree:
    """A tree over segments before it, other groups among them."""
    a, b, c, d, e = draw.sample(names, 5)
    return SHAPES[place % len(SHAPES)]((referring(a), referring(b, e), referring(c), referring(d)))


def referring(*names: str) -> Leaf:
    listed = names[0] if len(names) == 1 else f"[{', '.join(names)}]"
    return Leaf(
        f"in_segment: {listed}", " OR ".join(names), " | ".join(f"col.{name}" for name in names), segments=names
    )


def yaml_of(found: Segments) -> str:
    return "\n".join(segment_yaml(name, segment) for name, segment in found.items())


def segment_yaml(name: str, segment: Segment) -> str:
    cut = segment.top
    top = f"  top: {{by: {cut.by}, {cut.unit}: {cut.number}}}\n" if cut else ""
    return f"{name}:\n  kind: dynamic\n  where:\n{block(segment.where, 4)}\n{top}"
