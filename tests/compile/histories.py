"""Random conditions on the same few events come out, of which one is often narrower than another."""

from __future__ import annotations

from dataclasses import replace

from hypothesis import strategies as st

from tests.generated.arguments import OF_TESTS, Tree
from tests.generated.behaviour import COUNTED, OFTEN, TIMED, lengths, measure_tests, measured
from tests.generated.conditions import Reach, reach_of
from tests.generated.events import EVENT_COLUMNS, OWN_COLUMNS, with_measures
from tests.generated.examples import columns_of_events, worlds_with_events
from tests.generated.tables import COLUMNS, columns_in_reach, kinds_of
from tests.generated.values import POOLS, settings_of
from tests.reference import World

WINDOWS = ("in_last", "in_last", "more_than_ago", *OFTEN)
WORDS = ("did", "did", "did_not")
MEASURES = ("", "", "", *COUNTED, *COUNTED, *TIMED, "distinct", "min", "max", "sum", "first_value")


@st.composite
def pasts(draw: st.DrawFn) -> tuple[list[Tree], World]:
    """A dozen conditions on what users did, and a world."""
    names, columns = ("points",), draw(columns_of_events())
    log = {**OWN_COLUMNS, **{name: EVENT_COLUMNS[name] for name in columns}}
    kinds = kinds_of([*(COLUMNS[name] for name in names), *log.values()])
    setting = draw(settings_of({*kinds, "datetime", "tally"} & set(POOLS)))
    world = draw(worlds_with_events(setting, names, columns))
    reach = replace(reach_of(names, (), with_measures(setting, world, columns)), event_columns=columns_in_reach(log))
    chosen = draw(selectors(reach))
    wheres = [draw(dids(chosen, reach)) for _ in range(9)]
    return [*wheres, draw(sequences(chosen)), draw(sequences(chosen)), draw(regulars(chosen, reach))], world


@st.composite
def selectors(draw: st.DrawFn, reach: Reach) -> st.SearchStrategy[Tree]:
    """Events by one or two names, with one of two tests of a column of theirs or without, in one of three windows."""
    held = reach.setting.pools["name of event"]
    events = [held[0], held[0], [held[0], held[-1]], held[0][:3] + "*"]
    fitting = reach.events.fitting()
    name = draw(st.sampled_from(sorted({name for names in fitting.values() for name in names})))
    rows = [{name: draw(reach.events.tests_of(name))} for _ in range(2)]
    wheres = [{}, {}, *({"where": row} for row in (*rows, {"all": rows}, {"any": rows}, {"not": rows[0]}))]
    words = [draw(st.sampled_from(WINDOWS)) for _ in range(3)]
    windows = [{}, *({word: draw(OF_TESTS[word]("time of event", reach.setting))} for word in words)]
    parts = st.tuples(st.sampled_from(events), st.sampled_from(wheres), st.sampled_from(windows))
    return parts.map(lambda drawn: {"event": drawn[0], **drawn[1], **drawn[2]})


@st.composite
def dids(draw: st.DrawFn, chosen: st.SearchStrategy[Tree], reach: Reach) -> Tree:
    return {draw(st.sampled_from(WORDS)): {**draw(chosen), **draw(measures(reach)), **draw(measures(reach))}}


@st.composite
def measures(draw: st.DrawFn, reach: Reach) -> Tree:
    """Mostly none; else a test of one."""
    word = draw(st.sampled_from(["", *MEASURES]))
    if word in ("", "first_value"):
        fitting = [name for name in reach.event_columns if name not in ("any", "count")]
        name = draw(st.sampled_from(fitting))
        return {word: {name: draw(reach.events.tests_of(name))}} if word else {}
    if word in (*COUNTED, *TIMED):
        return {word: draw(measure_tests(word, "time of event" if word in TIMED else "tally", reach))}
    names = measured(word, reach)
    name = draw(st.sampled_from(names)) if names else ""
    return {word: {name: draw(measure_tests(word, reach.event_columns[name], reach))}} if name else {}


@st.composite
def sequences(draw: st.DrawFn, chosen: st.SearchStrategy[Tree]) -> Tree:
    within = st.sampled_from([{}, {"within": "1d"}, {"within": "30d"}])
    return {"sequence": {"steps": [draw(chosen), {**draw(chosen), **draw(within)}]}}


@st.composite
def regulars(draw: st.DrawFn, chosen: st.SearchStrategy[Tree], reach: Reach) -> Tree:
    of = draw(st.integers(1, 3))
    spans = {"every": draw(lengths(reach)), "periods": str(draw(st.integers(1, of))), "of": str(of)}
    events = {word: value for word, value in draw(chosen).items() if word in ("event", "where")}
    return {"regularly": {**events, **spans}}
