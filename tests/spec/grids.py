"""Reads the spec's grids: text that a marketer can check in, tables with expected members out.

A file holds grids, apart by a line `---`. A grid is made of paragraphs, apart by empty lines:

* `# title`, further `#` lines, then `as-of:` and `zone:`;
* the users, a table whose header names each column as `name:kind` after the key; an empty cell is missing;
* `events:` and a table of them, whose first columns are the key, `event` and `at`;
* `segments:` (their YAML) and `frozen:` (a static segment's members), where a condition refers to them;
* expectations: `CONDITION -> keys`, or `segment NAME -> keys`; `nobody` for none, a note after ` # `.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from zoneinfo import ZoneInfo

import yaml

Kind = str | Mapping[str, "Kind"]
Row = dict[str, object]
Lines = list[tuple[int, str]]


@dataclass(frozen=True)
class Expectation:
    """Who passes a condition (or is in a segment of the grid), by line of the file."""

    line: int
    text: str
    members: frozenset[str]
    note: str = ""

    @property
    def segment(self) -> str | None:
        """The segment's name, where the expectation is of one."""
        return self.text.removeprefix("segment ") if self.text.startswith("segment ") else None

    @property
    def condition(self) -> object:
        return read_yaml(self.text)


@dataclass(frozen=True)
class Grid:
    """Tables, a clock and what is expected of them."""

    title: str
    as_of: datetime
    zone: str
    key: str
    kinds: dict[str, Kind]
    users: list[Row]
    event_kinds: dict[str, Kind] = field(default_factory=dict)
    events: list[Row] = field(default_factory=list)
    segments: dict[str, object] = field(default_factory=dict)
    frozen: dict[str, set[str]] = field(default_factory=dict)
    expectations: list[Expectation] = field(default_factory=list)


def grids(path: Path) -> list[Grid]:
    """All the grids of a file, in its order."""
    parts: list[Lines] = [[]]
    for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
        if line.strip() == "---":
            parts.append([])
        else:
            parts[-1].append((number, line.rstrip()))
    return [read_grid(part) for part in parts]


def read_grid(lines: Lines) -> Grid:
    (first, *rest), titles = (
        paragraphs(lines),
        [line[1:].strip() for _, line in lines if line.startswith("#")],
    )
    settings = dict(line.split(": ", 1) for _, line in first)
    zone = settings["zone"]
    key, kinds, users = read_table(rest[0], zone)
    grid = Grid(titles[0], datetime.fromisoformat(settings["as-of"]), zone, key, kinds, users)
    for paragraph in rest[1:]:
        read_paragraph(paragraph, grid)
    return grid


def paragraphs(lines: Lines) -> list[Lines]:
    found: list[Lines] = [[]]
    for number, line in lines:
        if not line:
            found.append([])
        elif not line.startswith("#"):
            found[-1].append((number, line))
    return [paragraph for paragraph in found if paragraph]


def read_paragraph(lines: Lines, grid: Grid) -> None:
    heading = lines[0][1]
    if heading == "events:":
        _, kinds, events = read_table(lines[1:], grid.zone)
        grid.event_kinds.update({name: kind for name, kind in kinds.items() if name not in ("event", "at")})
        grid.events.extend(events)
    elif heading in ("segments:", "frozen:"):
        read_segments(heading, read_yaml("\n".join(line for _, line in lines)), grid)
    else:
        grid.expectations.extend(read_expectation(number, line) for number, line in lines)


def read_segments(heading: str, tree: object, grid: Grid) -> None:
    if not isinstance(tree, dict):
        raise ValueError(f"not segments: {tree!r}")
    for name, segment in tree[heading.removesuffix(":")].items():
        if heading == "frozen:":
            grid.frozen[name] = set(segment)
        else:
            grid.segments[name] = segment


def read_expectation(number: int, line: str) -> Expectation:
    text, arrow, right = line.partition(" -> ")
    if not arrow:
        raise ValueError(f"line {number}: no ' -> ' in {line!r}")
    keys, _, note = right.partition(" # ")
    members = frozenset() if keys.strip() == "nobody" else frozenset(keys.split())
    return Expectation(number, text.strip(), members, note.strip())


def read_table(lines: Lines, zone: str) -> tuple[str, dict[str, Kind], list[Row]]:
    """The key column's name, the other columns' kinds, and the rows."""
    key, *columns = cells(lines[0][1])
    kinds = dict(read_column(column) for column in columns)
    rows = [read_row(number, line, [key, *kinds], {key: "text", **kinds}, zone) for number, line in lines[1:]]
    return key, kinds, rows


def cells(line: str) -> list[str]:
    return [cell.strip() for cell in line.split("|")]


def read_column(text: str) -> tuple[str, Kind]:
    """`age:integer`, `likes:list` (of text), `address:{struct: {city: text}}`; an event's own need none."""
    name, _, written = text.partition(":")
    own: dict[str, Kind] = {"event": "text", "at": "datetime"}
    return name, own[name] if name in own else as_kind(read_yaml(written))


def as_kind(tree: object) -> Kind:
    if isinstance(tree, Mapping):
        return {word: as_kind(kind) for word, kind in tree.items()}
    if not isinstance(tree, str) or not (tree == "list" or tree in READERS):
        raise ValueError(f"not a kind: {tree!r}")
    return {"list": "text"} if tree == "list" else tree


def read_row(number: int, line: str, names: list[str], kinds: Mapping[str, Kind], zone: str) -> Row:
    found = cells(line)
    if len(found) != len(names):
        raise ValueError(f"line {number}: {len(found)} cells under {len(names)} columns")
    return {name: read_cell(cell, kinds[name], zone) for name, cell in zip(names, found, strict=True) if cell}


def read_cell(text: str, kind: Kind, zone: str) -> object:
    """A list is written with commas; a struct, and a list of structs, in YAML's `{field: value}`."""
    if isinstance(kind, str):
        value = READERS[kind](text)
        return in_zone(value, zone) if isinstance(value, datetime) else value
    if "list" in kind and isinstance(kind["list"], str):
        return [read_cell(element.strip(), kind["list"], zone) for element in text.split(",")]
    return typed(read_yaml(text), kind, zone)


def typed(tree: object, kind: Kind, zone: str) -> object:
    """The value of a kind that a YAML tree, in which every scalar is text, stands for."""
    if isinstance(tree, str):
        return read_cell(tree, kind, zone) if tree or kind == "text" else None
    if isinstance(tree, list) and isinstance(kind, Mapping):
        return [typed(element, kind["list"], zone) for element in tree]
    fields = kind["struct"] if isinstance(kind, Mapping) else {}
    if isinstance(tree, dict) and isinstance(fields, Mapping):
        return {name: typed(part, fields[name], zone) for name, part in tree.items()}
    raise ValueError(f"{tree!r} is no {kind!r}")


def in_zone(value: datetime, zone: str) -> datetime:
    """In UTC, for Python compares two datetimes of one zone by the wall clock."""
    return (value if value.tzinfo else value.replace(tzinfo=ZoneInfo(zone))).astimezone(UTC)


def read_flag(text: str) -> bool:
    return {"true": True, "false": False}[text]


READERS: dict[str, Callable[[str], object]] = {
    "text": str,
    "integer": int,
    "number": Decimal,
    "boolean": read_flag,
    "date": date.fromisoformat,
    "datetime": datetime.fromisoformat,
}


def read_yaml(text: str) -> object:
    """YAML whose every scalar is text: what a literal is, its column says."""
    tree: object = yaml.BaseLoader(text).get_single_data()
    return tree
