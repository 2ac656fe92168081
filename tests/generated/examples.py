"""Examples: segments over a world, each condition with its negation."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace

from hypothesis import strategies as st

from segtool.compile.vocabulary import CONDITIONS
from tests.generated.arguments import OF_TESTS, Tree, goes_with, of_value
from tests.generated.behaviour import OF_BEHAVIOUR
from tests.generated.conditions import Reach, conditions, reach_of
from tests.generated.events import EVENT_COLUMNS, OWN_COLUMNS, SUMMED, logs, with_log, with_measures
from tests.generated.tables import COLUMNS, columns_in_reach, kinds_of, setting_for, worlds
from tests.generated.values import KEYS, POOLS, Setting, plain, settings_of
from tests.reference import World, members


@dataclass(frozen=True)
class Example:
    """Segments over a world."""

    segments: Mapping[str, Tree]
    world: World


def with_negations(wheres: Iterable[Tree]) -> dict[str, Tree]:
    """Segments c0, c1 and so on; each also as what does not hold and, of `did`, as what the users did not do."""
    segments: dict[str, Tree] = {}
    for number, where in enumerate(wheres):
        segments |= {f"c{number}": {"where": where}, f"not c{number}": {"where": {"not": where}}}
        if isinstance(where, dict) and where.keys() == {"did"}:
            segments[f"did_not c{number}"] = {"where": {"did_not": where["did"]}}
    return segments


@st.composite
def tables_with(draw: st.DrawFn, word: str) -> tuple[str, tuple[str, ...]]:
    """A column that the word goes with, and the columns of a table that has it."""
    fitting = [name for name, kind in COLUMNS.items() if name not in CONDITIONS and goes_with(word, plain(kind), False)]
    column = draw(st.sampled_from(fitting))
    others = draw(st.lists(st.sampled_from(sorted(COLUMNS)), max_size=2))
    places = ["lat", "lon"] if draw(st.integers(0, 9)) == 0 else []
    return column, tuple(dict.fromkeys([column, *others, *places]))


@st.composite
def examples(draw: st.DrawFn) -> Example:
    """One word twice, and a few conditions of any words; each with its negation, the last about segments as well."""
    word = draw(st.sampled_from(sorted(OF_TESTS)))
    column, names = draw(tables_with(word))
    setting = draw(setting_for(names))
    world = draw(worlds(setting, names))
    wheres = [{column: draw(of_value(COLUMNS[column], setting, word=word))} for _ in range(2)]
    wheres += draw(st.lists(conditions(reach_of(names, (), setting), 4), min_size=1, max_size=2))
    wheres.append(draw(conditions(reach_of(names, ("c0",), setting), 2)))
    return Example(with_negations(wheres), world)


ORDERED = ("points", "amount", "score", "born", "seen")


@st.composite
def webs_of_segments(draw: st.DrawFn) -> Example:
    """Segments that refer to those before them and to a frozen one, with lists and cuts."""
    names = tuple(draw(st.lists(st.sampled_from(ORDERED), min_size=1, max_size=3, unique=True)))
    setting = draw(setting_for(names))
    world = draw(worlds(setting, names))
    keys = st.lists(st.sampled_from([*KEYS, "stranger"]), min_size=1, max_size=4, unique=True)
    frozen = {"frozen": set(draw(keys))}
    segments: dict[str, Tree] = {}
    for number in range(draw(st.integers(2, 6))):
        where = draw(conditions(reach_of(names, (*frozen, *segments), setting, salted=False), 1))
        segments[f"s{number}"] = {"where": where, **draw(options(keys, names))}
    return Example(segments, replace(world, static=frozen))


@st.composite
def options(draw: st.DrawFn, keys: st.SearchStrategy[list[str]], names: tuple[str, ...]) -> Tree:
    listed = draw(st.fixed_dictionaries({}, optional={"include": keys, "exclude": keys, "kind": st.just("static")}))
    measures = [
        {"count": st.sampled_from(["0", "1", "2", "3", "100"])},
        {"percent": st.sampled_from(["0", "33.3", "50", "100"])},
    ]
    by = st.sampled_from(names)
    cut = draw(st.sampled_from(measures).flatmap(lambda measure: st.fixed_dictionaries({"by": by, **measure})))
    word = draw(st.sampled_from(["", "top", "bottom"]))
    return {**listed, word: cut} if word else listed


@st.composite
def behaviour_examples(draw: st.DrawFn) -> Example:
    """Each condition on behaviour alone, and two of any words; each with its negation, the last about segments too."""
    names = tuple(draw(st.lists(st.sampled_from(sorted(COLUMNS)), min_size=1, max_size=2, unique=True)))
    columns = draw(columns_of_events())
    log_columns = {**OWN_COLUMNS, **{name: EVENT_COLUMNS[name] for name in columns}}
    drawn = kinds_of([*(COLUMNS[name] for name in names), *log_columns.values()])
    setting = draw(settings_of({*drawn, "datetime", "tally"} & set(POOLS)))
    world = draw(worlds_with_events(setting, names, columns))
    reach = replace(
        reach_of(names, (), with_measures(setting, world, columns)),
        event_columns=columns_in_reach(log_columns),
        behaviours=OF_BEHAVIOUR,
    )
    wheres = [draw(telling(word, reach, world)) for word in ("did", "did", "did", "sequence", "sequence", "regularly")]
    wheres += [draw(conditions(reach, 3)), draw(conditions(replace(reach, segments=("c0", "c3")), 1))]
    return Example(with_negations(wheres), world)


@st.composite
def columns_of_events(draw: st.DrawFn) -> list[str]:
    """A few: one that can be added up, and mostly a list, for each of these has tests of its own."""
    summed = [name for name, kind in EVENT_COLUMNS.items() if kind in SUMMED]
    lists = [name for name, kind in EVENT_COLUMNS.items() if isinstance(kind, Mapping) and "list" in kind]
    some = draw(st.lists(st.sampled_from(sorted(EVENT_COLUMNS)), max_size=2, unique=True))
    return list(dict.fromkeys([draw(st.sampled_from(summed)), draw(st.sampled_from(["sku", *lists])), *some]))


@st.composite
def worlds_with_events(draw: st.DrawFn, setting: Setting, names: tuple[str, ...], columns: list[str]) -> World:
    world = draw(worlds(setting, names, fewest=2))
    rows = draw(logs(setting, columns, [world.key_of(user) for user in world.users]))
    return with_log(world, rows, columns)


TRIES = 4


@st.composite
def telling(draw: st.DrawFn, word: str, reach: Reach, world: World) -> Tree:
    """A condition that tells users apart, if there is one among a few: most are true of nobody."""
    for _ in range(TRIES):
        tree = {word: draw(OF_BEHAVIOUR[word](reach, 0))}
        if tells_apart(tree, world):
            break
    return tree


def tells_apart(where: Tree, world: World) -> bool:
    return 0 < len(members({"s": {"where": where}}, world)["s"]) < len(world.users)
