"""Tables of users, and the columns that conditions on them can name."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from hypothesis import strategies as st

from tests.generated.values import KEYS, Setting, kinds_in, plain, settings_of, values
from tests.reference import World
from tests.reference_values import Kind, Row

COLUMNS: dict[str, Kind] = {
    "name": "text",
    "all": "text",
    "points": "integer",
    "amount": "number",
    "score": "float",
    "active": "boolean",
    "born": "date",
    "seen": "datetime",
    "likes": {"list": "text"},
    "sizes": {"list": "integer"},
    "prices": {"list": "number"},
    "visits": {"list": "date"},
    "logins": {"list": "datetime"},
    "flags": {"list": "boolean"},
    "home": {"struct": {"city": "text", "floor": "integer"}},
    "lat": "degrees",
    "lon": "degrees",
    "orders": {
        "list": {
            "struct": {
                "sku": "text",
                "price": "number",
                "pieces": "integer",
                "paid": "boolean",
                "on": "date",
                "at": "datetime",
                "tags": {"list": "text"},
                "weights": {"list": "number"},
            }
        }
    },
}


def kinds_of(columns: Iterable[Kind]) -> set[str]:
    """The kinds of scalars in the columns, and text, which every table's key is."""
    return {"text"}.union(*map(kinds_in, columns))


def setting_for(names: tuple[str, ...]) -> st.SearchStrategy[Setting]:
    return settings_of(kinds_of(COLUMNS[name] for name in names))


def columns_in_reach(columns: Mapping[str, Kind]) -> dict[str, Kind]:
    """The columns as conditions name them: a struct's fields, each by its path."""
    reach: dict[str, Kind] = {}
    for name, kind in columns.items():
        if isinstance(kind, Mapping) and "struct" in kind:
            assert isinstance(kind["struct"], Mapping)
            reach |= {f"{name}.{field}": of for field, of in kind["struct"].items()}
        else:
            reach[name] = kind
    return reach


@st.composite
def worlds(draw: st.DrawFn, setting: Setting, names: tuple[str, ...], fewest: int = 1) -> World:
    keys = KEYS[: draw(st.integers(fewest, len(KEYS)))]
    size = len(keys)
    columns = [draw(st.lists(values(COLUMNS[name], setting), min_size=size, max_size=size)) for name in names]
    rows: list[Row] = [
        {"id": key, **dict(zip(names, row, strict=True))} for key, *row in zip(keys, *columns, strict=True)
    ]
    kinds = {name: plain(COLUMNS[name]) for name in names}
    return World(setting.clock.zone, setting.clock.as_of, "id", kinds, rows)
